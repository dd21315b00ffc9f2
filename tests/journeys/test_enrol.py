"""Multi-factor registration (product 4): people who have a portal username, and do it once."""

import pytest

from idp.settings import SignIn
from idp.store import accounts, audit
from tests.support.client import Client
from tests.support.person import Person
from tests.support.registering import (
    NEW_PASSWORD,
    PRIYA,
    accept,
    enrol,
    make_password,
    to_method,
    verify_address,
    verify_phone,
)
from tests.support.stories import keyed_number, sign_in, to_phone_page
from tests.support.world import DAISY, MFA, TWO_STEP


def test_priya_registers_her_phone_and_is_back_at_the_portal(either_world):
    world = either_world
    client, person = Client(world.issuer, world.add_client()), Person(world.issuer)
    client.sends(person)
    to_method(person)
    assert (
        person.heading == "LOGIN METHOD"
        and "direct 10-digit number" in person.page.text
        and "no extension" in person.page.text
    )
    person.press("PHONE")
    assert (
        person.heading == "Verification is necessary"
        and "p*****@lakeside.example" in person.page.text
        and "Change" not in person.buttons
    )
    assert "New Password" not in person.page.labels, (
        "password fields appear only once the address is verified"
    )
    verify_address(world, person)
    assert "The code has been verified. You can now continue." in person.page.text
    make_password(person)
    assert person.heading == "Your phone" and "United States (+1)" in person.page.text
    person.fill("Phone Number", "1.303.555.0188").press("Send Code")
    assert "+1 303-555-0188" in person.page.text, "the number just entered stays visible"
    person.fill("Verification Code", world.newest_code()).press("Verify Code")
    assert (
        person.heading == "Terms of Use Agreement"
        and "KEPRO PORTAL TERMS OF USE" in person.page.text
        and "Larkspur Avenue" in person.page.text
    )
    person.press("CONTINUE")
    assert person.status == 422 and "Check the box" in person.page.errors[0]
    accept(person)
    claims = client.claims(client.tokens(person)["id_token"])
    assert (claims["acr"], claims["amr"]) == (MFA, ["pwd", "sms", "otp", "mfa"])
    with world.inside():
        priya = accounts.by_username("pnair2019")
        assert (priya.sign_in_address, priya.phone, priya.terms) == (
            PRIYA,
            "+13035550188",
            {"kepro": "2026-03"},
        )
    assert [mail.subject for mail in world.mails_to(PRIYA)][
        -1
    ] == "You are registered for the Atrezzo portal"
    again = to_phone_page(client.sends(Person(world.issuer)), PRIYA, NEW_PASSWORD)
    assert "XXX-XXX-0188" in again.page.text


def test_by_email_only_and_then_never_again(world, person, client):
    client.sends(person)
    enrol(world, to_method(person), "EMAIL")
    assert client.claims(client.tokens(person)["id_token"])["acr"] == TWO_STEP
    later = Person(world.issuer)
    sign_in(world, client.sends(later), PRIYA, NEW_PASSWORD)
    assert client.tokens(later)
    other = client.sends(Person(world.issuer))
    to_method(other, password=NEW_PASSWORD)
    assert (
        other.heading == "LOGIN OPTIONS"
        and "already registered for multi-factor sign-in" in other.page.text
    )
    sign_in(world, other, PRIYA, NEW_PASSWORD)
    assert client.tokens(other)


def test_the_old_password_is_over_and_the_new_one_waits_until_all_is_done(world, person, client):
    client.sends(person)
    to_method(person).press("EMAIL")
    make_password(verify_address(world, person))
    assert person.heading == "Terms of Use Agreement"
    assert to_method(client.sends(Person(world.issuer)), password=NEW_PASSWORD).status == 422, (
        "nothing counts before it is kept"
    )
    accept(person)
    assert to_method(client.sends(Person(world.issuer))).status == 422
    with world.inside():
        assert "registered" in [row.action for row in audit.listed()]


