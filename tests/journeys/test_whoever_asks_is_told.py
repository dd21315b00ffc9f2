"""The way out is never silent: whatever the state of someone's registration, the right password and
the forms for those who cannot sign in lead on, by page or by mail."""

import pytest

from idp.operations import accounts as operations
from idp.operations import invitations, resets
from tests.support.person import Person
from tests.support.registering import (
    NEW_PASSWORD,
    PRIYA,
    give_code,
    make_password,
    register,
    to_method,
    verify_address,
)
from tests.support.world import OMAR, OMAR_PASSWORD

UNFINISHED = "Your registration for the Atrezzo portal is not finished"
RESET = "Atrezzo - Account Registration Reset"
FINISH = "Atrezzo - Finish Your Registration"
FORGOTTEN = "Atrezzo - Forgotten Password"
OFF = "Your account for the Atrezzo portal is turned off"


def stopped_at_the_phone(world, client):
    make_password(
        verify_address(world, to_method(client.sends(Person(world.issuer))).press("PHONE"))
    )
    return PRIYA, NEW_PASSWORD


def stopped_at_the_terms(world, client):
    person = to_method(client.sends(Person(world.issuer))).press("EMAIL")
    assert make_password(verify_address(world, person)).heading == "Terms of Use Agreement"
    return PRIYA, NEW_PASSWORD


def stopped_with_an_address_of_their_own(world, client):
    person = to_method(client.sends(Person(world.issuer)), "nquist2018", "old-harbor-password")
    person.press("PHONE").fill("Email Address", "noah@harbor.example")
    person.press("Send verification code").fill("Verification Code", world.newest_code())
    make_password(person.press("Verify code"))
    return "noah@harbor.example", NEW_PASSWORD


def stopped_as_a_new_account(world, client):
    person = register(world, client.sends(Person(world.issuer)), give_code(world))
    person.open(world.newest_link()).press("Continue").press("PHONE")
    make_password(verify_address(world, person))
    return "mira.vale@lakeside.example", NEW_PASSWORD


def reset(world, client):
    with world.inside():
        resets.reset(world.time.now, "test", *world.desk, "oreyes2021")
    return OMAR, OMAR_PASSWORD


def never_registered(world, client):
    return PRIYA, "old-portal-password"


def turned_off(world, client):
    with world.inside():
        operations.disable(world.time.now, "test", "oreyes2021")
    return OMAR, OMAR_PASSWORD


def turned_off_unfinished(world, client):
    stopped_at_the_phone(world, client)
    with world.inside():
        operations.disable(world.time.now, "test", "pnair2019")
    return PRIYA, "old-portal-password"  # what was stopped has ended


def invited(world, client):
    with world.inside():
        invitations.invite(
            world.time.now,
            "test",
            world.desk[0],
            "lortiz2024",
            "lena@harbor.example",
            "Lena",
            "Ortiz",
            client_id=client.id,
        )
    world.deliver()
    return "lena@harbor.example", None


# the state, what a sign-in says, and the mails of: sign-in, 'Forgot your password?', RESET
STATES = [
    (stopped_at_the_phone, "registration is finished", FINISH, UNFINISHED, UNFINISHED),
    (stopped_at_the_terms, "registration is finished", FINISH, UNFINISHED, UNFINISHED),
    (
        stopped_with_an_address_of_their_own,
        "registration is finished",
        FINISH,
        UNFINISHED,
        UNFINISHED,
    ),
    (stopped_as_a_new_account, "registration is finished", FINISH, UNFINISHED, UNFINISHED),
    (reset, "registration is finished", RESET, UNFINISHED, RESET),
    (never_registered, "registration is finished", FORGOTTEN, UNFINISHED, RESET),
    (turned_off, "TURNED OFF", None, "code", OFF),
    (turned_off_unfinished, "Your account is turned off", None, OFF, OFF),
    (invited, None, None, UNFINISHED, "You need a new invitation to the Atrezzo portal"),
]


@pytest.mark.parametrize(
    ("state", "says", "at_sign_in", "forgot", "at_reset"),
    STATES,
    ids=[one[0].__name__ for one in STATES],
)
def test_whoever_asks_is_told(world, client, state, says, at_sign_in, forgot, at_reset):
    address, password = state(world, client)
    world.time.passes(minutes=3)

    def mailed(count: int) -> list[str]:
        return [mail.subject for mail in world.mails_to(address)[count:]]

    before = len(world.mails_to(address))
    if password:
        person = client.sends(Person(world.issuer)).press("LOGIN WITH EMAIL")
        person.fill("Email Address", address).fill("Password", password).press("Sign in")
        assert says in person.page.text
        assert mailed(before) == ([at_sign_in] if at_sign_in else [])
        world.time.passes(minutes=3)
    before = len(world.mails_to(address))
    person = client.sends(Person(world.issuer)).press("LOGIN WITH EMAIL")
    person.press("Forgot your password?").fill("Email Address", address)
    person.press("Send verification code")
    assert person.heading == "The code is on its way", "as for everyone"
    (told,) = mailed(before)
    assert told == forgot or (forgot == "code" and world.mails_to(address)[-1].code)
    world.time.passes(minutes=3)
    before, person = len(world.mails_to(address)), Person(world.issuer)
    person.http.post(
        f"{world.issuer}/begin/reset", data={"client": client.id}, allow_redirects=False
    )
    client.sends(person).fill("USERNAME *", address).press("SUBMIT")
    assert person.heading == "CHECK YOUR EMAIL", "as for everyone"
    (told,) = mailed(before)
    assert told == at_reset
