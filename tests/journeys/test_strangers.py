"""Strangers learn nothing: whatever they ask about an account, known, unknown, disabled or
unfinished, the answer is the same to the letter."""

import re

import pytest

from idp.operations import accounts
from idp.store import audit, links
from idp.store.codes import CODES, Code
from idp.store.database import rows as read
from idp.store.database import run
from idp.store.links import LINKS, Link
from idp.store.outbox import OUTBOX, Message
from tests.support.person import Person
from tests.support.registering import NEW_PASSWORD, PRIYA, make_password, to_method, verify_address
from tests.support.world import DAISY, OMAR

NAMES = {
    "known": "ddunn2020",
    "unknown": "nobody2020",
    "disabled": "oreyes2021",
    "unfinished": "pnair2019",
    "without address": "nquist2018",
}
ADDRESSES = {
    "known": DAISY,
    "unknown": "nobody@nowhere.example",
    "disabled": OMAR,
    "unfinished": PRIYA,
}


@pytest.fixture
def people(world, client):
    """Omar is disabled, Priya has not finished registering."""
    with world.inside():
        accounts.disable(world.time.now, "test", "oreyes2021")
    person = client.sends(Person(world.issuer))
    make_password(verify_address(world, to_method(person).press("PHONE")))


def seen(person: Person, typed: str) -> tuple:
    """What a stranger sees, but for what differs at every visit and what they typed themselves."""
    text = re.sub(
        r'name="csrf" value="[^"]+"|nonce="[^"]+"|/flow/[^/"]+|class="reference">[^<]+',
        "",
        person.page.html,
    ).replace(typed, "TYPED")
    return (
        person.status,
        tuple(
            (status, re.sub(r"/flow/[^/]+", "/flow/x", url)) for status, url in person.trail[-2:]
        ),
        text,
    )


def written(world) -> tuple:
    """How many rows of which kind there are."""
    with world.inside():
        return (
            len(read(OUTBOX.select(), Message)),
            len(read(LINKS.select(), Link)),
            len(audit.listed()),
        )


def differences(world, act, names: dict[str, str]) -> dict:
    """By what was seen and how much was written, for which names."""
    found: dict = {}
    for state, name in names.items():
        person, before = Person(world.issuer), written(world)
        act(person, name)
        more = tuple(after - was for after, was in zip(written(world), before, strict=True))
        found.setdefault((seen(person, name), more), []).append(state)
        world.time.passes(seconds=61)
    return found


@pytest.mark.usefixtures("people")
def test_sign_in(world, client):
    def act(person, address):
        client.sends(person).press("LOGIN WITH EMAIL")
        person.fill("Email Address", address).fill("Password", "wrong").press("Sign in")

    assert len(differences(world, act, ADDRESSES)) == 1


@pytest.mark.usefixtures("people")
def test_login_to_register(world, client):
    def act(person, name):
        to_method(client.sends(person), name, "wrong")

    assert len(differences(world, act, NAMES)) == 1


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("journey", ["reset", "forgot"])
def test_what_is_asked_by_username(world, client, journey):
    def act(person, name):
        person.http.post(
            f"{world.issuer}/begin/{journey}", data={"client": client.id}, allow_redirects=False
        )
        client.sends(person).fill("USERNAME *", name).press("SUBMIT")
        assert person.heading == "CHECK YOUR EMAIL"

    assert len(differences(world, act, NAMES)) == 1


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("password", ["wrong-password", NEW_PASSWORD])
def test_what_was_not_finished(world, client, password):
    def act(person, address):
        person.http.post(
            f"{world.issuer}/begin/complete", data={"client": client.id}, allow_redirects=False
        )
        client.sends(person).fill("Email Address", address).fill("Password", password).press(
            "Send the link"
        )

    assert len(differences(world, act, ADDRESSES)) == 1


@pytest.mark.usefixtures("people")
def test_recovery_to_the_last_wrong_code_and_beyond(world, client):
    steps: dict[str, list] = {}
    for state, address in ADDRESSES.items():
        person = client.sends(Person(world.issuer))
        person.press("LOGIN WITH EMAIL").press("Forgot your password?")
        person.fill("Email Address", address).press("Send verification code")
        steps[state] = [seen(person, address)]
        for _ in range(2):
            for _ in range(6):
                person.fill("Verification Code", "000000").press(
                    "Verify code"
                ) if "Verification Code" in person.page.labels else None
                steps[state].append(seen(person, address))
                world.deliver()
            world.time.passes(seconds=31)
            person.press("Send new code") if "Send new code" in person.buttons else None
            steps[state].append(seen(person, address))
        assert person.heading == "!LOGIN ERROR"
        steps[state].append(person.open(person.url.rpartition("/")[0] + "/status").response.json())
    known = steps.pop("known")
    for state, found in steps.items():
        assert found == known, state


@pytest.mark.usefixtures("people")
def test_an_address_that_nobody_has_is_told_so_by_mail_and_gets_no_code(world, client):
    person = client.sends(Person(world.issuer))
    person.press("LOGIN WITH EMAIL").press("Forgot your password?").fill(
        "Email Address", "nobody@nowhere.example"
    ).press("Send verification code")
    (mail,) = world.mails_to("nobody@nowhere.example")
    assert (
        mail.subject.startswith("No account with this email address")
        and mail.code is None
        and not mail.links
    )
    assert (
        len(person.press("Send new code").page.text)
        and len(world.mails_to("nobody@nowhere.example")) == 1
    ), "nobody is flooded"
    with world.inside():
        assert links.invitation("nobody") is None


def made_code(world) -> str:
    """The newest code, as someone makes it out who writes to the database and has the root
    secret."""
    with world.inside():
        code = read(CODES.select().order_by(CODES.c.created_at.desc()), Code)[0]
        run(
            CODES.update()
            .where(CODES.c.id == code.id)
            .values(digest=world.vault.fingerprint("code", f"{code.id}:314159"))
        )
    return "314159"


def test_a_guess_at_a_code_that_was_never_told_is_never_right(world, client):
    """Even the code itself: it was made, and no one was to have it. Daisy's, told to her mailbox,
    is right."""
    for email, right in {"nobody@nowhere.example": False, PRIYA: False, DAISY: True}.items():
        world.time.passes(seconds=1)  # so that the newest code is this one
        person = client.sends(Person(world.issuer))
        person.press("LOGIN WITH EMAIL").press("Forgot your password?").fill(
            "Email Address", email
        ).press("Send verification code")
        world.deliver()
        person.fill("Verification Code", made_code(world)).press("Verify code")
        assert (person.status, person.heading) == (
            (200, "Forgot your password?") if right else (422, "The code is on its way")
        )
