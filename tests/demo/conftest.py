"""Fixtures: the portal beside a provider, in either look, with the client that it is there; and a
provider as an operator has it."""

import pytest

from relying_party_demo.app import Settings, create_portal
from tests.support.deployment import Deployment
from tests.support.person import Person
from tests.support.postgres import free_port
from tests.support.world import served

SCOPES = ("users:read", "users:manage", "organizations:read", "organizations:manage", "audit:read")


@pytest.fixture
def portal(request, world, tmp_path):
    """Its address. `@pytest.mark.portal(…)` changes its settings."""
    marker = request.node.get_closest_marker("portal")
    port = free_port()
    base = f"http://localhost:{port}"
    about = {
        "post_logout_redirect_uris": [f"{base}/signed-out"],
        "start_url": f"{base}/login",
        "backchannel_logout_uri": f"{base}/backchannel-logout",
    }
    made = world.add_client("Atrezzo portal", f"{base}/callback", scopes=SCOPES, **about)
    own = {
        "cookie_secret": "a-cookie-secret-of-the-tests",
        "database": str(tmp_path / "portal.sqlite"),
        **(marker.kwargs if marker else {}),
    }
    with served(
        create_portal(
            Settings(world.issuer, made["client_id"], made["client_secret"], base, **own)
        ),
        port,
    ):
        yield base


@pytest.fixture
def visitor(world, portal):
    return Person(world.issuer, also=(portal,))


@pytest.fixture
def deployment(tmp_path):
    made = Deployment(tmp_path / "deployment")
    yield made
    made.stop()
