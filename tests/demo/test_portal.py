"""The portal: a careful relying party, and the way back to it from everywhere."""

from dataclasses import replace
from pathlib import Path

import requests

from relying_party_demo import gallery, messages
from relying_party_demo.app import Settings, create_portal
from tests.conftest import a_world
from tests.support.person import Person
from tests.support.postgres import free_port
from tests.support.stories import sign_in
from tests.support.world import demo_brand, served


def test_the_gallery_shows_every_page_and_only_where_it_is_wanted(world, portal):
    drawn = {template for template, _ in gallery.PAGES.values()}
    templates = {path.name for path in (Path(gallery.__file__).parent / "templates").glob("*.html")}
    assert templates - drawn == {
        "base.html",
        "page.html",
        "menu.html",
        "parts.html",
        "icons.html",
        "gallery.html",
    }
    assert requests.get(f"{portal}/gallery", allow_redirects=False, timeout=10).status_code != 200


def test_signed_out_the_portal_goes_straight_to_sign_in_and_back(world, portal, visitor):
    visitor.open(portal)
    assert visitor.heading == "LOGIN OPTIONS"
    sign_in(world, visitor)
    assert visitor.heading == "HOME"
    for text in (
        "Daisy Dunn",
        "Lakeside Clinic",
        "How you signed in",
        "urn:stagedoor:acr:two-step",
        "ddunn2020",
        "No records found.",
    ):
        assert text in visitor.page.text


def test_signing_out_ends_both_sessions_and_offers_to_sign_in(world, portal, visitor):
    visitor.open(portal)
    sign_in(world, visitor).press("SIGN OUT")
    assert visitor.heading == "You are signed out" and visitor.url.startswith(portal)
    visitor.follow("SIGN IN")
    assert visitor.heading == "LOGIN OPTIONS"


def test_a_link_that_begins_a_sign_in_keeps_its_target_inside_the_portal(world, portal, visitor):
    visitor.open(f"{portal}/login?iss={world.issuer}&target_link_uri={portal}/?from=mail")
    assert visitor.heading == "LOGIN OPTIONS"
    visitor.open(f"{portal}/login?iss=https://evil.example")
    assert (visitor.status, visitor.heading) == (400, "Unknown sign-in service")
    for target in (
        "https://evil.example/",
        "//evil.example/",
        "javascript:alert(1)",
        f"{portal}.evil.example/",
    ):
        visitor.http.cookies.clear()
        visitor.open(f"{portal}/login", params={"target_link_uri": target})
        sign_in(world, visitor)
        assert visitor.url.startswith(f"{portal}/") and visitor.heading == "HOME"


def test_a_cancelled_sign_in_says_so(portal, visitor):
    visitor.open(portal).press("Cancel")
    assert visitor.heading == "You are not signed in"
    visitor.follow("SIGN IN")
    assert visitor.heading == "LOGIN OPTIONS"


def test_answers_that_nobody_asked_for_are_not_taken(world, portal, visitor):
    for query in (
        "code=x&state=y",
        f"code=x&state=y&iss={world.issuer}",
        "code=x&iss=https://evil.example",
        "",
    ):
        visitor.open(f"{portal}/callback?{query}")
        assert visitor.status == 400 and visitor.page.links["SIGN IN"] == "/login"


def test_from_an_expired_sign_in_back_to_the_portal(world, portal, visitor):
    visitor.open(portal)
    page = visitor.url
    world.time.passes(hours=2)
    visitor.open(page).follow("LOGIN")
    assert visitor.heading == "LOGIN OPTIONS"


def test_a_brand_offers_nothing_that_its_deployment_does_not_have(request, tmp_path, time):
    """No RESET: neither as a button of a page that ends an attempt, nor in the help, nor by
    address."""
    look = replace(demo_brand("kepro"), journeys=("help",))
    for world in a_world("sqlite", request, tmp_path, time, look=look):
        for name in (
            "pages/stopped",
            "pages/stopped-sign-in",
            "pages/refused",
            "pages/link-over",
            "pages/help",
            "problems/expired",
            "problems/link_expired",
        ):
            page = Person(world.issuer).open(f"{world.issuer}/gallery/kepro/{name}").page
            assert not any(
                "RESET" in button
                for button in Person(world.issuer)
                .open(f"{world.issuer}/gallery/kepro/{name}")
                .buttons
            ), name
            assert page.heading
        assert (
            requests.post(
                f"{world.issuer}/begin/reset", timeout=10, allow_redirects=False
            ).status_code
            == 404
        )


def test_the_provider_down_is_a_page_that_helps(tmp_path):
    port = free_port()
    base = f"http://localhost:{port}"
    settings = Settings(
        f"http://localhost:{free_port()}",
        "x",
        "y",
        base,
        "a-cookie-secret-of-the-tests",
        str(tmp_path / "portal.sqlite"),
    )
    with served(create_portal(settings), port):
        visitor = Person(base)
        visitor.open(base)
        assert (visitor.status, visitor.heading) == (502, "The sign-in service is not responding")


def test_an_address_that_is_none_and_an_error_that_nobody_asked_for(world, portal, visitor):
    visitor.open(f"{portal}/login", params={"target_link_uri": "http://["})
    assert visitor.heading == "LOGIN OPTIONS"
    visitor.open(f"{portal}/callback?error=access_denied&state=x&iss={world.issuer}")
    assert (visitor.status, visitor.heading) == (400, "This sign-in has ended")


def test_sign_ins_begun_and_left_do_not_keep_anybody_from_signing_in(world, portal, visitor):
    for _ in range(30):
        visitor.open(f"{portal}/login")
    assert max(len(value) for value in visitor.cookies.values()) < 3000
    sign_in(world, visitor)
    assert visitor.heading == "HOME"


def test_how_you_signed_in_shows_the_reference(world, portal, visitor):
    visitor.open(portal)
    reference = visitor.page.html.split('class="reference">')[1].split("<")[0]
    sign_in(world, visitor)
    assert reference in visitor.page.text


def test_a_registration_that_was_corrected_is_told_once():
    """What was let go for it has no name any more."""

    def told(name: str | None) -> str:
        who = {"kind": "person", "id": "one", "name": name}
        event = {"type": "account_registered", "actor": who, "target": who}
        return messages.in_words("daisy", event)

    assert told("Rita Moss (rmoss2026)").startswith("Rita Moss (rmoss2026) started to register")
    assert told(None) == ""
