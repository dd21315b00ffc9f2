"""What a browser fetches ahead, and what HEAD only asks about, changes no row and sets no cookie,
at any address of the provider."""

import hashlib
import re
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

import pytest
import requests

from tests.journeys.test_phone_hold import register_phone, start
from tests.support import management
from tests.support.client import Client
from tests.support.person import Person
from tests.support.stories import sign_in, to_code_page
from tests.support.world import OMAR, OMAR_PASSWORD

NOBODY: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("GET", {"Sec-Purpose": "prefetch;prerender"}),
    ("GET", {"Sec-Purpose": "prefetch"}),
    ("HEAD", {}),
)
# what changes rows when a person goes there, by GET, and why that is right
ACTS = {
    "authorize.authorize": "a client begins a sign-in by sending a browser here",
    "flow.show": "the sign-in that waited in this tab was finished in another, so it ends too",
    "logout.sign_out": "a client's hint of the session at hand is the person's word",
}
# of the API, with a token of an administrator who may not read this
REFUSED = {"management.read_client": "what is refused to someone we know is in the audit trail"}


def rows(*databases: Path) -> dict[str, str]:
    """Every table: how many rows it has, and a digest of them all."""
    found = {}
    for path in databases:
        with sqlite3.connect(path) as db:
            listed = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
            for (table,) in db.execute(listed).fetchall():
                kept = sorted(map(repr, db.execute(f'SELECT * FROM "{table}"').fetchall()))
                digest = hashlib.sha256("\n".join(kept).encode()).hexdigest()
                found[f"{path.stem}.{table}"] = f"{len(kept)} rows, {digest}"
        db.close()
    return found


def changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    return [table for table in after if after[table] != before.get(table)]


def get_rules(app) -> list[tuple[str, str]]:
    """The endpoints and paths that answer GET."""
    return sorted(
        (rule.endpoint, rule.rule) for rule in app.url_map.iter_rules() if "GET" in rule.methods
    )


def asked(address: str, cookies, method: str = "GET", headers=None) -> requests.Response:
    """One request with the cookies of a person, which stay as they are."""
    http = requests.Session()
    http.cookies.update(cookies)
    return http.request(method, address, headers=headers, allow_redirects=False, timeout=30)


@pytest.fixture
def database(world) -> Path:
    return Path(world.settings.database.url.removeprefix("sqlite:///"))


@pytest.fixture
def client(world) -> Client:
    made = world.add_client(
        start_url="http://localhost:1/login",
        post_logout_redirect_uris=["http://localhost:1/out"],
        scopes=management.SCOPES,
    )
    return Client(world.issuer, made)


class Scene:
    """A browser in the middle of everything: signed in and remembered, with a sign-in begun, one
    that another tab has overtaken, an emailed link opened, and a phone that it did not change."""

    def __init__(self, world, client) -> None:
        self.stop = self._replace_phone(world, client)
        person = self.person = Person(world.issuer)
        overtaken = client.sends(person).url
        client.sends(person).tick("Remember Me")
        sign_in(world, person, OMAR, OMAR_PASSWORD)
        tokens = client.tokens(person)
        to_code_page(client.sends(person, prompt="login"), OMAR, OMAR_PASSWORD)
        person.press("Send verification code")
        world.deliver()
        begun = person.url
        stranger = client.sends(Person(world.issuer)).press("Click here").press("RESET")
        stranger.fill("USERNAME *", "oreyes2021").press("SUBMIT")
        link = world.newest_link()
        opened = person.open(link).url
        hint = urlencode({"id_token_hint": tokens["id_token"], "client_id": client.id})
        mail = next(one.id for one in world.messages() if one.channel == "email")
        self.paths = {
            "/authorize": [client.address(), client.address(prompt="none"), "/authorize"],
            "/flow/<interaction_id>/<stage>": [begun, overtaken, begun[:-4] + "nowhere"],
            "/flow/<interaction_id>/status": [f"{begun.rpartition('/')[0]}/status"],
            "/link/<signed>": [link],
            "/link/open/<link_id>": [opened],
            "/logout": ["/logout", f"/logout?{hint}"],
            "/stop/<stop>": [self.stop],
            "/next/<waiting>": ["/next/home", "/next/link_waits"],
            "/upstream/<upstream_id>/callback": ["/upstream/acme/callback?code=x&state=y"],
            "/upstream/<upstream_id>/signed-out": ["/upstream/acme/signed-out?state=y"],
            "/clients/<client_id>/logo": [f"/clients/{client.id}/logo"],
            "/brands/<brand_id>/<name>": ["/brands/kepro/logo.svg"],
            "/static/<path:filename>": ["/static/pages.css"],
            "/inbox/<int:message_id>/html": [f"/inbox/{mail}/html"],
            "/gallery/style/<scheme>/<path:name>": ["/gallery/style/dark/pages.css"],
            "/gallery/<brand_id>/<kind>/<name>": ["/gallery/kepro/pages/options"],
        }
        self.posted = ["/begin/reset", "/begin/register", "/logout/confirmed", "/inbox/time"]

    @staticmethod
    def _replace_phone(world, client) -> str:
        person = start(world, client).press("I no longer have this phone")
        register_phone(world, person)
        world.deliver()
        texts = [one.text for one in world.messages() if "/stop/" in one.text]
        found = re.search(r"https?://\S+/stop/[\w-]+", texts[-1])
        assert found
        return found[0]


