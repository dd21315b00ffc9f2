"""Credentials: what a person signs in with and what they signed in with before."""

from sqlalchemy import text

from idp.house import built
from idp.store import account_credentials, accounts, credentials, holders, migrate, writing
from idp.store.database import connection, run, working
from tests.conftest import database_of
from tests.support.stories import signed_in
from tests.support.world import DAISY, DAISY_PHONE, settings_for


def kept(account_id: str) -> list[tuple[str, str, bool]]:
    """Kind and key of every credential, oldest first, and whether it is live."""
    found = credentials.history(account_id)
    return sorted((one.kind, one.key, one.ended_at is None) for one in found)


def test_addresses_and_phones_keep_their_history_and_passwords_do_not(either_world):
    world = either_world
    with world.inside():
        daisy = accounts.by_address(DAISY)
        account_credentials.change_credentials(
            daisy, world.time.now, "", daisy.password_hash, "Daisy@New.example", "+13035550188"
        )
        assert kept(daisy.id) == [
            ("email", DAISY, False),
            ("email", "daisy@new.example", True),
            ("password", "", True),
            ("phone", DAISY_PHONE, False),
            ("phone", "+13035550188", True),
        ]
        now = accounts.by_address("daisy@new.example")
        assert account_credentials.change_password(now, world.time.now + 1, "", "another hash")
        hashes = [one.sealed for one in credentials.history(daisy.id) if one.kind == "password"]
        assert hashes == [None, "another hash"], "an old one is wiped"
        account_credentials.end_registration(
            accounts.by_id(daisy.id), world.time.now + 2, DAISY, keep_password=False
        )
        assert not any(live for *_, live in kept(daisy.id)), "a reset ends them all"


def test_the_same_once_more_is_no_new_credential(world):
    with world.inside():
        daisy = accounts.by_address(DAISY)
        before = [one.id for one in credentials.history(daisy.id)]
        account_credentials.change_credentials(
            daisy, world.time.now, "", daisy.password_hash, DAISY.upper(), daisy.phone
        )
        assert [one.id for one in credentials.history(daisy.id)] == before


def test_a_sign_in_says_when_each_was_used_last(world, client):
    world.time.passes(hours=1)
    signed_in(world, client)
    with world.inside():
        found = credentials.history(accounts.by_address(DAISY).id)
        used = {one.kind: one.used_at for one in found}
    assert used == {"password": world.time.now, "email": world.time.now, "phone": None}


def test_what_a_node_of_the_release_before_changes_is_what_counts(world):
    """It writes the account's own columns, and knows nothing of credentials."""
    with world.inside():
        daisy = accounts.by_address(DAISY)
        run(
            text("UPDATE accounts SET password_hash = 'new', phone = NULL WHERE id = :id"),
            id=daisy.id,
        )
        holder = holders.by_ids({daisy.id})[daisy.id]
        assert {(one.kind, one.key, one.sealed) for one in holder.credentials} == {
            ("password", "", "new"),
            ("email", DAISY, None),
        }
        # and the next change that is made here brings the rows up to date
        now = accounts.by_id(daisy.id)
        account_credentials.change_credentials(
            now, world.time.now, "", now.password_hash, DAISY, None
        )
        assert kept(daisy.id) == [
            ("email", DAISY, True),
            ("password", "", False),
            ("password", "", True),
            ("phone", DAISY_PHONE, False),
        ]


def test_accounts_of_before_have_their_credentials_after_the_migration(request, tmp_path):
    for url in (f"sqlite:///{tmp_path}/old.sqlite", database_of("postgresql", request, tmp_path)):
        house = built(settings_for(9, url))
        with working(house.engine):
            if url.startswith("postgresql"):  # begin before there is anything
                writing()
                connection().execute(text("DROP SCHEMA public CASCADE"))
                connection().execute(text("CREATE SCHEMA public"))
                connection().commit()
            migrate.upgrade("0011")
            writing()
            for number, (password, address, phone) in enumerate(
                [("a hash", "A@x.example", "+13035550142"), (None, None, None)]
            ):
                old = {
                    "id": f"account-{number}",
                    "username": f"u{number}",
                    "username_key": f"u{number}",
                    "contact_email": "",
                    "contact_email_key": "",
                    "sign_in_address": address,
                    "sign_in_address_key": address and address.lower(),
                    "phone": phone,
                    "given_name": "A",
                    "family_name": "B",
                    "password_hash": password,
                    "created_at": 1.0,
                    "updated_at": 1.0,
                    "credentials_changed_at": 7.0,
                    "terms": "{}",
                    "roles": "[]",
                }
                values = ", ".join(f":{name}" for name in old)
                run(text(f"INSERT INTO accounts ({', '.join(old)}) VALUES ({values})"), **old)
            connection().commit()
        with working(house.engine):
            migrate.upgrade()
            assert migrate.differences() == []
            assert kept("account-0") == [
                ("email", "a@x.example", True),
                ("password", "", True),
                ("phone", "+13035550142", True),
            ]
            assert {one.made_at for one in credentials.history("account-0")} == {7.0}
            assert kept("account-1") == []
        house.engine.dispose()
