"""The checks of an authorization request as a table, below HTTP; and that what an interaction keeps
of it comes back whole."""

import json
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from idp.oauth.authorization import CHECKS, ENDPOINTS
from idp.oauth.authorization.checks import Context
from idp.oauth.authorization.errors import CheckError
from idp.oauth.authorization.request import AuthorizationRequest
from idp.oauth.authorization.sources import echoed, read
from idp.oauth.clients import RegisteredClient
from idp.oauth.resource_servers import ResourceServers
from idp.operations import clients as operations
from idp.store import clients
from idp.store.database import run
from tests.support.client import Client
from tests.support.person import Person

CHALLENGE = "c" * 43
WHOLE = {
    "response_type": "code",
    "scope": "openid email",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}
REGISTRATION = {
    "client_name": "Desk",
    "token_endpoint_auth_method": "client_secret_basic",
    "redirect_uris": ["https://desk.example/cb"],
    "post_logout_redirect_uris": [],
    "scope": "openid email profile cases:read",
    "grant_types": ["authorization_code"],
    "id_token_signed_response_alg": "RS256",
}


@pytest.fixture(scope="module")
def context() -> Context:
    resource_servers = ResourceServers.of("https://idp.example", [])
    row = clients.Client(
        id="desk",
        registration=REGISTRATION,
        profile="modern",
        third_party=False,
        secret_digest=None,
        sealed_secret=None,
        created_at=0.0,
    )
    return Context(
        RegisteredClient(row, resource_servers, None), resource_servers, {"ours": "daisy"}.get
    )


def resolved(values, context) -> dict:
    found = {}
    for check in CHECKS:
        found |= check(values, context)
    return found


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        ({}, "scopes", ("openid", "email")),
        ({"scope": "openid openid unknown cases:read"}, "scopes", ("openid",)),
        ({}, "response_mode", "query"),
        ({"response_mode": "query"}, "response_mode", "query"),
        ({}, "code_challenge", CHALLENGE),
        ({"prompt": "login consent"}, "prompt", frozenset({"login", "consent"})),
        ({"max_age": "0"}, "max_age", 0),
        ({"acr_values": "b  a b"}, "acr_values", ("b", "a", "b")),
        ({"id_token_hint": "ours"}, "subject", "daisy"),
        ({"login_hint": "daisy@lakeside.example"}, "login_hint", "daisy@lakeside.example"),
        ({"state": "s"}, "state", "s"),
        ({"purpose": " reset a registration "}, "purpose", "reset a registration"),
    ],
)
def test_what_a_check_makes_of_a_parameter(context, changes, field, value):
    assert resolved({**WHOLE, **changes}, context)[field] == value


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "id_token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "unknown"}, "invalid_scope"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "c" * 42}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"max_age": "1.5"}, "invalid_request"),
        ({"max_age": "１"}, "invalid_request"),
        ({"id_token_hint": "theirs"}, "invalid_request"),
        ({"purpose": "no"}, "invalid_request"),
        ({"purpose": "x" * 301}, "invalid_request"),
        ({"request": "x"}, "request_not_supported"),
        ({"request_uri": "x"}, "request_uri_not_supported"),
        ({"registration": "x"}, "registration_not_supported"),
    ],
)
def test_what_a_check_refuses(context, changes, error):
    values = {name: value for name, value in {**WHOLE, **changes}.items() if value is not None}
    with pytest.raises(CheckError) as refused:
        resolved(values, context)
    assert refused.value.error == error and refused.value.description.isascii()


def test_every_check_says_what_it_is_about_and_where_it_runs():
    from inspect import getmodule

    for check, endpoints in CHECKS.items():
        assert (getmodule(check).__doc__ or "").strip().endswith(".") and set(endpoints) <= set(
            ENDPOINTS
        )


