"""Who is told of what, as a table: after each change of an account, which mailbox, which phone and
which clients hear of it, and no one else.

Daisy has a phone, and another contact address than the one she signs in with; a client of hers that
listens is signed in."""

import pytest

from idp.operations import accounts, resets
from idp.store import accounts as rows_
from idp.store import outbox
from idp.store.database import rows, table
from tests.journeys.test_phone_hold import register_phone, start
from tests.support.client import Client
from tests.support.person import Person
from tests.support.registering import give_code, make_password, verify_address
from tests.support.stories import sign_in, to_phone_page
from tests.support.world import DAISY, DAISY_PASSWORD, DAISY_PHONE

OFFICE = "front.desk@lakeside.example"  # her contact address
CODES = (
    "sign_in_code",
    "recovery_code",
    "address_code",
    "number_code",
    "sign_in",
    "reset",
    "number",
)


def by_a_new_browser(world, client):
    sign_in(world, client.sends(Person(world.issuer)))


def by_a_known_browser(world, client):
    sign_in(world, client.sends(world.daisy, prompt="login"))


def forgot_her_password(world, client):
    person = (
        client.sends(Person(world.issuer)).press("LOGIN WITH PHONE").press("Forgot your password?")
    )
    verify_address(world, person.fill("Email Address", DAISY)).press("Continue")
    person.press("Send Code").fill("Verification Code", world.newest_code()).press("Verify Code")
    make_password(person, "six-calm-otters", "Continue")


def registered_again_with_the_old_phone(world, client):
    person = start(world, client)
    person.press("Send Code").fill("Verification Code", world.newest_code()).press("Verify Code")
    register_phone(world, person)


def registered_again_without_it(world, client):
    register_phone(world, start(world, client).press("I no longer have this phone"))


def was_reset(world, client):
    with world.inside():
        resets.reset(world.time.now, "test", *world.desk, "ddunn2020")


def got_another_contact_address(world, client):
    with world.inside():
        resets.correct_email(
            world.time.now, "test", world.desk[1], "ddunn2020", "new.desk@lakeside.example"
        )


def was_disabled(world, client):
    with world.inside():
        accounts.disable(world.time.now, "test", "ddunn2020")


def was_signed_out_everywhere(world, client):
    with world.inside():
        accounts.sign_out(world.time.now, "test", world.account("ddunn2020"))


def said_that_it_was_not_her_who_was_called(world, client):
    to_phone_page(client.sends(Person(world.issuer))).press("Call Me")
    world.press("*")


def had_her_address_registered_once_more(world, client):
    person = client.sends(Person(world.issuer)).press("register here")
    person.fill("NPI *", "1234567893").fill("PROVIDER REGISTRATION CODE *", give_code(world)).press(
        "NEXT"
    )
    typed = {
        "USERNAME *": "ddunn9999",
        "FIRST NAME *": "D",
        "LAST NAME *": "D",
        "EMAIL *": DAISY,
        "CONFIRM EMAIL *": DAISY,
        "FAX *": "303-555-0143",
    }
    for label, value in typed.items():
        person.fill(label, value)
    person.press("NEXT")


def signed_out_herself(world, client):
    world.daisy.open(f"{world.issuer}/logout").press("Sign out")


TABLE = {
    by_a_new_browser: {("email", DAISY, "new_browser")},
    by_a_known_browser: set(),
    forgot_her_password: {
        ("email", DAISY, "password_changed"),
        ("logout", "Listener", "backchannel_logout"),
    },
    registered_again_with_the_old_phone: {
        ("email", DAISY, "registered_anew"),
        ("email", OFFICE, "registered_anew"),
        ("logout", "Listener", "backchannel_logout"),
    },
    registered_again_without_it: {
        ("email", DAISY, "registered_anew"),
        ("email", OFFICE, "registered_anew"),
        ("email", DAISY, "phone_replaced"),
        ("email", OFFICE, "phone_replaced"),
        ("sms", DAISY_PHONE, "phone_replaced"),
        ("logout", "Listener", "backchannel_logout"),
    },
    was_reset: {
        ("email", OFFICE, "reset_by_administrator"),
        ("email", DAISY, "registration_reset"),
        ("sms", DAISY_PHONE, "registration_reset"),
        ("logout", "Listener", "backchannel_logout"),
    },
    got_another_contact_address: {
        ("email", DAISY, "contact_email_corrected"),
        ("email", OFFICE, "contact_email_corrected"),
    },
    was_disabled: {("logout", "Listener", "backchannel_logout")},
    was_signed_out_everywhere: {("logout", "Listener", "backchannel_logout")},
    said_that_it_was_not_her_who_was_called: {("email", DAISY, "call_refused")},
    had_her_address_registered_once_more: {("email", DAISY, "address_taken")},
    signed_out_herself: {("logout", "Listener", "backchannel_logout")},
}


@pytest.mark.parametrize("story", TABLE, ids=lambda story: story.__name__)
def test_who_is_told(world, client, story):
    registration = world.add_client(
        "Listener",
        backchannel_logout_uri="http://localhost:1/bye",
        start_url="http://localhost:1/login",
    )
    listener = Client(world.issuer, registration)
    with world.inside():
        rows_.set_contact_email(world.account("ddunn2020").id, world.time.now, OFFICE)
    world.daisy = Person(world.issuer)
    sign_in(world, listener.sends(world.daisy), DAISY, DAISY_PASSWORD)
    listener.tokens(world.daisy)
    world.deliver()
    with world.inside():
        before = max(
            (message.id for message in rows(table(outbox.Message).select(), outbox.Message)),
            default=0,
        )
    world.time.passes(minutes=1)
    story(world, client)
    with world.inside():
        told = [
            message
            for message in rows(table(outbox.Message).select(), outbox.Message)
            if message.id > before and message.kind not in CODES
        ]
    names = {registration["client_id"]: "Listener"}
    heard = [
        (message.channel, names.get(message.recipient, message.recipient), message.kind)
        for message in told
        if message.channel != "nobody"
    ]
    assert set(heard) == TABLE[story]
    assert len(heard) == len(set(heard)), "once"
