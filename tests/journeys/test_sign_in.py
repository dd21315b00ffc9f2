"""The everyday sign-in by email, as people live it: on both databases once, then every way it can
go."""

import pytest

from tests.support.client import Client
from tests.support.person import Person
from tests.support.registering import enrol
from tests.support.stories import sign_in, to_code_page
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
    assert (
        claims["nonce"] == client.nonce
        and claims["aud"] == client.id
        and claims["iss"] == world.issuer
    )
    user = client.userinfo(tokens["access_token"]).json()
    assert (
        user["sub"] == claims["sub"] and user["email"] == DAISY and user["email_verified"] is True
    )
    assert user["preferred_username"] == "ddunn2020"
    assert user["organizations"][0]["npi"] == "1234567893" and user["organizations"][0][
        "roles"
    ] == ["administrator"]


def test_a_wrong_password_says_so_beside_the_field_and_keeps_the_address(person, client):
    client.sends(person).press("LOGIN WITH EMAIL")
    person.fill("Email Address", DAISY).fill("Password", "wrong").press("Sign in")
    assert person.status == 422
    assert person.page.errors == [
        "That email address and password do not match. Check both and try again."
    ]
    assert "Check “Email Address and Password”" in person.page.text, "as the sentence says"
    assert person.page.title.startswith("Error:")
    assert person.page.fields["email"] == DAISY
    assert person.page.fields["password"] == ""


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (DAISY, "wrong"),
        ("nobody@nowhere.example", "wrong"),
        ("priya.nair@lakeside.example", "wrong"),
    ],
)
def test_a_stranger_cannot_tell_known_unknown_and_unregistered_addresses_apart(
    person, client, email, password
):
    client.sends(person).press("LOGIN WITH EMAIL")
    person.fill("Email Address", email).fill("Password", password).press("Sign in")
    assert (person.status, person.page.errors) == (
        422,
        ["That email address and password do not match. Check both and try again."],
    )


def test_who_knows_the_password_of_a_registration_that_is_not_finished_is_mailed_the_link(
    world, person, client
):
    client.sends(person).press("LOGIN WITH EMAIL")
    person.fill("Email Address", "priya.nair@lakeside.example").fill(
        "Password", "old-portal-password"
    ).press("Sign in")
    assert person.page.notices == [
        "You cannot sign in before your registration is finished. We emailed you a link: "
        "follow it to finish."
    ]
    assert (person.status, person.page.errors) == (422, []), "nothing is wrong with what was typed"
    enrol(world, person.open(world.newest_link()).press("Continue"))
    assert client.tokens(person)


def test_an_empty_form_names_what_is_missing(person, client):
    client.sends(person).press("LOGIN WITH EMAIL").press("Sign in")
    assert person.page.errors == [
        "Enter your email address, like name@example.com.",
        "Enter your password.",
    ]
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
    assert (person.status, person.page.errors) == (
        422,
        ["That code is not correct. Enter the 6 digits from the newest message we sent."],
    )
    person.fill("Verification Code", "12 34").press("Verify code")
    assert "6 digits" in person.page.errors[0]
    person.fill("Verification Code", code).press("Verify code").press("Continue")
    assert client.tokens(person)


def test_an_expired_code_costs_one_click_and_never_the_password(world, person, client):
    client.sends(person)
    to_code_page(person).press("Send verification code")
    code = world.newest_code()
    world.time.passes(seconds=31)
    person.fill("Verification Code", code).press("Verify code")
    assert (person.status, person.heading) == (422, "The code has expired")
    assert "You do not need to enter your password again." in person.page.text
    assert person.page.errors == [], "it is said once, and no link leads to a field that is off"
    person.press("Send new code")
    person.fill("Verification Code", world.newest_code()).press("Verify code").press("Continue")
    assert client.tokens(person)


def test_the_life_of_a_code_begins_when_its_mail_was_handed_over(world, person, client):
    client.sends(person)
    to_code_page(person).press("Send verification code")
    assert "We are sending it now" in person.page.text
    world.time.passes(seconds=25)
    code = world.newest_code()
    world.time.passes(seconds=25)
    person.open(person.url)
    assert "The code works for another 5 seconds." in person.page.text
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
    assert (
        "You can send a new code in 26 seconds." in person.page.text and person.page.errors == []
    ), "a wait is no mistake"
    world.time.passes(seconds=8)
    person.press("Send new code")
    assert "18 seconds" in person.page.text


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
    assert "minutes" in person.page.text
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
    assert person.heading == "That code no longer works" and person.page.errors == []
    sent = {"csrf": person.page.fields["csrf"], "action": "verify", "code": code}
    person.http.post(person.url, data=sent, timeout=10)
    assert person.open(person.url).heading == "That code no longer works", (
        "even the right code is too late now"
    )
    assert "Verification Code" not in person.page.labels, "and the page does not ask for it"
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
    assert "LOGIN ERROR" in person.heading
    other = to_code_page(client.sends(Person(world.issuer)))
    assert "LOGIN ERROR" in other.heading, "the limit holds in every browser"
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
    assert (person.status, "5 seconds" in person.page.notices[0]) == (422, True), (
        "while waiting even the right one is not looked at"
    )
    world.time.passes(seconds=6)
    person.fill("Email Address", DAISY).fill("Password", DAISY_PASSWORD).press("Sign in")
    assert person.heading == "Verification is necessary"


def test_unknown_names_wait_like_known_ones(world, person, client):
    client.sends(person).press("LOGIN WITH EMAIL")
    for _ in range(6):
        person.fill("Email Address", "nobody@nowhere.example").fill("Password", "wrong").press(
            "Sign in"
        )
    assert "Too many wrong passwords were entered for this address" in person.page.notices[0]


def test_cancel_on_the_options_goes_back_to_the_client(person, client):
    client.sends(person).press("Cancel")
    answer = client.answer(person)
    assert answer["error"] == "access_denied" and answer["state"] == client.state and answer["iss"]


def test_cancel_on_any_other_page_goes_back_to_the_options_and_the_request_lives_on(
    world, person, client
):
    client.sends(person)
    to_code_page(person).press("Send verification code").press("Cancel")
    assert person.heading == "LOGIN OPTIONS"
    sign_in_by_omar = to_code_page(person, OMAR, OMAR_PASSWORD)
    assert "o*****@lakeside.example" in sign_in_by_omar.page.text, (
        "nothing of the first try is left"
    )


def test_a_disabled_account_is_told_so_only_after_its_password(world, person, client):
    from idp.operations import accounts

    with world.inside():
        accounts.disable(world.time.now, "test", "ddunn2020")
    client.sends(person).press("LOGIN WITH EMAIL")
    person.fill("Email Address", DAISY).fill("Password", "wrong").press("Sign in")
    assert "do not match" in person.page.errors[0]
    person.fill("Email Address", DAISY).fill("Password", DAISY_PASSWORD).press("Sign in")
    assert "THIS ACCOUNT IS TURNED OFF" in person.heading
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
    assert "THIS ACCOUNT IS TURNED OFF" in person.heading


def test_a_sign_in_that_took_too_long_says_so_and_keeps_the_address(world, person, client):
    to_code_page(client.sends(person)).press("Send verification code")
    world.time.passes(minutes=20)
    person.fill("Verification Code", "123456").press("Verify code")
    assert person.heading == "Sign in with your email address"
    assert person.page.notices == ["Your sign-in took too long. Enter your password again."]
    assert person.page.fields["email"] == DAISY
