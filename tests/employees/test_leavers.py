"""Whoever leaves the company is out here with the next refresh or sign-in; and what holds while the
company cannot be asked."""

import threading

import pytest

from idp.operations import accounts as operators
from idp.store import accounts, audit
from tests.employees.test_linking import come_in, somebody
from tests.support.company import SAM
from tests.support.person import Person
from tests.support.world import demo_brand

ACENTRA = {"brand": "acentra", "look": demo_brand("acentra")}


@pytest.fixture
def tokens(world, client, other, sam):
    """Sam is signed in at the portal."""
    client.sends(sam, scope="openid email roles").press("LOGIN").tick(
        "I have read and agree to these terms of use."
    ).press("CONTINUE")
    return client.tokens(sam)


def actions(world) -> list[str]:
    with world.inside():
        return [one.action for one in audit.listed()]


def test_the_company_is_asked_now_and_then_and_not_at_every_refresh(world, client, other, tokens):
    for minutes, asked in ((1, 0), (5, 1), (1, 1), (5, 2)):
        world.time.passes(minutes=minutes)
        tokens |= client.refresh(tokens["refresh_token"]).json()
        assert (
            sum(
                1
                for name, form in other.asked
                if name == "token" and form["grant_type"] == "refresh_token"
            )
            == asked
        )
    assert client.userinfo(tokens["access_token"]).status_code == 200


def test_a_leaver_is_out_with_the_next_refresh(world, client, other, sam, tokens):
    other.gone = True
    world.time.passes(minutes=6)
    refused = client.refresh(tokens["refresh_token"])
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert client.userinfo(tokens["access_token"]).status_code == 401
    client.sends(sam)
    assert sam.heading == "LOGIN OPTIONS", "the session has ended too"
    assert "employee_gone" in actions(world)


def test_a_leaver_is_out_with_the_next_sign_in_at_another_application(
    world, client, other, sam, tokens
):
    other.gone = True
    world.time.passes(minutes=6)
    client.sends(sam)
    assert sam.heading == "LOGIN OPTIONS"
    assert client.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_who_is_let_go_here_is_out_as_well(world, client, other, sam, tokens):
    with world.inside():
        operators.disable(world.time.now, "test", SAM["email"])
    assert client.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("error", ["down", "broken", "secret"])
def test_a_company_that_cannot_be_asked_is_borne_for_an_hour(
    world, client, other, sam, tokens, error
):
    other.statuses, other.bodies = (
        ({"token": 503}, {}) if error == "down" else ({"token": 200}, {"token": b"<html>"})
    )
    if error == "secret":
        other.statuses, other.bodies = {"token": 401}, {"token": b'{"error": "invalid_client"}'}
    for _ in range(5):
        world.time.passes(minutes=10)
        answer = client.refresh(tokens["refresh_token"])
        assert answer.status_code == 200, answer.text
        tokens |= answer.json()
    assert "upstream_silent" in actions(world)
    world.time.passes(minutes=21)  # the first silence was in the tenth minute
    assert client.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_when_it_answers_again_nothing_was_lost(world, client, other, sam, tokens):
    other.statuses = {"token": 503}
    world.time.passes(minutes=30)
    tokens |= client.refresh(tokens["refresh_token"]).json()
    other.statuses = {}
    world.time.passes(minutes=20)
    tokens |= client.refresh(tokens["refresh_token"]).json()
    other.statuses = {"token": 503}
    world.time.passes(minutes=50)
    assert client.refresh(tokens["refresh_token"]).status_code == 200


