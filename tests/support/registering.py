"""The steps of registering that many stories share."""

from idp.operations import organizations
from idp.store import organizations as rows
from tests.support.person import Person
from tests.support.world import World

PRIYA = "priya.nair@lakeside.example"
NEW_PASSWORD = "seven-calm-herons"
CODE = "LAKESIDE-TEST-CODE-9753"
PROFILE = {
    "USERNAME *": "mvale2026",
    "FIRST NAME *": "Mira",
    "LAST NAME *": "Vale",
    "EMAIL *": "mira.vale@lakeside.example",
    "CONFIRM EMAIL *": "mira.vale@lakeside.example",
    "FAX *": "303-555-0143",
}


def to_method(
    person: Person, username: str = "pnair2019", password: str = "old-portal-password"
) -> Person:
    """From the login options to LOGIN METHOD."""
    person.press("click here")
    return person.fill("USERNAME *", username).fill("PASSWORD *", password).press("LOGIN")


def verify_address(world: World, person: Person) -> Person:
    """From the page that sends a code to the one behind it."""
    person.press("Send verification code")
    return person.fill("Verification Code", world.newest_code()).press("Verify code")


def make_password(person: Person, password: str = NEW_PASSWORD, button: str = "Create") -> Person:
    return (
        person.fill("New Password", password).fill("Confirm New Password", password).press(button)
    )


def verify_phone(world: World, person: Person, number: str = "303 555 0188") -> Person:
    person.fill("Phone Number", number).press("Send Code")
    return person.fill("Verification Code", world.newest_code()).press("Verify Code")


def accept(person: Person) -> Person:
    return person.tick("I have read and agree to these terms of use.").press("CONTINUE")


def enrol(
    world: World, person: Person, method: str = "EMAIL", password: str = NEW_PASSWORD
) -> Person:
    """From LOGIN METHOD to the client."""
    person.press(method)
    make_password(verify_address(world, person), password)
    if method == "PHONE":
        verify_phone(world, person)
    return accept(person) if "Terms of Use" in person.heading else person


def give_code(world: World, npi: str = "1234567893", uses: int = 3, life: int = 86400) -> str:
    """A registration code that works."""
    with world.inside():
        organization = rows.by_identifier(npi)
        assert organization
        return organizations.add_code(world.time.now, "test", npi, uses, life)[0]


def register(world: World, person: Person, code: str, **changes: str) -> Person:
    """From the login options to the page that speaks of the mail."""
    person.press("register here")
    person.fill("NPI *", "1234567893").fill("PROVIDER REGISTRATION CODE *", code).press("NEXT")
    for label, value in {**PROFILE, **changes}.items():
        person.fill(label, value)
    return person.press("NEXT")
