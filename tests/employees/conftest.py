"""Worlds with a company: a provider that a test can make answer anything, or this program once
more."""

import shutil
from contextlib import contextmanager

import pytest

from idp.operations import clients
from idp.secret import Secret
from idp.store.database import engine
from tests.conftest import database_of
from tests.support.client import Client
from tests.support.company import CLIENT, Other, company_settings, hire, upstream
from tests.support.person import Person
from tests.support.postgres import free_port
from tests.support.world import World, provider, served, settings_for


def _upstreams(request, issuer: str, **more):
    marker = request.node.get_closest_marker("upstream")
    return (upstream(issuer, **{**more, **(marker.kwargs if marker else {})}),)


def _settings(request, **more):
    marker = request.node.get_closest_marker("settings")
    return {**more, **(marker.kwargs if marker else {})}


def copied(filled, path) -> str:
    shutil.copy(filled, path)
    return f"sqlite:///{path}"


@pytest.fixture
def other():
    """A company's provider that answers as the test wants."""
    port = free_port()
    made = Other(f"http://localhost:{port}")
    with served(made.app, port):
        yield made


@contextmanager
def world_of(time, folder, database, port=0, **changes):
    """A provider of ours with these settings, on this database."""
    port = port or free_port()
    settings = settings_for(port, database, **changes)
    app = provider(settings)
    with served(app, port):
        yield World(settings, app, time, folder)
    with app.app_context():
        engine().dispose()


@pytest.fixture
def world(request, tmp_path, time, filled_sqlite, other):
    """Our provider, with that company. `@pytest.mark.upstream(…)` changes its table, `settings` the
    rest."""
    database = copied(filled_sqlite, tmp_path / "idp.sqlite")
    with world_of(
        time, tmp_path, database, **_settings(request, upstreams=_upstreams(request, other.issuer))
    ) as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def either_world(request, tmp_path, time, other):
    """The same on both databases."""
    with world_of(
        time,
        tmp_path,
        database_of(request.param, request, tmp_path),
        upstreams=_upstreams(request, other.issuer),
    ) as made:
        yield made


@pytest.fixture
def sam(world, other) -> Person:
    """Someone at a browser who goes through the company's provider as well."""
    return Person(world.issuer, also=(other.issuer,))


@pytest.fixture
def pair(request, tmp_path, time, filled_sqlite):
    """Our provider, and the company's, which is this program too: Sam works there."""
    ours, theirs = free_port(), free_port()
    company = company_settings(theirs, tmp_path)
    copied(filled_sqlite, tmp_path / "company.sqlite")
    company_app = provider(company)
    there = World(company, company_app, time, tmp_path)
    address = f"http://localhost:{ours}/upstream/acme"
    with there.inside():
        about = {
            "client_name": "Portal",
            "redirect_uris": [f"{address}/callback"],
            "post_logout_redirect_uris": [f"{address}/signed-out"],
        }
        made = clients.add(time.now, "test", there.vault, about, client_id=CLIENT)
    hire(there)
    levels = {"urn:stagedoor:acr:two-step": "two-step", "urn:stagedoor:acr:mfa": "mfa"}
    scopes = ("openid", "profile", "email", "roles")
    named = _upstreams(
        request,
        company.issuer,
        client_secret=Secret(made["client_secret"]),
        acr=levels,
        scopes=scopes,
    )
    database = copied(filled_sqlite, tmp_path / "idp.sqlite")
    with (
        served(company_app, theirs),
        world_of(
            time, tmp_path, database, port=ours, **_settings(request, upstreams=named)
        ) as made,
    ):
        yield made, there
    with company_app.app_context():
        engine().dispose()


@pytest.fixture
def client(world) -> Client:
    return Client(
        world.issuer,
        world.add_client(
            start_url="http://localhost:1/login",
            post_logout_redirect_uris=["http://localhost:1/out"],
        ),
    )
