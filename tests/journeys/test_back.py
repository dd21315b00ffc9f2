"""Back in the browser: the page of a choice opens again, and another choice can be made there, as
long as nothing but choosing was done since."""

import pytest
from sqlalchemy import func, select, update

from idp.store.accounts import ACCOUNTS
from idp.store.database import run, scalar
from idp.store.tries import TRIES
from tests.support.client import Client
from tests.support.person import Person
from tests.support.stories import sign_in, to_code_page
from tests.support.world import DAISY, DAISY_PASSWORD, OMAR_PASSWORD

SENDS = {"reset": "SUBMIT", "forgot": "SUBMIT", "complete": "Send the link"}
OTHERS = ["register here", "click here", "Click here"]


def back(person: Person, stage: str) -> Person:
    """What Back does: the earlier page is asked for once more."""
    return person.open(f"{person.url.rpartition('/')[0]}/{stage}")


def test_the_other_button_can_be_chosen_after_back(world, person, client):
    client.sends(person).press("LOGIN WITH PHONE")
    assert back(person, "options").heading == "LOGIN OPTIONS"
    person.press("LOGIN WITH EMAIL")
    person.fill("Email Address", DAISY).fill("Password", DAISY_PASSWORD).press("Sign in")
    assert "d*****@lakeside.example" in person.page.text
    assert person.heading == "Verification is necessary"


@pytest.mark.parametrize("link", OTHERS)
def test_back_from_another_journey_shows_the_options(person, client, link):
    client.sends(person).press(link)
    assert person.heading != "LOGIN OPTIONS"
    assert back(person, "options").heading == "LOGIN OPTIONS"
    assert sign_in_works(person, client)


def test_back_from_the_forgotten_password_is_the_sign_in_page_and_then_the_options(person, client):
    client.sends(person).press("LOGIN WITH EMAIL").press("Forgot your password?")
    assert back(person, "sign-in").heading == "Sign in with your email address"
    assert back(person, "options").heading == "LOGIN OPTIONS"
    back(person, "sign-in").fill("Email Address", DAISY).fill("Password", DAISY_PASSWORD)
    assert person.press("Sign in").heading == "Verification is necessary"


def test_looking_back_changes_nothing(person, client):
    client.sends(person).press("LOGIN WITH EMAIL").press("Forgot your password?")
    here = person.url
    back(person, "options")
    back(person, "sign-in")
    assert person.open(here).heading == "Forgot your password?"


def test_the_box_stands_as_it_stood_and_can_be_changed(world, person, client):
    sign_in(world, client.sends(person).tick("Remember Me"))
    client.tokens(person)
    client.sends(person, prompt="login").press("register here")
    assert "remembers you as d*****@lakeside.example" in back(person, "options").page.text
    assert ticked(person)
    person.tick("Remember Me", on=False).press("LOGIN WITH PHONE")
    assert "remembers you" not in back(person, "options").page.text
    assert not ticked(person)
    person.tick("Remember Me").press("LOGIN WITH PHONE")
    assert ticked(back(person, "options")), "as it was left"


def test_a_second_click_chooses_once_more_and_loses_nothing(person, client):
    client.sends(person)
    form, url = dict(person.page.forms[1].fields), person.url
    for _ in range(2):
        person.send(url, {**form, "option": "email"})
        assert person.heading == "Sign in with your email address"
    assert sign_in_works(person, client, chosen=True)


def test_once_something_was_proven_back_leads_to_the_page_that_is_due(world, person, client):
    to_code_page(client.sends(person))
    for stage in ("sign-in", "options", "recover", "organization"):
        assert back(person, stage).heading == "Verification is necessary"


def test_an_old_page_takes_nothing_back_once_something_was_proven(world, person, client):
    client.sends(person)
    form, url = dict(person.page.forms[1].fields), person.url
    to_code_page(person)
    person.send(url, {**form, "option": "phone"})
    assert person.heading == "Verification is necessary"
    person.press("Send verification code").fill("Verification Code", world.newest_code())
    person.press("Verify code").press("Continue")
    assert client.answer(person)["code"]


