"""Machine clients of the tests: registered, asking for tokens, signing assertions."""

import secrets

import requests
from joserfc import jwt

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def machine(world, **more):
    world_apis = more.pop("apis", True)
    if world_apis:
        world.add_api()
    return world.add_client(
        "Nightly job", redirect_uris=[], machine=True, scopes=["cases:read", "cases:file"], **more
    )


def ask(world, registered, **form):
    auth = (registered["client_id"], registered["client_secret"])
    return requests.post(
        f"{world.issuer}/token",
        data={"grant_type": "client_credentials", **form},
        auth=auth,
        timeout=30,
    )


def introspect(world, registered, token, **form):
    auth = (registered["client_id"], registered["client_secret"])
    return requests.post(
        f"{world.issuer}/introspect", data={"token": token, **form}, auth=auth, timeout=30
    )


def assertion(world, client_id, key, header=None, **changes):
    now = int(world.time.now)
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": world.issuer,
        "exp": now + 60,
        "iat": now,
        "jti": secrets.token_hex(8),
    } | changes
    claims = {name: value for name, value in claims.items() if value is not None}
    header = {"alg": "ES256"} | (header or {})
    return jwt.encode(header, claims, key, [header["alg"]])


def ask_signed(world, text, **form):
    data = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION,
        "client_assertion": text,
        **form,
    }
    return requests.post(f"{world.issuer}/token", data=data, timeout=30)
