"""Refresh tokens: one use each with a short grace, their end, and what a refresh may ask for."""

import pytest

from idp.settings import Lifetimes
from idp.store import audit
from tests.support.client import Client
from tests.support.stories import signed_in


def test_refresh_rotates_and_keeps_what_the_sign_in_was(world, client):
    _, first = signed_in(world, client)
    world.time.passes(minutes=10)
    second = client.refresh(first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    before, after = client.claims(first["id_token"]), client.claims(second["id_token"])
    assert {
        name: after[name] for name in ("iss", "sub", "aud", "auth_time", "acr", "amr", "sid", "txn")
    } == {
        name: before[name]
        for name in ("iss", "sub", "aud", "auth_time", "acr", "amr", "sid", "txn")
    }
    assert after["iat"] == before["iat"] + 600 and "nonce" not in after


def ended_by_reuse(world, client, token) -> bool:
    """Whether this token is refused as one that was used before, and its family has ended."""
    answer = client.refresh(token)
    if answer.status_code == 200:
        return False
    assert (
        answer.json()["error"] == "invalid_grant"
        and "already used" in answer.json()["error_description"]
    )
    with world.inside():
        return "refresh_token" in [
            row.detail["what"] for row in audit.listed() if row.action == "reuse_detected"
        ]


def test_a_refresh_token_used_again_after_the_grace_ends_its_family(world, client):
    _, first = signed_in(world, client)
    second = client.refresh(first["refresh_token"]).json()
    world.time.passes(seconds=10)
    assert ended_by_reuse(world, client, first["refresh_token"])
    assert client.refresh(second["refresh_token"]).json()["error"] == "invalid_grant"
    assert client.userinfo(second["access_token"]).status_code == 401


def test_an_answer_that_was_lost_is_given_again_while_its_successor_is_unused(world, client):
    """A cut connection, or five requests of one page at once: within seconds the same refresh token
    is answered again."""
    _, first = signed_in(world, client)
    lost, *others = [client.refresh(first["refresh_token"]).json() for _ in range(5)]
    assert len({one["refresh_token"] for one in (lost, *others)}) == 5
    used = others[2]["refresh_token"]
    world.time.passes(seconds=60)
    third = client.refresh(used).json()
    assert client.userinfo(third["access_token"]).status_code == 200
    assert client.refresh(others[0]["refresh_token"]).status_code == 200, (
        "a page that loads in parallel again"
    )
    assert ended_by_reuse(world, client, first["refresh_token"]), (
        "a successor was used: whoever has the first one is somebody else"
    )
    assert client.userinfo(third["access_token"]).status_code == 401


def test_the_predecessor_of_a_used_successor_is_reuse_at_once(world, client):
    _, first = signed_in(world, client)
    second = client.refresh(first["refresh_token"]).json()
    client.refresh(second["refresh_token"])
    assert ended_by_reuse(world, client, first["refresh_token"])


@pytest.mark.settings(lifetimes=Lifetimes(refresh_reuse_grace=0))
def test_without_grace_a_second_use_is_reuse(world, client):
    _, first = signed_in(world, client)
    client.refresh(first["refresh_token"])
    assert ended_by_reuse(world, client, first["refresh_token"])


def test_refresh_tokens_end_after_twelve_hours_in_all(world, client):
    _, tokens = signed_in(world, client)
    for _ in range(23):
        world.time.passes(minutes=31)
        tokens = client.refresh(tokens["refresh_token"]).json()
    world.time.passes(minutes=10)
    assert client.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_refresh_may_ask_for_less_and_never_for_more(world, client):
    _, tokens = signed_in(world, client, scope="openid email")
    less = client.refresh(tokens["refresh_token"], scope="openid").json()
    assert less["scope"] == "openid"
    assert set(client.userinfo(less["access_token"]).json()) == {"sub"}
    less = client.refresh(less["refresh_token"], scope="openid offline_access").json()
    assert less["scope"] == "openid", "what nobody knows is passed over"
    more = client.refresh(less["refresh_token"], scope="openid profile")
    assert more.json()["error"] == "invalid_scope"
    assert client.refresh(less["refresh_token"]).json()["scope"] == "openid email", (
        "refusing it did not use it up"
    )


def test_a_foreign_client_cannot_use_a_refresh_token(world, client):
    thief = Client(world.issuer, world.add_client("Thief"))
    _, tokens = signed_in(world, client)
    assert thief.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert client.refresh(tokens["refresh_token"]).status_code == 200


@pytest.mark.parametrize("end", ["sign_out", "disable", "remove_client"])
def test_refresh_is_checked_against_session_account_and_client_at_each_use(world, client, end):
    from idp.operations import accounts, clients

    person, tokens = signed_in(world, client)
    if end == "sign_out":
        person.open(f"{world.issuer}/logout?id_token_hint={tokens['id_token']}")
    with world.inside():
        if end == "disable":
            accounts.disable(world.time.now, "test", "ddunn2020")
        if end == "remove_client":
            clients.remove(world.time.now, "test", client.id)
    world.app.extensions["stagedoor"].registry._checked = float("-inf")
    assert client.refresh(tokens["refresh_token"]).json()["error"] in (
        "invalid_grant",
        "invalid_client",
    )
    if end != "remove_client":
        assert client.userinfo(tokens["access_token"]).status_code == 401
