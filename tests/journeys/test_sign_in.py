"""The everyday sign-in by e-mail, as people live it: on both databases once, then every way it can go."""

import pytest

from tests.support.client import Client
from tests.support.person import Person
from tests.support.stories import sign_in, signed_in, to_code_page
from tests.support.world import DAISY, DAISY_PASSWORD, OMAR, OMAR_PASSWORD, TWO_STEP


def test_a_person_signs_in_and_the_client_learns_who_and_how(either_world):
    world = either_world
    client = Client(world.issuer, world.add_client())
    person = Person(world.issuer)
    client.sends(person)
    assert person.heading == "LOGIN OPTIONS"
    to_code_page(person)
    assert person.heading == "Verification is necessary"
    assert "d*****@lakeside.example" in person.page.text
    assert DAISY not in person.page.html
    person.press("Send verification code")
    assert person.heading == "The code is on its way"
    person.fill("Verification Code", world.newest_code()).press("Verify code")
    assert "E-mail address verified. You can now continue." in person.page.text
    person.press("Continue")
    answer = client.answer(person)
    assert answer["state"] == client.state and answer["iss"] == world.issuer
    tokens = client.redeem(answer["code"]).json()
    claims = client.claims(tokens["id_token"])
    assert claims["acr"] == TWO_STEP
    assert claims["amr"] == ["pwd", "otp"]
    assert claims["auth_time"] == int(world.time.now)
    assert claims["nonce"] == client.nonce and claims["aud"] == client.id and claims["iss"] == world.issuer
    user = client.userinfo(tokens["access_token"]).json()
    assert user["sub"] == claims["sub"] and user["email"] == DAISY and user["email_verified"] is True
    assert user["preferred_username"] == "ddunn2020"
    assert user["organizations"][0]["npi"] == "1234567893" and user["organizations"][0]["roles"] == ["administrator"]


def test_a_wrong_password_says_so_beside_the_field_and_keeps_the_address(person, client):
    client.sends(person).press("LOGIN WITH EMAIL")
    person.fill("Email Address", DAISY).fill("Password", "wrong").press("Sign in")
    assert person.status == 422
    assert person.page.errors == ["That e-mail address and password do not go together. Check both and try again."]
    assert person.page.title.startswith("Error:")
    assert person.page.forms[-1].fields["email"] == DAISY
    assert person.page.forms[-1].fields["password"] == ""


@pytest.mark.parametrize(("email", "password"), [(DAISY, "wrong"), ("nobody@nowhere.example", "wrong"), ("priya.nair@lakeside.example", "old-portal-password")])
def test_a_stranger_cannot_tell_known_unknown_and_unregistered_addresses_apart(person, client, email, password):
    client.sends(person).press("LOGIN WITH EMAIL")
    person.fill("Email Address", email).fill("Password", password).press("Sign in")
    assert (person.status, person.page.errors) == (422, ["That e-mail address and password do not go together. Check both and try again."])


def test_an_empty_form_names_what_is_missing(person, client):
    client.sends(person).press("LOGIN WITH EMAIL").press("Sign in")
    assert person.page.errors == ["Enter your e-mail address."]
    person.fill("Email Address", DAISY).press("Sign in")
    assert person.page.errors == ["Enter your password."]


def test_the_address_may_be_typed_in_capitals_and_with_spaces(world, person, client):
    client.sends(person)
    sign_in(world, person, "  Daisy.DUNN@Lakeside.Example ")
    assert client.tokens(person)["id_token"]


def test_the_code_may_be_typed_with_spaces(world, person, client):
    client.sends(person)
    to_code_page(person).press("Send verification code")
    code = world.newest_code()
    person.fill("Verification Code", f" {code[:3]} {code[3:]} ").press("Verify code")
    assert person.heading == "Sign in with your email address"


def test_a_wrong_code_can_be_corrected(world, person, client):
    client.sends(person)
    to_code_page(person).press("Send verification code")
    code = world.newest_code()
    person.fill("Verification Code", f"{(int(code) + 1) % 1_000_000:06d}").press("Verify code")
    assert (person.status, person.page.errors) == (422, ["That is not the code we sent last. Check the newest mail and try again."])
    person.fill("Verification Code", "12 34").press("Verify code")
    assert "six digits" in person.page.errors[0]
    person.fill("Verification Code", code).press("Verify code").press("Continue")
    assert client.tokens(person)