def test_cancel_on_a_page_opened_by_back_is_cancel_of_that_page(person, client):
    client.sends(person).press("LOGIN WITH EMAIL").press("Forgot your password?")
    assert back(person, "sign-in").press("Cancel").heading == "LOGIN OPTIONS"
    person.press("LOGIN WITH PHONE")
    back(person, "options").press("Cancel")
    assert client.answer(person)["error"] == "access_denied"


def ticked(person: Person) -> bool:
    return any(form.fields.get("remember") == "yes" for form in person.page.forms)


def sign_in_works(person: Person, client: Client, chosen: bool = False) -> bool:
    if not chosen:
        person.press("LOGIN WITH EMAIL")
    person.fill("Email Address", DAISY).fill("Password", DAISY_PASSWORD).press("Sign in")
    return person.heading == "Verification is necessary"


def to(person: Person, journey: str) -> Person:
    """From the login options to the page that asks for a mail."""
    if journey == "forgot":
        return person.press("click here").press("Forgot Password?")
    person.press("Click here")
    button = "RESET" if journey == "reset" else "Click here"
    return person.press(button, journey=journey)


@pytest.mark.parametrize(
    ("journey", "label", "typed"),
    [
        ("reset", "USERNAME *", "ddunn2O20"),
        ("forgot", "USERNAME *", "pnair2O19"),
        ("complete", "Email Address", "daisy@lakeside.exampel"),
    ],
)
def test_what_a_mail_was_asked_for_by_is_there_to_be_corrected(
    person, client, journey, label, typed
):
    to(client.sends(person), journey)
    if journey == "complete":
        person.fill("Password", "half-way-there-26")
    person.fill(label, typed).press(SENDS[journey])
    person.press("Enter it again")
    assert typed in person.page.fields.values()
    assert "half-way-there-26" not in person.page.html


def test_leaving_a_link_says_that_it_still_works(world, person, client):
    client.sends(person).press("Click here").press("RESET").fill("USERNAME *", "oreyes2021")
    person.press("SUBMIT")
    link = world.newest_link()
    person.open(link).press("Continue").fill("PASSWORD *", OMAR_PASSWORD).press("NEXT")
    assert person.heading == "LOGIN METHOD"
    assert person.press("BACK").heading == "LOGIN OPTIONS"
    assert "open the link in our email again" in person.page.text
    person.press("LOGIN WITH EMAIL").press("Cancel")
    assert "open the link in our email again" not in person.page.text, "said once"
    assert person.open(link).press("Continue").heading == "CURRENT PASSWORD"


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("ddunn2020", "A username does not work here."),
        ("daisy.dunn", "A username does not work here."),
        ("daisy.dunn@lakeside", "Enter an email address in the right format"),
    ],
)
def test_what_is_no_address_is_called_so_and_is_no_try(world, person, client, typed, says):
    client.sends(person).press("LOGIN WITH PHONE")
    for _ in range(8):
        person.fill("Email Address", typed).fill("Password", DAISY_PASSWORD).press("Sign in")
        assert says in person.page.errors[0] and person.page.fields["email"] == typed
    with world.inside():
        assert not scalar(select(func.count()).select_from(TRIES))
    to(person.open(person.url.replace("/sign-in", "/options")), "complete")
    person.fill("Email Address", typed).fill("Password", "x")
    assert says in person.press("Send the link").page.errors[0]


@pytest.mark.parametrize("address", ["daisy@corp.local", "daisy@staging.test", "d@ab--cd.example"])
def test_an_address_that_was_once_taken_still_signs_in(world, person, client, address):
    """Rules for new addresses bar no one who has had theirs for years."""
    with world.inside():
        run(
            update(ACCOUNTS)
            .where(ACCOUNTS.c.username_key == "ddunn2020")
            .values(sign_in_address=address, sign_in_address_key=address)
        )
    client.sends(person)
    assert to_code_page(person, address).heading == "Verification is necessary"
