"""What an API is told about a token, what no one else is, and when a token is over."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from idp.operations import clients
from idp.store import audit
from tests.support.client import Client
from tests.support.machines import ask, introspect, machine
from tests.support.person import Person
from tests.support.stories import sign_in
from tests.support.world import CASES_API, DAISY


def test_opaque_tokens_of_a_person_work_at_userinfo_and_die_with_the_grant(world, person):
    client = Client(world.issuer, world.add_client(opaque=True))
    client.sends(person)
    sign_in(world, person)
    tokens = client.tokens(person)
    assert "." not in tokens["access_token"]
    assert client.userinfo(tokens["access_token"]).json()["email"] == DAISY
    fresh = client.refresh(tokens["refresh_token"]).json()
    requests.post(
        f"{world.issuer}/revoke",
        data={"token": fresh["access_token"]},
        auth=(client.id, client.secret),
        timeout=10,
    )
    assert (
        client.userinfo(tokens["access_token"]).status_code
        == client.userinfo(fresh["access_token"]).status_code
        == 401
    )
    world.time.passes(minutes=6)


def test_an_opaque_token_expires(world):
    registered = machine(world, opaque=True)
    token = ask(world, registered).json()["access_token"]
    assert introspect(world, registered, token).json()["active"] is True
    world.time.passes(seconds=300)
    assert introspect(world, registered, token).json() == {"active": False}


@pytest.mark.parametrize("opaque", [False, True], ids=["jwt", "opaque"])
def test_a_machine_may_give_its_token_back(either_world, opaque):
    world = either_world
    registered = machine(world, opaque=opaque)
    token, other = (ask(world, registered).json()["access_token"] for _ in range(2))
    assert introspect(world, registered, token).json()["active"] is True
    for _ in range(2):
        auth = (registered["client_id"], registered["client_secret"])
        assert (
            requests.post(
                f"{world.issuer}/revoke", data={"token": token}, auth=auth, timeout=10
            ).status_code
            == 200
        )
    assert introspect(world, registered, token).json() == {"active": False}
    assert introspect(world, registered, other).json()["active"] is True
    with world.inside():
        assert [row.client_id for row in audit.listed() if row.action == "token_revoked"] == [
            registered["client_id"]
        ]


def test_introspection_tells_an_api_about_its_tokens_and_nobody_else_anything(world, person):
    registered = machine(world)
    client = Client(world.issuer, world.add_client(scopes=["cases:read"]))
    client.sends(person, scope="openid email cases:read")
    sign_in(world, person)
    tokens = client.tokens(person)
    cases = world.add_client("Cases API", redirect_uris=[], introspects=[CASES_API])
    world.add_api("https://billing.example", **{"billing_read": "read bills"})
    billing = world.add_client(
        "Billing API", redirect_uris=[], introspects=["https://billing.example"]
    )
    told = introspect(world, cases, tokens["access_token"]).json()
    assert (
        told["active"] is True
        and "username" not in told
        and told["scope"] == "openid email cases:read"
    )
    assert (
        told["acr"].endswith("two-step")
        and told["auth_time"] == int(world.time.now)
        and told["aud"] == [CASES_API, world.issuer]
    )
    assert "email" not in told
    for stranger in (billing, registered):
        for token in (
            tokens["access_token"],
            tokens["refresh_token"],
            tokens["id_token"],
            "guessed",
            "a.b.c",
        ):
            assert introspect(world, stranger, token).json() == {"active": False}
    own = introspect(world, client.registration, tokens["refresh_token"]).json()
    assert own["active"] is True and own["client_id"] == client.id
    assert introspect(world, client.registration, tokens["id_token"]).json() == {"active": False}
    client.refresh(tokens["refresh_token"])
    assert introspect(world, client.registration, tokens["refresh_token"]).json() == {
        "active": False
    }
    person.open(f"{world.issuer}/logout").press("Sign out")
    assert introspect(world, cases, tokens["access_token"]).json() == {"active": False}


def test_the_username_is_told_only_with_the_scope_that_gives_it(world, person):
    client = Client(world.issuer, world.add_client())
    client.sends(person, scope="openid profile")
    sign_in(world, person)
    told = introspect(world, client.registration, client.tokens(person)["access_token"]).json()
    assert told["username"] == "ddunn2020"


def test_introspection_wants_an_authenticated_confidential_client(world):
    token = ask(world, machine(world)).json()["access_token"]
    url = f"{world.issuer}/introspect"
    assert requests.post(url, data={"token": token}, timeout=10).status_code == 401
    assert (
        requests.post(url, data={"token": token}, auth=("nobody", "x"), timeout=10).status_code
        == 401
    )
    public = world.add_client("App", public=True)
    assert (
        requests.post(
            url, data={"token": token, "client_id": public["client_id"]}, timeout=10
        ).status_code
        == 401
    )
    assert requests.get(url, timeout=10).status_code == 405
    known = world.add_client("Another")
    assert introspect(world, known, "").json()["error"] == "invalid_request"
    answer = introspect(world, known, token, token_type_hint="nonsense")
    assert answer.json() == {"active": False} and answer.headers["Cache-Control"] == "no-store"


def test_a_removed_clients_tokens_end(world):
    registered = machine(world)
    cases = world.add_client("Cases API", redirect_uris=[], introspects=[CASES_API])
    token = ask(world, registered).json()["access_token"]
    with world.inside():
        clients.remove(world.time.now, "test", registered["client_id"])
    time.sleep(1.1)
    assert introspect(world, cases, token).json() == {"active": False}


def test_many_revocations_of_one_token_at_once(either_world):
    world = either_world
    registered = machine(world)
    auth = (registered["client_id"], registered["client_secret"])
    for _ in range(3):
        token = ask(world, registered).json()["access_token"]
        with ThreadPoolExecutor(16) as pool:
            answers = pool.map(
                lambda _, token=token: requests.post(
                    f"{world.issuer}/revoke", data={"token": token}, auth=auth, timeout=30
                ),
                range(16),
            )
        assert {answer.status_code for answer in answers} == {200}


def test_strangers_learn_nothing_from_the_endpoints(world):
    """A scraped list of endpoints and nothing else: every answer is the same refusal."""
    machine(world)
    person = Person(world.issuer)
    for path in (
        "/metrics",
        "/api/v1/nothing",
        "/console",
        "/account",
        "/clients/none/logo",
        "/inbox/calls/x",
    ):
        assert person.open(world.issuer + path).status in (404, 405), path
    for path in ("/token", "/introspect", "/revoke"):
        for data in (
            {},
            {"token": "x", "grant_type": "client_credentials"},
            {"client_id": "nobody", "token": "x", "grant_type": "client_credentials"},
        ):
            answer = requests.post(world.issuer + path, data=data, timeout=10)
            assert answer.status_code in (400, 401) and set(answer.json()) <= {
                "error",
                "error_description",
            }
