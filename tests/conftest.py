"""Fixtures: a world of its own for every test, on SQLite or on both databases."""

import re
import shutil
import uuid
from pathlib import Path

import pytest
from sqlalchemy import select

from idp import clock, store
from idp.flow import record
from idp.flow.decide import TABLES_VERSION, decide
from idp.flow.policy import Policy
from idp.operations import keys
from idp.store import migrate
from idp.store.database import engine, rows
from idp.store.decisions import RECORDS, DecisionRecord
from tests.support.client import Client
from tests.support.person import Person
from tests.support.postgres import Postgres, free_port
from tests.support.world import Time, World, populate, provider, served, settings_for


@pytest.fixture
def time():
    yield Time()
    clock.set_source()


def _fill(url: str) -> None:
    """A database as `idp init` and a few commands leave it."""
    app = provider(settings_for(9, url))
    with app.app_context():
        migrate.upgrade()
        store.writing()
        keys.ensure(1_700_000_000.0, "test", app.extensions["stagedoor"].keyring)
        populate(1_700_000_000.0)
        store.commit()
        engine().dispose()


@pytest.fixture(scope="session")
def filled_sqlite(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("filled") / "idp.sqlite"
    _fill(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres():
    try:
        server = Postgres()
    except FileNotFoundError:
        pytest.skip("no PostgreSQL server on this machine")
    server.execute("CREATE DATABASE filled")
    _fill(server.url("filled"))
    yield server
    server.stop()


def database_of(kind: str, request, tmp_path: Path, port: int | None = None) -> str:
    if kind == "sqlite":
        path = tmp_path / "idp.sqlite"
        shutil.copy(request.getfixturevalue("filled_sqlite"), path)
        return f"sqlite:///{path}"
    server = request.getfixturevalue("postgres")
    name = f"t{uuid.uuid4().hex}"
    server.execute(f"CREATE DATABASE {name} TEMPLATE filled")
    return server.url(name, port)


def a_world(
    kind: str, request, tmp_path: Path, time: Time, database_port: int | None = None, **changes
):
    port = free_port()
    settings = settings_for(port, database_of(kind, request, tmp_path, database_port), **changes)
    app = provider(settings)
    with served(app, port):
        yield World(settings, app, time, tmp_path)
    with app.app_context():
        replay(app.extensions["stagedoor"].visits.policy)
        engine().dispose()


def replay(policy: Policy) -> None:
    """Take every decision of the story again, from its record: it comes out the same."""
    if migrate.current() != migrate.head():
        return  # a story of a broken database
    for kept in rows(select(RECORDS), DecisionRecord):
        if kept.tables == TABLES_VERSION:
            facts = record.facts(kept.facts, kept.tables, policy)
            assert decide(facts).answer == record.answer(kept.answer), kept.event


@pytest.fixture
def world(request, tmp_path, time):
    """A provider on SQLite. `@pytest.mark.settings(…)` changes its settings."""
    marker = request.node.get_closest_marker("settings")
    yield from a_world("sqlite", request, tmp_path, time, **(marker.kwargs if marker else {}))


@pytest.fixture(params=["sqlite", "postgresql"])
def either_world(request, tmp_path, time):
    """The same story on both databases."""
    marker = request.node.get_closest_marker("settings")
    yield from a_world(request.param, request, tmp_path, time, **(marker.kwargs if marker else {}))


@pytest.fixture
def person(world) -> Person:
    return Person(world.issuer)


@pytest.fixture
def client(world) -> Client:
    return Client(world.issuer, world.add_client(start_url="http://localhost:1/login"))


def pytest_configure(config):
    config.addinivalue_line("markers", "settings(**changes): settings of the provider of this test")
    config.addinivalue_line("markers", "portal(**changes): settings of the portal of this test")
    config.addinivalue_line(
        "markers", "upstream(**changes): the table [[upstreams]] of this test's company"
    )


def pytest_terminal_summary(terminalreporter):
    """Whatever process left a test out because its server is missing: it is said loudly."""
    reasons = {
        str(report.longrepr[2])
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple)
    }
    missing = sorted(
        match[1] for reason in reasons if (match := re.search(r"no (.+) on this machine", reason))
    )
    if missing:
        terminalreporter.write_sep("!", "NOT TESTED HERE", red=True, bold=True)
        for what in missing:
            terminalreporter.write_line(
                f"{what} is missing on this machine; its tests were left out. `make test` "
                "as root installs it.",
                red=True,
            )