def addresses(world, scene: Scene) -> list[tuple[str, str]]:
    """Every endpoint that answers GET, with addresses at which it has something to do."""
    found, without = [], []
    for endpoint, rule in get_rules(world.app):
        if rule.startswith("/api/"):
            continue
        if "<" in rule and rule not in scene.paths:
            without.append(rule)
        for path in scene.paths.get(rule, [rule]):
            found.append((endpoint, path if "://" in path else world.issuer + path))
    assert without == [], "an address with parts in it needs one that means something, above"
    return found + [("by POST alone", world.issuer + path) for path in scene.posted]


def test_what_is_fetched_ahead_or_only_asked_about_changes_nothing_here(world, client, database):
    scene = Scene(world, client)
    every, before, wrong = addresses(world, scene), rows(database), []
    for endpoint, address in every:
        for method, headers in NOBODY:
            said = asked(address, scene.person.http.cookies, method, headers)
            assert said.status_code < 500, (address, said.text)
            if different := changed(before, rows(database)) + list(said.cookies.keys()):
                wrong.append((endpoint, method, headers, different))
                before = rows(database)
    assert wrong == [] and len(every) > 35


def test_what_a_person_goes_to_acts_where_we_know_why(world, client, database):
    """The same addresses, this time asked for by a person: without this the test above could pass
    because nothing was there to do."""
    scene, acted = Scene(world, client), set()
    ending = {"logout.sign_out": 1}  # which comes last: nothing is left to do after it
    for endpoint, address in sorted(addresses(world, scene), key=lambda at: ending.get(at[0], 0)):
        before = rows(database)
        assert asked(address, scene.person.http.cookies).status_code < 500, address
        if changed(before, rows(database)):
            acted.add(endpoint)
    assert acted == {*ACTS}


def test_an_errand_that_waits_is_not_begun_by_what_is_fetched_ahead(world, client, database):
    """The button of a link was pressed: the next sign-in of this browser goes on with it."""
    person = Person(world.issuer)
    stranger = client.sends(Person(world.issuer)).press("Click here").press("RESET")
    stranger.fill("USERNAME *", "oreyes2021").press("SUBMIT")
    person.open(world.newest_link()).press("Continue")
    before, address = rows(database), client.address()
    for method, headers in NOBODY:
        said = asked(address, person.http.cookies, method, headers)
        assert said.status_code in (403, 405) and not said.cookies
    assert not changed(before, rows(database))
    assert person.open(address).heading == "CURRENT PASSWORD"


def test_reading_by_the_api_changes_nothing_whoever_asks(world, client, database):
    _, daisy = management.by_phone(world, client)
    clinic, somebody = daisy.organization("Lakeside Clinic")["id"], daisy.user("oreyes2021")["id"]
    ids = {"<organization_id>": clinic, "<user_id>": somebody, "<client_id>": client.id}
    before, tried, refused, wrong = rows(database), 0, set(), []
    for endpoint, rule in get_rules(world.app):
        path = rule
        for part, value in ids.items():
            path = path.replace(part, value)
        if not rule.startswith("/api/") and rule != "/userinfo":
            continue
        tried += 1
        for method, more in (*NOBODY, ("GET", {})):
            headers = {"Authorization": f"Bearer {daisy.token}", **more}
            said = asked(world.issuer + path, {}, method, headers)
            assert said.status_code < 500 and "<" not in path, (path, said.text)
            if different := changed(before, rows(database)):
                before = rows(database)
                if said.status_code in (403, 404) and different == ["idp.audit"]:
                    refused.add(endpoint)
                else:
                    wrong.append((endpoint, method, more, different))
    assert wrong == [] and refused == {*REFUSED} and tried > 15
