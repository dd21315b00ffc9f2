"""The company's provider is down, slow, or somewhere where we do not go; several companies; and
what comes by the back channel."""

import re
import threading
import time as clock
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from idp.settings import Outbound
from idp.store import audit
from tests.employees.conftest import copied, world_of
from tests.employees.test_attacks import attempt, refused, told
from tests.employees.test_leavers import tokens
from tests.employees.test_linking import come_in, somebody
from tests.support.client import Client
from tests.support.company import SAM, Other, upstream
from tests.support.person import Person
from tests.support.postgres import free_port
from tests.support.world import served

__all__ = ["tokens"]


def recover() -> None:
    """The pause in which no one asks a provider again that has just not answered."""
    clock.sleep(2.1)


@pytest.mark.parametrize("endpoint", ["discovery", "jwks", "token"])
@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (503, b"", "bad_answer"),
        (200, b"<html>", "bad_answer"),
        (200, b"[1]", "bad_answer"),
        (200, b"[" * 9999, "bad_answer"),
        (302, b"{}", "bad_answer"),
        (200, b" " * 70_000, "unreachable"),
    ],
    ids=["503", "a page", "a list", "deep", "elsewhere", "too large"],
)
def test_a_provider_that_is_broken(world, client, other, sam, endpoint, status, body, reason):
    other.statuses, other.bodies = {endpoint: status}, {endpoint: body}
    refused(world, attempt(client, sam), reason)


def test_a_provider_that_is_down_and_comes_back(time, tmp_path, filled_sqlite):
    port = free_port()
    down = Other(f"http://localhost:{port}")
    with world_of(
        time,
        tmp_path,
        copied(filled_sqlite, tmp_path / "idp.sqlite"),
        upstreams=(upstream(down.issuer),),
    ) as world:
        client, sam = (
            Client(world.issuer, world.add_client()),
            Person(world.issuer, also=(down.issuer,)),
        )
        refused(world, attempt(client, sam), "unreachable")
        assert "help desk of Acme Health" in sam.page.text
        with served(down.app, port):
            recover()
            sam.press("TRY AGAIN")
            assert sam.heading == "Terms of Use Agreement", "nothing was lost"


def test_nobody_is_sent_to_a_provider_that_has_gone_down_since(time, tmp_path, filled_sqlite):
    """Its documents are kept for ten minutes; that it is there is believed for ten seconds."""
    port = free_port()
    short = Other(f"http://localhost:{port}")
    with world_of(
        time,
        tmp_path,
        copied(filled_sqlite, tmp_path / "idp.sqlite"),
        upstreams=(upstream(short.issuer),),
    ) as world:
        client = Client(world.issuer, world.add_client())
        with served(short.app, port):
            tokens = come_in(client, Person(world.issuer, also=(short.issuer,)))
        provider = world.app.extensions["stagedoor"].employees.upstreams.get("acme")._provider
        # eleven seconds ago
        provider._metadata = (provider._metadata[0] - 11, provider._metadata[1])
        person = Person(world.issuer, also=(short.issuer,))
        refused(world, attempt(client, person), "unreachable", made=True)
        assert tokens


@pytest.mark.parametrize("endpoint", ["discovery", "token"])
def test_a_provider_that_is_slow_holds_nobody_for_long(world, client, other, sam, endpoint):
    """It answers when the test lets it, which is after Sam was told."""
    other.held = {endpoint: threading.Event()}
    refused(world, attempt(client, sam), "slow")
    assert "is not responding" in sam.page.text and other.count(endpoint) == 1, (
        "it was not asked again and again"
    )
    other.held.pop(endpoint).set()
    recover()
    sam.press("TRY AGAIN")
    assert sam.heading == "Terms of Use Agreement", "nothing was lost"


def places_of(world):
    """The places in which requests wait for companies: half of the threads."""
    return world.app.extensions["stagedoor"].employees.upstreams.get("acme")._provider._places


@pytest.mark.parametrize("endpoint", ["discovery", "jwks", "token"])
def test_whoever_waits_for_a_slow_company_takes_a_place(world, client, other, sam, endpoint):
    places, half = places_of(world), world.settings.server.threads // 2
    assert places._value == half
    other.held = {endpoint: threading.Event()}
    client.sends(sam)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(sam.press, "LOGIN")
        try:
            while not other.count(endpoint) and not waiting.done():
                clock.sleep(0.01)
            assert places._value == half - 1
        finally:
            other.held[endpoint].set()
    assert places._value == half, "and gives it back"


