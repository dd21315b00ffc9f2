"""The directory says what accounts and memberships say, whatever was done to them; and so does the
one that the migration made."""

from sqlalchemy import select

from idp.operations import accounts, employees, invitations, members, resets
from idp.store import accounts as rows
from idp.store import enrolments, organizations, upstream_accounts
from idp.store.database import connection
from idp.store.directory import DIRECTORY, EVERYBODY, page
from tests.support.client import Client
from tests.support.person import Person
from tests.support.registering import enrol, to_method


def as_it_should_be() -> set:
    found = set()
    for account in rows.listed():
        said = (
            account.username,
            account.given_name,
            account.family_name,
            account.contact_email,
            account.sign_in_address,
        )
        text_of = " ".join(dict.fromkeys(rows.fold(one) for one in said if one))
        for place in [EVERYBODY, *(one["id"] for one in organizations.of_account(account.id))]:
            found.add((place, account.username_key, account.id, text_of))
    return found


def as_it_is() -> set:
    return {tuple(row) for row in connection().execute(select(DIRECTORY)).all()}


def test_whatever_is_done_it_says_the_same(either_world):
    world = either_world
    now, client = world.time.now, Client(world.issuer, world.add_client())
    with world.inside():
        lakeside, harbor = (
            organizations.by_identifier(npi) for npi in ("1234567893", "1245319599")
        )
        resets.correct_email(now, "test", world.desk[1], "pnair2019", "priya@new.example")
        invitations.invite(
            now,
            "test",
            world.desk[0],
            "lortiz",
            "Lena@Harbor.example",
            "Lena",
            "ORTIZ",
            organization="1245319599",
        )
        members.set_role(now, "test", world.account("lortiz"), lakeside, "administrator")
        members.remove(now, "test", world.account("oreyes2021"), lakeside)
        members.set_role(now, "test", world.account("oreyes2021"), harbor, "user")
        resets.reset(now, "test", *world.desk, "ddunn2020", password_lost=True)
        accounts.add(now, "test", "ghost", "ghost@nowhere.example", "Gho", "St")
        employees.set_roles(now, "test", "ghost", ["reviewer"])
        upstream_accounts.set_person(
            world.account("ghost").id, now, "sam@atrezzo.example", "Sam", "Kim", []
        )
    enrol(
        world,
        to_method(client.sends(Person(world.issuer)), "pnair2019", "old-portal-password"),
        "EMAIL",
    )
    with world.inside():
        assert as_it_is() == as_it_should_be()
        assert enrolments.release(now + 1, now) >= 0
        assert as_it_is() == as_it_should_be()
        assert [one.username_key for one in page(harbor.id, "", 10, "omar")] == ["oreyes2021"]
        assert (
            page(EVERYBODY, "", 10, rows.fold("  OMAR.REYES@lakeside.EXAMPLE "))[0].account_id
            == world.account("oreyes2021").id
        )
