"""A phone that is set up within the sign-in that asks for it, by a person who has none."""

import pytest

from idp.settings import SignIn
from idp.store import account_credentials, audit, credentials
from tests.conftest import a_world
from tests.support.client import Client
from tests.support.person import Person
from tests.support.registering import verify_phone
from tests.support.stories import keyed_number, sign_in, to_code_page
from tests.support.world import DAISY, DAISY_PASSWORD, MFA, OMAR, OMAR_PASSWORD, TWO_STEP

PHONE = "+13035550188"
EMAILED = "Verification is necessary"


def by_email(world, person: Person) -> Person:
    """From the page for address and password to the page behind the emailed code."""
    person.fill("Email Address", OMAR).fill("Password", OMAR_PASSWORD).press("Sign in")
    person.press("Send verification code")
    person.fill("Verification Code", world.newest_code()).press("Verify code")
    return person.press("Continue")


def offered(world, client: Client) -> Person:
    """Omar, signed in for a while, whom the client asks for more than he has."""
    person = Person(world.issuer)
    sign_in(world, client.sends(person), OMAR, OMAR_PASSWORD)
    client.tokens(person)
    world.time.passes(minutes=6)
    client.sends(person, acr_values=MFA, max_age="900", purpose="reset a registration")
    assert person.heading == "Set up a phone"
    return person


def acr(client: Client, person: Person) -> str:
    return client.claims(client.tokens(person)["id_token"])["acr"]


def test_omar_sets_up_a_phone_and_arrives(world, client):
    person = offered(world, client)
    assert "Before you can reset a registration, Clinic desk asks you" in person.page.text
    assert "You sign in once more" in person.page.text
    person.press("Set up a phone")
    assert person.heading == "Sign in with your email address", "the option is his only one"
    by_email(world, person)
    assert person.heading == "Your phone"
    verify_phone(world, person)
    claims = client.claims(client.tokens(person)["id_token"])
    assert claims["acr"] == MFA and set(claims["amr"]) == {"pwd", "otp", "sms", "mfa"}
    world.deliver()
    mail = world.mails_to(OMAR)[-1]
    assert mail.subject == "A phone was added to your account for the Atrezzo portal"
    assert "The phone ending in 0188 was added" in mail.text
    with world.inside():
        omar = world.account("oreyes2021")
        assert omar.phone == PHONE
        live = {one.kind for one in credentials.history(omar.id) if one.ended_at is None}
        assert live == {"password", "email", "phone"}
        events = [row for row in audit.listed() if row.action == "phone_set_up"]
    assert [row.outcome for row in events] == ["success"] and events[0].organization_id


def test_it_counts_from_then_on_and_is_not_offered_again(world, client):
    person = offered(world, client).press("Set up a phone")
    verify_phone(world, by_email(world, person))
    client.tokens(person)
    client.sends(person, acr_values=MFA)
    assert acr(client, person) == MFA, "the session is that strong now"
    world.time.passes(hours=5)
    again = Person(world.issuer)
    client.sends(again, acr_values=MFA)
    to_code_page(again, OMAR, OMAR_PASSWORD)
    assert again.heading == EMAILED and "XXX-XXX-0188" in again.page.text


def test_by_a_call_too(world, client):
    person = offered(world, client).press("Set up a phone")
    by_email(world, person).fill("Phone Number", "303 555 0188").press("Call Me")
    world.ring()
    world.press(f"{keyed_number(person)}#")
    person.press("Continue")
    assert acr(client, person) == MFA


def test_who_has_just_signed_in_need_not_do_so_again(world, client):
    person = Person(world.issuer)
    client.sends(person, acr_values=MFA)
    sign_in(world, person, OMAR, OMAR_PASSWORD)
    assert person.heading == "Set up a phone" and "once more" not in person.page.text
    verify_phone(world, person.press("Set up a phone"))
    assert acr(client, person) == MFA


