"""A form that is not right is answered by its page: Back, Reload and a second tab show it as often
as they like, and nothing typed is lost."""

import pytest

from tests.support.person import Person
from tests.support.registering import give_code, register
from tests.support.world import DAISY, DAISY_PASSWORD


def test_a_wrong_password_is_said_on_a_page_that_can_be_opened_again(world, client):
    person = client.sends(Person(world.issuer)).press("LOGIN WITH EMAIL")
    page = person.url
    person.fill("Email Address", DAISY).fill("Password", "wrong").press("Sign in")
    assert person.trail[-2] == (303, page) and person.trail[-1] == (422, page), (
        "the browser was sent back by GET"
    )
    for _ in range(2):
        person.open(page)
        assert person.status == 422 and person.page.errors and DAISY in person.response.text
    person.fill("Password", DAISY_PASSWORD).press("Sign in")
    assert person.status == 200 and not person.page.errors
    person.open(page)  # Back: what was wrong then is over
    assert not person.page.errors


def test_what_was_wrong_on_one_page_is_not_said_on_another_nor_later(world, client):
    person = client.sends(Person(world.issuer)).press("LOGIN WITH EMAIL")
    person.fill("Email Address", DAISY).fill("Password", "wrong").press("Sign in")
    person.press("Cancel")
    assert not person.page.errors
    person.press("LOGIN WITH EMAIL")
    assert not person.page.errors and person.status == 200


def test_no_secret_is_kept_and_what_is_kept_is_sealed(world, client):
    person = client.sends(Person(world.issuer)).press("LOGIN WITH EMAIL")
    person.fill("Email Address", DAISY).fill("Password", "a-wrong-secret-word").press("Sign in")
    assert "a-wrong-secret-word" not in person.response.text
    with world.inside():
        from sqlalchemy import select

        from idp.store.database import scalar
        from idp.store.interactions import INTERACTIONS

        kept = scalar(select(INTERACTIONS.c.last_form))
    assert kept and DAISY not in kept
    assert "a-wrong-secret-word" not in world.vault.unseal("form", kept)


def test_a_registration_form_keeps_all_that_was_typed(world, client):
    person = register(
        world,
        client.sends(Person(world.issuer)),
        give_code(world),
        **{"ZIP CODE": "8020", "EMAIL *": "new.person@lakeside.example"},
    )
    assert person.status == 422
    page = person.url
    person.open(page)
    fields = person.page.fields
    assert (person.status, fields["zip_code"], fields["email"]) == (
        422,
        "8020",
        "new.person@lakeside.example",
    )


@pytest.mark.parametrize("seconds", [1, 4])
def test_a_wait_gets_shorter_and_ends(world, client, seconds):
    person = client.sends(Person(world.issuer)).press("LOGIN WITH EMAIL")
    for _ in range(6):
        person.fill("Email Address", DAISY).fill("Password", "wrong").press("Sign in")
    assert "Try again in 5 seconds" in person.page.text
    world.time.passes(seconds)
    assert f"Try again in {5 - seconds} second" in person.open(person.url).page.text
    world.time.passes(5)
    assert not person.open(person.url).page.errors
