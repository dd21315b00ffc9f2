"""A parameter without a value counts as left out, at every endpoint (RFC 6749 3.1 and 3.2); and
what is no form is said to be none."""

import pytest
import requests

from idp.operations import OperatorError, clients
from tests.support.client import Client
from tests.support.clients import metadata
from tests.support.person import Person
from tests.support.stories import signed_in

EMPTY = (
    "response_mode",
    "request",
    "request_uri",
    "registration",
    "prompt",
    "max_age",
    "acr_values",
    "id_token_hint",
    "login_hint",
    "ui_locales",
    "display",
    "claims",
    "nonce",
    "resource",
)


@pytest.mark.parametrize("name", EMPTY)
def test_at_the_authorization_endpoint(person, client, name):
    client.sends(person, **{name: ""})
    assert person.heading == "LOGIN OPTIONS"


def test_empty_ones_do_not_count_as_repeated_and_an_empty_state_does_not_come_back(world, client):
    person, _ = signed_in(world, client)
    person.open(client.address(state=None) + "&state=&state=&prompt=&prompt=none")
    assert "code" in client.answer(person) and "state" not in client.answer(person)


def test_at_the_token_endpoint_and_those_beside_it(world, client):
    _, tokens = signed_in(world, client)
    answer = client.token(
        grant_type="refresh_token",
        refresh_token=tokens["refresh_token"],
        scope="",
        client_assertion="",
        client_assertion_type="",
        resource="",
    )
    assert answer.status_code == 200, answer.text
    asked = {
        "token": answer.json()["access_token"],
        "token_type_hint": "",
        "client_id": "",
        "client_secret": "",
    }
    for endpoint in ("introspect", "revoke"):
        assert (
            requests.post(
                f"{world.issuer}/{endpoint}", data=asked, auth=(client.id, client.secret), timeout=9
            ).status_code
            == 200
        ), endpoint


def test_at_userinfo_an_empty_token_in_the_body_is_none(world, client):
    _, tokens = signed_in(world, client)
    header = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert (
        requests.post(
            f"{world.issuer}/userinfo", data={"access_token": ""}, headers=header, timeout=9
        ).status_code
        == 200
    )


def test_at_sign_out(world):
    client = Client(
        world.issuer, world.add_client(post_logout_redirect_uris=["http://localhost:1/out"])
    )
    person, tokens = signed_in(world, client)
    person.open(
        f"{world.issuer}/logout?id_token_hint={tokens['id_token']}&client_id=&state="
        "&post_logout_redirect_uri=http://localhost:1/out&ui_locales="
    )
    assert person.left_for == "http://localhost:1/out"


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"json": {"grant_type": "client_credentials"}}, "this request came as application/json"),
        ({"data": b"grant_type=client_credentials"}, "this request came as no type at all"),
        (
            {"files": {"grant_type": (None, "client_credentials")}},
            "this request came as multipart/form-data",
        ),
    ],
)
def test_parameters_come_as_a_form(world, client, sent, said):
    for endpoint in ("token", "introspect", "revoke"):
        answer = requests.post(
            f"{world.issuer}/{endpoint}", auth=(client.id, client.secret), timeout=9, **sent
        )
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
        assert (
            said in answer.json()["error_description"]
            and "application/x-www-form-urlencoded" in answer.json()["error_description"]
        )


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Purpose": "prefetch;prerender"},
        {"Sec-Purpose": "", "Purpose": "prefetch"},
        {"X-Moz": "prefetch"},
        {"X-Purpose": "preview"},
        {"Sec-Fetch-Dest": "image"},
    ],
)
def test_what_no_person_asked_for_changes_nothing(world, client, headers):
    person, tokens = signed_in(world, client)
    there = f"{world.issuer}/logout?id_token_hint={tokens['id_token']}"
    assert (
        requests.get(
            there, cookies=person.cookies, headers=headers, timeout=9, allow_redirects=False
        ).status_code
        == 403
    )
    assert (
        requests.head(there, cookies=person.cookies, timeout=9, allow_redirects=False).status_code
        == 405
    )
    with world.inside():
        before = world.interactions()
    assert (
        requests.get(
            client.address(),
            cookies=person.cookies,
            headers=headers,
            timeout=9,
            allow_redirects=False,
        ).status_code
        == 403
    )
    assert (
        requests.head(
            client.address(), cookies=person.cookies, timeout=9, allow_redirects=False
        ).status_code
        == 405
    )
    with world.inside():
        assert world.interactions() == before
    assert client.tokens(client.sends(person)), "still signed in"


@pytest.mark.parametrize("where", ["iframe", "object", "embed", "empty"])
def test_a_frame_or_a_script_of_another_page_signs_nobody_out(world, client, where):
    person, tokens = signed_in(world, client)
    there = f"{world.issuer}/logout?id_token_hint={tokens['id_token']}"
    assert (
        requests.get(
            there,
            cookies=person.cookies,
            headers={"Sec-Fetch-Dest": where},
            timeout=9,
            allow_redirects=False,
        ).status_code
        == 403
    )
    assert client.tokens(client.sends(person)), "still signed in"


def test_an_app_on_a_device_comes_back_to_itself_after_signing_out(world):
    after = "com.example.app:/out"
    app = Client(
        world.issuer,
        world.add_client(
            "App", "com.example.app:/cb", public=True, post_logout_redirect_uris=[after]
        ),
    )
    person, tokens = signed_in(world, app)
    person.open(
        f"{world.issuer}/logout?id_token_hint={tokens['id_token']}&post_logout_redirect_uri={after}&state=x"
    )
    assert person.left_for == f"{after}?state=x"
    with world.inside(), pytest.raises(OperatorError):
        clients.add(
            world.time.now,
            "test",
            world.vault,
            metadata(
                "Web",
                ["https://app.example/cb"],
                post_logout_redirect_uris=["com.example.app:/out"],
            ),
        )


def test_names_under_localhost_are_this_machine(world):
    client = Client(world.issuer, world.add_client("Portal", "http://portal.localhost:3000/cb"))
    assert client.sends(Person(world.issuer)).heading == "LOGIN OPTIONS"


def test_ids_and_secrets_are_letters_and_digits(world):
    for n in range(20):
        made = world.add_client(f"Client {n}")
        assert (
            made["client_id"].isalnum()
            and made["client_secret"].isalnum()
            and len(made["client_secret"]) >= 43
        )
