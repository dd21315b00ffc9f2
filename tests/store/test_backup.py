"""Backups taken under load, restored into either database; nothing that was secret before works
after."""

import gzip
import json
import threading
import time as real_time
from dataclasses import replace

import pytest
import requests
from sqlalchemy import func, select, text

from idp.app import create_app
from idp.operations import OperatorError, backup
from idp.secret import Secret
from idp.store import directory, migrate, sessions, writing
from idp.store.backup import LEFT_OUT
from idp.store.database import Base, commit, connection, engine, scalar
from tests.support.client import Client
from tests.support.person import Person
from tests.support.postgres import free_port
from tests.support.stories import sign_in, signed_in, to_code_page
from tests.support.world import World, served, settings_for


def take(world):
    path = world.folder / "backup.gz"
    with world.app.app_context():
        backup.write(world.time.now, world.vault, path)
    return path


def put_back(world, path, replace_: bool = True) -> int:
    with world.inside():
        return backup.restore(world.time.now, "test", world.vault, path, replace_)


def test_nothing_from_before_a_restore_works_and_everybody_gets_in_again(either_world):
    world = either_world
    client = Client(world.issuer, world.add_client(start_url="http://localhost:1/login"))
    opaque = Client(world.issuer, world.add_client(opaque=True))
    world.add_api()
    machine = world.add_client("Job", redirect_uris=[], machine=True, scopes=["cases:read"])
    person, tokens = signed_in(world, client)
    by_opaque = opaque.tokens(opaque.sends(person))
    job = (machine["client_id"], machine["client_secret"])
    of_machine = requests.post(
        f"{world.issuer}/token", data={"grant_type": "client_credentials"}, auth=job, timeout=30
    ).json()["access_token"]
    code = client.answer(client.sends(person))["code"]
    half_way = Person(world.issuer)
    world.time.passes(minutes=1)
    to_code_page(client.sends(half_way)).press("Send verification code")
    mailed = world.newest_code()
    half_way.open(half_way.url)
    path = take(world)
    world.time.passes(seconds=5)
    assert put_back(world, path) > 50
    real_time.sleep(1.1)  # processes look for changes every second
    assert client.answer(client.sends(person, prompt="none"))["error"] == "login_required"
    assert client.redeem(code).json()["error"] == "invalid_grant"
    assert client.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert client.userinfo(tokens["access_token"]).status_code == 401
    assert opaque.userinfo(by_opaque["access_token"]).status_code == 401
    told = requests.post(
        f"{world.issuer}/introspect", data={"token": of_machine}, auth=job, timeout=30
    )
    assert told.json() == {"active": False}
    half_way._go(
        "post",
        half_way.url,
        data=half_way.page.forms[-1].fields | {"code": mailed, "action": "verify"},
    )
    assert (
        half_way.heading == "This sign-in was canceled" and half_way.page.links["Go to Clinic desk"]
    )
    world.time.passes(minutes=1)
    again = Person(world.issuer)
    sign_in(world, client.sends(again))
    assert client.tokens(again)
    fresh = requests.post(
        f"{world.issuer}/token", data={"grant_type": "client_credentials"}, auth=job, timeout=30
    ).json()["access_token"]
    assert (
        requests.post(
            f"{world.issuer}/introspect", data={"token": fresh}, auth=job, timeout=30
        ).json()["active"]
        is True
    )


def test_a_running_process_notices_a_restore_whatever_it_had_seen(world, client):
    """The numbers by which processes notice changes are higher than any that a process can have
    seen."""
    world.add_api()
    path = take(world)
    later = world.add_client(
        "Registered after the backup", redirect_uris=[], machine=True, scopes=["cases:read"]
    )
    job = (later["client_id"], later["client_secret"])
    real_time.sleep(1.1)
    assert (
        requests.post(
            f"{world.issuer}/token", data={"grant_type": "client_credentials"}, auth=job, timeout=30
        ).status_code
        == 200
    )
    with world.inside():
        from idp.store import backup as rows

        rows.clear(rows.present())  # as an empty database that took its place
    put_back(world, path, replace_=False)
    real_time.sleep(1.1)
    assert (
        requests.post(
            f"{world.issuer}/token", data={"grant_type": "client_credentials"}, auth=job, timeout=30
        ).status_code
        == 401
    )


