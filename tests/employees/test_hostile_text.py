"""Text of a company's that no database, header or terminal should meet."""

import re
import time

import pytest
import requests

from idp.store import audit, upstream_accounts
from tests.employees.test_attacks import attempt, refused, told
from tests.support.company import SAM

HALF = "\ud800"  # half of a character
LONG = "x" * 300


@pytest.mark.parametrize(
    "subject", [HALF, "a\0b", LONG, "s\u00e4m", "a b\n", ["sam"], {"a": 1}, True], ids=range(8)
)
def test_a_subject_that_is_none(world, client, other, sam, subject):
    other.claims = {"sub": subject}
    refused(world, attempt(client, sam), "bad_answer")


@pytest.mark.parametrize("sid", [HALF, "a\0b", LONG, 7, [], None], ids=range(6))
def test_a_sid_that_is_none_is_passed_over(world, client, other, sam, sid):
    other.claims = {"sid": sid}
    attempt(client, sam)
    assert sam.heading == "Terms of Use Agreement"


ODD = [
    {"amr": {"a": 1}},
    {"amr": [HALF, None, [1], "x" * 9999]},
    {"acr": [HALF]},
    {"acr": HALF},
    {"roles": {"care-managers": 1}},
    {"roles": [HALF] * 900},
    {"preferred_username": HALF * 90},
    {"preferred_username": "@@@ \0"},
    {"given_name": HALF + "\0\x1b[2J"},
    {"auth_time": 0},
    {"exp": 9007199254740991.0},
    {"azp": None, "nbf": 0},
]


@pytest.mark.parametrize("claims", ODD, ids=range(len(ODD)))
def test_odd_claims_break_nothing(world, client, other, sam, claims):
    other.claims = claims
    attempt(client, sam)
    assert sam.status == 200 and sam.heading in ("Terms of Use Agreement", "!YOU ARE NOT SIGNED IN")


@pytest.mark.parametrize(
    "claims",
    [
        {"iat": -1},
        {"iat": True},
        {"auth_time": "now"},
        {"nbf": []},
        {"exp": 10**400},
        {"exp": 1e300},
    ],
    ids=range(6),
)
def test_times_that_are_none(world, client, other, sam, claims):
    other.claims = claims
    refused(world, attempt(client, sam), "bad_answer")


@pytest.mark.parametrize(
    "body",
    [
        b'{"access_token": "\\ud800", "token_type": "Bearer", "id_token": "x.y.z"}',
        b'{"access_token": "a", "token_type": ["Bearer"]}',
    ],
)
def test_tokens_that_are_none(world, client, other, sam, body):
    other.statuses, other.bodies = {"token": 200}, {"token": body}
    refused(world, attempt(client, sam), "bad_answer")


NO_LOGOUT = [
    {"sid": HALF},
    {"sub": HALF, "sid": None},
    {"jti": HALF},
    {"sid": "a\0"},
    {"sub": [1]},
    {"iat": "x"},
    {"events": []},
]


@pytest.mark.parametrize("changes", NO_LOGOUT, ids=range(7))
def test_a_logout_token_of_such_text_is_refused(world, other, changes):
    answer = requests.post(
        f"{world.issuer}/upstream/acme/backchannel-logout",
        data={"logout_token": other.logout_token(**changes)},
        timeout=9,
    )
    assert answer.status_code == 400


def test_what_a_stranger_writes_into_an_answer_reaches_no_terminal(world, client, other, sam):
    other.answer = {
        "error": "x",
        "error_description": "\x1b]0;owned\x07\x1b[2J\n\rall is well",
        "code": None,
    }
    refused(world, attempt(client, sam), "upstream_error")
    story = told(world, sam)
    assert (
        "\x1b" not in story and "\x07" not in story and re.search(r"\?\[2J\?\?all is well", story)
    )
    with world.inside():
        assert "\\x1b" not in str([one.detail for one in audit.listed()])


def test_an_address_and_whether_it_is_verified_are_of_one_document(world, client, other, sam):
    """Else an unverified address of the ID token would be verified by what userinfo says of another
    one."""
    other.claims = {"email": "ceo@atrezzo.example", "email_verified": None}
    other.userinfo = dict(SAM)
    attempt(client, sam)
    assert sam.heading == "Terms of Use Agreement"
    with world.inside():
        assert upstream_accounts.by_subject(other.issuer, SAM["sub"]).contact_email == SAM["email"]


def test_of_several_published_keys_those_for_encryption_and_shared_ones_sign_nothing(
    world, client, other, sam
):
    jwks = other._jwks

    def dressed(use: str):
        answer = jwks().get_json()
        return other._json(
            {
                "keys": [
                    {**answer["keys"][0], "use": use},
                    {"kty": "oct", "k": "c2VjcmV0", "kid": "first"},
                    {"kty": "RSA"},
                    7,
                ]
            }
        )

    other._jwks = lambda: dressed("enc")
    refused(world, attempt(client, sam), "bad_signature")
    other._jwks = lambda: dressed("sig")
    time.sleep(2.1)  # keys are not looked for twice in two seconds
    sam.press("TRY AGAIN")
    assert sam.heading == "Terms of Use Agreement"
