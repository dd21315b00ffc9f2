"""Machine clients and the APIs that they call: real Authlib on both sides of this provider."""

import json
import secrets
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import ClientSecretJWT, PrivateKeyJWT
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from idp.operations import Mistake, apis, clients
from idp.operations.snippets import snippets
from idp.store import audit
from tests.support.api import ByIntrospection, ByKeys, cases_api
from tests.support.client import Client
from tests.support.person import Person
from tests.support.postgres import free_port
from tests.support.stories import sign_in
from tests.support.world import CASES_API, DAISY, served

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def machine(world, **more):
    world_apis = more.pop("apis", True)
    if world_apis:
        world.add_api()
    return world.add_client("Nightly job", redirect_uris=[], machine=True, scopes=["cases:read", "cases:file"], **more)


def ask(world, registered, **form):
    auth = (registered["client_id"], registered["client_secret"])
    return requests.post(f"{world.issuer}/token", data={"grant_type": "client_credentials", **form}, auth=auth, timeout=30)


def introspect(world, registered, token, **form):
    auth = (registered["client_id"], registered["client_secret"])
    return requests.post(f"{world.issuer}/introspect", data={"token": token, **form}, auth=auth, timeout=30)


def assertion(world, client_id, key, header=None, **changes):
    now = int(world.time.now)
    claims = {"iss": client_id, "sub": client_id, "aud": world.issuer, "exp": now + 60, "iat": now, "jti": secrets.token_hex(8)} | changes
    claims = {name: value for name, value in claims.items() if value is not None}
    header = {"alg": "ES256"} | (header or {})
    return jwt.encode(header, claims, key, [header["alg"]])


def ask_signed(world, text, **form):
    data = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION, "client_assertion": text, **form}
    return requests.post(f"{world.issuer}/token", data=data, timeout=30)


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
def test_a_machine_client_written_with_authlib_calls_an_api_that_verifies_and_one_that_introspects(world, api, opaque):
    registered = machine(world, opaque=opaque)
    resource = world.add_client("Cases API", redirect_uris=[], introspects=[CASES_API])
    session = OAuth2Session(registered["client_id"], registered["client_secret"], scope="cases:read", token_endpoint_auth_method="client_secret_basic")
    token = session.fetch_token(f"{world.issuer}/token", grant_type="client_credentials")
    assert token["scope"] == "cases:read" and token["expires_in"] == 300 and "refresh_token" not in token and "id_token" not in token
    by_introspection = api(ByIntrospection(world.issuer, CASES_API, (resource["client_id"], resource["client_secret"])))
    assert session.get(f"{by_introspection}/cases").json()["client"] == registered["client_id"]
    assert session.post(f"{by_introspection}/cases").status_code == 403
    assert requests.get(f"{by_introspection}/cases", headers={"Authorization": "Bearer guessed"}, timeout=10).status_code == 401
    if opaque:
        assert "." not in token["access_token"]
        return
    by_keys = api(ByKeys(issuer=world.issuer, resource_server=CASES_API))
    assert session.get(f"{by_keys}/cases").json() == {"cases": ["Rowan Ellery"], "client": registered["client_id"], "sub": registered["client_id"]}
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
        session = OAuth2Session(registered["client_id"], secret, token_endpoint_auth_method=method, scope="cases:file")
        session.register_client_auth_method(made)
        assert session.fetch_token(f"{world.issuer}/token", grant_type="client_credentials")["scope"] == "cases:file"
    assert "client_secret" not in by_key


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt"])
def test_the_settings_to_paste_work_as_they_are_printed(world, tmp_path, monkeypatch, method):
    key = ECKey.generate_key("P-256")
    (tmp_path / "private-key.json").write_text(json.dumps(key.as_dict(private=True)))
    monkeypatch.chdir(tmp_path)
    registered = machine(world, auth_method=method, **({"jwks": key.as_dict(private=False)} if method == "private_key_jwt" else {}))
    pasted: dict = {}
    exec(snippets(world.issuer, registered)["Python with Authlib"], pasted)
    assert pasted["token"]["scope"] == "cases:read cases:file"


@pytest.mark.parametrize("made", [RSAKey.generate_key(2048), ECKey.generate_key("P-256"), ECKey.generate_key("P-384"), OKPKey.generate_key("Ed25519")])
def test_keys_of_every_registered_kind(world, made):
    algs = {"RSA": ("RS256", "PS256"), "EC": ("ES256",) if made.as_dict()["kty"] == "EC" and made.curve_name == "P-256" else ("ES384",), "OKP": ("EdDSA",)}
    registered = machine(world, jwks={"keys": [made.as_dict(private=False)]})
    for alg in algs[made.as_dict()["kty"]]:
        response = ask_signed(world, assertion(world, registered["client_id"], made, {"alg": alg}))
        assert response.status_code == 200, response.text