def test_noah_has_no_address_on_file_and_gives_one(world, person, client):
    client.sends(person)
    to_method(person, "nquist2018", "old-harbor-password").press("EMAIL")
    assert person.heading == "Your email address" and "Your work address" in person.page.text
    person.fill("Email Address", "noah@nowhere").press("Send verification code")
    assert person.status == 422 and person.page.fields["email"] == "noah@nowhere"
    person.fill("Email Address", "Noah.Quist@HARBOR.example").press("Send verification code")
    assert "Noah.Quist@harbor.example" in person.page.text
    assert person.press("Change").page.fields["email"] == "Noah.Quist@harbor.example", "to correct"
    person.fill("Email Address", "noah.quist@harbor.example").press("Send verification code")
    first = world.newest_code()
    person.fill("Verification Code", first).press("Verify code")
    assert "Change" in person.buttons and "noah.quist@harbor.example" in person.page.text
    accept(make_password(person))
    assert client.tokens(person)
    sign_in(world, client.sends(Person(world.issuer)), "NOAH.QUIST@harbor.example", NEW_PASSWORD)


def test_an_address_that_is_anothers_is_answered_by_mail_alone(world, person, client):
    client.sends(person)
    to_method(person, "nquist2018", "old-harbor-password").press("EMAIL")
    person.fill("Email Address", DAISY).press("Send verification code")
    assert person.heading == "The code is on its way"
    told = world.mails_to(DAISY)
    assert [mail.subject for mail in told] == [
        "You already have an account for the Atrezzo portal"
    ] and told[0].code is None
    person.fill("Verification Code", "123456").press("Verify code")
    assert person.page.errors == [
        "That code is not correct. Enter the 6 digits from the newest message we sent."
    ]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("303 555 0188 ext. 12", "We cannot use a number with an extension"),
        ("555 0188", "Enter a direct phone number in the country you chose"),
        ("900 555 0188", "cannot text or call that number"),
        ("800 555 0188", "cannot text or call that number"),
        ("+44 20 7946 0018", "cannot text or call that number"),
        ("", "Enter a 10-digit phone number, like 303-555-0142."),
    ],
)
def test_a_phone_that_cannot_be_used_is_said_and_kept_in_the_field(
    world, person, client, typed, said
):
    client.sends(person)
    to_method(person).press("PHONE")
    make_password(verify_address(world, person))
    person.fill("Phone Number", typed).press("Send Code")
    assert (
        person.status == 422
        and said in person.page.errors[0]
        and person.page.fields["number"] == typed
    )


def test_a_phone_is_called_with_a_number_to_key_whatever_the_setting(world, person, client):
    client.sends(person)
    to_method(person).press("PHONE")
    make_password(verify_address(world, person))
    person.fill("Phone Number", "(303) 555-0188").press("Call Me")
    assert person.heading == "We are calling you"
    world.press(f"{keyed_number(person)}#")
    assert person.press("Continue").heading == "Terms of Use Agreement"
    accept(person)
    assert client.claims(client.tokens(person)["id_token"])["acr"] == MFA


def test_a_mistyped_number_is_changed_and_a_phone_can_be_left_out(world, person, client):
    client.sends(person)
    to_method(person).press("PHONE")
    make_password(verify_address(world, person))
    person.fill("Phone Number", "303 555 0199").press("Send Code")
    wrong = world.newest_code()
    person.press("Change")
    assert person.heading == "Your phone" and person.page.fields["number"] == "(303) 555-0199"
    person.fill("Phone Number", "303 555 0188").press("Send Code")
    assert person.heading == "Check your phone", "the wait belongs to the number that was mistyped"
    world.deliver()
    person.fill("Verification Code", wrong).press("Verify Code")
    assert person.status == 422
    person.press("Use email instead")
    assert person.heading == "Terms of Use Agreement"
    accept(person)
    with world.inside():
        assert accounts.by_username("pnair2019").phone is None


def test_whoever_answers_a_wrong_number_ends_nothing(world, person, client):
    client.sends(person)
    to_method(person).press("PHONE")
    make_password(verify_address(world, person))
    person.fill("Phone Number", "303 555 0199").press("Call Me")
    world.press("*")
    assert person.press("Continue").heading == "Verification is necessary"
    assert "The star key was pressed during our call" in person.page.text
    assert person.press("Change").heading == "Your phone"


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ("short", "at least 8 characters"),
        ("password1", "too easy to guess"),
        ("Lakeside Clinic 24", "your name, username, address, organization"),
        ("pnair2019", "your name, username, address, organization"),
        ("x" * 129, "128 characters or fewer"),
    ],
)
def test_a_password_that_others_guess_is_refused(world, person, client, made, said):
    client.sends(person)
    verify_address(world, to_method(person).press("EMAIL"))
    make_password(person, made)
    assert person.status == 422 and said in person.page.errors[0]
    person.fill("New Password", NEW_PASSWORD).fill("Confirm New Password", "else").press("Create")
    assert person.page.errors == [
        "The passwords do not match. Enter the same password in both fields."
    ]
    accept(make_password(person))
    assert client.tokens(person)


