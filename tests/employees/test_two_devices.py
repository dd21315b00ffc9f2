"""One employee at two devices, two requests at once, and what ends in the middle: what belongs
together, and what does not."""

import base64
import json
import threading

import pytest
import requests
from sqlalchemy import select, update

from idp.operations.doctor import of_employees
from idp.store import audit
from idp.store.database import rows, run
from idp.store.upstream_sessions import SESSIONS, UpstreamSession
from tests.employees.conftest import copied, world_of
from tests.employees.test_attacks import refused
from tests.employees.test_linking import TERMS, come_in, somebody
from tests.support.client import Client
from tests.support.company import upstream
from tests.support.person import Person
from tests.support.postgres import free_port
from tests.support.world import demo_brand

ACENTRA = {"brand": "acentra", "look": demo_brand("acentra")}
AWAY = "/upstream/acme/backchannel-logout"


def signed_in(
    world, client, other, sid: str, remember: bool = False, **asked
) -> tuple[Person, dict]:
    """Sam at one more device, whose session at the company has this sid; and the client's
    tokens."""
    other.person = {**other.person, "sid": sid}
    person = somebody(world, other)
    client.sends(person, scope="openid email", **asked)
    if remember:
        person.tick("Remember Me", form_id="employee-option")
    person.press("LOGIN")
    if person.heading == "Terms of Use Agreement":
        person.tick(TERMS).press("CONTINUE")
    return person, client.tokens(person)


def ended(world, other, sid: str) -> None:
    """The company says by the back channel that this session is over."""
    away = requests.post(
        f"{world.issuer}{AWAY}", data={"logout_token": other.logout_token(sid=sid)}, timeout=9
    )
    assert away.status_code == 200


def gone(world) -> int:
    with world.inside():
        return sum(1 for one in audit.listed() if one.action == "employee_gone")


def test_two_refreshes_at_once_after_a_long_pause_let_both_go_on(world, client, other):
    """While one of them asks the company, the other must not take that for silence."""
    tokens = [signed_in(world, client, other, f"theirs-{number}")[1] for number in range(2)]
    world.time.passes(minutes=75)
    other.delays = {"token": 0.4}
    statuses, gate = [], threading.Barrier(2)

    def refresh(one: dict) -> None:
        gate.wait()
        form = {"grant_type": "refresh_token", "refresh_token": one["refresh_token"]}
        statuses.append(
            requests.post(
                f"{world.issuer}/token", data=form, auth=(client.id, client.secret), timeout=60
            ).status_code
        )

    threads = [threading.Thread(target=refresh, args=(one,)) for one in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert statuses == [200, 200] and gone(world) == 0


def test_one_silence_after_a_long_pause_ends_nothing(world, client, other):
    _, tokens = signed_in(world, client, other, "theirs-1")
    world.time.passes(minutes=75)
    other.statuses = {"token": 503}
    assert client.refresh(tokens["refresh_token"]).status_code == 200 and gone(world) == 0


def test_two_silences_with_a_long_time_between_are_not_one(world, client, other):
    _, tokens = signed_in(world, client, other, "theirs-1")
    for _ in range(3):
        world.time.passes(minutes=75)
        other.statuses = {"token": 503}
        tokens |= client.refresh(tokens["refresh_token"]).json()
        other.statuses = {}
    assert gone(world) == 0


def test_a_refresh_token_that_came_with_a_broken_id_token_is_kept_all_the_same(
    world, client, other
):
    """The old one is used up at the company, whatever was wrong with the rest of its answer."""
    _, tokens = signed_in(world, client, other, "theirs-1")
    answer, spoilt = other._token, []

    def spoils():
        made = answer().get_json()
        if not spoilt and "refresh_token" in made:
            spoilt.append(made)
            made["id_token"] = "x.y.z"
        return other._json(made, 200 if "error" not in made else 400)

    other._token = spoils
    for _ in range(3):
        world.time.passes(minutes=6)
        tokens |= client.refresh(tokens["refresh_token"]).json()
    assert spoilt and gone(world) == 0


def test_a_dead_token_of_another_device_says_nothing_of_a_fresh_sign_in(world, client, other):
    signed_in(world, client, other, "theirs-1")
    world.time.passes(minutes=30)
    other.gives_refresh_tokens = False
    _, tokens = signed_in(world, client, other, "theirs-2")
    other.gone = True  # the first device's has run out
    world.time.passes(minutes=6)
    assert client.refresh(tokens["refresh_token"]).status_code == 200 and gone(world) == 0


def test_a_token_that_cannot_be_opened_is_as_good_as_none(world, client, other):
    _, tokens = signed_in(world, client, other, "theirs-1")
    with world.inside():
        run(update(SESSIONS).values(refresh_token="00" * 40))
    world.time.passes(minutes=55)
    tokens |= client.refresh(tokens["refresh_token"]).json()
    world.time.passes(minutes=6)
    assert client.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"


@pytest.mark.settings(**ACENTRA)
@pytest.mark.upstream(acr={"urn:acme:strong": "mfa"})
def test_a_remembered_browser_goes_back_to_the_newest_sign_in_of_its_session(world, client, other):
    """Remember Me, then a step up in the same session: there is one session at the company."""
    person, _ = signed_in(world, client, other, "theirs-1", remember=True)
    other.person["sid"], other.claims = "theirs-2", {"acr": "urn:acme:strong"}
    client.sends(person, scope="openid email", acr_values="urn:stagedoor:acr:mfa").press("Continue")
    assert client.claims(client.tokens(person)["id_token"])["acr"] == "urn:stagedoor:acr:mfa"
    signed_in(world, client, other, "theirs-3")
    world.time.passes(minutes=16)
    client.sends(person, scope="openid email").press("LOGIN")
    tokens = client.tokens(person)
    ended(world, other, "theirs-2")
    assert client.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_sign_ins_that_nothing_goes_back_to_are_not_kept(world, client, other):
    for number in range(3):
        signed_in(world, client, other, f"theirs-{number}")
        world.time.passes(hours=13)
    with world.inside():
        assert [
            one.sid
            for one in rows(select(SESSIONS).where(SESSIONS.c.ended_at.is_(None)), UpstreamSession)
        ] == ["theirs-2"]


@pytest.mark.parametrize(
    "body", [b"{}", b'{"error": "invalid_grant"}', b'{"access_token": 7, "token_type": "Bearer"}']
)
def test_a_yes_is_a_token_and_nothing_else(world, client, other, body):
    _, tokens = signed_in(world, client, other, "theirs-1")
    other.statuses, other.bodies = {"token": 200}, {"token": body}
    for _ in range(2):
        world.time.passes(minutes=31)
        tokens |= client.refresh(tokens["refresh_token"]).json()
    world.time.passes(minutes=31)
    assert client.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant", (
        "an hour of answers that say nothing"
    )