def test_an_assertion_is_taken_once(either_world):
    world = either_world
    key = ECKey.generate_key("P-256")
    registered = machine(world, jwks=key.as_dict(private=False))
    text = assertion(world, registered["client_id"], key)
    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(lambda _: ask_signed(world, text), range(32)))
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 31
    assert "was used before" in next(answer for answer in answers if answer.status_code == 401).json()["error_description"]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"aud": "https://elsewhere.example"}, "aud must be"),
        ({"aud": "{issuer}/token"}, "aud must be"),
        ({"aud": ["{issuer}", "https://elsewhere.example"]}, "aud must be"),
        ({"iss": "somebody"}, "iss and sub"),
        ({"exp": None}, "exp must be there"),
        ({"exp": -100}, "expired"),
        ({"exp": 4000, "iat": None}, "without iat"),
        ({"exp": 4000, "iat": -400}, "300 seconds from its iat"),
        ({"exp": "soon"}, "numbers of seconds"),
        ({"exp": float("nan")}, "numbers of seconds"),
        ({"iat": float("nan"), "exp": 10**9}, "numbers of seconds"),
        ({"iat": float("inf")}, "numbers of seconds"),
        ({"exp": 10**400}, "numbers of seconds"),
        ({"iat": -(10**400)}, "numbers of seconds"),
        ({"nbf": 100}, "not valid yet"),
        ({"iat": 100}, "not valid yet"),
        ({"jti": None}, "jti must be there"),
        ({"jti": "x" * 300}, "jti must be there"),
    ],
)
def test_an_assertion_that_is_not_right_is_refused_and_says_why(world, changes, why):
    key = ECKey.generate_key("P-256")
    registered = machine(world, jwks=key.as_dict(private=False))
    moved = {name: world.time.now + value if isinstance(value, int) and abs(value) < 10**10 else value for name, value in changes.items()}
    if "aud" in moved:
        moved["aud"] = [one.format(issuer=world.issuer) for one in moved["aud"]] if isinstance(moved["aud"], list) else moved["aud"].format(issuer=world.issuer)
    answer = ask_signed(world, assertion(world, registered["client_id"], key, **moved))
    assert answer.status_code == 401 and answer.json()["error"] == "invalid_client"
    assert why in answer.json()["error_description"]
    assert ask_signed(world, assertion(world, registered["client_id"], key)).status_code == 200


def test_assertions_signed_by_others_or_in_other_ways_are_refused(world):
    key, other = ECKey.generate_key("P-256"), ECKey.generate_key("P-256")
    registered = machine(world, jwks=key.as_dict(private=False))
    client_id = registered["client_id"]
    for text in (
        assertion(world, client_id, other),
        assertion(world, client_id, other, {"kid": "x", "jwk": other.as_dict(private=False)}),
        assertion(world, client_id, OctKey.import_key(registered["client_id"] * 4), {"alg": "HS256"}),
        assertion(world, client_id, key, {"typ": "at+jwt"}),
        assertion(world, client_id, key).rpartition(".")[0] + ".",
        "a.b.c",
        "x" * 20_000,
        "é",
        "",
        "." * 3,
    ):
        answer = ask_signed(world, text)
        assert answer.status_code == 401, text
    both = ask_signed(world, assertion(world, client_id, key), client_id="another")
    assert both.status_code == 401 and "names another client" in both.json()["error_description"]


def test_only_the_registered_way_of_authentication_counts(world):
    key = ECKey.generate_key("P-256")
    by_basic = machine(world)
    answer = ask_signed(world, assertion(world, by_basic["client_id"], key))
    assert answer.status_code == 401 and "registered for client_secret_basic" in answer.json()["error_description"]
    form = {"grant_type": "client_credentials", "client_id": by_basic["client_id"], "client_secret": by_basic["client_secret"]}
    assert requests.post(f"{world.issuer}/token", data=form, timeout=10).status_code == 401
    assert ask(world, by_basic, client_assertion_type=ASSERTION, client_assertion="x").status_code == 400


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
    assert ask(world, registered).json()["scope"] == "cases:read cases:file", "without any: all it has"
    for scope in ("openid", "billing:read", "cases:read nonsense"):
        answer = ask(world, registered, scope=scope)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope"), scope
    both = world.add_client("Both", redirect_uris=[], machine=True, scopes=["cases:read", "billing:read"])
    answer = ask(world, both, scope="cases:read billing:read")
    assert answer.json()["error"] == "invalid_scope" and "one API" in answer.json()["error_description"]
    assert ask(world, both, scope="billing:read").status_code == 200