def test_where_all_places_are_taken_the_others_learn_so_at_once(world, client, other):
    """Customers' threads are left. One request does not wait for another, whatever it would ask the
    company."""
    places, half = places_of(world), world.settings.server.threads // 2
    for known in (False, True):
        for _ in range(half):
            assert places.acquire(blocking=False)
        asked, person = len(other.asked), somebody(world, other)
        refused(world, attempt(client, person), "busy", made=known)
        assert "is not responding" in person.page.text
        assert {name for name, _ in other.asked[asked:]} <= {"authorize"}, "nothing was asked by us"
        places.release(half)
        # and now it is known where the company's endpoints are
        come_in(client, somebody(world, other))


def test_keys_that_were_changed_are_found_at_once(world, client, other, sam):
    come_in(client, sam)
    other.new_key()
    clock.sleep(2.1)  # keys are not looked for twice in two seconds
    come_in(client, somebody(world, other))
    looked = other.count("jwks")
    come_in(client, somebody(world, other))
    assert other.count("jwks") == looked and other.count("discovery") == 1, "and kept then"


def test_another_issuer_in_the_discovery_document(world, client, other, sam):
    other.metadata = {"issuer": "https://elsewhere.example"}
    refused(world, attempt(client, sam), "discovery")


@pytest.mark.parametrize(
    "address",
    [
        "http://192.0.2.1/token",
        "ftp://localhost/token",
        "https://user@localhost/token",
        7,
        "https://localhost/x y",
        "//localhost",
    ],
)
def test_an_endpoint_that_is_no_address(world, client, other, sam, address):
    other.metadata = {"token_endpoint": address}
    refused(world, attempt(client, sam), "discovery")


@pytest.mark.settings(mode="production", outbound=Outbound())
def test_in_production_a_provider_by_http_on_this_machine_is_not_asked(world, client, other, sam):
    refused(world, attempt(client, sam), "not_allowed")
    assert other.asked == []


def test_the_company_refuses_our_secret(world, client, other, sam):
    other.statuses, other.bodies = (
        {"token": 401},
        {"token": b'{"error": "invalid_client", "error_description": "unknown <secret>"}'},
    )
    refused(world, attempt(client, sam), "token_refused")
    assert "invalid_client: unknown <secret>" in told(world, sam)


def test_an_error_of_the_companys_is_shown_to_nobody_and_told_to_the_help_desk(
    world, client, other, sam
):
    other.answer = {"error": "server_error", "error_description": "<b>Traceback", "code": None}
    refused(world, attempt(client, sam), "upstream_error")
    assert "Traceback" not in sam.page.html and "server_error" in told(world, sam)


@pytest.fixture
def second():
    """A second company, which an operator has added."""
    port = free_port()
    made = Other(
        f"http://localhost:{port}",
        person={
            **SAM,
            "sub": "robin-1",
            "email": "robin@second.example",
            "given_name": "Robin",
            "family_name": "Ash",
        },
    )
    with served(made.app, port):
        yield made


def test_with_several_companies_the_address_decides(time, tmp_path, filled_sqlite, other, second):
    both = (
        upstream(other.issuer),
        upstream(second.issuer, "second", name="Second Clinic", domains=("second.example",)),
    )
    with world_of(
        time, tmp_path, copied(filled_sqlite, tmp_path / "several.sqlite"), upstreams=both
    ) as world:
        client, everywhere = Client(world.issuer, world.add_client()), (other.issuer, second.issuer)
        robin = Person(world.issuer, also=everywhere)
        client.sends(robin).press("LOGIN")
        assert robin.heading == "Sign in with your company account"
        assert robin.press("Continue").page.errors == [
            "Enter your email address, like name@example.com."
        ]
        robin.fill("Email Address", "robin@nowhere.example").press("Continue")
        assert robin.status == 422 and "We do not recognize the company" in robin.page.text
        robin.fill("Email Address", "robin@second.example").press("Continue")
        assert robin.heading == "Terms of Use Agreement" and other.count("authorize") == 0
        assert second.last("authorize")["login_hint"] == "robin@second.example"
        second.person |= {"email": SAM["email"]}
        thief = Person(world.issuer, also=everywhere)
        client.sends(thief).press("LOGIN").fill("Email Address", "robin@second.example").press(
            "Continue"
        )
        refused(world, thief, "foreign_domain")


