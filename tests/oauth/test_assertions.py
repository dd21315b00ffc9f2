"""Clients that authenticate by a signature: whose, for whom, how fresh, and once."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from idp.operations import clients
from tests.support.machines import ASSERTION, ask, ask_signed, assertion, machine


@pytest.mark.parametrize(
    "made",
    [
        RSAKey.generate_key(2048),
        ECKey.generate_key("P-256"),
        ECKey.generate_key("P-384"),
        OKPKey.generate_key("Ed25519"),
    ],
)
def test_keys_of_every_registered_kind(world, made):
    algs = {
        "RSA": ("RS256", "PS256"),
        "EC": ("ES256",)
        if made.as_dict()["kty"] == "EC" and made.curve_name == "P-256"
        else ("ES384",),
        "OKP": ("EdDSA",),
    }
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
    assert (
        "was already used"
        in next(answer for answer in answers if answer.status_code == 401).json()[
            "error_description"
        ]
    )


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"aud": "https://elsewhere.example"}, "aud must be"),
        ({"aud": "{issuer}/token"}, "aud must be"),
        ({"aud": ["{issuer}", "https://elsewhere.example"]}, "aud must be"),
        ({"iss": "somebody"}, "iss and sub"),
        ({"exp": None}, "exp is required"),
        ({"exp": -100}, "expired"),
        ({"exp": 4000, "iat": None}, "without iat"),
        ({"exp": 4000, "iat": -400}, "300 seconds from its iat"),
        ({"exp": "soon"}, "numbers of seconds"),
        ({"exp": float("nan")}, "authentication failed"),
        ({"iat": float("nan"), "exp": 10**9}, "authentication failed"),
        ({"iat": float("inf")}, "authentication failed"),
        ({"exp": 10**400}, "numbers of seconds"),
        ({"iat": -(10**400)}, "numbers of seconds"),
        ({"nbf": 100}, "not valid yet"),
        ({"iat": 100}, "not valid yet"),
        ({"jti": None}, "jti is required"),
        ({"jti": "x" * 300}, "jti is required"),
    ],
)
def test_an_assertion_that_is_not_right_is_refused_and_says_why(world, changes, why):
    key = ECKey.generate_key("P-256")
    registered = machine(world, jwks=key.as_dict(private=False))
    moved = {
        name: world.time.now + value if isinstance(value, int) and abs(value) < 10**10 else value
        for name, value in changes.items()
    }
    if "aud" in moved:
        moved["aud"] = (
            [one.format(issuer=world.issuer) for one in moved["aud"]]
            if isinstance(moved["aud"], list)
            else moved["aud"].format(issuer=world.issuer)
        )
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
        assertion(
            world, client_id, OctKey.import_key(registered["client_id"] * 4), {"alg": "HS256"}
        ),
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
    assert (
        both.status_code == 401 and "does not match the client" in both.json()["error_description"]
    )


def test_only_the_registered_way_of_authentication_counts(world):
    key = ECKey.generate_key("P-256")
    by_basic = machine(world)
    answer = ask_signed(world, assertion(world, by_basic["client_id"], key))
    assert answer.status_code == 401
    unknown = ask_signed(world, assertion(world, "nobody", key))
    assert answer.json() == unknown.json(), (
        "a stranger is told the same of a client that is there and of one that is not"
    )
    form = {
        "grant_type": "client_credentials",
        "client_id": by_basic["client_id"],
        "client_secret": by_basic["client_secret"],
    }
    told = requests.post(f"{world.issuer}/token", data=form, timeout=10)
    assert (
        told.status_code == 401
        and "registered for client_secret_basic" in told.json()["error_description"]
    ), "who has the secret is told"
    assert (
        requests.post(
            f"{world.issuer}/token", data=form | {"client_secret": "x"}, timeout=10
        ).json()
        == unknown.json()
    )
    for path in ("/token", "/introspect"):
        asked = {"grant_type": "client_credentials", "token": "x"}
        # by an id alone; and as two clients
        for options in (
            (asked | {"client_id": "{}"}, None),
            (asked | {"client_id": "another"}, "{}"),
        ):
            said = []
            for who in (by_basic["client_id"], "nobody"):
                data = {name: value.format(who) for name, value in options[0].items()}
                said.append(
                    requests.post(
                        world.issuer + path,
                        data=data,
                        auth=(who, "junk") if options[1] else None,
                        timeout=10,
                    ).json()
                )
            assert said[0] == said[1], (path, options)
    assert (
        ask(world, by_basic, client_assertion_type=ASSERTION, client_assertion="x").status_code
        == 400
    )


def test_a_secret_for_signatures_is_rotated_too(world):
    registered = machine(world, auth_method="client_secret_jwt")

    def with_secret(secret: str):
        return ask_signed(
            world,
            assertion(world, registered["client_id"], OctKey.import_key(secret), {"alg": "HS256"}),
        ).status_code

    assert with_secret(registered["client_secret"]) == 200
    with world.inside():
        fresh = clients.rotate_secret(world.time.now, "test", world.vault, registered["client_id"])
    time.sleep(1.1)
    assert (with_secret(registered["client_secret"]), with_secret(fresh)) == (401, 200)
