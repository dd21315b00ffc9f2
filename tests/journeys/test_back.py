"""Back in the browser: the page of a choice opens again, and another choice can be made there, as
long as nothing but choosing was done since."""

import pytest

from tests.support.client import Client
from tests.support.person import Person
from tests.support.stories import sign_in, to_code_page
from tests.support.world import DAISY, DAISY_PASSWORD

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