def test_a_backup_under_load_is_one_moment_and_is_restored_whole(either_world):
    """Rows of one sign-in refer to one another: of each, all or none is in the backup."""
    world = either_world
    client = Client(world.issuer, world.add_client())
    stop, faults = threading.Event(), []

    def load() -> None:
        mine = Client(world.issuer, client.registration)
        while not stop.is_set():
            try:
                mine.sends(Person(world.issuer)).press("LOGIN WITH EMAIL")
            except Exception as error:
                faults.append(error)

    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    real_time.sleep(1.0)
    path = take(world)
    stop.set()
    for thread in threads:
        thread.join()
    assert not faults
    rows: dict[str, list] = {}
    with gzip.open(path, "rt") as file:
        head, *lines = [json.loads(line) for line in file]
    for line in lines:
        if isinstance(line, list):
            rows.setdefault(line[0], []).append(
                dict(zip(head["tables"][line[0]], line[1], strict=True))
            )
    interactions = {row["id"] for row in rows["interactions"]}
    assert (
        interactions and {row["interaction_id"] for row in rows["decision_records"]} == interactions
    )
    assert {row["interaction_id"] for row in rows.get("facts", [])} <= interactions
    put_back(world, path)
    with world.inside():
        for table in Base.metadata.sorted_tables:
            if table.name not in LEFT_OUT | {"audit", "versions"}:
                assert scalar(select(func.count()).select_from(table)) == len(
                    rows.get(table.name, [])
                ), table.name


@pytest.mark.parametrize("to", ["sqlite", "postgresql"])
def test_a_backup_moves_between_databases(world, client, tmp_path, request, to):
    signed_in(world, client)
    path = take(world)
    port, url = free_port(), f"sqlite:///{tmp_path / 'other.sqlite'}"
    if to == "postgresql":
        server = request.getfixturevalue("postgres")
        server.execute("DROP DATABASE IF EXISTS moved")
        server.execute("CREATE DATABASE moved")
        url = server.url("moved")
    settings = settings_for(port, url)
    app = create_app(settings)
    with app.app_context():
        migrate.upgrade()
        writing()
        backup.restore(
            world.time.now, "test", app.extensions["stagedoor"].vault, path, replace=False
        )
        commit()
    moved = World(settings, app, world.time, tmp_path)
    with served(app, port):
        person, there = Person(moved.issuer), Client(moved.issuer, client.registration)
        moved.time.passes(minutes=1)
        sign_in(moved, there.sends(person))
        assert there.tokens(person)["id_token"], (
            "people, clients and keys are there, and rows count on"
        )
    with app.app_context():
        engine().dispose()


def test_what_is_not_restored(world, client, tmp_path):
    path = take(world)
    with pytest.raises(OperatorError, match="not empty"):
        put_back(world, path, replace_=False)
    with pytest.raises(OperatorError, match="never overwrites"):
        take(world)
    assert path.stat().st_mode & 0o077 == 0, "nobody else may read it"
    whole = gzip.decompress(path.read_bytes()).decode().splitlines(keepends=True)
    broken = {
        "incomplete": whole[:-1],
        "do not match": [*whole[:5], whole[5].replace("a", "b"), *whole[6:]],
        "do not match its checksum": whole[:5] + whole[6:],
        "not a backup": ["{}\n"],
    }
    for why, lines in broken.items():
        (tmp_path / "x.gz").write_bytes(gzip.compress("".join(lines).encode()))
        with pytest.raises(OperatorError, match=why):
            put_back(world, tmp_path / "x.gz")
    (tmp_path / "cut.gz").write_bytes(path.read_bytes()[:-300])
    with pytest.raises(OperatorError, match="damaged"):
        put_back(world, tmp_path / "cut.gz")
    for n in range(0, len(path.read_bytes()), 97):
        flipped = bytearray(path.read_bytes())
        flipped[n] ^= 0x10
        (tmp_path / "flipped.gz").write_bytes(flipped)
        try:
            with world.app.app_context():
                backup.check(world.vault, tmp_path / "flipped.gz")
        except OperatorError:
            continue
        assert gzip.decompress(bytes(flipped)) == gzip.decompress(path.read_bytes()), (
            "a bit of the file's date at most"
        )
    (tmp_path / "text.gz").write_bytes(gzip.compress(b"hello\n"))
    with pytest.raises(OperatorError, match="damaged or is not a backup"):
        put_back(world, tmp_path / "text.gz")
    with pytest.raises(OperatorError, match="does not exist"):
        put_back(world, tmp_path / "none.gz")
    other = create_app(
        replace(world.settings, root=Secret("another-root-secret-0123456789-abcdefghijkl"))
    )
    with other.app_context(), pytest.raises(OperatorError, match="another root secret"):
        backup.check(other.extensions["stagedoor"].vault, path)
    person = Person(world.issuer)
    sign_in(world, client.sends(person))
    assert client.tokens(person), "a restore that was refused has changed nothing"


