"""What a company's provider, or someone who plays it, might answer: all that is no sign-in is
refused, and explained."""

import base64
import hmac
import json
import re
from pathlib import Path

import pytest
from joserfc import jwt

from idp.cli.explain_words import WHY
from idp.operations import explain
from idp.store import audit, upstream_accounts
from idp.web.flow.upstream import KINDS
from tests.support.company import CLIENT, SAM, SECRET, ec_key
from tests.support.person import Person

FAILED = "!YOU ARE NOT SIGNED IN"


def attempt(client, person: Person, **asked) -> Person:
    return client.sends(person, **asked).press("LOGIN")


def why(world) -> str:
    """Why the newest sign-in at the company was refused, by the audit trail."""
    with world.inside():
        return [one for one in audit.listed() if one.action == "upstream_refused"][-1].detail[
            "reason"
        ]


def refused(world, person: Person, reason: str, made: bool = False) -> None:
    """Someone was not signed in for this reason, which is explained; and no account was made,
    unless before."""
    assert (person.status, person.heading) == (200, FAILED), (
        person.status,
        person.heading,
        person.url,
    )
    assert why(world) == reason
    assert not person.left_for and not [
        name for name in person.cookies if name.endswith("_session")
    ]
    with world.inside():
        assert (
            made
            or upstream_accounts.by_subject(world.settings.upstreams[0].issuer, SAM["sub"]) is None
        ), "nothing was made of it"
    story = told(world, person)
    assert WHY[reason].casefold() in story.casefold(), "and it is explained"


def told(world, person: Person) -> str:
    """What `idp explain` reads out."""
    from idp.cli.explain_sentences import did, outcome

    reference = re.search(r'class="reference">([^<]+)<', person.page.html)[1]
    with world.app.app_context():
        story = explain.explain(reference)
        return "\n".join(f"{did(step, story)} {outcome(step, story)}" for step in story.steps)


LIES = {
    "a sign-in in milliseconds": ({"auth_time": 1_800_000_000_000}, "clock"),
    "another issuer": ({"iss": "https://elsewhere.example"}, "wrong_issuer"),
    "for another client": ({"aud": "somebody-else"}, "wrong_audience"),
    "for two clients": ({"aud": [CLIENT, "somebody-else"]}, "wrong_audience"),
    "for us, said to be used by another": ({"azp": "somebody-else"}, "wrong_audience"),
    "another sign-in's nonce": ({"nonce": "of-another-sign-in"}, "wrong_nonce"),
    "no nonce": ({"nonce": None}, "wrong_nonce"),
    "no subject": ({"sub": None}, "bad_answer"),
    "an empty subject": ({"sub": ""}, "bad_answer"),
    "a subject that is a number": ({"sub": 7}, "bad_answer"),
    "no expiry": ({"exp": None}, "bad_answer"),
    "an expiry that is a word": ({"exp": "tomorrow"}, "bad_answer"),
    "no time of the sign-in, though asked": ({"auth_time": None}, "undated"),
    "an e-mail address that is not verified": ({"email_verified": False}, "unverified_email"),
    "verified as a word": ({"email_verified": "true"}, "unverified_email"),
    "an address of another domain": ({"email": "sam.kim@elsewhere.example"}, "foreign_domain"),
    "a domain that only ends like ours": (
        {"email": "sam.kim@not-atrezzo.example"},
        "foreign_domain",
    ),
    "a domain below ours": ({"email": "sam.kim@mail.atrezzo.example"}, "foreign_domain"),
    "two at signs": ({"email": "sam@elsewhere.example@atrezzo.example"}, "no_email"),
    "an address that is a list": ({"email": ["sam.kim@atrezzo.example"]}, "no_email"),
    "an access token that is not this one": ({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}, "wrong_token"),
}


@pytest.mark.parametrize(("claims", "reason"), LIES.values(), ids=LIES)
def test_an_id_token_that_says_what_it_must_not(world, client, other, sam, claims, reason):
    other.claims = claims
    refused(world, attempt(client, sam), reason)


def test_no_address_anywhere(world, client, other, sam):
    other.person.pop("email")
    refused(world, attempt(client, sam), "no_email")


@pytest.mark.parametrize("seconds", [-3600, 3600], ids=["behind", "ahead"])
def test_a_wrong_clock(world, client, other, sam, seconds):
    now = int(world.time.now) + seconds
    other.claims = {"iat": now, "exp": now + 300, "auth_time": now}
    refused(world, attempt(client, sam), "clock")
    assert "clock" in told(world, sam)


