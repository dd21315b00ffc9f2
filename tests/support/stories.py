"""The steps that many stories share."""

import re

from tests.support.client import Client
from tests.support.person import Person
from tests.support.world import DAISY, DAISY_PASSWORD, World


def to_code_page(person: Person, email: str = DAISY, password: str = DAISY_PASSWORD) -> Person:
    """From the login options to the page of the code."""
    person.press("LOGIN WITH EMAIL")
    return person.fill("Email Address", email).fill("Password", password).press("Sign in")


def to_phone_page(person: Person, email: str = DAISY, password: str = DAISY_PASSWORD) -> Person:
    """From the login options to the page of the phone."""
    person.press("LOGIN WITH PHONE")
    return person.fill("Email Address", email).fill("Password", password).press("Sign in")


def keyed_number(person: Person) -> str:
    """The number on the page that the caller keys."""
    found = re.search(r'id="keyed">([0-9]+)<', person.page.html)
    assert found, person.page.html
    return found[1]


def sign_in(
    world: World, person: Person, email: str = DAISY, password: str = DAISY_PASSWORD
) -> Person:
    """From the login options to the client."""
    to_code_page(person, email, password).press("Send verification code")
    person.fill("Verification Code", world.newest_code()).press("Verify code")
    return person.press("Continue")


def signed_in(world: World, client: Client, **asked) -> tuple[Person, dict]:
    """A person who has just signed in at this client, and the tokens that the client got."""
    person = Person(world.issuer)
    client.sends(person, **asked)
    sign_in(world, person)
    return person, client.tokens(person)


def reference(person: Person) -> str:
    return person.page.html.partition('class="reference">')[2][:8]
