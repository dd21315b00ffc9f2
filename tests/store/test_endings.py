"""What ends with each change of an account, as a table: nothing is listed by hand anywhere else."""

import pytest

from idp.store import (
    codes,
    endings,
    enrolments,
    interactions,
    links,
    sessions,
    tries,
    trusted_devices,
    upstream_sessions,
)
from idp.store.database import row, rows
from idp.store.grants import GRANTS
from tests.support.person import Person
from tests.support.world import OMAR, OMAR_PASSWORD, STRANGER

EVERYTHING = ("links", "enrolments", "codes", "tries", "sessions", "grants", "trusted", "known")
TABLE = {
    "registered": EVERYTHING,
    "password_recovered": EVERYTHING,
    "registration_reset": EVERYTHING,
    "factor_set_up": ("links", "enrolments", "trusted"),
    "phone_change_stopped": EVERYTHING,
    "upstream_linked": EVERYTHING,
    "upstream_moved": EVERYTHING,
    "upstream_unlinked": EVERYTHING,
    "upstream_left": EVERYTHING,
    "retired": EVERYTHING,
    "disabled": ("links", "enrolments", "sessions", "grants", "trusted"),
    "signed_out": ("codes", "sessions", "grants", "trusted"),
    "browsers_forgotten": ("trusted",),
    "address_corrected": ("links", "enrolments", "codes"),
    "invitation_revoked": ("links", "enrolments", "codes"),
}


def test_every_change_is_in_this_table():
    assert set(TABLE) == set(endings.ENDS)


@pytest.mark.parametrize("change", TABLE)
def test_what_ends_with_it(world, client, change):
    client.sends(person := Person(world.issuer)).press("LOGIN WITH EMAIL", remember="yes")
    person.fill("Email Address", OMAR).fill("Password", OMAR_PASSWORD).press("Sign in").press(
        "Send verification code"
    )
    person.fill("Verification Code", world.newest_code()).press("Verify code").press("Continue")
    client.tokens(person)
    now = world.time.now
    with world.inside():
        omar = world.account("oreyes2021").id
        here = row(interactions.INTERACTIONS.select().limit(1), interactions.Interaction).id
        links.add("link1", "digest", "reset", omar, None, None, now, 600, None)
        enrolments.add(omar, here, "email", now, address="omar@old.example")
        codes.add("code1", here, omar, "address_code", "omar@old.example", "", now, [])
        tries.add(omar, "password", now, STRANGER)
    with world.inside():
        assert set(alive(omar, now)) == set(EVERYTHING), "the story has one of each"
        endings.end(change, omar, now)
        assert set(EVERYTHING) - set(alive(omar, now)) == set(TABLE[change])


def alive(account_id: str, now: float) -> list[str]:
    """What of this account has not ended."""
    found = {
        "links": any(
            one.outcome is None
            for one in rows(links.LINKS.select().where(links.LINKS.c.id == "link1"), links.Link)
        ),
        "enrolments": any(
            one.ended_at is None
            for one in rows(enrolments.ENROLMENTS.select(), enrolments.Enrolment)
        ),
        "codes": codes.wanted("code1"),
        "tries": bool(
            list(rows(tries.TRIES.select().where(tries.TRIES.c.succeeded.is_(False)), tries.Try))
        ),
        "sessions": bool(sessions.of_account(account_id, now, 900, 14400)),
        "grants": any(
            one.revoked_at is None
            for one in rows(GRANTS.select().where(GRANTS.c.account_id == account_id), tuple)
        ),
        "trusted": bool(trusted_devices.of_account(account_id, now)),
        "known": bool(
            list(
                rows(
                    trusted_devices.KNOWN.select().where(
                        trusted_devices.KNOWN.c.account_id == account_id
                    ),
                    trusted_devices.KnownDevice,
                )
            )
        ),
    }
    assert upstream_sessions.of_account(account_id) == []
    return [name for name, there in found.items() if there]


def test_a_corrected_address_ends_what_was_begun_at_the_old_mailbox(world, client):
    """Attack: who reads the old mailbox finishes the registration after the address was
    corrected."""
    from idp.operations import resets
    from tests.support.registering import make_password, to_method, verify_address

    person = to_method(client.sends(Person(world.issuer))).press("EMAIL")
    verify_address(world, person)
    with world.inside():
        resets.correct_email(
            world.time.now, "test", world.desk[1], "pnair2019", "priya.new@lakeside.example"
        )
    make_password(person)
    assert "Terms" not in person.heading
    with world.inside():
        assert world.account("pnair2019").sign_in_address is None
    person.open(person.url)
    assert person.heading == "LOGIN METHOD", "it begins again, with the address that is on file now"


def test_a_reset_ends_an_enrolment_that_had_verified_everything(world, client):
    from idp.operations import resets
    from tests.support.registering import to_method, verify_address

    person = to_method(client.sends(Person(world.issuer))).press("EMAIL")
    verify_address(world, person)
    with world.inside():
        resets.reset(world.time.now, "test", *world.desk, "pnair2019")
    person.fill("New Password", "seven-calm-herons").fill(
        "Confirm New Password", "seven-calm-herons"
    ).press("Create")
    with world.inside():
        assert world.account("pnair2019").sign_in_address is None


def test_signing_out_everywhere_ends_remember_me(world, client):
    from idp.operations import accounts

    client.sends(person := Person(world.issuer)).press("LOGIN WITH EMAIL", remember="yes")
    person.fill("Email Address", OMAR).fill("Password", OMAR_PASSWORD).press("Sign in").press(
        "Send verification code"
    )
    person.fill("Verification Code", world.newest_code()).press("Verify code").press("Continue")
    with world.inside():
        accounts.sign_out(world.time.now, "test", world.account("oreyes2021"))
    client.sends(person).press("LOGIN WITH EMAIL")
    assert person.heading == "Sign in with your email address"