def test_a_company_without_refresh_tokens_has_its_people_sign_in_again_after_an_hour(
    world, client, other, sam
):
    other.gives_refresh_tokens = False
    client.sends(sam).press("LOGIN").tick("I have read and agree to these terms of use.").press(
        "CONTINUE"
    )
    tokens = client.tokens(sam)
    world.time.passes(minutes=55)
    tokens |= client.refresh(tokens["refresh_token"]).json()
    world.time.passes(minutes=6)
    assert client.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_refreshes_at_once_ask_the_company_once(world, client, other, sam, tokens):
    """A refresh token of the company's that is used twice would end there."""
    second = somebody(world, other)
    come_in(client, second)
    with world.inside():
        assert len(accounts.with_address(SAM["email"])) == 1
    world.time.passes(minutes=6)
    before, gate, statuses = other.count("token"), threading.Barrier(16), []

    def refresh() -> None:
        gate.wait()
        statuses.append(
            client.http.post(
                f"{world.issuer}/token",
                data={"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]},
                auth=(client.id, client.secret),
                timeout=60,
            ).status_code
        )

    threads = [threading.Thread(target=refresh) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert other.count("token") - before == 1 and max(statuses) < 500


@pytest.mark.settings(**ACENTRA)
def test_remember_me_skips_the_trip_for_four_hours_and_not_for_a_leaver(world, client, other, sam):
    client.sends(sam, scope="openid email")
    sam.tick("Remember Me", form_id="employee-option").press("LOGIN")
    sam.tick("I have read and agree to these terms of use.").press("CONTINUE")
    client.tokens(sam)
    trips = other.count("authorize")
    world.time.passes(minutes=16)  # the session lay idle
    client.sends(sam).press("LOGIN")
    claims = client.claims(client.tokens(sam)["id_token"])
    assert (
        other.count("authorize") == trips
        and claims["acr"] == "urn:stagedoor:acr:single"
        and claims["amr"] == []
    )
    world.time.passes(minutes=16)
    other.gone = True
    client.sends(sam).press("LOGIN")
    assert other.count("authorize") == trips + 1, (
        "nothing here signs a leaver in: it is asked there"
    )


@pytest.mark.settings(**ACENTRA)
def test_each_column_forgets_what_it_remembered_and_not_the_other(world, client, other, sam):
    client.sends(sam, scope="openid email").tick("Remember Me", form_id="employee-option").press(
        "LOGIN"
    ).tick("I have read and agree to these terms of use.").press("CONTINUE")
    names = {name.partition("_remembered_")[2] for name in sam.cookies if "_remembered_" in name}
    assert names == {"employee"}
    world.time.passes(minutes=16)
    client.sends(sam).press("LOGIN WITH EMAIL").press("Cancel")  # the other column's box is empty
    client.sends(sam).press("LOGIN")
    assert client.tokens(sam) and other.count("authorize") == 1
    world.time.passes(minutes=16)
    client.sends(sam)
    sam.tick("Remember Me", on=False, form_id="employee-option").press("LOGIN")
    assert other.count("authorize") == 2


@pytest.mark.settings(**ACENTRA)
def test_back_ticks_the_box_of_the_column_that_it_was_ticked_in(client, other, sam):
    client.sends(sam).tick("Remember Me", form_id="customer-option").press("LOGIN WITH PHONE")
    sam.open(f"{sam.url.rpartition('/')[0]}/options")
    boxes = {form.id: form.fields.get("remember") for form in sam.page.forms if form.ticks}
    assert boxes == {"employee-option": None, "customer-option": "yes"}


def test_a_brand_without_the_box_remembers_no_employee(world, client, other, sam):
    client.sends(sam)
    boxes = [name for form in sam.page.forms for name in form.ticks]
    assert boxes == ["remember"], "the customers' box alone"
    sam.press("LOGIN", remember="yes")
    sam.tick("I have read and agree to these terms of use.").press("CONTINUE")
    assert not [name for name in sam.cookies if "_remembered_" in name]


def test_the_session_at_the_company_is_older_than_a_working_day(world, client, other, sam):
    come_in(client, sam)
    world.time.passes(hours=13)
    client.sends(sam).press("LOGIN")
    assert other.last("authorize")["max_age"] == "43200"
    assert client.claims(client.tokens(sam)["id_token"])["auth_time"] == int(world.time.now), (
        "asked anew there"
    )


@pytest.mark.upstream(max_age=0)
def test_a_company_that_does_not_say_when_meets_no_max_age(world, client, other, sam):
    other.claims = {"auth_time": None}
    come_in(client, sam)
    assert "max_age" not in other.last("authorize")
    client.sends(sam, max_age="3600")
    assert sam.heading == "LOGIN OPTIONS", "nobody knows whether it was within the hour"
    sam.press("LOGIN")
    assert sam.heading == "!YOU ARE NOT SIGNED IN"


def test_a_person_in_two_browsers_is_out_in_both(world, client, other, sam, tokens):
    second = Person(world.issuer, also=(other.issuer,))
    come_in(client, second)
    other.gone = True
    world.time.passes(minutes=6)
    assert client.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    client.sends(second)
    assert second.heading == "LOGIN OPTIONS"
