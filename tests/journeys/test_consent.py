"""Clients that someone else runs: people are asked, remembered, and asked again when more is
wanted."""

import base64
import time as real_time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from idp.operations import OperatorError, clients
from idp.store import audit, consents
from tests.support.client import Client
from tests.support.person import Person
from tests.support.stories import sign_in
from tests.support.world import OMAR, OMAR_PASSWORD

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
ABOUT = {
    "client_uri": "https://billing.example/",
    "policy_uri": "https://billing.example/privacy",
    "tos_uri": "https://billing.example/terms",
    "logo": PIXEL,
}


@pytest.fixture
def other(world) -> Client:
    """A client that someone else runs."""
    return Client(world.issuer, world.add_client("Billing & Co", third_party=True, **ABOUT))


def asked(world, other, **parameters) -> Person:
    person = Person(world.issuer)
    other.sends(person, **{"scope": "openid profile email", **parameters})
    return sign_in(world, person)


def test_a_person_is_told_who_asks_for_what_and_allows_it(world, other):
    person = asked(world, other)
    assert person.heading == "Billing & Co asks for your consent"
    for words in (
        "your name and your portal username",
        "your email address",
        "Daisy Dunn, d*****@lakeside.example",
        "It is run by another organization",
    ):
        assert words in person.page.text
    assert "the organizations you belong to" not in person.page.text
    assert person.page.links["Its privacy policy"] == "https://billing.example/privacy"
    assert person.page.links["Its terms of use"] == "https://billing.example/terms"
    person.press("Allow")
    tokens = other.tokens(person)
    assert tokens["scope"] == "openid profile email"
    other.sends(person, scope="openid email")
    assert other.tokens(person), "remembered, silently, for less too"
    assert other.answer(other.sends(person, scope="openid profile email", prompt="none"))["code"]


def test_it_is_asked_again_when_more_is_wanted_and_then_never(world, other):
    person = asked(world, other).press("Allow")
    other.tokens(person)
    assert (
        other.answer(other.sends(person, scope="openid phone", prompt="none"))["error"]
        == "consent_required"
    )
    other.sends(person, scope="openid phone")
    assert (
        "You allowed some of this before" in person.page.text
        and "your phone number" in person.page.text
    )
    person.press("Allow")
    other.tokens(person)
    other.sends(person, scope="openid profile email phone")
    assert other.tokens(person)


def test_prompt_consent_asks_though_it_is_remembered(world, other):
    person = asked(world, other).press("Allow")
    other.sends(person, scope="openid email", prompt="consent")
    assert person.heading == "Billing & Co asks for your consent"
    person.press("Allow")
    assert other.tokens(person)


def test_deny_is_told_to_the_client_and_nothing_is_remembered(world, other):
    person = asked(world, other).press("Deny")
    answer = other.answer(person)
    assert (
        answer["error"] == "access_denied"
        and answer["state"] == other.state
        and answer["iss"] == world.issuer
    )
    world.time.passes(minutes=1)
    other.sends(person, scope="openid")
    assert person.heading == "LOGIN OPTIONS", "nobody was signed in"
    assert sign_in(world, person).heading == "Billing & Co asks for your consent"
    with world.inside():
        assert [row.outcome for row in audit.listed() if row.action == "consent_denied"] == [
            "failure"
        ]


def test_cancel_on_the_consent_page_leads_to_the_options_and_there_to_the_client(world, other):
    person = asked(world, other).press("Cancel")
    assert person.heading == "LOGIN OPTIONS"
    assert other.answer(person.press("Cancel"))["error"] == "access_denied"


def test_consent_is_of_one_person_for_one_client(world, other):
    other.tokens(asked(world, other).press("Allow"))
    omar = Person(world.issuer)
    sign_in(world, other.sends(omar, scope="openid"), OMAR, OMAR_PASSWORD)
    assert omar.heading == "Billing & Co asks for your consent"
    second = Client(world.issuer, world.add_client("Second", third_party=True))
    world.time.passes(minutes=1)
    assert asked(world, second).heading == "Second asks for your consent"


def test_our_own_clients_ask_nobody(world, client):
    person = Person(world.issuer)
    sign_in(world, client.sends(person, prompt="consent"))
    assert client.tokens(person)


def test_an_unasked_form_allows_nothing(world, other):
    person = Person(world.issuer)
    other.sends(person, scope="openid")
    token, base = person.page.forms[0].fields["csrf"], person.url.rpartition("/")[0]
    person._go("post", f"{base}/consent", data={"csrf": token, "action": "allow"})
    sign_in(world, person)
    assert person.heading == "Billing & Co asks for your consent"
    person._go("post", person.url, data={"csrf": token, "action": "nonsense"})
    assert person.heading == "Billing & Co asks for your consent"


