"""Sessions, tabs and what a client may ask of a sign-in: single sign-on, prompt, max_age, hints,
acr."""

import pytest

from tests.support.client import Client
from tests.support.person import Person
from tests.support.stories import sign_in, signed_in, to_code_page
from tests.support.world import OMAR, OMAR_PASSWORD, TWO_STEP


def test_single_sign_on_serves_a_second_client_without_a_page(world, client):
    person, tokens = signed_in(world, client)
    second = Client(world.issuer, world.add_client("Second", "http://localhost:2/callback"))
    world.time.passes(minutes=5)
    second.sends(person)
    claims = second.claims(second.tokens(person)["id_token"])
    first = client.claims(tokens["id_token"])
    assert (claims["sub"], claims["auth_time"], claims["sid"]) == (
        first["sub"],
        first["auth_time"],
        first["sid"],
    )


def test_a_session_ends_after_a_quarter_of_an_hour_without_activity_and_after_four_hours_in_all(
    world, client
):
    person, _ = signed_in(world, client)
    for _ in range(16):
        world.time.passes(minutes=14.9)
        client.sends(person)
        assert "code" in client.answer(person)
    world.time.passes(minutes=2)
    client.sends(person)
    assert person.heading == "LOGIN OPTIONS", "four hours are over"
    sign_in(world, person)
    world.time.passes(minutes=15)
    client.sends(person)
    assert person.heading == "LOGIN OPTIONS"


def test_two_tabs_do_not_disturb_each_other_and_the_slower_one_is_signed_in_too(
    world, person, client
):
    other = Client(world.issuer, world.add_client("Second", "http://localhost:2/callback"))
    client.sends(person)
    first_tab = person.url
    other.sends(person)
    second_tab = person.url
    sign_in(world, person)
    assert other.tokens(person)
    person.open(first_tab)
    assert client.tokens(person)
    person.open(second_tab)
    assert person.heading == "You have already signed in"


def test_back_to_an_earlier_page_leads_to_the_one_that_is_due(world, person, client):
    client.sends(person)
    options = person.url
    to_code_page(person)
    due = person.url
    assert person.open(options).url == due
    assert person.open(due.replace("email-code", "email-verified")).url == due


def test_a_form_of_a_page_that_is_not_due_proves_nothing(world, person, client):
    client.sends(person).press("LOGIN WITH EMAIL")
    csrf = person.page.forms[0].fields["csrf"]
    base = person.url.rpartition("/")[0]
    for stage, data in (
        ("email-verified", {"action": "continue"}),
        ("email-code", {"action": "verify", "code": "000000"}),
        ("blocked", {}),
    ):
        person._go("post", f"{base}/{stage}", data={"csrf": csrf, **data})
        assert person.heading == "Sign in with your email address"


def test_a_second_click_on_the_last_button_still_signs_in(world, person, client):
    client.sends(person)
    to_code_page(person).press("Send verification code")
    person.fill("Verification Code", world.newest_code()).press("Verify code")
    url, form = person.url, dict(person.page.forms[-1].fields) | {"action": "continue"}
    person.press("Continue")
    lost = client.answer(person)["code"]
    person._go("post", url, data=form)
    code = client.answer(person)["code"]
    assert code != lost
    assert client.redeem(lost).json()["error"] == "invalid_grant"
    assert client.redeem(code).status_code == 200
    person._go("post", url, data=form)
    assert person.heading == "You have already signed in"
    assert (
        next(to for name, to in person.page.links.items() if name.startswith("Go to"))
        == "http://localhost:1/login"
    )


def test_an_interaction_left_overnight_has_expired_and_leads_back_to_the_client(
    world, person, client
):
    client.sends(person).press("LOGIN WITH EMAIL")
    page = person.url
    world.time.passes(hours=9)
    person.open(page)
    assert (person.status, person.heading) == (410, "!LOGIN ERROR"), "they were signing in"
    assert person.page.links["LOGIN"] == "http://localhost:1/login"
    assert person.page.text.count("Reference")


def test_an_interaction_lives_on_while_something_happens_but_a_day_at_most(world, person, client):
    client.sends(person).press("LOGIN WITH EMAIL")
    for _ in range(24):
        world.time.passes(minutes=59)
        person.fill("Email Address", "x").press("Sign in")
        assert person.status == 422
    world.time.passes(minutes=30)
    person.press("Sign in")
    assert person.status == 410


def test_another_browser_cannot_go_on_with_an_interaction(world, person, client):
    client.sends(person).press("LOGIN WITH EMAIL")
    thief = Person(world.issuer)
    thief.open(person.url)
    assert (thief.status, thief.heading) == (403, "This page belongs to another browser")


