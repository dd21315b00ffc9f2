"""The phone door: a code by text, a call, and everything that happens to telephones."""

import pytest
import requests

from idp.operations import accounts
from idp.settings import Phone
from idp.store import audit, tries
from tests.support.client import Client
from tests.support.person import Person
from tests.support.stories import (
    keyed_number,
    reference,
    sign_in,
    signed_in,
    to_code_page,
    to_phone_page,
)
from tests.support.world import DAISY, DAISY_PHONE, MFA, OMAR, OMAR_PASSWORD, STRANGER, TWO_STEP

CONFIRM = pytest.mark.settings(phone=Phone(call="bare"))


def claims(client, person):
    return client.claims(client.tokens(person)["id_token"])


def test_daisy_signs_in_by_text(either_world):
    world = either_world
    client = Client(world.issuer, world.add_client())
    person = Person(world.issuer)
    client.sends(person)
    assert [one for one in person.buttons if one.startswith("LOGIN")] == [
        "LOGIN WITH PHONE",
        "LOGIN WITH EMAIL",
    ], "above LOGIN WITH EMAIL"
    to_phone_page(person)
    assert (
        "XXX-XXX-0142" in person.page.text
        and DAISY_PHONE not in person.page.html
        and "3035550142" not in person.page.html
    )
    person.press("Send Code")
    code = world.newest_code()
    (text,) = world.messages()
    assert (text.channel, text.recipient) == ("sms", DAISY_PHONE)
    assert text.text.endswith(f"@{world.issuer.removeprefix('http://')} #{code}"), (
        "the last line lets a phone offer the code"
    )
    person.open(person.url)
    assert (
        "XXX-XXX-0142" in person.page.text
        and "Enter your verification code below, or" in person.page.text
    )
    assert "continues by itself after the sixth digit" in person.page.text
    person.fill("Verification Code", f" {code[:3]} {code[3:]}").press("Verify Code")
    told = claims(client, person)
    assert (told["acr"], told["amr"]) == (MFA, ["pwd", "sms", "mfa"])


def test_daisy_signs_in_by_a_call_in_which_she_keys_the_number_of_the_page(either_world):
    world = either_world
    client = Client(world.issuer, world.add_client())
    person = to_phone_page(client.sends(Person(world.issuer))).press("Call Me")
    assert person.heading == "We are calling you" and "will ring in a moment" in person.page.text
    number = keyed_number(person)
    world.ring()
    (call,) = world.messages()
    assert (call.channel, call.recipient) == ("call", DAISY_PHONE)
    assert (
        "This is the Atrezzo portal." in call.text
        and "pound key" in call.text
        and number not in call.text
    )
    person.press("Continue")
    assert person.heading == "We are calling you" and "Your phone is ringing" in person.page.text
    assert "The call has not been confirmed yet." in person.page.text
    world.press(f"{number}#")
    person.press("Continue")
    told = claims(client, person)
    assert (told["acr"], told["amr"]) == (MFA, ["pwd", "tel", "mfa"])


@CONFIRM
def test_where_the_deployment_says_so_the_pound_key_alone_confirms_and_is_worth_less(
    world, person, client
):
    to_phone_page(client.sends(person)).press("Call Me")
    assert 'id="keyed"' not in person.page.html and "press the pound key (#)" in person.page.text
    world.press("#")
    person.press("Continue")
    told = claims(client, person)
    assert (told["acr"], told["amr"]) == (TWO_STEP, ["pwd", "tel"])


@CONFIRM
def test_the_call_is_keyed_whenever_mfa_is_required(world, person, client):
    to_phone_page(client.sends(person, acr_values=MFA)).press("Call Me")
    number = keyed_number(person)
    world.press("#")
    assert person.press("Continue").heading == "We are calling you", (
        "the bare key is not enough here"
    )
    world.press(f"{number}#")
    assert claims(client, person.press("Continue"))["acr"] == MFA