def test_a_clock_that_is_wrong_by_less_than_the_leeway_is_borne(world, client, other, sam):
    now = int(world.time.now) + 55
    other.claims = {"iat": now, "exp": now + 300}
    attempt(client, sam)
    assert sam.heading == "Terms of Use Agreement"


def test_none_and_hmac_and_a_key_that_came_along_sign_nothing(world, client, other):
    made, public = other.id_token, other.key.as_pem(private=False)
    forged = {
        "none": lambda **claims: _unsigned(made(**claims)),
        "our secret": lambda **claims: _hmac(made(**claims), SECRET.encode()),
        "its public key as a secret": lambda **claims: _hmac(made(**claims), public),
        "a key of its own in the header": lambda **claims: _signed_by_stranger(
            made(**claims), jwk=True
        ),
        "a key that is published nowhere": lambda **claims: _signed_by_stranger(
            made(**claims), jwk=False
        ),
        "half a token": lambda **claims: made(**claims)[:40],
    }
    for forge in forged.values():
        other.id_token = forge
        person = Person(world.issuer, also=(other.issuer,))
        refused(world, attempt(client, person), "bad_signature")


def _unsigned(token: str) -> str:
    header = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).rstrip(b"=").decode()
    return f"{header}.{token.split('.')[1]}."


def _hmac(token: str, key: bytes) -> str:
    """The same claims, signed with a secret that others may know."""
    header = (
        base64.urlsafe_b64encode(json.dumps({"alg": "HS256", "kid": "first"}).encode())
        .rstrip(b"=")
        .decode()
    )
    signed = f"{header}.{token.split('.')[1]}"
    digest = hmac.new(key, signed.encode(), "sha256").digest()
    return f"{signed}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def _claims(token: str) -> dict:
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def _signed_by_stranger(token: str, jwk: bool) -> str:
    key = ec_key("first")
    header = {
        "alg": "ES256",
        "kid": "first",
        **({"jwk": key.as_dict(private=False)} if jwk else {}),
    }
    return jwt.encode(header, _claims(token), key, ["ES256"])


def test_an_algorithm_that_the_settings_do_not_name(world, client, other, sam):
    other.alg = "RS512"
    refused(world, attempt(client, sam), "bad_signature")


def test_a_provider_that_publishes_no_key(world, client, other, sam):
    other.published = []
    refused(world, attempt(client, sam), "bad_signature")


@pytest.mark.parametrize("iss", [None, "https://elsewhere.example"])
def test_mix_up_an_answer_that_is_not_from_this_company(world, client, other, sam, iss):
    """RFC 9207: a provider that says it names itself does."""
    other.answer = {"iss": iss}
    refused(world, attempt(client, sam), "mix_up")
    assert other.count("token") == 0, "the code was sent to nobody"


def test_an_error_that_is_not_from_this_company_ends_nothing_as_cancelled(
    world, client, other, sam
):
    other.answer = {"iss": "https://elsewhere.example", "error": "access_denied", "code": None}
    refused(world, attempt(client, sam), "mix_up")


def test_a_code_that_was_slipped_in_from_another_browser_is_worth_nothing(
    world, client, other, sam
):
    """Code injection: the attacker's code, in the victim's browser and sign-in."""
    attacker = Person(world.issuer, also=())
    attempt(client, attacker)
    answer = attacker.http.get(attacker.left_for, allow_redirects=False).headers["Location"]
    stolen = re.search(r"code=([^&]+)", answer)[1]
    victim = Person(world.issuer)
    attempt(client, victim)
    state = re.search(r"state=([^&]+)", victim.left_for)[1]
    victim.open(
        f"{world.issuer}/upstream/acme/callback?code={stolen}&state={state}&iss={other.issuer}"
    )
    refused(world, victim, "wrong_nonce")


def test_an_answer_in_a_browser_that_asked_for_none_signs_nobody_in(world, client, other, sam):
    """Login CSRF: the attacker's whole answer, in the victim's browser."""
    attacker = Person(world.issuer)
    attempt(client, attacker)
    answer = attacker.http.get(attacker.left_for, allow_redirects=False).headers["Location"]
    victim = Person(world.issuer)
    victim.open(answer)
    assert (victim.status, victim.heading) == (403, "This page belongs to another browser")
    assert other.count("token") == 0


