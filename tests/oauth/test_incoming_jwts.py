"""Every JWT that comes in passes one reader: whatever a stranger makes of one, it is refused in
words and never a 5xx."""

import base64
import json
from urllib.parse import urlencode

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc.jwk import ECKey

from idp import jws
from tests.support.stories import signed_in

KEY = ECKey.generate_key("P-256")
HEADERS = (
    {"alg": "RS256", "kid": '"\\'},
    {"alg": "RS256", "kid": "\x00"},
    {"alg": "RS256", "kid": "ключ"},
    {"alg": "RS256", "kid": {"a": 1}},
    {"alg": "RS256", "kid": ["a"]},
    {"alg": "RS256", "kid": 1e308},
    {"alg": None},
    {"alg": ["RS256"]},
    {"alg": {"RS256": 1}},
    {"alg": "none"},
    {"alg": "HS256"},
    {"alg": "RS256", "crit": ["b64"], "b64": False},
    {"alg": "RS256", "crit": "x"},
    {"alg": "RS256", "zip": "DEF"},
    {"alg": "RS256", "typ": 7},
    {"alg": "RS256", "typ": ["JWT"]},
    {"alg": "RS256", "jwk": {"kty": "EC"}, "jku": "http://localhost:1/", "x5c": [1]},
    {},
)
RAW = (
    b'{"alg":"RS256","alg":"none"}',
    b'{"alg":"RS256","x":' + b"9" * 5000 + b"}",
    b'{"alg":"RS256","x":1e999}',
    b'{"alg":"RS256","x":NaN}',
    b'{"alg":"RS256"' + b"[" * 3000,
    b'["alg"]',
    b"7",
    b'"RS256"',
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"",
)


def part(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def tokens() -> list[str]:
    made = [
        f"{part(json.dumps(header).encode())}.{part(b'{}')}.{part(b'x' * 64)}" for header in HEADERS
    ]
    made += [f"{part(raw)}.{part(b'{}')}.AAAA" for raw in RAW]
    made += [
        f"{part(json.dumps({'alg': 'RS256', 'typ': 'JWT'}).encode())}.{part(raw)}.AAAA"
        for raw in RAW
    ]
    return [*made, "..", "a.b.c", "." * 500, "é.é.é", "a" * 20000, "%00", "=.=.="]


def test_no_hint_assertion_or_token_gets_further_than_a_refusal(world, client):
    person, _ = signed_in(world, client)
    for token in tokens():
        out = requests.get(
            f"{world.issuer}/logout?{urlencode({'id_token_hint': token})}",
            cookies=person.cookies,
            timeout=30,
        )
        assert out.status_code == 200 and "Do you want to sign out?" in out.text, token
        asked = requests.get(client.address(id_token_hint=token), timeout=30, allow_redirects=False)
        assert asked.status_code == 303 and "error=invalid_request" in asked.headers["Location"], (
            token
        )
        form = {
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": token,
        }
        said = requests.post(
            f"{world.issuer}/token", data={"grant_type": "client_credentials", **form}, timeout=30
        )
        assert (said.status_code, said.json()["error"]) == (401, "invalid_client"), token
        header = {"Authorization": b"Bearer " + token.encode()}
        assert (
            requests.get(f"{world.issuer}/userinfo", headers=header, timeout=30).status_code == 401
        ), token
        looked = requests.post(
            f"{world.issuer}/introspect",
            data={"token": token},
            auth=(client.id, client.secret),
            timeout=30,
        )
        assert looked.status_code < 500, token
        assert (
            requests.post(
                f"{world.issuer}/revoke",
                data={"token": token},
                auth=(client.id, client.secret),
                timeout=30,
            ).status_code
            < 500
        ), token


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
names = st.sampled_from(["alg", "kid", "typ", "crit", "b64", "zip", "jwk", "x5u", "cty"]) | st.text(
    max_size=4
)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.dictionaries(names, json_values, max_size=5), st.binary(max_size=60), st.binary(max_size=80)
)
def test_the_reader_raises_nothing_but_its_own_error(header, payload, signature):
    token = f"{part(json.dumps(header).encode('utf-8', 'surrogatepass'))}.{part(payload)}.{part(signature)}"
    with pytest.raises(jws.Unreadable):
        jws.read(token, lambda _: [KEY], ["ES256", "RS256"], ["jwt"], untyped_too=True)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200))
def test_no_text_is_too_odd_to_be_refused(text):
    with pytest.raises(jws.Unreadable):
        jws.unverified(text)


def test_a_right_token_is_read_and_a_name_that_stands_twice_is_not():
    from joserfc import jws as library

    def signed(payload: bytes) -> str:
        return library.serialize_compact({"alg": "ES256", "typ": "JWT"}, payload, KEY)

    assert jws.read(signed(b'{"sub":"a"}'), lambda _: [KEY], ["ES256"], ["jwt"]).claims == {
        "sub": "a"
    }
    for payload in (b'{"sub":"a","sub":"b"}', b'{"exp":1e999}', b'{"exp":Infinity}', b"[]"):
        with pytest.raises(jws.Unreadable, match="malformed"):
            jws.read(signed(payload), lambda _: [KEY], ["ES256"], ["jwt"])
    with pytest.raises(jws.Unreadable, match="type"):
        jws.read(signed(b"{}"), lambda _: [KEY], ["ES256"], ["at+jwt"])
    with pytest.raises(jws.Unreadable, match="signature"):
        jws.read(signed(b"{}"), lambda _: [ECKey.generate_key("P-256")], ["ES256"], ["jwt"])
