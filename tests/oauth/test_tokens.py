"""The token endpoint and what its tokens are good for."""

import base64
import json

import pytest
import requests

from tests.support.client import Client
from tests.support.person import Person
from tests.support.stories import sign_in, signed_in


def payload(token: str) -> dict:
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def header(token: str) -> dict:
    part = token.split(".", maxsplit=1)[0]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def code_of(world, client) -> str:
    person = Person(world.issuer)
    client.sends(person)
    sign_in(world, person)
    return client.answer(person)["code"]


def test_an_access_token_says_what_rfc_9068_asks(world, client):
    _, tokens = signed_in(world, client)
    assert tokens["token_type"] == "Bearer" and tokens["expires_in"] == 300
    assert header(tokens["access_token"]) | {"kid": ""} == {
        "alg": "ES256",
        "typ": "at+jwt",
        "kid": "",
    }
    claims = payload(tokens["access_token"])
    assert {
        "iss",
        "exp",
        "aud",
        "sub",
        "client_id",
        "iat",
        "jti",
        "scope",
        "auth_time",
        "acr",
        "amr",
        "sid",
        "txn",
    } == set(claims)
    assert claims["client_id"] == client.id and claims["exp"] - claims["iat"] == 300


def test_an_id_token_holds_nothing_about_the_person_that_was_not_asked_for(world, client):
    _, tokens = signed_in(world, client)
    assert set(payload(tokens["id_token"])) == {
        "iss",
        "sub",
        "aud",
        "azp",
        "iat",
        "exp",
        "jti",
        "at_hash",
        "auth_time",
        "acr",
        "amr",
        "sid",
        "txn",
        "nonce",
    }
    assert header(tokens["id_token"])["alg"] == "RS256"


def test_a_client_may_have_its_id_tokens_signed_by_es256(world):
    client = Client(world.issuer, world.add_client("Modern", id_token_alg="ES256"))
    _, tokens = signed_in(world, client)
    assert header(tokens["id_token"])["alg"] == "ES256" and client.claims(tokens["id_token"])


def test_without_openid_there_is_no_id_token_and_no_userinfo(world, client):
    _, tokens = signed_in(world, client, scope="profile")
    assert "id_token" not in tokens
    response = client.userinfo(tokens["access_token"])
    assert (
        response.status_code == 403 and "insufficient_scope" in response.headers["WWW-Authenticate"]
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "w" * 43},
        {"code_verifier": None},
        {"code_verifier": "kurz"},
        {"redirect_uri": "http://localhost:1/other"},
        {"redirect_uri": None},
        {"code": "unknown"},
        {"code": "☃"},
    ],
)
def test_what_does_not_fit_the_code_is_invalid_grant_and_does_not_use_it_up(world, client, changes):
    code = code_of(world, client)
    response = client.redeem(**({"code": code} | changes))
    assert response.status_code == 400
    assert response.json()["error"] in (
        "invalid_grant",
        "invalid_request" if changes.get("code_verifier") == "kurz" else "invalid_grant",
    )
    assert client.redeem(code).status_code == 200


def test_a_code_lives_a_minute(world, client):
    code = code_of(world, client)
    world.time.passes(seconds=61)
    assert client.redeem(code).json()["error"] == "invalid_grant"


def test_a_code_used_twice_ends_what_the_first_use_gave(world, client):
    code = code_of(world, client)
    tokens = client.redeem(code).json()
    world.time.passes(seconds=30)
    assert client.redeem(code).json()["error"] == "invalid_grant"
    assert client.userinfo(tokens["access_token"]).status_code == 401
    assert client.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_code_is_good_for_its_own_client_only_and_a_foreign_try_harms_nothing(world, client):
    thief = Client(world.issuer, world.add_client("Thief", "http://localhost:1/callback"))
    code = code_of(world, client)
    thief.verifier = client.verifier
    assert thief.redeem(code).json()["error"] == "invalid_grant"
    tokens = client.redeem(code).json()
    thief.redeem(code)
    assert client.userinfo(tokens["access_token"]).status_code == 200


def test_a_code_is_worth_nothing_once_its_session_has_ended(world, client):
    person, tokens = signed_in(world, client)
    client.sends(person)
    code = client.answer(person)["code"]
    person.open(f"{world.issuer}/logout?id_token_hint={tokens['id_token']}")
    assert client.redeem(code).json()["error"] == "invalid_grant"


def test_a_public_client_has_no_secret_and_needs_its_verifier(world):
    client = Client(world.issuer, world.add_client("App", "com.example.app:/callback", public=True))
    assert "client_secret" not in client.registration
    person = Person(world.issuer)
    client.sends(person)
    sign_in(world, person)
    code = client.answer(person)["code"]
    assert client.redeem(code, code_verifier=None).json()["error"] == "invalid_grant"
    assert client.redeem(code).status_code == 200


def test_client_secret_post_by_registration(world):
    client = Client(world.issuer, world.add_client("Poster", auth_method="client_secret_post"))
    _, tokens = signed_in(world, client)
    assert tokens["access_token"]
    assert (
        requests.post(
            f"{world.issuer}/token",
            data={"grant_type": "refresh_token"},
            auth=(client.id, client.secret),
            timeout=9,
        ).json()["error"]
        == "invalid_client"
    )


