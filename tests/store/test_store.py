"""The rows, on both databases: migrations, uniqueness, what may happen once, and how transactions
begin."""

import threading
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError, TimeoutError

from idp import store
from idp.house import built
from idp.oauth.granted import Granted, SignIn
from idp.operations import accounts as operations
from idp.profiles.us_healthcare import npi as npi_of
from idp.store import accounts, audit, database, grants, migrate, outbox, sessions
from tests.conftest import a_world


def test_migrations_make_exactly_the_declared_tables(either_world):
    with either_world.app.app_context():
        assert migrate.current() == migrate.head()
        assert migrate.differences() == []


def test_upgrading_again_changes_nothing(either_world):
    with either_world.app.app_context():
        migrate.upgrade()
        assert migrate.differences() == []


@pytest.mark.parametrize(
    ("username", "address"), [("DDUNN2020 ", None), ("new", " Daisy.Dunn@LAKESIDE.example")]
)
def test_usernames_and_addresses_are_unique_without_regard_to_case(either_world, username, address):
    with either_world.app.app_context(), pytest.raises(IntegrityError):
        accounts.add(0.0, username, "x@y.example", "D", "D", None, address)


@pytest.mark.parametrize(
    ("npi", "valid"),
    [
        ("1234567893", True),
        ("1245319599", True),
        ("1234567890", False),
        ("123456789", False),
        ("12345678９3", True),
        ("", False),
        ("12345678931", False),
    ],
)
def test_an_npi_is_checked_by_its_check_digit(npi, valid):
    assert (npi_of(npi) is not None) is valid


def test_what_was_not_committed_is_gone(either_world):
    with either_world.app.app_context():
        store.writing()
        audit.add(0.0, "something")
        store.rollback()
        assert [row for row in audit.listed() if row.action == "something"] == []


def test_two_writers_wait_for_each_other_and_both_succeed(either_world):
    world, failed = either_world, []

    def write(n: int) -> None:
        try:
            for _ in range(10):
                with world.inside():
                    audit.add(float(n), "written")
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with world.inside():
        assert len([row for row in audit.listed() if row.action == "written"]) == 80


def test_a_server_that_is_lost_after_the_last_statement_is_no_fault_of_the_answer(
    postgres, request, tmp_path, time
):
    """What ends the transaction of a page that was read and made finds no one there."""
    for world in a_world("postgresql", request, tmp_path, time):
        with world.app.app_context():
            mine = database.scalar(text("SELECT pg_backend_pid()"))
            postgres.execute(f"SELECT pg_terminate_backend({mine}, 5000)")  # waits until it is gone
            store.rollback()
            assert accounts.by_username("ddunn2020"), "the next one has a connection that works"


def test_the_lock_of_an_account_comes_before_its_row(postgres, request, tmp_path, time):
    """A sign-in holds the account and then writes when it was; an administrator disables it
    meanwhile. Neither is the other's victim."""
    for world in a_world("postgresql", request, tmp_path, time):
        done: list[int] = []

        def disable(world=world, done=done) -> None:
            with world.inside():
                done.append(operations.disable(world.time.now, "test", "ddunn2020"))

        with world.inside():
            daisy = world.account("ddunn2020").id
            store.lock(f"account:{daisy}")
            other = threading.Thread(target=disable)
            other.start()
            waiting = text(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            )
            while not database.scalar(waiting):
                assert other.is_alive()
            accounts.signed_in(daisy, world.time.now)
        other.join(10)
        assert done == [0]


def test_the_writers_of_one_process_take_turns_before_they_ask_sqlite(world, monkeypatch):
    """SQLite lets them sleep, longer each time, and who came last may be first."""
    came, ended = [], threading.Event()

    def write(name: str) -> None:
        with world.app.app_context():
            try:
                store.writing()
                came.append(name)
                store.commit()
            except TimeoutError:
                came.append(f"{name} waited too long")
            ended.set()

    with world.app.app_context():
        turn = database.TURNS[database.engine()]
        monkeypatch.setitem(database.TURNS, database.engine(), replace(turn, patience=1.0))
        store.writing()
        late = threading.Thread(target=write, args=("late",))
        late.start()
        assert ended.wait(10) and came == ["late waited too long"], (
            "it is told so, and holds nothing"
        )
        ended.clear()
        next_one = threading.Thread(target=write, args=("next",))
        next_one.start()
        store.commit()
    assert ended.wait(10) and came[1:] == ["next"]
    for thread in (late, next_one):
        thread.join(5)


def test_a_message_is_claimed_once_and_a_lost_one_again_unless_it_carries_a_code(either_world):
    with either_world.inside():
        outbox.add("email", "a@b.example", "sign_in_code", "00", 1000.0, 0.0)
        outbox.add("email", "a@b.example", "sign_in_code", "00", 1000.0, 0.0, code_id="c")
        plain, with_code = outbox.due(1.0, 60)
        assert outbox.claim(plain, 1.0, 60) and outbox.claim(with_code, 1.0, 60)
        assert outbox.claim(plain, 2.0, 60) is None
        assert outbox.claim(plain, 62.0, 60)
        assert outbox.claim(with_code, 62.0, 60) is None
        assert [message.id for message in outbox.lost_codes(62.0, 60)] == [with_code]


def test_ending_a_session_ends_its_grants(either_world):
    with either_world.inside():
        daisy = accounts.by_username("ddunn2020")
        session = sessions.add(sessions.Start("d", daisy.id, "i", [], "email", 0.0), 0.0)
        granted = Granted("c", "openid", SignIn(daisy.id, session, "R", 0.0, "a", ()))
        grants.add("g", granted.to_json(), 0.0, 9.0)
        assert grants.live("g")
        sessions.end(session, 1.0)
        assert grants.live("g") is None


@pytest.mark.parametrize("patient", [False, True])
def test_a_statement_that_takes_too_long_is_ended_for_a_request_and_not_for_a_command(
    postgres, request, tmp_path, time, patient
):
    for world in a_world("postgresql", request, tmp_path, time):
        settings = replace(
            world.settings, database=replace(world.settings.database, statement_timeout=1)
        )
        with built(settings, patient=patient).working():
            slow = text("SELECT pg_sleep(1.3)")
            if patient:
                database.connection().execute(slow)
            else:
                with pytest.raises(OperationalError, match="statement timeout"):
                    database.connection().execute(slow)
            store.rollback()
            database.engine().dispose()