OLD_ROWS = (
    "INSERT INTO interactions (id, reference, browser, client_id, parameters, "
    "created_at, seen_at) VALUES ('i', 'R', 'b', 'c', '[]', 1, 1)",
    "INSERT INTO facts (interaction_id, kind, value, at) VALUES ('i', 'way_chosen', 'email', 1)",
    "INSERT INTO codes (id, interaction_id, account_id, factor, target, digest, tries, "
    "created_at) VALUES ('c', 'i', 'a', 'f', 't', 'd', 0, 1)",
    "INSERT INTO facts (interaction_id, kind, value, at) VALUES ('i', 'proof_given', 'keyed_call', "
    "2)",
    "INSERT INTO codes (id, interaction_id, account_id, factor, target, digest, tries, "
    "created_at) VALUES ('d', 'i', 'a', 'phone_call', 't', 'd', 0, 1)",
    "INSERT INTO accounts (id, username, username_key, contact_email, given_name, "
    "family_name, created_at, updated_at, credentials_changed_at) "
    "VALUES ('a', 'JDoe', 'jdoe', 'Jo@Old.example', 'Jo', 'DOE', 1, 1, 1)",
    "INSERT INTO sessions (id, digest, account_id, proofs, way, auth_time, created_at, seen_at) "
    """VALUES ('s', 'd', 'a', '[["keyed_call", 1.5, "i"]]', 'phone', 1, 1, 1)""",
    "INSERT INTO organizations (id, npi, name, created_at) VALUES ('o', '1234567893', "
    "'Old Clinic', 1)",
    "INSERT INTO memberships (account_id, organization_id, role) VALUES ('a', 'o', 'user')",
)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_database_of_the_first_version_is_upgraded_with_what_is_in_it(tmp_path, request, kind):
    url = f"sqlite:///{tmp_path / 'old.sqlite'}"
    if kind == "postgresql":
        server = request.getfixturevalue("postgres")
        server.execute("DROP DATABASE IF EXISTS old")
        server.execute("CREATE DATABASE old")
        url = server.url("old")
    app = create_app(settings_for(1, url))
    with app.app_context():
        migrate.upgrade("0001")
        writing()
        for row in OLD_ROWS:
            connection().execute(text(row))
        commit()
        migrate.upgrade()
        assert migrate.differences() == []
        facts = connection().execute(text("SELECT kind, value FROM facts ORDER BY id")).all()
        assert [tuple(one) for one in facts] == [
            ("option_chosen", "email"),
            ("proof_given", "voice_code"),
        ]
        codes = connection().execute(text("SELECT id, factor FROM codes ORDER BY id")).all()
        assert [tuple(one) for one in codes] == [("c", "f"), ("d", "voice_confirm")]
        session = sessions.by_id("s")
        assert (session.proofs, session.option) == ([["voice_code", 1.5, "i"]], "phone")
        assert [(one.account_id, one.found_by) for one in directory.page("o", "", 9)] == [
            ("a", "jdoe jo doe jo@old.example")
        ]
        assert [
            one.username_key for one in directory.page(directory.EVERYBODY, "", 9, "old.example")
        ] == ["jdoe"]
        engine().dispose()