def test_an_expired_code_costs_one_click_and_never_the_password(world, person, client):
    client.sends(person)
    to_code_page(person).press("Send verification code")
    code = world.newest_code()
    world.time.passes(seconds=31)
    person.fill("Verification Code", code).press("Verify code")
    assert person.heading == "The code has expired"
    assert person.page.errors == ["This code has expired. Send a new one; your password is not needed again."]
    person.press("Send new code")
    person.fill("Verification Code", world.newest_code()).press("Verify code").press("Continue")
    assert client.tokens(person)


def test_the_life_of_a_code_begins_when_its_mail_was_handed_over(world, person, client):
    client.sends(person)
    to_code_page(person).press("Send verification code")
    assert "We are handing the mail over" in person.page.text
    world.time.passes(seconds=25)
    code = world.newest_code()
    world.time.passes(seconds=25)
    person.open(person.url)
    assert "Time left: 5 s" in person.page.text
    person.fill("Verification Code", code).press("Verify code")
    assert "E-mail address verified" in person.page.text


def test_the_newest_code_wins(world, person, client):
    client.sends(person)
    to_code_page(person).press("Send verification code")
    first = world.newest_code()
    world.time.passes(seconds=30)
    person.press("Send new code")
    second = world.newest_code()
    if first != second:
        person.fill("Verification Code", first).press("Verify code")
        assert person.status == 422
    person.fill("Verification Code", second).press("Verify code")
    assert person.heading == "Sign in with your email address"


def test_asking_again_too_soon_tells_how_long_to_wait(world, person, client):
    client.sends(person)
    to_code_page(person).press("Send verification code").press("Send new code")
    assert person.status == 200, "a double click is no mistake"
    world.time.passes(seconds=4)
    person.press("Send new code")
    assert person.status == 422
    assert person.page.errors == ["A code was sent a moment ago. You can ask for a new one in 26 seconds."]
    world.time.passes(seconds=8)
    person.press("Send new code")
    assert "18 seconds" in person.page.errors[0]


def test_too_many_codes_in_a_quarter_of_an_hour_are_refused_with_the_wait(world, person, client):
    client.sends(person)
    to_code_page(person).press("Send verification code")
    for _ in range(9):
        world.time.passes(seconds=31)
        person.press("Send new code")
        assert person.status == 200
    world.time.passes(seconds=31)
    person.press("Send new code")
    assert person.status == 422
    assert "minutes" in person.page.errors[0]
    other = Person(world.issuer)
    to_code_page(client.sends(other)).press("Send verification code")
    assert other.status == 422, "another browser does not get round it"


def test_five_wrong_tries_end_a_code_and_only_ask_for_a_new_one(world, person, client):
    client.sends(person)
    to_code_page(person).press("Send verification code")
    code = world.newest_code()
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(5):
        person.fill("Verification Code", wrong).press("Verify code")
        world.time.passes(seconds=1)
    assert person.page.errors == ["That was wrong too often for this code. Send a new one."]
    person.fill("Verification Code", code).press("Verify code")
    assert person.status == 422, "even the right code is too late now"
    world.time.passes(seconds=30)
    person.press("Send new code")
    person.fill("Verification Code", world.newest_code()).press("Verify code").press("Continue")
    assert client.tokens(person)


def test_ten_wrong_tries_in_an_hour_end_on_a_page_that_helps(world, person, client):
    client.sends(person)
    to_code_page(person).press("Send verification code")
    for attempt in range(10):
        if attempt == 5:
            world.time.passes(seconds=31)
            person.press("Send new code")
        if attempt in (0, 5):
            wrong = f"{(int(world.newest_code()) + 1) % 1_000_000:06d}"
        assert "REGISTRATION ERROR" not in person.heading
        person.fill("Verification Code", wrong).press("Verify code")
    assert "REGISTRATION ERROR" in person.heading
    other = to_code_page(client.sends(Person(world.issuer)))
    assert "REGISTRATION ERROR" in other.heading, "the limit holds in every browser"
    person.press("LOGIN")
    assert person.heading == "LOGIN OPTIONS"
    world.time.passes(hours=1)
    sign_in(world, client.sends(person))
    assert client.tokens(person)


def test_wrong_passwords_make_the_next_one_wait_but_never_lock(world, person, client):
    client.sends(person).press("LOGIN WITH EMAIL")
    for _ in range(5):
        person.fill("Email Address", DAISY).fill("Password", "wrong").press("Sign in")
    person.fill("Email Address", DAISY).fill("Password", DAISY_PASSWORD).press("Sign in")
    assert (person.status, "5 seconds" in person.page.errors[0]) == (422, True), "while waiting even the right one is not looked at"
    world.time.passes(seconds=6)
    person.fill("Email Address", DAISY).fill("Password", DAISY_PASSWORD).press("Sign in")
    assert person.heading == "Verification is necessary"


