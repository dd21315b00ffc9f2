"""What a browser fetches ahead, and what HEAD only asks about, begins, counts and reads nothing in
the portal either, and nothing at its provider."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from relying_party_demo.app import Settings, create_portal
from tests.demo.test_administration import to_person
from tests.demo.test_cases import make
from tests.support.person import Person
from tests.support.stories import sign_in
from tests.web.test_what_is_asked_by_no_person import NOBODY, asked, changed, get_rules, rows

BY_POST = ("/logout", "/context", "/contract", "/messages/read", "/backchannel-logout")
# where a person's own visit changes rows, and why that is right
STILL_HERE = "opening a page is a sign that someone is still here; news are read for it"
ACTS = {
    "sign_in.callback": "the answer of the sign-in opens the portal's session",
    "home.stay": "someone is still here, which is what it says",
    **dict.fromkeys(
        (
            *("home.home", "inbox.center", "inbox.one_message", "preferences.home", "cases.listed"),
            *("cases.search", "cases.consumers", "cases.create", "cases.read", "reports.home"),
            *("reports.as_file", "setup.home", "setup.person", "setup.confirm_reset"),
            *("setup.confirm_role", "setup_codes.confirm_end", "setup_new.new"),
            *("sign_in.signed_out", "by POST alone"),
        ),
        STILL_HERE,
    ),
}


@pytest.fixture
def databases(world, tmp_path) -> tuple[Path, Path]:
    return (
        Path(world.settings.database.url.removeprefix("sqlite:///")),
        tmp_path / "portal.sqlite",
    )


@pytest.fixture
def begun(world, portal) -> Person:
    """Somebody whose code is on its way back to the portal."""
    return sign_in(world, Person(world.issuer).open(portal))


@pytest.fixture
def daisy(world, portal) -> Person:
    """At work, with one case and one message."""
    person = sign_in(world, Person(world.issuer, also=(portal,)).open(portal))
    make(person, portal)
    world.tidy()
    return person.open(f"{portal}/messages")


def addresses(portal: str, daisy: Person, begun: Person, tmp_path) -> list[tuple[str, str]]:
    """Every endpoint that answers GET, with addresses at which it has something to do."""
    message = re.search(r'href="(/messages/\d+)"', daisy.page.html)
    case = re.search(r'href="(/cases/\d+)"', daisy.open(f"{portal}/cases").page.html)
    assert message and case
    omar = urlsplit(to_person(daisy).url).path
    returned = urlsplit(begun.left_for)
    paths = {
        "/login": [f"/login?target_link_uri={portal}/cases", "/login"],
        "/callback": [f"{returned.path}?{returned.query}", "/callback?error=access_denied"],
        "/messages/<int:message_id>": [message[1]],
        "/cases/<int:case_id>": [case[1]],
        "/search": ["/search?q=Rowan"],
        "/setup/users/<user_id>": [omar],
        "/setup/users/<user_id>/reset": [f"{omar}/reset"],
        "/setup/users/<user_id>/role": [f"{omar}/role"],
        "/setup/organizations/<organization_id>/codes/<code_id>/end": [
            "/setup/organizations/x/codes/y/end"
        ],
        "/static/<path:filename>": ["/static/portal.css"],
    }
    own = {"cookie_secret": "of-nobody", "database": str(tmp_path / "rules.sqlite")}
    rules = get_rules(create_portal(Settings("http://localhost:9", "x", "y", portal, **own)))
    assert not [rule for _, rule in rules if "<" in rule and rule not in paths]
    every = [(name, portal + one) for name, rule in rules for one in paths.get(rule, [rule])]
    return every + [("by POST alone", portal + path) for path in BY_POST]


def done_by_nobody(databases, person: Person, every: list[tuple[str, str]]) -> list:
    """What changed, or was sent on to the provider, when this browser fetched these ahead."""
    found, before = [], rows(*databases)
    for endpoint, address in every:
        for method, headers in NOBODY:
            said = asked(address, person.http.cookies, method, headers)
            assert said.status_code < 500, (address, said.text)
            different = changed(before, rows(*databases))
            if different or said.is_redirect:
                found.append((endpoint, method, different))
                before = rows(*databases)
    return found


def test_no_sign_in_is_begun_or_finished_by_what_is_fetched_ahead(
    portal, daisy, begun, databases, tmp_path
):
    every = addresses(portal, daisy, begun, tmp_path)
    signing_in = [one for one in every if one[0].startswith("sign_in.")]
    assert done_by_nobody(databases, begun, signing_in) == [] and len(signing_in) == 5


def test_nobodys_visit_counts_as_activity(portal, daisy, begun, databases, tmp_path):
    every = addresses(portal, daisy, begun, tmp_path)
    assert len(every) > 20
    assert done_by_nobody(databases, daisy, every) == []


def test_nobody_is_sent_to_sign_in(portal, daisy, begun, databases, tmp_path):
    every = addresses(portal, daisy, begun, tmp_path)
    assert done_by_nobody(databases, Person(portal), every) == []


def test_a_persons_own_visit_acts_where_we_know_why(portal, daisy, begun, databases, tmp_path):
    """The same addresses, asked for by a person: there is something to do at them."""
    acted = set()
    for endpoint, address in addresses(portal, daisy, begun, tmp_path):
        person = begun if endpoint == "sign_in.callback" else daisy
        before = rows(*databases)
        assert asked(address, person.http.cookies).status_code < 500, address
        if changed(before, rows(*databases)):
            acted.add(endpoint)
    assert acted == {*ACTS}


def test_after_all_that_the_sign_in_goes_through(portal, daisy, begun, tmp_path):
    """A code that was fetched ahead of the person is still theirs."""
    for endpoint, address in addresses(portal, daisy, begun, tmp_path):
        if endpoint == "sign_in.callback":
            for method, headers in NOBODY:
                asked(address, begun.http.cookies, method, headers)
    begun.own |= {urlsplit(portal).netloc}
    assert begun.open(begun.left_for).heading == "HOME"