def test_our_own_scopes_are_for_our_own_api(world):
    registered = world.add_client("Operator's script", redirect_uris=[], machine=True, scopes=["users:read"])
    token = ask(world, registered, scope="users:read").json()["access_token"]
    assert Client(world.issuer, registered | {"redirect_uris": ["x"]}).claims(token)["aud"] == f"{world.issuer}/api/v1"


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


def test_opaque_tokens_of_a_person_work_at_userinfo_and_die_with_the_grant(world, person):
    client = Client(world.issuer, world.add_client(opaque=True))
    client.sends(person)
    sign_in(world, person)
    tokens = client.tokens(person)
    assert "." not in tokens["access_token"]
    assert client.userinfo(tokens["access_token"]).json()["email"] == DAISY
    fresh = client.refresh(tokens["refresh_token"]).json()
    requests.post(f"{world.issuer}/revoke", data={"token": fresh["access_token"]}, auth=(client.id, client.secret), timeout=10)
    assert client.userinfo(tokens["access_token"]).status_code == client.userinfo(fresh["access_token"]).status_code == 401
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
        assert requests.post(f"{world.issuer}/revoke", data={"token": token}, auth=auth, timeout=10).status_code == 200
    assert introspect(world, registered, token).json() == {"active": False}
    assert introspect(world, registered, other).json()["active"] is True
    with world.inside():
        assert [row.client_id for row in audit.listed() if row.action == "token_revoked"] == [registered["client_id"]]


def test_introspection_tells_an_api_about_its_tokens_and_nobody_else_anything(world, person):
    registered = machine(world)
    client = Client(world.issuer, world.add_client(scopes=["cases:read"]))
    client.sends(person, scope="openid email cases:read")
    sign_in(world, person)
    tokens = client.tokens(person)
    cases = world.add_client("Cases API", redirect_uris=[], introspects=[CASES_API])
    world.add_api("https://billing.example", **{"billing_read": "read bills"})
    billing = world.add_client("Billing API", redirect_uris=[], introspects=["https://billing.example"])
    told = introspect(world, cases, tokens["access_token"]).json()
    assert told["active"] is True and "username" not in told and told["scope"] == "openid email cases:read"
    assert told["acr"].endswith("two-step") and told["auth_time"] == int(world.time.now) and told["aud"] == [CASES_API, world.issuer]
    assert "email" not in told
    for stranger in (billing, registered):
        for token in (tokens["access_token"], tokens["refresh_token"], tokens["id_token"], "guessed", "a.b.c"):
            assert introspect(world, stranger, token).json() == {"active": False}
    own = introspect(world, client.registration, tokens["refresh_token"]).json()
    assert own["active"] is True and own["client_id"] == client.id
    assert introspect(world, client.registration, tokens["id_token"]).json() == {"active": False}
    client.refresh(tokens["refresh_token"])
    assert introspect(world, client.registration, tokens["refresh_token"]).json() == {"active": False}
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
    assert requests.post(url, data={"token": token}, auth=("nobody", "x"), timeout=10).status_code == 401
    public = world.add_client("App", public=True)
    assert requests.post(url, data={"token": token, "client_id": public["client_id"]}, timeout=10).status_code == 401
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


def test_the_scopes_of_a_removed_api_are_given_to_nobody_any_more(world, person):
    world.add_api()
    client, alone = (Client(world.issuer, world.add_client(scopes=["cases:read"])) for _ in range(2))
    client.sends(person, scope="openid cases:read")
    sign_in(world, person)
    tokens = client.tokens(person)
    of_api = alone.tokens(alone.sends(person, scope="cases:read"))
    waiting = alone.answer(alone.sends(person, scope="cases:read"))["code"]
    with world.inside():
        apis.remove(world.time.now, "test", CASES_API)
    time.sleep(1.1)
    fresh = client.refresh(tokens["refresh_token"]).json()
    assert fresh["scope"] == "openid" and client.claims(fresh["access_token"])["aud"] == world.issuer
    assert alone.refresh(of_api["refresh_token"]).json()["error"] == "invalid_scope"
    assert alone.redeem(waiting).json()["error"] == "invalid_grant"