@pytest.mark.parametrize(
    ("headers", "form", "status", "error"),
    [
        ({}, {}, 401, "invalid_client"),
        ({"Authorization": "Basic !!!"}, {}, 401, "invalid_client"),
        ({"Authorization": "Basic /////w=="}, {}, 401, "invalid_client"),
        (
            {"Authorization": "Basic " + base64.b64encode("nobody:sécret".encode()).decode()},
            {},
            401,
            "invalid_client",
        ),
        ({"Authorization": "Bearer x"}, {}, 401, "invalid_client"),
        ({}, {"client_id": "CLIENT", "client_secret": "falsch☃"}, 401, "invalid_client"),
        ({}, {"client_id": "CLIENT"}, 401, "invalid_client"),
        ({"Authorization": "BASIC-OF-CLIENT"}, {"client_secret": "x"}, 400, "invalid_request"),
        (
            {"Authorization": "BASIC-OF-CLIENT"},
            {"grant_type": "password"},
            400,
            "unsupported_grant_type",
        ),
        ({"Authorization": "BASIC-OF-CLIENT"}, {"grant_type": "☃"}, 400, "unsupported_grant_type"),
        ({"Authorization": "BASIC-OF-CLIENT"}, {"grant_type": ""}, 400, "invalid_request"),
        ({"Authorization": "BASIC-OF-CLIENT"}, {"code": None}, 400, "invalid_request"),
    ],
)
def test_errors_of_the_token_endpoint(world, client, headers, form, status, error):
    basic = base64.b64encode(f"{client.id}:{client.secret}".encode()).decode()
    headers = {
        name: value.replace("BASIC-OF-CLIENT", f"Basic {basic}") for name, value in headers.items()
    }
    form = {
        name: client.id if value == "CLIENT" else value
        for name, value in ({"grant_type": "authorization_code", "code": "x"} | form).items()
    }
    response = requests.post(f"{world.issuer}/token", data=form, headers=headers, timeout=9)
    assert (response.status_code, response.json()["error"]) == (status, error), response.text
    assert response.headers["Cache-Control"] == "no-store"
    if status == 401:
        assert response.headers["WWW-Authenticate"].startswith("Basic")


def test_a_grant_type_in_the_query_and_repeated_parameters_are_refused(world, client):
    response = requests.post(
        f"{world.issuer}/token?grant_type=authorization_code",
        data={"code": "x"},
        auth=(client.id, client.secret),
        timeout=9,
    )
    assert response.json()["error"] == "invalid_request"
    response = requests.post(
        f"{world.issuer}/token",
        data=[("grant_type", "a"), ("grant_type", "b")],
        auth=(client.id, client.secret),
        timeout=9,
    )
    assert response.json()["error"] == "invalid_request"


def test_userinfo_by_get_by_header_and_by_form(world, client):
    _, tokens = signed_in(world, client)
    token = tokens["access_token"]
    by_get = client.userinfo(token)
    by_header = requests.post(
        f"{world.issuer}/userinfo", headers={"Authorization": f"bearer {token}"}, timeout=9
    )
    by_form = requests.post(f"{world.issuer}/userinfo", data={"access_token": token}, timeout=9)
    assert by_get.json() == by_header.json() == by_form.json()
    assert by_get.headers["Content-Type"] == "application/json"
    both = requests.post(
        f"{world.issuer}/userinfo",
        data={"access_token": token},
        headers={"Authorization": f"Bearer {token}"},
        timeout=9,
    )
    assert both.status_code == 400
    in_query = requests.get(f"{world.issuer}/userinfo?access_token={token}", timeout=9)
    assert in_query.status_code == 401 and "error=" not in in_query.headers["WWW-Authenticate"]


def test_tokens_that_are_not_ours_or_not_access_tokens_are_refused(world, client):
    _, tokens = signed_in(world, client)
    head, body, signature = tokens["access_token"].split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"at+jwt"}').rstrip(b"=").decode()
    altered = (
        base64.urlsafe_b64encode(
            json.dumps(payload(tokens["access_token"]) | {"scope": "openid admin"}).encode()
        )
        .rstrip(b"=")
        .decode()
    )
    for token in (
        tokens["id_token"],
        tokens["refresh_token"],
        f"{none}.{body}.",
        f"{head}.{altered}.{signature}",
        f"{head}.{body}.AAAA",
        "a.b.c",
        "☃".encode().decode("latin-1"),
        "x" * 8000,
    ):
        response = client.userinfo(token)
        assert response.status_code == 401, token[:40]
        assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]
    world.time.passes(seconds=301)
    assert client.userinfo(tokens["access_token"]).status_code == 401


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_revoking_a_token_ends_its_grant(world, client, kind):
    _, tokens = signed_in(world, client)
    revoke = f"{world.issuer}/revoke"
    assert requests.post(revoke, data={"token": tokens[kind]}, timeout=9).status_code == 401
    thief = Client(world.issuer, world.add_client("Thief"))
    assert (
        requests.post(
            revoke, data={"token": tokens[kind]}, auth=(thief.id, thief.secret), timeout=9
        ).status_code
        == 400
    )
    assert client.userinfo(tokens["access_token"]).status_code == 200
    assert (
        requests.post(
            revoke,
            data={"token": tokens[kind], "token_type_hint": kind},
            auth=(client.id, client.secret),
            timeout=9,
        ).status_code
        == 200
    )
    assert client.userinfo(tokens["access_token"]).status_code == 401
    assert client.refresh(tokens["refresh_token"]).status_code == 400
    assert (
        requests.post(
            revoke, data={"token": "unknown"}, auth=(client.id, client.secret), timeout=9
        ).status_code
        == 200
    )


def test_a_rotated_secret_stops_the_old_one(world, client):
    from idp.operations import clients

    _, tokens = signed_in(world, client)
    with world.inside():
        fresh = clients.rotate_secret(world.time.now, "test", world.vault, client.id)
    world.app.extensions["stagedoor"].registry._checked = float("-inf")
    assert client.refresh(tokens["refresh_token"]).json()["error"] == "invalid_client"
    client.secret = fresh
    assert client.refresh(tokens["refresh_token"]).status_code == 200
