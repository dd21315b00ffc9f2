"""Forgetting: every kind of row has its rule, and what is still needed stays."""

from dataclasses import replace

from sqlalchemy import func, select, update

from idp.settings import Retention
from idp.store import retention, tries
from idp.store.database import Base, run, scalar
from idp.store.grants import GRANTS
from tests.support.client import Client
from tests.support.person import Person
from tests.support.stories import sign_in, signed_in, to_phone_page
from tests.support.world import STRANGER


def counts(world) -> dict[str, int]:
    with world.inside():
        return {
            table.name: scalar(select(func.count()).select_from(table))
            for table in Base.metadata.sorted_tables
        }


def test_every_kind_of_row_has_a_rule_or_a_reason():
    ruled = {rule.table.name for rules in retention.RULES.values() for rule in rules} | {"audit"}
    assert ruled | retention.NEVER == set(Base.metadata.tables) and not ruled & retention.NEVER


def test_every_rule_has_a_setting(world):
    assert set(retention.RULES) | {"audit"} == set(vars(world.settings.retention))


def test_after_a_year_nothing_is_left_but_what_is(either_world):
    world = either_world
    world.add_api()
    machine = Client(
        world.issuer,
        {
            **world.add_client(
                "Job", redirect_uris=[], machine=True, opaque=True, scopes=["cases:read"]
            ),
            "redirect_uris": [""],
        },
    )
    assert machine.token(grant_type="client_credentials").status_code == 200
    client = Client(world.issuer, world.add_client())
    _, tokens = signed_in(world, client)
    client.refresh(tokens["refresh_token"])
    to_phone_page(client.sends(Person(world.issuer))).press("Call Me")
    world.tidy()
    full = counts(world)
    world.tidy()
    assert counts(world) == full, "what is young stays"
    world.time.passes(hours=24 * 401)
    world.tidy()
    left = {name for name, count in counts(world).items() if count}
    assert left <= retention.NEVER | {"audit", "credentials"}, left
    assert {"accounts", "clients", "audit", "signing_keys"} <= left
    person = Person(world.issuer)
    sign_in(world, client.sends(person))
    assert client.tokens(person)


def test_a_request_that_nobody_answered_is_forgotten_after_a_day(either_world):
    world = either_world
    client = Client(world.issuer, world.add_client())
    for _ in range(3):
        client.sends(Person(world.issuer))
    begun = client.sends(Person(world.issuer))
    world.time.passes(seconds=5)
    begun.press("LOGIN WITH EMAIL")
    world.time.passes(hours=23)
    world.tidy()
    assert counts(world)["interactions"] == 4
    world.time.passes(hours=2)
    world.tidy()
    left = counts(world)
    assert left["interactions"] == 1 and left["facts"], (
        "who did something can be asked about it for as long as the settings say"
    )
    assert begun.url


def test_a_session_is_kept_while_a_grant_needs_it(world, client):
    world.settings = replace(world.settings, retention=Retention(sessions=2))
    _, tokens = signed_in(world, client)
    with world.inside():
        run(update(GRANTS).values(expires_at=world.time.now + 30 * 86400))
    world.time.passes(hours=24 * 3)
    world.tidy()
    fresh = client.refresh(tokens["refresh_token"])
    assert fresh.status_code == 200
    world.time.passes(hours=24 * 40)
    world.tidy()
    assert client.refresh(fresh.json()["refresh_token"]).json()["error"] == "invalid_grant"


def test_much_is_forgotten_a_thousand_rows_at_a_time(world):
    with world.inside():
        for n in range(2500):
            tries.add("somebody", "password", float(n), STRANGER)
    world.tidy()
    assert counts(world)["tries"] == 0