def test_the_company_ends_a_session_by_the_back_channel(world, client, other, sam, tokens):
    away = requests.post(
        f"{world.issuer}/upstream/acme/backchannel-logout",
        data={"logout_token": other.logout_token()},
        timeout=9,
    )
    assert (away.status_code, away.headers["Cache-Control"]) == (200, "no-store")
    assert client.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    client.sends(sam)
    assert sam.heading == "LOGIN OPTIONS"
    with world.inside():
        assert "signed_out_by_upstream" in {one.action for one in audit.listed()}


def test_all_sessions_of_a_person_by_the_subject_and_one_by_its_sid(
    world, client, other, sam, tokens
):
    other.claims = {"sid": "theirs-2"}
    second = somebody(world, other)
    come_in(client, second)
    send = f"{world.issuer}/upstream/acme/backchannel-logout"
    requests.post(send, data={"logout_token": other.logout_token(sid="theirs-2")}, timeout=9)
    assert client.sends(second).heading == "LOGIN OPTIONS"
    tokens |= client.refresh(tokens["refresh_token"]).json()
    requests.post(
        send,
        data={"logout_token": other.logout_token(sid="theirs-1", sub="somebody-else")},
        timeout=9,
    )
    tokens |= client.refresh(tokens["refresh_token"]).json()
    requests.post(
        send, data={"logout_token": other.logout_token(sid=None, sub=SAM["sub"])}, timeout=9
    )
    assert client.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_logout_token_counts_once_and_only_if_it_is_one(world, client, other, sam, tokens):
    send = f"{world.issuer}/upstream/acme/backchannel-logout"
    good = other.logout_token(sid="nobody's")
    assert requests.post(send, data={"logout_token": good}, timeout=9).status_code == 200
    wrong = [
        good,
        "",
        "x.y.z",
        other.id_token(nonce="n"),
        other.logout_token(nonce="n"),
        other.logout_token(events={}),
        other.logout_token(events=None),
        other.logout_token(aud="somebody-else"),
        other.logout_token(iss="https://elsewhere.example"),
        other.logout_token(iat=int(world.time.now) - 3600, exp=None),
        other.logout_token(exp=int(world.time.now) - 3600),
        other.logout_token(jti=None),
        other.logout_token(sid=None),
        other.logout_token(sid=7),
    ]
    other.alg = "RS512"
    wrong.append(other.logout_token())
    for token in wrong:
        answer = requests.post(send, data={"logout_token": token}, timeout=9)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert client.refresh(tokens["refresh_token"]).status_code == 200
    assert (
        requests.post(f"{world.issuer}/upstream/nobody/backchannel-logout", timeout=9).status_code
        == 404
    )


def test_thirty_two_of_the_same_logout_token_end_it_once(world, client, other, sam, tokens):
    made, statuses, gate = other.logout_token(), [], threading.Barrier(32)

    def send() -> None:
        gate.wait()
        statuses.append(
            requests.post(
                f"{world.issuer}/upstream/acme/backchannel-logout",
                data={"logout_token": made},
                timeout=60,
            ).status_code
        )

    threads = [threading.Thread(target=send) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(statuses) == [200] + [400] * 31


@pytest.mark.parametrize("query", ["", "?state=forged", "?state=" + "x" * 9000])
def test_back_from_signing_out_there_without_what_went_out(world, sam, query):
    sam.open(f"{world.issuer}/upstream/acme/signed-out{query}")
    assert (sam.status, sam.heading) == (200, "You are signed out") and not sam.left_for


def test_signing_out_here_while_the_company_is_down_is_signing_out_here(
    world, client, other, sam, tokens
):
    company = world.app.extensions["stagedoor"].employees.upstreams.get("acme")
    company._provider._metadata = (float("-inf"), {})
    other.statuses = {"discovery": 503}
    hint = client.tokens(client.sends(sam, scope="openid email roles"))["id_token"]
    sam.open(
        f"{world.issuer}/logout?id_token_hint={hint}&post_logout_redirect_uri=http://localhost:1/out"
    )
    assert sam.left_for == "http://localhost:1/out"
    assert re.search("LOGIN OPTIONS", client.sends(sam).heading)