@pytest.mark.settings(**ACENTRA)
def test_signing_out_at_one_device_leaves_the_other_with_the_company(world, client, other):
    first, tokens = signed_in(world, client, other, "theirs-1", remember=True)
    _, others_tokens = signed_in(world, client, other, "theirs-2")
    world.time.passes(minutes=14)
    others_tokens |= client.refresh(others_tokens["refresh_token"]).json()
    world.time.passes(minutes=2)  # the first one's session lay idle; its browser is remembered
    first.open(f"{world.issuer}/logout?id_token_hint={tokens['id_token']}")
    assert _sid(other.last("logout")["id_token_hint"]) == "theirs-1", (
        "it is the session of that device that ends there"
    )
    assert client.refresh(others_tokens["refresh_token"]).status_code == 200


def _sid(token: str) -> str:
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))["sid"]


@pytest.mark.settings(**ACENTRA)
@pytest.mark.parametrize(("sid", "ends"), [("theirs-1", True), ("theirs-2", False)])
def test_a_session_of_a_remembered_browser_goes_back_to_its_own_at_the_company(
    world, client, other, sid, ends
):
    first, _ = signed_in(world, client, other, "theirs-1", remember=True)
    signed_in(world, client, other, "theirs-2")
    world.time.passes(minutes=16)
    client.sends(first, scope="openid email").press("LOGIN")
    tokens = client.tokens(first)
    ended(world, other, sid)
    assert (client.refresh(tokens["refresh_token"]).status_code == 400) is ends


def test_a_session_that_was_renewed_is_the_new_one_at_the_company(world, client, other):
    person, _ = signed_in(world, client, other, "theirs-1")
    other.person["sid"] = "theirs-2"
    client.sends(person, scope="openid email", prompt="login").press("LOGIN")
    tokens = client.tokens(person)
    ended(world, other, "theirs-1")
    assert client.userinfo(tokens["access_token"]).status_code == 200
    ended(world, other, "theirs-2")
    assert client.userinfo(tokens["access_token"]).status_code == 401


def test_who_signs_out_at_the_company_while_the_terms_are_read_is_not_signed_in_by_agreeing(
    world, client, other
):
    person = somebody(world, other)
    other.person["sid"] = "theirs-1"
    client.sends(person).press("LOGIN")
    assert person.heading == "Terms of Use Agreement"
    ended(world, other, "theirs-1")
    person.tick(TERMS).press("CONTINUE")
    assert person.heading == "Sign in with your company account" and not person.left_for


@pytest.mark.settings(**ACENTRA)
@pytest.mark.upstream(max_age=0)
def test_a_sign_in_of_unknown_age_is_not_remembered(world, client, other):
    other.claims = {"auth_time": None}
    person, _ = signed_in(world, client, other, "theirs-1", remember=True)
    assert not [name for name in person.cookies if "_remembered_" in name]


def test_the_customers_box_remembers_no_employee(world, client, other):
    person = somebody(world, other)
    client.sends(person).tick("Remember Me").press("LOGIN WITH EMAIL").fill(
        "Email Address", "sam.kim@atrezzo.example"
    ).fill("Password", "x")
    person.press("Sign in").press("Sign in with your company account").tick(TERMS).press("CONTINUE")
    assert client.tokens(person) and not [name for name in person.cookies if "_remembered_" in name]


def test_a_company_that_is_taken_out_of_the_settings_lets_nobody_in(
    time, tmp_path, filled_sqlite, other
):
    database, port = copied(filled_sqlite, tmp_path / "idp.sqlite"), free_port()
    with world_of(
        time, tmp_path, database, port=port, upstreams=(upstream(other.issuer),)
    ) as world:
        client = Client(world.issuer, world.add_client())
        person, tokens = signed_in(world, client, other, "theirs-1")
    with world_of(time, tmp_path, database, port=port) as world:
        assert client.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
        client.sends(person)
        assert person.heading == "LOGIN OPTIONS" and "LOGIN" not in person.buttons
        with world.inside():
            assert [one.state for one in of_employees(world.settings)] == ["warning"]


def test_an_older_sign_in_than_the_rules_count_is_said_to_be_too_old(world, client, other):
    person = somebody(world, other)
    other.claims = {"auth_time": int(world.time.now) - 940}
    client.sends(person, max_age="900").press("LOGIN")
    refused(world, person, "too_old")
    come_in(client, somebody(world, other))