def test_unknown_names_wait_like_known_ones(world, person, client):
    client.sends(person).press("LOGIN WITH EMAIL")
    for _ in range(6):
        person.fill("Email Address", "nobody@nowhere.example").fill("Password", "wrong").press("Sign in")
    assert "Too many wrong passwords for this address" in person.page.errors[0]


def test_cancel_on_the_options_goes_back_to_the_client(person, client):
    client.sends(person).press("Cancel")
    answer = client.answer(person)
    assert answer["error"] == "access_denied" and answer["state"] == client.state and answer["iss"]


def test_cancel_on_any_other_page_goes_back_to_the_options_and_the_request_lives_on(world, person, client):
    client.sends(person)
    to_code_page(person).press("Send verification code").press("Cancel")
    assert person.heading == "LOGIN OPTIONS"
    sign_in_by_omar = to_code_page(person, OMAR, OMAR_PASSWORD)
    assert "o*****@lakeside.example" in sign_in_by_omar.page.text, "nothing of the first try is left"


def test_a_disabled_account_is_told_so_only_after_its_password(world, person, client):
    from idp.operations import accounts

    with world.inside():
        accounts.disable(world.time.now, "test", "ddunn2020")
    client.sends(person).press("LOGIN WITH EMAIL")
    person.fill("Email Address", DAISY).fill("Password", "wrong").press("Sign in")
    assert "do not go together" in person.page.errors[0]
    person.fill("Email Address", DAISY).fill("Password", DAISY_PASSWORD).press("Sign in")
    assert "THIS ACCOUNT IS SWITCHED OFF" in person.heading
    person.press("LOGIN")
    assert person.heading == "LOGIN OPTIONS"


def test_an_account_disabled_in_mid_flow_gets_no_further(world, person, client):
    from idp.operations import accounts

    client.sends(person)
    to_code_page(person).press("Send verification code")
    code = world.newest_code()
    with world.inside():
        accounts.disable(world.time.now, "test", "ddunn2020")
    person.fill("Verification Code", code).press("Verify code")
    assert "THIS ACCOUNT IS SWITCHED OFF" in person.heading


def test_single_sign_on_serves_a_second_client_without_a_page(world, client):
    person, tokens = signed_in(world, client)
    second = Client(world.issuer, world.add_client("Second", "http://localhost:2/callback"))
    world.time.passes(minutes=5)
    second.sends(person)
    claims = second.claims(second.tokens(person)["id_token"])
    first = client.claims(tokens["id_token"])
    assert (claims["sub"], claims["auth_time"], claims["sid"]) == (first["sub"], first["auth_time"], first["sid"])


def test_a_session_ends_after_a_quarter_of_an_hour_without_activity_and_after_four_hours_in_all(world, client):
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


def test_two_tabs_do_not_disturb_each_other_and_the_slower_one_is_signed_in_too(world, person, client):
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
    assert person.heading == "You are already through here"


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
    for stage, data in (("email-verified", {"action": "continue"}), ("email-code", {"action": "verify", "code": "000000"}), ("blocked", {})):
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
    assert person.heading == "You are already through here"
    assert person.page.links["Go to the application"] == "http://localhost:1/login"


def test_an_interaction_left_overnight_has_expired_and_leads_back_to_the_client(world, person, client):
    client.sends(person).press("LOGIN WITH EMAIL")
    page = person.url
    world.time.passes(hours=9)
    person.open(page)
    assert (person.status, person.heading) == (410, "This sign-in has expired")
    assert person.page.links["Go to the application"] == "http://localhost:1/login"
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
    assert client.claims(client.tokens(person)["id_token"])["auth_time"] == client.claims(tokens["id_token"])["auth_time"]
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
    assert client.userinfo(client.tokens(person)["access_token"]).json()["preferred_username"] == "oreyes2021", "the session is Omar's now"


def test_prompt_none_succeeds_silently_or_says_what_is_missing(world, client):
    person = Person(world.issuer)
    odd = "a b&\"é<>'%+" * 10
    client.sends(person, prompt="none", state=odd)
    answer = client.answer(person)
    assert (answer["error"], answer["state"], answer["iss"]) == ("login_required", odd, world.issuer)
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
    _, tokens = signed_in(world, client, acr_values="urn:example:unknown urn:stagedoor:acr:mfa")
    assert client.claims(tokens["id_token"])["acr"] == TWO_STEP


def test_a_login_hint_fills_the_address(person, client):
    client.sends(person, login_hint=OMAR).press("LOGIN WITH EMAIL")
    assert person.page.forms[-1].fields["email"] == OMAR
