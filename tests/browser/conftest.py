"""A real Chromium against a provider and a portal on loopback."""

import threading

import pytest
from playwright.sync_api import Error, sync_playwright

from idp import clock
from idp.delivery.worker import Worker
from idp.settings.lifetimes import Lifetimes
from relying_party_demo.app import Settings, create_portal
from relying_party_demo.casework import fill
from tests.conftest import a_world
from tests.demo.conftest import SCOPES
from tests.support.chromium import launch
from tests.support.postgres import free_port
from tests.support.world import served

SIZES = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 320, "height": 640}}


def sign_out(page) -> None:
    """By the portal's user menu, which opens without a script."""
    page.locator(".menu > summary").click()
    page.get_by_role("button", name="SIGN OUT", exact=True).click()


@pytest.fixture
def world(request, tmp_path, time):
    """A provider with the lifetimes as they come: a real browser takes its time, on a busy machine
    the more."""
    marker = request.node.get_closest_marker("settings")
    yield from a_world(
        "sqlite",
        request,
        tmp_path,
        time,
        **{"lifetimes": Lifetimes(), **(marker.kwargs if marker else {})},
    )


@pytest.fixture(scope="session")
def one_chromium():
    with sync_playwright() as playwright:
        try:
            browser = launch(playwright)
        except Error:
            pytest.skip("no Chromium on this machine")
        yield browser
        browser.close()


@pytest.fixture
def chromium(one_chromium):
    """A browser that no other test has pages open in: pages go on asking for news."""
    yield one_chromium
    for context in one_chromium.contexts:
        context.close()


@pytest.fixture
def portal(request, world, tmp_path):
    """The demo's portal, registered at this world's provider; its address."""
    port = free_port()
    base = f"http://localhost:{port}"
    about = {
        "post_logout_redirect_uris": [f"{base}/signed-out"],
        "start_url": f"{base}/login",
        "backchannel_logout_uri": f"{base}/backchannel-logout",
    }
    made = world.add_client("Atrezzo portal", f"{base}/callback", scopes=SCOPES, **about)
    marker = request.node.get_closest_marker("portal")
    looks = marker.kwargs if marker else {}
    database = str(tmp_path / "portal.sqlite")
    app = create_portal(
        Settings(
            world.issuer,
            made["client_id"],
            made["client_secret"],
            base,
            "a-cookie-secret-of-the-tests",
            database,
            **looks,
        )
    )
    case = {
        "contract": "Larkspur Medicaid",
        "case_type": "Outpatient",
        "consumer_id": "LM-1",
        "consumer_name": "Rowan Ellery",
    }
    fill(
        database,
        [
            {
                **case,
                "npi": "1234567893",
                "date_of_birth": "1961-04-09",
                "state": "not_submitted",
                "modified": "2026-11-12",
            }
        ],
    )
    with served(app, port):
        yield base


@pytest.fixture
def working(world):
    """Real time, and an outbox worker at work, as under `idp serve`."""
    clock.set_source()
    stop = threading.Event()

    def work() -> None:
        with world.app.app_context():
            Worker(world.settings, world.app.extensions["stagedoor"].vault).run(stop)

    thread = threading.Thread(target=work)
    thread.start()
    yield world
    stop.set()
    thread.join(5)
