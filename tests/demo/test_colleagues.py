"""An administrator's people: invited, given a role, seen; and what the portal does when tokens end or the
provider is away."""

import re
import sqlite3

import pytest

from idp.operations import accounts, members
from idp.store import organizations
from relying_party_demo.app import Settings, create_portal
from tests.demo.conftest import SCOPES
from tests.demo.test_administration import by_text, come_in, to_person
from tests.management.test_races import race
from tests.support.person import Person
from tests.support.postgres import free_port
from tests.support.registering import enrol
from tests.support.world import OMAR, OMAR_PASSWORD, served


def test_a_new_colleague_is_invited_and_comes_in(world, portal):
    daisy = come_in(world, portal)
    daisy.open(f"{portal}/setup/new").press("SEND INVITATION")
    assert daisy.status == 422 and "Enter a username, like mvale2026." in daisy.page.errors
    for label, value in (
        ("FIRST NAME", "Lena"),
        ("LAST NAME *", "Ortiz"),
        ("USER NAME *", "lortiz"),
        ("EMAIL *", "lena@lakeside.example"),
    ):
        daisy.fill(label, value)
    by_text(world, daisy.press("SEND INVITATION"))
    assert (
        "We emailed an invitation to lena@lakeside.example." in daisy.page.text
        and "Lena Ortiz (lortiz)" in daisy.page.text
    )
    person = (
        Person(world.issuer, also=(portal,))
        .open(world.mails_to("lena@lakeside.example")[-1].links[0])
        .press("Continue")
    )
    enrol(world, person, "EMAIL")
    assert person.heading == "HOME" and "Lakeside Clinic" in person.page.text
    daisy.open(f"{portal}/setup/new")
    for label, value in (
        ("FIRST NAME", "Lou"),
        ("LAST NAME *", "Other"),
        ("USER NAME *", "LORTIZ"),
        ("EMAIL *", "lou@lakeside.example"),
    ):
        daisy.fill(label, value)
    daisy.press("SEND INVITATION")
    assert (
        "The username LORTIZ is already taken." in daisy.page.errors
        and daisy.page.title.startswith("Error:")
        and daisy.page.fields["email"] == "lou@lakeside.example"
    ), "what was typed is still there"


def test_a_role_and_a_registration_code(world, portal):
    daisy = come_in(world, portal)
    daisy.open(f"{portal}/setup?tab=groups").fill("Name for the new code", "Front desk")
    by_text(world, daisy.press("CREATE A REGISTRATION CODE for Lakeside Clinic"))
    code = re.search(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){3}", daisy.page.text)[0]
    assert code not in daisy.open(f"{portal}/setup?tab=groups").page.text, "it is shown once"
    assert "Front desk: created" in daisy.page.text and "50 uses left" in daisy.page.text
    daisy.follow("END CODE")
    assert "cannot undo this" in daisy.page.text and "Front desk" in daisy.page.text
    daisy.press("END CODE")
    assert (
        "The registration code no longer works." in daisy.page.text
        and "Front desk: created" not in daisy.page.text
    )
    daisy.fill("Name for the new code", "x" * 61).press(
        "CREATE A REGISTRATION CODE for Lakeside Clinic"
    )
    assert daisy.status == 422 and daisy.page.fields["name"] == "x" * 61, (
        "nothing that was typed is lost"
    )
    to_person(daisy).press("CHANGE")  # as it is, and nothing has to be confirmed for that
    assert "Nothing was changed: Omar Reyes is already a user." in daisy.page.text
    to_person(daisy).fill("ROLE", "administrator").press("CHANGE")
    assert daisy.heading == "CHANGE ROLE" and "Omar has no phone on record" in daisy.page.text
    daisy.press("MAKE ADMINISTRATOR")
    assert "The role is now administrator." in daisy.page.text
    assert "not change it" in to_person(daisy).page.text, (
        "whoever has her role is not hers to change"
    )


def test_who_has_not_registered_yet_and_who_was_here(world, portal):
    daisy = come_in(world, portal)
    for only, names in (
        ("unregistered", ["Priya Nair"]),
        ("registered", ["Daisy Dunn", "Omar Reyes"]),
        ("", ["Daisy Dunn", "Omar Reyes", "Priya Nair"]),
    ):
        page = daisy.open(f"{portal}/setup?tab=users&only={only}").page
        assert [
            name for name in ("Daisy Dunn (", "Omar Reyes (", "Priya Nair (") if name in page.text
        ] == [f"{name} (" for name in names]
    assert "SIGN OUT EVERYWHERE" not in to_person(daisy, "pnair2019").buttons, (
        "who never registered is signed in nowhere"
    )
    assert "LAST SIGN-IN:never" in to_person(daisy).page.text
    come_in(world, portal, OMAR, OMAR_PASSWORD)
    assert "never" not in daisy.open(daisy.url).page.text
    assert (
        "No unregistered users found for omar"
        in daisy.open(f"{portal}/setup?tab=users&only=unregistered&search=omar").page.text
    )


