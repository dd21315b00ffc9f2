"""The network takes an answer away: what was asked for is there when the page is asked for again,
whole, once."""

from contextlib import contextmanager

import pytest

from idp.store import audit
from tests.support.person import Person
from tests.support.stories import sign_in, signed_in, to_code_page, to_phone_page
from tests.support.world import DAISY, MFA


@contextmanager
def lost(person):
    """What the browser is answered meanwhile, cookies too, never arrives; afterwards it asks for
    its page again."""
    page, held = person.url, person.http.cookies.copy()
    yield
    person.http.cookies = held
    person.open(page)


def names(person) -> set[str]:
    return {part for cookie in person.http.cookies for part in cookie.name.split("_")}


def to_continue(world, client, person, remember=False):
    client.sends(person)
    if remember:
        person.tick("Remember Me")
    to_code_page(person).press("Send verification code")
    return person.fill("Verification Code", world.newest_code()).press("Verify code")


def events(world, action: str) -> int:
    with world.inside():
        return len([row for row in audit.listed() if row.action == action])


def test_the_last_answer_of_a_sign_in(world, person, client):
    signed_in(world, client)  # in another browser, so that this one is new
    mails = len(world.mails_to(DAISY))
    to_continue(world, client, person, remember=True)
    with lost(person):
        person.press("Continue")
    assert client.tokens(person)["access_token"]
    assert events(world, "sign_in") == 2
    assert {"session", "known", "remembered"} <= names(person)
    assert [mail.subject for mail in world.mails_to(DAISY)[mails + 1 :]] == [
        "New sign-in to your Atrezzo portal account"
    ], "told once"
    world.time.passes(hours=1)
    client.sends(person)
    assert person.left_for or person.press("LOGIN WITH EMAIL").left_for, (
        "this browser is remembered"
    )
    sign_in(world, client.sends(person, prompt="login"))
    assert len([mail for mail in world.mails_to(DAISY) if "New sign-in" in mail.subject]) == 1, (
        "and known"
    )


def test_the_last_answer_of_a_step_up(world, client):
    person, _ = signed_in(world, client)
    client.sends(person, acr_values=MFA)
    person.press("Send Code").fill("Verification Code", world.newest_code())
    with lost(person):
        person.press("Verify Code")
    assert client.claims(client.tokens(person)["id_token"])["acr"] == MFA
    assert client.answer(client.sends(person, prompt="none"))["code"], "and is signed in as before"


def test_the_answer_before_the_last(world, person, client):
    to_phone_page(client.sends(person)).press("Send Code").fill(
        "Verification Code", world.newest_code()
    )
    with lost(person):
        person.press("Verify Code")
    assert client.tokens(person)["access_token"]
    assert events(world, "sign_in") == 1


@pytest.mark.parametrize("minutes", [0, 5])
def test_whoever_went_back_to_the_client_is_not_sent_there_again(world, person, client, minutes):
    page = client.sends(person).url
    person.press("Cancel")
    assert client.answer(person)["error"] == "access_denied"
    world.time.passes(minutes=minutes)
    person.open(page)
    assert (person.heading, person.left_for) == ("This sign-in was canceled", "")


def test_a_page_that_stayed_open_gives_nothing_once_the_code_was_used_or_somebody_else_came(
    world, client
):
    person = Person(world.issuer)
    page = to_continue(world, client, person).url
    assert client.tokens(person.press("Continue"))
    assert person.open(page).heading == "You have already signed in"
    other = Person(world.issuer)
    to_continue(world, client, other)
    page = other.url
    other.press("Continue")
    world.time.passes(seconds=61)
    assert other.open(page).heading == "You have already signed in"
    stranger = Person(world.issuer)
    assert stranger.open(page).heading != "You have already signed in" and not stranger.left_for
