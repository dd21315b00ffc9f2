"""Machine clients and the APIs that they call: real Authlib on both sides of this provider."""

import json
import time

import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import ClientSecretJWT, PrivateKeyJWT
from joserfc.jwk import ECKey, RSAKey

from idp.operations import OperatorError, clients, resource_servers
from idp.operations.snippets import snippets
from tests.support.api import ByIntrospection, ByKeys, cases_api
from tests.support.client import Client
from tests.support.clients import metadata
from tests.support.machines import ask, machine
from tests.support.postgres import free_port
from tests.support.stories import sign_in
from tests.support.world import CASES_API, DAISY, served


@pytest.fixture
def api(world):
    """The address of a sample API, given how it checks tokens."""
    opened = []

    def start(validator) -> str:
        port = free_port()
        context = served(cases_api(validator), port)
        context.__enter__()
        opened.append(context)
        return f"http://localhost:{port}"

    yield start
    for context in opened:
        context.__exit__(None, None, None)


@pytest.mark.parametrize("opaque", [False, True], ids=["jwt", "opaque"])
def test_a_machine_client_written_with_authlib_calls_an_api_that_verifies_and_one_that_introspects(
    world, api, opaque
):
    registered = machine(world, opaque=opaque)
    resource = world.add_client("Cases API", redirect_uris=[], introspects=[CASES_API])
    session = OAuth2Session(
        registered["client_id"],
        registered["client_secret"],
        scope="cases:read",
        token_endpoint_auth_method="client_secret_basic",
    )
    token = session.fetch_token(f"{world.issuer}/token", grant_type="client_credentials")
    assert (
        token["scope"] == "cases:read"
        and token["expires_in"] == 300
        and "refresh_token" not in token
        and "id_token" not in token
    )
    by_introspection = api(
        ByIntrospection(world.issuer, CASES_API, (resource["client_id"], resource["client_secret"]))
    )
    assert session.get(f"{by_introspection}/cases").json()["client"] == registered["client_id"]
    assert session.post(f"{by_introspection}/cases").status_code == 403
    assert (
        requests.get(
            f"{by_introspection}/cases", headers={"Authorization": "Bearer guessed"}, timeout=10
        ).status_code
        == 401
    )
    if opaque:
        assert "." not in token["access_token"]
        return
    by_keys = api(ByKeys(issuer=world.issuer, resource_server=CASES_API))
    assert session.get(f"{by_keys}/cases").json() == {
        "cases": ["Rowan Ellery"],
        "client": registered["client_id"],
        "sub": registered["client_id"],
    }
    assert session.post(f"{by_keys}/cases").status_code == 403
    another = api(ByKeys(issuer=world.issuer, resource_server="https://billing.example"))
    assert session.get(f"{another}/cases").status_code == 401, "a token is for one API"


def test_private_key_jwt_and_client_secret_jwt_as_authlib_sends_them(world):
    world.add_api()
    key = ECKey.generate_key("P-256")
    by_key = machine(world, apis=False, jwks={"keys": [key.as_dict(private=False)]})
    by_secret = machine(world, apis=False, auth_method="client_secret_jwt")
    for registered, secret, method, made in (
        (by_key, key, "private_key_jwt", PrivateKeyJWT(world.issuer, alg="ES256")),
        (by_secret, by_secret["client_secret"], "client_secret_jwt", ClientSecretJWT(world.issuer)),
    ):
        assert registered["token_endpoint_auth_method"] == method
        session = OAuth2Session(
            registered["client_id"], secret, token_endpoint_auth_method=method, scope="cases:file"
        )
        session.register_client_auth_method(made)
        assert (
            session.fetch_token(f"{world.issuer}/token", grant_type="client_credentials")["scope"]
            == "cases:file"
        )
    assert "client_secret" not in by_key


@pytest.mark.parametrize(
    "method", ["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt"]
)
def test_the_settings_to_paste_work_as_they_are_printed(world, tmp_path, monkeypatch, method):
    key = ECKey.generate_key("P-256")
    (tmp_path / "private-key.json").write_text(json.dumps(key.as_dict(private=True)))
    monkeypatch.chdir(tmp_path)
    registered = machine(
        world,
        auth_method=method,
        **({"jwks": key.as_dict(private=False)} if method == "private_key_jwt" else {}),
    )
    pasted: dict = {}
    exec(snippets(world.issuer, registered)["Python with Authlib"], pasted)
    assert pasted["token"]["scope"] == "cases:read cases:file"


def test_the_token_says_what_it_is_and_nothing_of_people(world):
    registered = machine(world)
    client = Client(world.issuer, registered | {"redirect_uris": ["x"]})
    token = ask(world, registered, scope="cases:read").json()["access_token"]
    claims = client.claims(token)
    assert set(claims) == {"iss", "aud", "sub", "client_id", "iat", "exp", "jti", "scope"}
    assert (claims["aud"], claims["sub"]) == (CASES_API, registered["client_id"])
    assert client.userinfo(token).status_code == 401, "there is nobody behind it"