def test_an_ordinary_user_sees_his_organization_and_no_people(world, portal):
    omar = come_in(world, portal, OMAR, OMAR_PASSWORD)
    omar.open(f"{portal}/setup")
    assert (
        "Manage Provider Groups (1)" in omar.page.text
        and "Registration codes" not in omar.page.text
    )
    assert (
        "You are not an administrator of Lakeside Clinic"
        in omar.open(f"{portal}/setup?tab=users").page.text
    )
    assert omar.open(f"{portal}/setup/new").heading == "SETUP"
    with world.inside():
        daisy = world.account("ddunn2020").id
    assert omar.open(f"{portal}/setup/users/{daisy}").status == 404


def test_a_form_of_another_site_does_nothing(world, portal):
    daisy = come_in(world, portal)
    with world.inside():
        omar = world.account("oreyes2021").id
    answer = daisy.http.post(
        f"{portal}/setup/users/{omar}/sign-out", data={"csrf": "guessed"}, allow_redirects=False
    )
    assert answer.headers["Location"] == "/?kept=1"
    assert "open for too long. Nothing was changed" in daisy.open(portal).page.text


def test_a_token_is_refreshed_while_she_works_and_a_reset_daisy_is_out(world, portal):
    daisy = come_in(world, portal)

    def token_grown_old() -> str:
        with sqlite3.connect(world.folder / "portal.sqlite") as rows:
            rows.execute("UPDATE sessions SET fresh_until = 0")
            return rows.execute("SELECT access_token FROM sessions").fetchone()[0]

    before = token_grown_old()
    assert daisy.open(portal).heading == "HOME" and token_grown_old() != before
    with world.inside():
        accounts.disable(world.time.now, "test", "ddunn2020")
    assert daisy.open(f"{portal}/cases").heading == "LOGIN OPTIONS"


@pytest.mark.portal(brand="acentra")
def test_the_second_look_writes_title_case(world, portal):
    daisy = come_in(world, portal)
    assert (
        daisy.heading == "Home"
        and "Message Center" in daisy.page.text
        and "Create Case" in daisy.page.links
        and "HOME" not in daisy.page.links
    )


def test_where_the_provider_is_down_what_is_the_portals_own_goes_on(world, tmp_path):
    port = free_port()
    base, own = (
        f"http://localhost:{port}",
        {
            "cookie_secret": "a-cookie-secret-of-the-tests",
            "database": str(tmp_path / "portal.sqlite"),
        },
    )
    made = world.add_client(
        "Atrezzo portal", f"{base}/callback", scopes=SCOPES, start_url=f"{base}/login"
    )
    app = create_portal(
        Settings(world.issuer, made["client_id"], made["client_secret"], base, **own)
    )
    with served(app, port):
        daisy = come_in(world, base)
        app.extensions["authlib.integrations.flask_client"].provider.server_metadata[
            "protected_resources"
        ] = [f"http://localhost:{free_port()}/api/v1"]
        assert daisy.open(f"{base}/cases").heading == "CASES" and daisy.open(base).heading == "HOME"
        assert "cannot be loaded right now" in daisy.open(f"{base}/messages").page.text
        assert (daisy.open(f"{base}/setup").status, daisy.heading) == (
            502,
            "The sign-in service is not responding",
        )


def test_many_tabs_refresh_one_token_and_nobody_is_signed_out(world, portal):
    daisy = come_in(world, portal)
    for _ in range(3):
        with sqlite3.connect(world.folder / "portal.sqlite") as rows:
            rows.execute("UPDATE sessions SET fresh_until = 0")
        tabs = [Person(world.issuer, also=(portal,)) for _ in range(8)]
        for tab in tabs:
            tab.http.cookies.update(daisy.http.cookies)
        assert {
            tab.heading
            for tab in race(*[lambda tab=tab: tab.open(f"{portal}/cases") for tab in tabs])
        } == {"CASES"}


def test_who_becomes_an_administrator_while_signed_in_invites_at_once(world, portal):
    """What the provider says now counts, not what it said at the sign-in."""
    omar = come_in(world, portal, OMAR, OMAR_PASSWORD)
    assert omar.open(f"{portal}/setup/new").heading == "SETUP"
    assert "not an administrator of any organization" in omar.page.text
    with world.inside():
        place = organizations.by_identifier("1234567893")
        members.set_role(
            world.time.now, "test", world.account("oreyes2021"), place, "administrator"
        )
    assert omar.open(f"{portal}/setup/new").heading == "REGISTER NEW PROVIDER"
    for label, value in (("LAST NAME *", "Ortiz"), ("USER NAME *", "lortiz26")):
        omar.fill(label, value)
    omar.fill("EMAIL *", "lena@lakeside.example").press("SEND INVITATION")
    assert "Choose one of your organizations." not in omar.page.text


def test_back_on_help_and_terms_leads_to_the_page_one_came_from(world, portal):
    daisy = come_in(world, portal)
    for name in ("Help", "Terms of use"):
        daisy.open(f"{portal}/messages")
        daisy.open(daisy.page.links[name])
        assert daisy.open(daisy.page.links["BACK"]).heading == "MESSAGE CENTER"
    daisy.open(f"{portal}/search?q=Rosa+Lind")
    assert "Rosa" not in daisy.page.links["Help"], "no consumer is named to the provider"
    stranger = daisy.page.links["Help"].partition("target_link_uri=")[0]
    daisy.open(f"{stranger}target_link_uri=https%3A%2F%2Fevil.example%2F")
    assert "evil" not in daisy.page.links["BACK"]