def test_allow_counts_for_whom_the_page_named(world, other, client):
    """Daisy leaves the page open; Omar signs in to the portal in another tab, and then Allow is
    pressed in the first."""
    person = asked(world, other)
    url, form = person.url, person.page.forms[-1].fields | {"action": "allow"}
    first = Person(world.issuer)
    first.http = person.http
    world.time.passes(minutes=1)
    sign_in(world, client.sends(first, prompt="login"), OMAR, OMAR_PASSWORD)
    assert client.tokens(first)
    second = Person(world.issuer)
    second.http = person.http
    tab = other.sends(second, scope="openid")
    assert "Omar Reyes" in tab.page.text
    old = tab.page.forms[-1].fields | {"action": "allow", "shown": form["shown"]}
    tab._go("post", tab.url, data=old)
    assert tab.status == 422 and "Something changed since this page was shown" in tab.page.text
    with world.inside():
        assert [row for row in audit.listed() if row.action == "consent_given"] == []
    person._go("post", url, data=form)
    assert person.left_for, "her own page still stands for her own sign-in"


def test_a_double_click_on_allow_by_somebody_who_was_signed_in_is_no_dead_end(world, other, client):
    person = Person(world.issuer)
    sign_in(world, client.sends(person))
    client.tokens(person)
    other.sends(person, scope="openid")
    url, form = person.url, person.page.forms[-1].fields | {"action": "allow"}
    person._go("post", url, data=form)
    first = other.answer(person)["code"]
    person._go("post", url, data=form)
    second = other.answer(person)["code"]
    assert first != second and other.redeem(first).json()["error"] == "invalid_grant"
    assert other.redeem(second).status_code == 200


def test_a_client_registered_anew_under_an_old_id_asks_anew(world):
    other = Client(world.issuer, world.add_client("Old", third_party=True, client_id="billing"))
    other.tokens(asked(world, other).press("Allow"))
    with world.inside():
        clients.remove(world.time.now, "test", "billing")
    real_time.sleep(1.1)  # processes look for changes every second
    again = Client(world.issuer, world.add_client("New", third_party=True, client_id="billing"))
    world.time.passes(minutes=1)
    assert asked(world, again).heading == "New asks for your consent"


def test_the_scopes_of_an_api_are_asked_in_its_own_words(world, person):
    world.add_api(cases_read="read your <cases>")
    other = Client(
        world.issuer, world.add_client("Mobile", third_party=True, scopes=["cases:read"])
    )
    sign_in(world, other.sends(person, scope="openid cases:read"))
    assert "read your &lt;cases&gt; (Cases)" in person.page.html
    assert "cases:read" in other.tokens(person.press("Allow"))["scope"]


def test_allow_pressed_many_times_at_once_is_remembered_once(either_world):
    world = either_world
    other = Client(world.issuer, world.add_client("Billing", third_party=True))
    person = asked(world, other)
    form, url = person.page.forms[-1].fields | {"action": "allow"}, person.url
    cookies = person.cookies

    def allow(_):
        return requests.post(
            url, data=form, cookies=cookies, timeout=30, allow_redirects=False
        ).status_code

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(allow, range(16))) <= {303, 200}
    with world.inside():
        rows = [row for row in audit.listed() if row.action == "consent_given"]
        assert len(rows) == 1 and consents.scopes(rows[0].target, other.id) == {
            "openid",
            "profile",
            "email",
        }


def test_the_logo_is_served_from_here(world, other):
    person = asked(world, other)
    address = f"{world.issuer}/clients/{other.id}/logo"
    assert f'src="/clients/{other.id}/logo"' in person.page.html
    answer = requests.get(address, timeout=10)
    assert (answer.status_code, answer.headers["Content-Type"], answer.content) == (
        200,
        "image/png",
        PIXEL,
    )
    assert (
        "sandbox" in answer.headers["Content-Security-Policy"]
        and answer.headers["X-Content-Type-Options"] == "nosniff"
    )
    assert requests.get(f"{world.issuer}/clients/none/logo", timeout=10).status_code == 404
    with world.inside():
        for wrong, why in (
            (b"<svg>", "PNG, JPEG or WebP"),
            (PIXEL + b"x" * 70_000, "larger than 64 KiB"),
        ):
            with pytest.raises(OperatorError, match=why):
                clients.add(
                    world.time.now,
                    "test",
                    world.vault,
                    {"client_name": "X", "redirect_uris": ["https://x.example/cb"]},
                    logo=wrong,
                )