@pytest.mark.parametrize(
    ("pairs", "error"),
    [
        ([("state", "a"), ("state", "b")], "state is repeated"),
        ([("state", "x" * 4097)], "state is too long"),
        ([("state", "ü" * 2049)], "state is too long"),
        ([("state", "a\n")], "state contains a control character"),
        ([(f"p{n}", "x" * 4000) for n in range(5)], "the request is too long"),
        ([("s\u00e4te", "a"), ("s\u00e4te", "b")], "s?te is repeated"),
    ],
)
def test_what_no_request_may_hold(pairs, error):
    with pytest.raises(CheckError) as refused:
        read(pairs)
    assert refused.value.description == error


def test_what_goes_back_with_an_error():
    assert echoed([("state", "s")]) == "s" and echoed([("state", "")]) is None
    assert echoed([("state", "a\r\nb")]) is None and echoed([("state", "x" * 4097)]) is None


texts = st.text(max_size=20)
REQUEST = {
    "client_id": texts.filter(bool),
    "redirect_uri": texts.filter(bool),
    "response_type": st.just("code"),
    "response_mode": st.just("query"),
    "scopes": st.lists(texts, max_size=3).map(tuple),
    "state": st.none() | texts.filter(bool),
    "nonce": st.none() | texts.filter(bool),
    "code_challenge": st.none() | texts.filter(bool),
    "prompt": st.frozensets(st.sampled_from(["login", "consent", "create"])),
    "max_age": st.none() | st.integers(0, 10**9),
    "acr_values": st.lists(texts, max_size=3).map(tuple),
    "subject": st.none() | texts.filter(bool),
    "login_hint": texts,
    "ui_locales": texts,
    "purpose": texts,
    "redirect_uri_sent": st.booleans(),
}


def test_every_field_is_drawn():
    assert set(REQUEST) == {field.name for field in fields(AuthorizationRequest)}


@given(st.builds(AuthorizationRequest, **REQUEST))
def test_what_is_kept_comes_back(request_):
    assert (
        AuthorizationRequest.of(
            {**json.loads(json.dumps(request_.kept())), "a field of another release": 1}
        )
        == request_
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            {"redirect_uris": ["https://elsewhere.example/cb"]},
            (400, "The application asked to return to an unknown address"),
        ),
        ({"scope": ""}, (200, "Sign in with your email address")),
        ({"client_name": "Other name"}, (200, "Sign in with your email address")),
        ("profile", (410, "This sign-in took too long")),
        ("removed", (400, "This application is not known here")),
    ],
    ids=[
        "its redirect URI is gone",
        "a scope is gone",
        "something else changed",
        "PKCE is demanded meanwhile",
        "the client is gone",
    ],
)
def test_a_client_that_changes_while_somebody_signs_in(world, change, says):
    world.add_api()
    made = world.add_client(
        scopes=["cases:read"], profile="classic" if change == "profile" else "modern"
    )
    client, person = Client(world.issuer, made), Person(world.issuer)
    asked = {"code_challenge": None, "code_challenge_method": None} if change == "profile" else {}
    client.sends(person, scope="openid cases:read", **asked).press("LOGIN WITH EMAIL")
    with world.inside():
        if change == "removed":
            operations.remove(world.time.now, "test", client.id)
        elif change == "profile":
            operations.update(world.time.now, "test", client.id, {}, "modern")
        else:
            operations.update(world.time.now, "test", client.id, change)
    registry = world.app.extensions["stagedoor"].registry
    registry._checked = float("-inf")
    person.open(person.url)
    assert (person.status, person.heading) == says or (
        person.status == says[0] and change == "profile"
    )


def test_a_profile_of_a_newer_program_bars_no_other_client(world, client):
    other = world.add_client("Other", "https://other.example/cb")
    with world.inside():
        run(
            update(clients.CLIENTS)
            .where(clients.CLIENTS.c.id == other["client_id"])
            .values(profile="fapi9")
        )
        clients.touch("clients")
    registry = world.app.extensions["stagedoor"].registry
    registry._checked = float("-inf")
    assert client.sends(Person(world.issuer)).heading == "LOGIN OPTIONS"
    assert (
        Client(world.issuer, other).sends(Person(world.issuer)).heading
        == "This application is not known here"
    )