@CONFIRM
def test_a_bare_key_is_a_step_towards_mfa_for_nobody(world, person, client):
    """Signed in by the bare key, then asked for mfa: the phone is asked again, and this time by
    number."""
    to_phone_page(client.sends(person)).press("Call Me")
    world.press("#")
    client.tokens(person.press("Continue"))
    world.time.passes(minutes=1)
    client.sends(person, acr_values=MFA)
    assert person.heading == "Verification is necessary", "neither options nor password again"
    person.press("Call Me")
    world.press(f"{keyed_number(person)}#")
    assert claims(client, person.press("Continue"))["acr"] == MFA


def test_a_session_that_rises_has_a_new_cookie_and_the_same_life(world, person, client):
    client.sends(person)
    sign_in(world, person)
    before = claims(client, person)
    cookie = person.cookies
    world.time.passes(minutes=10)
    client.sends(person, acr_values=MFA).press("Send Code")
    person.fill("Verification Code", world.newest_code()).press("Verify Code")
    after = claims(client, person)
    assert (after["acr"], after["sid"], after["auth_time"]) == (
        MFA,
        before["sid"],
        before["auth_time"],
    )
    session = next(name for name in cookie if name.endswith("_session"))
    assert person.cookies[session] != cookie[session]
    old = Person(world.issuer)
    old.http.cookies.set(session, cookie[session], domain="localhost.local", path="/")
    assert client.answer(client.sends(old, prompt="none"))["error"] == "login_required"
    client.sends(person, acr_values=MFA)
    assert claims(client, person)["acr"] == MFA, "it is not asked twice"
    world.time.passes(hours=3, minutes=55)
    assert client.sends(person).heading == "LOGIN OPTIONS"


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ("no_answer", "No one answered our call."),
        ("busy", "The line was busy."),
        ("machine", "Voicemail answered our call"),
    ],
)
def test_a_call_that_nobody_confirms_leads_back_to_the_two_buttons(
    world, person, client, outcome, said
):
    to_phone_page(client.sends(person)).press("Call Me")
    world.press(outcome=outcome)
    person.press("Continue")
    assert said in person.page.text
    assert "We can call again in 30 seconds." in person.page.text
    person.press("Send Code")
    person.fill("Verification Code", world.newest_code()).press("Verify Code")
    assert claims(client, person)["amr"] == ["pwd", "sms", "mfa"]


def test_a_phone_that_rings_unheard_counts_as_not_answered(world, person, client):
    to_phone_page(client.sends(person)).press("Call Me")
    call, number = world.ring(), keyed_number(person)
    world.time.passes(seconds=91)
    assert "No one answered our call." in person.press("Continue").page.text
    requests.post(
        f"{world.issuer}/inbox/calls/{call}",
        data={"digits": f"{number}#"},
        timeout=10,
        allow_redirects=False,
    )
    assert person.press("Call Me").heading == "We are calling you", "the late key proved nothing"


def test_the_star_key_says_not_me_and_ends_the_attempt(world, person, client):
    to_phone_page(client.sends(person)).press("Call Me")
    world.press("*")
    person.press("Continue")
    assert person.heading.endswith("LOGIN ERROR") and "not me" in person.page.text
    world.deliver()
    notice = world.messages()[-1]
    assert (notice.channel, notice.recipient) == ("email", DAISY)
    assert "your password" in notice.text.lower() and person.page.html.count(
        notice.text.split("reference ")[1][:8]
    )
    person.press("LOGIN")
    assert person.heading == "LOGIN OPTIONS"
    to_phone_page(person).press("Call Me")
    assert (
        person.status == 422
        and "The star key was pressed during a call for this account" in person.page.text
    )
    person.press("Send Code")
    person.fill("Verification Code", world.newest_code()).press("Verify Code")
    assert client.tokens(person)
    with world.inside():
        assert [row.target for row in audit.listed() if row.action == "call_refused"] == [
            accounts.found("ddunn2020").id
        ]


def test_a_wrong_number_may_be_corrected_twice(world, person, client):
    to_phone_page(client.sends(person)).press("Call Me")
    number = keyed_number(person)
    wrong = f"{(int(number) + 1) % 1000:03d}#"
    world.press(wrong)
    world.press(wrong)
    world.press(f"{number}#")
    assert client.tokens(person.press("Continue"))