def test_many_revocations_of_one_token_at_once(either_world):
    world = either_world
    registered = machine(world)
    auth = (registered["client_id"], registered["client_secret"])
    for _ in range(3):
        token = ask(world, registered).json()["access_token"]
        with ThreadPoolExecutor(16) as pool:
            answers = pool.map(lambda _, token=token: requests.post(f"{world.issuer}/revoke", data={"token": token}, auth=auth, timeout=30), range(16))
        assert {answer.status_code for answer in answers} == {200}


def test_a_machine_cannot_sign_people_in_nor_a_portal_get_a_machines_token(world, person):
    registered = machine(world)
    assert person.open(f"{world.issuer}/authorize?client_id={registered['client_id']}&response_type=code&scope=openid").status == 400
    portal = Client(world.issuer, world.add_client(scopes=["cases:read"]))
    assert portal.token(grant_type="client_credentials").json()["error"] == "unauthorized_client"


def test_what_cannot_be_registered(world):
    world.add_api()
    with world.inside():
        for wrong, why in (
            ({"machine": True}, "at least one --scope"),
            ({"machine": True, "public": True, "scopes": ["cases:read"]}, "keeps a secret"),
            ({"machine": True, "scopes": ["nonsense"]}, "no API has the scope"),
            ({"introspects": ["https://nowhere.example"]}, "no API"),
            ({"machine": True, "scopes": ["cases:read"], "auth_method": "private_key_jwt"}, "--jwks"),
            ({"machine": True, "scopes": ["cases:read"], "jwks": {"keys": []}}, "1 to 20 keys"),
            ({"machine": True, "scopes": ["cases:read"], "jwks": {"keys": [{"kty": "oct", "k": "AAAA"}]}}, "no public key"),
            ({"machine": True, "scopes": ["cases:read"], "jwks": {"keys": [RSAKey.generate_key(1024).as_dict(private=False)]}}, "below 2048"),
            ({"machine": True, "scopes": ["cases:read"], "jwks": [1]}, "JWK Set"),
            ({}, "--redirect-uri"),
        ):
            with pytest.raises(Mistake, match=why):
                clients.add(world.time.now, "test", world.vault, "X", **wrong)
        for identifier, scopes, why in (
            ("cases", {"a": "b"}, "absolute URI"),
            ("https://x.example#f", {"a": "b"}, "fragment"),
            ("https://x.example", {}, "at least one --scope"),
            ("https://x.example", {"openid": "b"}, "this provider"),
            ("https://x.example", {"cases:read": "b"}, CASES_API),
            ("https://x.example", {'a"b': "b"}, "printable ASCII"),
            (CASES_API, {"a": "b"}, "already"),
        ):
            with pytest.raises(Mistake, match=why):
                apis.add(world.time.now, "test", identifier, "X", scopes)
        private = RSAKey.generate_key(2048)
        made = clients.add(world.time.now, "test", world.vault, "K", machine=True, scopes=["cases:read"], jwks=private.as_dict(private=True))
        assert "d" not in made["jwks"]["keys"][0], "a private key that was pasted by mistake is not kept"


def test_a_secret_for_signatures_is_rotated_too(world):
    registered = machine(world, auth_method="client_secret_jwt")

    def with_secret(secret: str):
        return ask_signed(world, assertion(world, registered["client_id"], OctKey.import_key(secret), {"alg": "HS256"})).status_code

    assert with_secret(registered["client_secret"]) == 200
    with world.inside():
        fresh = clients.rotate_secret(world.time.now, "test", world.vault, registered["client_id"])
    time.sleep(1.1)
    assert (with_secret(registered["client_secret"]), with_secret(fresh)) == (401, 200)


def test_strangers_learn_nothing_from_the_endpoints(world):
    """A scraped list of endpoints and nothing else: every answer is the same refusal."""
    machine(world)
    person = Person(world.issuer)
    for path in ("/metrics", "/api/v1", "/console", "/account", "/clients/none/logo", "/inbox/calls/x"):
        assert person.open(world.issuer + path).status in (404, 405), path
    for path in ("/token", "/introspect", "/revoke"):
        for data in ({}, {"token": "x", "grant_type": "client_credentials"}, {"client_id": "nobody", "token": "x", "grant_type": "client_credentials"}):
            answer = requests.post(world.issuer + path, data=data, timeout=10)
            assert answer.status_code in (400, 401) and set(answer.json()) <= {"error", "error_description"}