def test_not_now_goes_on_with_what_there_is(world, client):
    person = offered(world, client).press("Not now")
    assert acr(client, person) == TWO_STEP
    person = offered(world, client).press("Set up a phone")
    by_email(world, person).press("Not now")
    assert acr(client, person) == TWO_STEP
    with world.inside():
        assert world.account("oreyes2021").phone is None


def test_no_one_without_a_phone_is_bothered_by_a_client_that_asks_for_nothing(world, client):
    person = Person(world.issuer)
    sign_in(world, client.sends(person), OMAR, OMAR_PASSWORD)
    assert client.tokens(person)


def test_a_stolen_password_sets_nothing_up(world, client):
    """Attack: who knows the password alone, or sits at a browser that is signed in, posts the
    forms of the pages that come later."""
    person = offered(world, client).press("Set up a phone")
    here = person.url.rsplit("/", 1)[0]
    person.fill("Email Address", OMAR).fill("Password", OMAR_PASSWORD).press("Sign in")
    assert person.heading == EMAILED
    for stage, form in (
        ("number", {"country": "US", "number": "303 555 0188", "action": "send"}),
        ("phone", {"action": "send"}),
        ("set-up", {"set-up": "phone"}),
    ):
        hidden = person.page.forms[0].fields
        person.send(f"{here}/{stage}", {**hidden, **form})
        assert person.heading == EMAILED, stage
    world.deliver()
    assert not [one for one in world.messages() if one.channel == "sms"]


def test_a_remembered_browser_signs_in_before_it_sets_up(world, client):
    person = Person(world.issuer)
    client.sends(person).press("LOGIN WITH EMAIL", remember="yes")
    by_email(world, person)
    client.tokens(person)
    world.time.passes(minutes=20)
    client.sends(person, acr_values=MFA).press("LOGIN WITH EMAIL")
    assert person.heading == "Set up a phone"
    person.press("Set up a phone")
    assert person.heading == "Sign in with your email address"
    verify_phone(world, by_email(world, person))
    assert acr(client, person) == MFA


def test_five_minutes_after_the_sign_in_it_is_asked_for_again_and_nothing_is_retyped(world, client):
    person = offered(world, client).press("Set up a phone")
    by_email(world, person).fill("Phone Number", "303 555 0188").press("Send Code")
    world.time.passes(minutes=4, seconds=50)
    person.fill("Verification Code", "000000").press("Verify Code")
    world.time.passes(seconds=20)
    person.open(person.url)
    assert person.heading == "Sign in with your email address"
    person.fill("Email Address", OMAR).fill("Password", OMAR_PASSWORD).press("Sign in")
    assert "303-555-0188" in person.page.text, "the number that was given is there"
    person.press("send a new code")
    person.fill("Verification Code", world.newest_code()).press("Verify Code")
    assert acr(client, person) == MFA


def test_somebody_else_who_signs_in_on_the_way_sets_nothing_up(world, client):
    person = offered(world, client).press("Set up a phone")
    person.fill("Email Address", DAISY).fill("Password", DAISY_PASSWORD).press("Sign in")
    person.press("Send Code")
    person.fill("Verification Code", world.newest_code()).press("Verify Code")
    claims = client.claims(client.tokens(person)["id_token"])
    with world.inside():
        assert claims["sub"] == world.account("ddunn2020").id and claims["acr"] == MFA
        assert world.account("oreyes2021").phone is None


def test_of_two_who_set_up_a_phone_at_once_one_does(either_world):
    world = either_world
    client = Client(world.issuer, world.add_client())
    ready, people = [], [offered(world, client), offered(world, client)]
    for person, number in zip(people, ("303 555 0188", "303 555 0189"), strict=True):
        by_email(world, person.press("Set up a phone"))
        person.fill("Phone Number", number).press("Send Code")
        ready.append((person, world.newest_code()))
        world.time.passes(seconds=31)
    for person, code in ready:
        person.fill("Verification Code", code).press("Verify Code")
    with world.inside():
        omar = world.account("oreyes2021")
        assert omar.phone == PHONE, "the first"
        phones = [one.key for one in credentials.history(omar.id) if one.kind == "phone"]
        assert phones == [PHONE]
    assert ready[1][0].heading == EMAILED, "the other one is asked for a code to that phone"