def test_three_wrong_numbers_end_the_call(world, person, client):
    to_phone_page(client.sends(person)).press("Call Me")
    number = keyed_number(person)
    for _ in range(3):
        world.press(f"{(int(number) + 1) % 1000:03d}#")
    world.press(f"{number}#")
    person.press("Continue")
    assert "did not match the one on the page" in person.page.text
    with world.inside():
        assert tries.wrong_since(accounts.found("ddunn2020").id, "phone", 0, STRANGER) == 3


def test_an_expired_text_costs_one_click(world, person, client):
    to_phone_page(client.sends(person)).press("Send Code")
    code = world.newest_code()
    world.time.passes(seconds=301)
    person.fill("Verification Code", code).press("Verify Code")
    assert (
        person.heading == "Verification is necessary"
        and "The code has expired. Send a new one." in person.page.text
    )
    person.press("Send Code")
    assert client.tokens(person.fill("Verification Code", world.newest_code()).press("Verify Code"))


def test_no_phone_on_record_is_said_after_the_password_and_the_email_way_is_one_click(
    world, person, client
):
    client.sends(person)
    to_phone_page(person, OMAR, "wrong")
    assert "phone" not in person.page.errors[0]
    person.fill("Email Address", OMAR).fill("Password", OMAR_PASSWORD).press("Sign in")
    assert person.heading == "There is no phone on record"
    person.press("LOGIN WITH EMAIL")
    assert (
        person.heading == "Verification is necessary"
        and "o*****@lakeside.example" in person.page.text
    )
    person.press("Send verification code")
    person.fill("Verification Code", world.newest_code()).press("Verify code").press("Continue")
    assert client.tokens(person)


def test_the_wrong_door_costs_one_click_and_never_the_password(world, person, client):
    to_code_page(client.sends(person))
    assert "You have a phone on record" in person.page.text
    person.press("Use your phone")
    assert "XXX-XXX-0142" in person.page.text
    person.press("Use your email address")
    assert "d*****@lakeside.example" in person.page.text
    person.press("Use your phone").press("Send Code")
    person.fill("Verification Code", world.newest_code()).press("Verify Code")
    assert client.tokens(person)


def test_mfa_cannot_be_escaped_by_the_email_door(person, client):
    to_code_page(client.sends(person, acr_values=MFA))
    assert person.heading == "Verification is necessary" and "XXX-XXX-0142" in person.page.text
    assert "Use your email address" not in person.page.html


def test_nobody_is_called_before_the_password_and_no_form_names_the_number(world, person, client):
    client.sends(person).press("LOGIN WITH PHONE")
    url = person.url.rpartition("/")[0]
    token = person.page.forms[0].fields["csrf"]
    for action in ("call", "send"):
        person._go(
            "post", f"{url}/phone", data={"csrf": token, "action": action, "number": "+13035550199"}
        )
    world.deliver()
    assert world.messages() == []


def test_a_sign_in_by_phone_is_explained(world, person, client):
    from idp.operations.explain import explain

    to_phone_page(client.sends(person)).press("Call Me")
    world.press("*")
    with world.inside():
        story = explain(reference(person))
        assert any(name == "proof_too_weak" and open_ for name, open_, _ in story.steps[-1].rows)
    person.press("Continue")
    with world.inside():
        assert explain(reference(person)).steps[-1].answer["reason"] == "call_refused"


def test_the_help_desk_is_told_how_a_call_ended_and_why_there_was_no_other(world, person, client):
    from idp.operations.explain import explain

    to_phone_page(client.sends(person)).press("Call Me")
    world.press(outcome="busy")
    person.press("Continue").press("Call Me")
    with world.inside():
        story = explain(reference(person))
    assert story.client_name == "Clinic desk"
    told = [(row.action, row.detail) for row in story.audit if row.action.startswith("call_")]
    assert told[1] == ("call_ended", {"how": "busy"}) and told[2][1]["reason"] == "call_wait"


def test_signed_in_by_email_then_by_phone_is_one_person(world, client):
    person, tokens = signed_in(world, client)
    to_phone_page(client.sends(person, prompt="login")).press("Send Code")
    person.fill("Verification Code", world.newest_code()).press("Verify Code")
    assert claims(client, person)["sub"] == client.claims(tokens["id_token"])["sub"]