def test_scopes_of_a_machine(world):
    registered = machine(world)
    world.add_api("https://billing.example", **{"billing_read": "read bills"})
    assert ask(world, registered).json()["scope"] == "cases:read cases:file", (
        "without any: all it has"
    )
    for scope in ("openid", "billing:read", "cases:read nonsense"):
        answer = ask(world, registered, scope=scope)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope"), scope
    both = world.add_client(
        "Both", redirect_uris=[], machine=True, scopes=["cases:read", "billing:read"]
    )
    answer = ask(world, both, scope="cases:read billing:read")
    assert (
        answer.json()["error"] == "invalid_scope"
        and "one API" in answer.json()["error_description"]
    )
    assert ask(world, both, scope="billing:read").status_code == 200


def test_our_own_scopes_are_for_our_own_api(world):
    registered = world.add_client(
        "Operator's script", redirect_uris=[], machine=True, scopes=["users:read"]
    )
    token = ask(world, registered, scope="users:read").json()["access_token"]
    assert (
        Client(world.issuer, registered | {"redirect_uris": ["x"]}).claims(token)["aud"]
        == f"{world.issuer}/api/v1"
    )


def test_a_persons_token_for_an_api_and_for_userinfo(world, person):
    world.add_api()
    client = Client(world.issuer, world.add_client(scopes=["cases:read"]))
    client.sends(person, scope="openid email cases:read")
    sign_in(world, person)
    tokens = client.tokens(person)
    claims = client.claims(tokens["access_token"])
    assert claims["aud"] == [CASES_API, world.issuer] and claims["sub"] != client.id
    assert client.userinfo(tokens["access_token"]).json()["email"] == DAISY
    client.sends(person, scope="cases:read")
    alone = client.tokens(person)
    assert client.claims(alone["access_token"])["aud"] == CASES_API and "id_token" not in alone
    assert client.userinfo(alone["access_token"]).status_code == 401, "not made for userinfo"


def test_the_scopes_of_a_removed_api_are_given_to_nobody_any_more(world, person):
    world.add_api()
    client, alone = (
        Client(world.issuer, world.add_client(scopes=["cases:read"])) for _ in range(2)
    )
    client.sends(person, scope="openid cases:read")
    sign_in(world, person)
    tokens = client.tokens(person)
    of_api = alone.tokens(alone.sends(person, scope="cases:read"))
    waiting = alone.answer(alone.sends(person, scope="cases:read"))["code"]
    with world.inside():
        resource_servers.remove(world.time.now, "test", CASES_API)
    time.sleep(1.1)
    fresh = client.refresh(tokens["refresh_token"]).json()
    assert (
        fresh["scope"] == "openid" and client.claims(fresh["access_token"])["aud"] == world.issuer
    )
    assert alone.refresh(of_api["refresh_token"]).json()["error"] == "invalid_scope"
    assert alone.redeem(waiting).json()["error"] == "invalid_grant"


def test_a_machine_cannot_sign_people_in_nor_a_portal_get_a_machines_token(world, person):
    registered = machine(world)
    assert (
        person.open(
            f"{world.issuer}/authorize?client_id={registered['client_id']}&response_type=code&scope=openid"
        ).status
        == 400
    )
    portal = Client(world.issuer, world.add_client(scopes=["cases:read"]))
    assert portal.token(grant_type="client_credentials").json()["error"] == "unauthorized_client"


def test_what_cannot_be_registered(world):
    world.add_api()
    with world.inside():
        for wrong, why in (
            ({"machine": True}, "at least one scope"),
            ({"machine": True, "public": True, "scopes": ["cases:read"]}, "needs a secret"),
            ({"machine": True, "scopes": ["nonsense"]}, "no API has the scope"),
            ({"introspects": ["https://nowhere.example"]}, "no API"),
            (
                {"machine": True, "scopes": ["cases:read"], "auth_method": "private_key_jwt"},
                "--jwks",
            ),
            ({"machine": True, "scopes": ["cases:read"], "jwks": {"keys": []}}, "1 to 20 keys"),
            (
                {
                    "machine": True,
                    "scopes": ["cases:read"],
                    "jwks": {"keys": [{"kty": "oct", "k": "AAAA"}]},
                },
                "not a public key",
            ),
            (
                {
                    "machine": True,
                    "scopes": ["cases:read"],
                    "jwks": {"keys": [RSAKey.generate_key(1024).as_dict(private=False)]},
                },
                "fewer than 2048",
            ),
            ({"machine": True, "scopes": ["cases:read"], "jwks": [1]}, "JWK Set"),
            ({}, "--redirect-uri"),
        ):
            with pytest.raises(OperatorError, match=why):
                clients.add(world.time.now, "test", world.vault, metadata("X", **wrong))
        for identifier, scopes, why in (
            ("cases", {"a": "b"}, "absolute URI"),
            ("https://x.example#f", {"a": "b"}, "fragment"),
            ("https://x.example", {}, "at least one --scope"),
            ("https://x.example", {"openid": "b"}, "this identity provider"),
            ("https://x.example", {"cases:read": "b"}, CASES_API),
            ("https://x.example", {'a"b': "b"}, "printable ASCII"),
            (CASES_API, {"a": "b"}, "already"),
        ):
            with pytest.raises(OperatorError, match=why):
                resource_servers.add(world.time.now, "test", identifier, "X", scopes)
        private = RSAKey.generate_key(2048)
        made = clients.add(
            world.time.now,
            "test",
            world.vault,
            metadata("K", machine=True, scopes=["cases:read"], jwks=private.as_dict(private=True)),
        )
        assert "d" not in made["jwks"]["keys"][0], (
            "a private key that was pasted by mistake is not kept"
        )