def test_an_answer_counts_once_and_only_for_the_company_that_was_asked(world, client, other, sam):
    sam.own = {sam.provider.partition("//")[2]}
    attempt(client, sam)
    answer = sam.http.get(sam.left_for, allow_redirects=False).headers["Location"]
    elsewhere = answer.replace("/upstream/acme/", "/upstream/other/")
    assert sam.open(elsewhere).status == 404
    assert sam.open(answer).heading == "Terms of Use Agreement"
    assert other.count("token") == 1
    assert sam.open(answer).heading == "Terms of Use Agreement", (
        "loaded once more: the page that is due"
    )
    assert other.count("token") == 1


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?state=x",
        "?code=a&code=b&state=x",
        "?state=" + "x" * 5000,
        "?state=%00&code=%ff",
        "?error=x&state=é",
    ],
)
def test_a_callback_that_nobody_asked_for(world, sam, query):
    sam.open(f"{world.issuer}/upstream/acme/callback{query}")
    assert sam.status in (400, 404)


def test_userinfo_about_somebody_else_is_not_taken(world, client, other, sam):
    other.claims = {"email": None}
    other.userinfo = {**SAM, "sub": "somebody-else"}
    refused(world, attempt(client, sam), "wrong_token")


def test_userinfo_fills_in_what_the_id_token_leaves_out_and_overrules_nothing(
    world, client, other, sam
):
    other.claims = {"email": None, "email_verified": None}
    other.userinfo = {**SAM, "given_name": "Mallory", "nonce": "x", "acr": "urn:stagedoor:acr:mfa"}
    attempt(client, sam)
    assert sam.heading == "Terms of Use Agreement"
    with world.inside():
        account = upstream_accounts.by_subject(other.issuer, SAM["sub"])
        assert (account.contact_email, account.given_name) == (SAM["email"], "Sam")


@pytest.mark.upstream(required={"hd": "atrezzo.example", "employee": True})
@pytest.mark.parametrize(
    ("claims", "let_in"),
    [
        ({"hd": "atrezzo.example", "employee": True}, True),
        ({"hd": "other.example", "employee": True}, False),
        ({"hd": "atrezzo.example", "employee": 1}, False),
        ({}, False),
    ],
)
def test_a_user_of_another_tenant(world, client, other, sam, claims, let_in):
    other.claims = claims
    attempt(client, sam)
    if let_in:
        assert sam.heading == "Terms of Use Agreement"
    else:
        refused(world, sam, "wrong_tenant")


def test_an_older_sign_in_than_was_asked_for(world, client, other, sam):
    other.claims = {"auth_time": int(world.time.now) - 50_000}
    refused(world, attempt(client, sam), "too_old")


def test_prompt_login_that_the_company_did_not_heed(world, client, other, sam):
    other.claims = {"auth_time": int(world.time.now) - 120}
    refused(world, attempt(client, sam, prompt="login"), "too_old")
    assert other.last("authorize")["prompt"] == "login"


def test_trying_again_with_the_wrong_account_lets_another_one_be_chosen(world, client, other, sam):
    other.person |= {"email": "sam@elsewhere.example"}
    attempt(client, sam)
    assert "use your work account" in sam.page.text and "prompt" not in other.last("authorize")
    sam.press("TRY AGAIN")
    assert other.last("authorize")["prompt"] == "select_account"


def test_the_scope_of_the_roles_is_asked_for_where_there_is_one(world, client, other, sam):
    other.metadata = {"scopes_supported": ["openid", "roles"]}
    attempt(client, sam)
    assert other.last("authorize")["scope"] == "openid profile email roles"


def test_what_is_sent_to_the_company(world, client, other, sam):
    attempt(client, sam, max_age="900", ui_locales="es en", login_hint=SAM["email"])
    asked = other.last("authorize")
    assert asked["redirect_uri"] == f"{world.issuer}/upstream/acme/callback"
    assert (asked["max_age"], asked["ui_locales"], asked["login_hint"]) == (
        "900",
        "es en",
        SAM["email"],
    )
    assert (
        asked["code_challenge_method"] == "S256"
        and len(asked["code_challenge"]) == 43
        and len(asked["nonce"]) == 64
    )
    assert asked["response_type"] == "code" and "prompt" not in asked
    form = other.last("token")
    assert (
        len(form["code_verifier"]) >= 43
        and form["redirect_uri"] == asked["redirect_uri"]
        and "client_secret" not in form
    )
    attempt(client, Person(world.issuer, also=(other.issuer,)), login_hint="daisy@lakeside.example")
    assert "login_hint" not in other.last("authorize"), "the company learns of nobody else"


def test_every_reason_has_words_for_the_person_and_for_the_help_desk():
    source = "".join(
        path.read_text()
        for folder in ("factors/upstream", "visit", "web")
        for path in (Path(__file__).parents[2] / "idp" / folder).rglob("*.py")
    )
    raised = set(re.findall(r'UpstreamError\(\s*"([a-z_]+)"', source)) | {
        "cancelled",
        "upstream_error",
        "not_allowed",
        "slow",
        "unreachable",
    }
    assert raised == set(KINDS) == set(WHY)