def test_what_was_said_of_a_call_is_not_said_any_more_when_it_is_over(world, client):
    person = to_phone_page(client.sends(Person(world.issuer))).press("Call Me")
    world.ring()
    assert person.press("Continue").page.notices == ["The call has not been confirmed yet."]
    requests.post(
        f"{world.issuer}/inbox/calls/{world.messages()[-1].call_id}",
        data={"outcome": "no_answer"},
        timeout=30,
    )
    person.open(person.url)
    assert person.page.notices == ["No one answered our call. Try again, or choose another way."]


def test_what_is_refused_for_a_while_is_said_once(world, client):
    person = to_phone_page(client.sends(Person(world.issuer))).press("Call Me")
    world.ring()
    world.press("*")
    person.open(person.url)
    client.sends(person)
    to_phone_page(person).press("Call Me")
    assert person.page.errors == [] and "The star key was pressed" in " ".join(person.page.notices)
    assert (
        person.page.text.count("We will not call for") == 1
        and "We can call again" not in person.page.text
    )
    assert 'data-off-for="' in person.page.html, "the button is off where scripts run"


def test_a_code_that_was_texted_is_entered_while_the_phone_rings_and_after_no_one_answered(
    world, client
):
    for ending in ("ringing", "no_answer"):
        person = to_phone_page(client.sends(Person(world.issuer))).press("Send Code")
        code = world.newest_code()
        world.time.passes(seconds=31)
        person.press("Call Me")
        world.deliver()
        assert person.heading == "We are calling you" and "Continue" in person.buttons
        assert "You can enter the code that we texted instead." in person.page.text
        if ending == "no_answer":
            world.press(outcome="no_answer")
            person.press("Continue")
            assert person.heading == "Check your phone"
            assert "No one answered our call." in person.page.text
        person.fill("Verification Code", "000000").press("Verify Code")
        assert person.status == 422 and "Verification Code" in person.page.labels
        person.fill("Verification Code", code).press("Verify Code")
        assert client.tokens(person)
        world.time.passes(minutes=20)


def test_one_thing_is_said_of_a_call_that_no_one_answered(world, person, client):
    """Also to someone who pressed Continue while it rang, beside a code that was texted."""
    to_phone_page(client.sends(person)).press("Send Code")
    world.time.passes(seconds=2)
    person.press("Call Me")
    world.ring()
    person.press("Continue")
    assert "The call has not been confirmed yet." in person.page.text
    world.press(outcome="no_answer")
    person.open(person.url)
    assert "No one answered our call." in person.page.text
    assert "has not been confirmed yet" not in person.page.text
    assert "We can call again in" in person.page.text


def test_after_the_star_key_no_call_is_promised_and_the_reason_is_there(world, client):
    first = to_phone_page(client.sends(Person(world.issuer))).press("Call Me")
    assert first.heading == "We are calling you"
    world.press("*")
    later = to_phone_page(client.sends(Person(world.issuer)))
    assert "or call you there" not in later.page.text
    assert "The star key was pressed during a call to this phone" in later.page.text
    assert "We can call again in" in later.page.text
    world.time.passes(hours=2)
    assert "or call you there" in to_phone_page(client.sends(Person(world.issuer))).page.text


def test_a_call_that_has_just_been_confirmed_is_still_waited_for(world, person, client):
    """A page that read the facts before the # key, and the call after it, goes on looking."""
    to_phone_page(client.sends(person)).press("Call Me")
    number = keyed_number(person)
    world.press(f"{number}#")
    calls = world.app.extensions["stagedoor"].proofs._factors.call("voice_code")
    with world.inside():
        daisy = world.account("ddunn2020")
        to = calls.recipient(daisy, None)
        here = person.url.split("/flow/")[1].split("/")[0]
        assert calls.newest(here, to, world.time.now).state == "confirmed"
        assert calls.newest(here, to, world.time.now + 11) is None
    person.open(person.url)
    assert client.answer(person)["code"]