def test_cancel_goes_back_to_the_options_and_nothing_counts_any_more(world, person, client):
    client.sends(person)
    verify_address(world, to_method(person).press("EMAIL"))
    assert person.press("Cancel").heading == "LOGIN OPTIONS"
    to_method(person).press("EMAIL")
    assert person.heading == "Verification is necessary"
    person.press("Cancel").press("Cancel")
    assert client.answer(person)["error"] == "access_denied"


def test_two_people_at_one_interaction_do_not_mix(world, person, client):
    """The login page of a second tab is sent after someone else has gone on in the first."""
    client.sends(person)
    person.press("click here")
    url, csrf = person.url, person.page.fields["csrf"]
    person.fill("USERNAME *", "pnair2019").fill("PASSWORD *", "old-portal-password").press(
        "LOGIN"
    ).press("EMAIL")
    person._go(
        "post",
        url,
        data={"csrf": csrf, "username": "nquist2018", "password": "old-harbor-password"},
    )
    assert person.heading == "Verification is necessary", "a form that is not due changes nothing"
    verify_address(world, person)
    accept(make_password(person))
    tokens = client.tokens(person)
    assert client.userinfo(tokens["access_token"]).json()["preferred_username"] == "pnair2019"


def test_a_phone_stolen_password_cannot_add_a_factor_to_a_registered_account(world, person, client):
    client.sends(person)
    to_method(person, "ddunn2020", "correct-horse-lakeside")
    assert person.heading == "LOGIN OPTIONS"
    base = person.url.rpartition("/")[0]
    for stage, form in {
        "login-method": {"method": "phone"},
        "number": {"number": "3035550188", "country": "US", "action": "send"},
    }.items():
        person._go("post", f"{base}/{stage}", data={"csrf": person.page.fields["csrf"], **form})
        assert person.heading == "LOGIN OPTIONS"


def test_the_registration_leaves_time_for_a_patient_at_the_desk(world, person, client):
    client.sends(person)
    to_method(person).press("PHONE")
    world.time.passes(minutes=25)
    verify_address(world, person)
    world.time.passes(minutes=25)
    make_password(person)
    verify_phone(world, person)
    accept(person)
    assert client.tokens(person)


@pytest.mark.settings(sign_in=SignIn(options=("email",)))
def test_only_ways_that_are_offered_can_be_registered(world, person, client):
    client.sends(person)
    to_method(person)
    assert "PHONE" not in person.buttons
    person._go("post", person.url, data=dict(person.page.fields) | {"method": "phone"})
    assert person.status == 422
    enrol(world, person)
    assert client.tokens(person)


def test_letters_that_grow_when_they_are_compared_are_no_fault(world, person, client):
    client.sends(person)
    to_method(person, "nquist2018", "old-harbor-password").press("EMAIL")
    person.fill("Email Address", f"n@{'ΐ' * 200}.example").press("Send verification code")
    assert person.status == 422


def test_the_method_is_changed_until_it_is_proven(world, person, client):
    """By a button, from email to phone and back, without losing what was done."""
    to_method(client.sends(person)).press("EMAIL")
    person.press("Use a phone instead").press("Use email instead").press("Use a phone instead")
    make_password(verify_address(world, person))
    assert person.heading == "Your phone"
    person.press("Use email instead")
    assert "Terms of Use" in person.heading, "all that email asks for was there"


def test_the_method_is_changed_before_an_address_is_given(world, person, client):
    to_method(client.sends(person), "nquist2018", "old-harbor-password").press("EMAIL")
    assert person.heading == "Your email address"
    person.press("Use a phone instead")
    assert person.heading == "Your email address" and "Use email instead" in person.buttons
    assert "Use a phone instead" in person.press("Use email instead").buttons
