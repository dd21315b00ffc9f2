"""The steps that many stories share."""

from tests.support.client import Client
from tests.support.person import Person
from tests.support.world import DAISY, DAISY_PASSWORD, World


def to_code_page(person: Person, email: str = DAISY, password: str = DAISY_PASSWORD) -> Person:
    """From the login options to the page of the code."""
    person.press("LOGIN WITH EMAIL")
    return person.fill("Email Address", email).fill("Password", password).press("Sign in")


def sign_in(world: World, person: Person, email: str = DAISY, password: str = DAISY_PASSWORD) -> Person:
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