def test_a_number_that_was_answered_and_not_kept_proves_nothing(world, client):
    """Attack: the call to a new number is answered, the page is left, and the sign-in that was to
    come before is not given any more."""
    person = offered(world, client).press("Set up a phone")
    by_email(world, person).fill("Phone Number", "303 555 0188").press("Call Me")
    world.ring()
    number = keyed_number(person)
    world.time.passes(seconds=60)
    world.press(f"{number}#")
    world.time.passes(minutes=4, seconds=30)
    person.open(person.url)
    assert person.heading == "Sign in with your email address", "nothing was kept by a late page"
    with world.inside():
        assert world.account("oreyes2021").phone is None
    person.fill("Email Address", OMAR).fill("Password", OMAR_PASSWORD).press("Sign in")
    assert acr(client, person) == MFA, "with the sign-in it is"


def test_a_number_that_is_verified_when_the_account_has_got_another_one_proves_nothing(
    world, client
):
    person = offered(world, client).press("Set up a phone")
    by_email(world, person).fill("Phone Number", "303 555 0188").press("Send Code")
    code = world.newest_code()
    with world.inside():
        omar = world.account("oreyes2021")
        assert account_credentials.add_phone(omar.id, world.time.now, "+13035550189")
    person.fill("Verification Code", code).press("Verify Code")
    assert "XXX-XXX-0189" in person.page.text, "that one is asked for a code"


@pytest.fixture
def strict(request, tmp_path, time):
    """A deployment in which only a password and a phone make a sign-in."""
    accepted = (("password", "sms_code"), ("password", "voice_code"), ("trusted_device",))
    yield from a_world(
        "sqlite", request, tmp_path, time, sign_in=SignIn(("phone", "email"), accepted)
    )


def test_where_a_phone_is_required_who_has_none_sets_it_up(strict):
    client = Client(strict.issuer, strict.add_client())
    person = Person(strict.issuer)
    client.sends(person).press("LOGIN WITH PHONE")
    person.fill("Email Address", OMAR).fill("Password", OMAR_PASSWORD).press("Sign in")
    assert person.heading == "Set up a phone" and "Not now" not in person.buttons
    assert "Signing in here requires your phone" in person.page.text
    person.press("Set up a phone")
    assert person.heading == EMAILED, "the mailbox first: a password alone is not enough"
    person.press("Send verification code")
    person.fill("Verification Code", strict.newest_code()).press("Verify code").press("Continue")
    verify_phone(strict, person)
    assert acr(client, person) == MFA


@pytest.mark.settings(sign_in=SignIn(("phone", "email"), (("password",),)))
def test_of_two_steps_the_one_used_last_comes_first_and_the_other_is_a_click_away(world, client):
    """Where a password alone signs in, a client that asks for two steps leaves it open which."""

    def step_up() -> Person:
        person = Person(world.issuer)
        client.sends(person).press("LOGIN WITH EMAIL")
        person.fill("Email Address", DAISY).fill("Password", DAISY_PASSWORD).press("Sign in")
        client.tokens(person)
        world.time.passes(minutes=1)
        return client.sends(person, acr_values=TWO_STEP)

    person = step_up()
    assert "XXX-XXX-0142" in person.page.text, "no step was used yet: the table decides"
    person.press("Use your email address").press("Send verification code")
    person.fill("Verification Code", world.newest_code()).press("Verify code").press("Continue")
    assert acr(client, person) == TWO_STEP
    person = step_up()
    assert "d*****@lakeside.example" in person.page.text
    person.press("Use your phone").press("Send Code")
    person.fill("Verification Code", world.newest_code()).press("Verify Code")
    assert acr(client, person) == TWO_STEP
    assert "XXX-XXX-0142" in step_up().page.text