def test_a_changed_password_voids_the_proofs_made_with_the_old_one(world, person, client):
    from sqlalchemy import update

    from idp.store.accounts import ACCOUNTS
    from idp.store.database import run

    client.sends(person)
    to_code_page(person)
    with world.inside():
        run(update(ACCOUNTS).values(credentials_changed_at=world.time.now + 1))
    person.open(person.url)
    assert person.heading == "Sign in with your email address"


@pytest.mark.parametrize("asked", [{"prompt": "login"}, {"max_age": "0"}])
def test_prompt_login_and_max_age_zero_really_ask_again(world, client, asked):
    person, tokens = signed_in(world, client)
    before = client.claims(tokens["id_token"])
    world.time.passes(minutes=3)
    client.sends(person, **asked)
    assert person.heading == "LOGIN OPTIONS"
    sign_in(world, person)
    after = client.claims(client.tokens(person)["id_token"])
    assert after["auth_time"] == before["auth_time"] + 180
    assert after["sub"] == before["sub"]


def test_max_age_asks_again_only_when_the_sign_in_is_older(world, client):
    person, tokens = signed_in(world, client)
    world.time.passes(minutes=5)
    client.sends(person, max_age="600")
    assert (
        client.claims(client.tokens(person)["id_token"])["auth_time"]
        == client.claims(tokens["id_token"])["auth_time"]
    )
    client.sends(person, max_age="60")
    assert person.heading == "LOGIN OPTIONS"


def test_select_account_offers_who_is_here_and_another_one(world, client):
    person, _ = signed_in(world, client)
    client.sends(person, prompt="select_account")
    assert person.heading == "Choose an account"
    assert "Daisy Dunn" in person.page.text and "d*****@lakeside.example" in person.page.text
    button = next(b for f in person.page.forms for b in f.buttons if "Daisy" in b.text)
    person.press(" ".join(button.text.split()))
    assert client.tokens(person)
    client.sends(person, prompt="select_account")
    other = next(b for f in person.page.forms for b in f.buttons if "Another" in b.text)
    person.press(" ".join(other.text.split()))
    assert person.heading == "LOGIN OPTIONS"
    sign_in(world, person, OMAR, OMAR_PASSWORD)
    tokens = client.tokens(person)
    assert client.userinfo(tokens["access_token"]).json()["preferred_username"] == "oreyes2021"
    client.sends(person)
    assert (
        client.userinfo(client.tokens(person)["access_token"]).json()["preferred_username"]
        == "oreyes2021"
    ), "the session is Omar's now"


def test_prompt_none_succeeds_silently_or_says_what_is_missing(world, client):
    person = Person(world.issuer)
    odd = "a b&\"é<>'%+" * 10
    client.sends(person, prompt="none", state=odd)
    answer = client.answer(person)
    assert (answer["error"], answer["state"], answer["iss"]) == (
        "login_required",
        odd,
        world.issuer,
    )
    person, _ = signed_in(world, client)
    client.sends(person, prompt="none")
    assert client.tokens(person)
    client.sends(person, prompt="none", max_age="0")
    assert client.answer(person)["error"] == "login_required"


def test_an_id_token_hint_of_somebody_else_is_not_answered_with_this_person(world, client):
    _, omars = None, None
    omar = Person(world.issuer)
    client.sends(omar)
    sign_in(world, omar, OMAR, OMAR_PASSWORD)
    omars = client.tokens(omar)["id_token"]
    daisy, tokens = signed_in(world, client)
    client.sends(daisy, id_token_hint=omars)
    assert client.answer(daisy)["error"] == "login_required"
    client.sends(daisy, id_token_hint=tokens["id_token"], prompt="none")
    assert client.tokens(daisy)
    client.sends(daisy, id_token_hint="nonsense")
    assert client.answer(daisy)["error"] == "invalid_request"


def test_acr_values_that_hold_are_reported_and_others_do_not_fail(world, client):
    _, tokens = signed_in(world, client, acr_values="urn:stagedoor:acr:single")
    assert client.claims(tokens["id_token"])["acr"] == "urn:stagedoor:acr:single"
    person = Person(world.issuer)
    client.sends(person, acr_values="urn:example:unknown urn:stagedoor:acr:mfa")
    sign_in(world, person, OMAR, OMAR_PASSWORD).press("Not now")
    assert client.claims(client.tokens(person)["id_token"])["acr"] == TWO_STEP, (
        "he has no phone: what is out of reach is offered, and not required"
    )


def test_a_login_hint_fills_the_address(person, client):
    client.sends(person, login_hint=OMAR).press("LOGIN WITH EMAIL")
    assert person.page.fields["email"] == OMAR
