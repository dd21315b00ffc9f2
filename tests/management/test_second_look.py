"""What a second look found: chains of acts, machines of one's own, trails of shared people, and
what only PostgreSQL would have shown."""

import secrets

import pytest
import requests

from idp.operations import accounts, clients, employees, members
from idp.store import accounts as account_rows
from idp.store import audit
from idp.store import organizations as rows
from tests.journeys.test_phone_hold import register_phone, start
from tests.management.test_forty_ways import HANA, PASSWORD, Scene
from tests.management.test_races import race
from tests.support.client import Client
from tests.support.clients import metadata
from tests.support.management import SCOPES, ResourceServer, by_phone, desk, kind, machine
from tests.support.person import Person
from tests.support.registering import NEW_PASSWORD, enrol
from tests.support.world import DAISY, DAISY_PASSWORD, OMAR


@pytest.fixture
def scene(world):
    return Scene(world)


def test_an_address_written_before_somebody_was_shared_opens_nothing_afterwards(scene):
    world = scene.world
    with world.inside():
        accounts.add(
            world.time.now,
            "test",
            "tina",
            "tina@harbor.example",
            "Tina",
            "T",
            new_password=PASSWORD,
            enrolled=True,
            organization="1245319599",
        )
    tina = scene.api.user("tina")
    assert (
        scene.api(
            "PATCH",
            f"/users/{tina['id']}",
            {"contact_email": "hana2@elsewhere.example"},
            If_Match="*",
        ).status_code
        == 200
    )
    with world.inside():
        members.set_role(world.time.now, "test", world.account("tina"), scene.lakeside, "user")
    assert "reset" not in scene.api.user("tina")["acts"]
    for body in ({}, {"password_lost": True}):
        assert kind(scene.api("POST", f"/users/{tina['id']}/resets", body)) == "forbidden"
    assert scene.api("POST", f"/users/{scene.shay}/resets", {}).status_code == 200, (
        "to the address that its owner signs in with it may go"
    )


def test_nobody_makes_themselves_a_machine(world):
    client = desk(world)
    with world.inside():
        employees.set_roles(world.time.now, "test", "ddunn2020", ["portal-administrator"])
    _, chief = by_phone(world, client)
    order = {"client_name": "Mine", "machine": True, "scope": "users:read users:manage"}
    assert kind(chief("POST", "/clients", order)) == "forbidden"
    job = machine(world, "users:read", "clients:manage")
    assert kind(job("POST", "/clients", order)) == "forbidden", "no more than it has itself"
    assert job("POST", "/clients", {**order, "scope": "users:read"}).status_code == 201
    with world.inside():
        other = clients.add(
            world.time.now,
            "test",
            world.vault,
            metadata("Personnel", machine=True, scopes=["users:manage"]),
        )["client_id"]
    for one in (chief, job):
        assert kind(one("POST", f"/clients/{other}/secrets")) == "forbidden"
        assert (
            kind(one("PATCH", f"/clients/{other}", {"brand": "acentra"}, If_Match="*"))
            == "forbidden"
        )
    assert (
        chief(
            "POST",
            "/clients",
            {
                "client_name": "App",
                "redirect_uris": ["https://app.example/cb"],
                "scope": "users:read",
            },
        ).status_code
        == 201
    )


def test_trail_and_events_on_both_databases(either_world):
    world = either_world
    _, daisy = by_phone(world, desk(world))
    omar = daisy.user("oreyes2021")
    daisy("DELETE", f"/users/{omar['id']}/trusted-devices")
    world.tidy()
    assert daisy.get("/audit?limit=1")["items"][0]["type"] == "browsers_forgotten"
    assert daisy.get("/events?after=999999999999999999")["items"] == []
    assert [one["type"] for one in daisy.get(f"/audit?user_id={omar['id']}&limit=1")["items"]] == [
        "browsers_forgotten"
    ]
    assert daisy.get("/users?limit=2")["next"] and daisy.get("/organizations?search=lake")["items"]


def test_the_trail_of_somebody_shared_has_no_holes(scene):
    world = scene.world
    with world.inside():
        shay = world.account("sboth")
        for place in (scene.harbor, scene.harbor, scene.lakeside, scene.lakeside, scene.lakeside):
            audit.add(
                world.time.now,
                "sessions_ended",
                actor="test",
                target=shay.id,
                organization_id=place.id,
            )
    world.tidy()
    seen, cursor = [], ""
    while cursor is not None:
        page = scene.api.get(
            f"/audit?user_id={scene.shay}&type=sessions_ended&limit=1&cursor={cursor}"
        )
        seen, cursor = seen + page["items"], page["next"]
    assert len(seen) == 2 and {one["organization_id"] for one in seen} == {scene.harbor.id}


def test_two_administrators_rename_one_organization(either_world):
    world = either_world
    with world.inside():
        second = {
            "new_password": PASSWORD,
            "enrolled": True,
            "phone": "+13035550199",
            "organization": "1234567893",
            "role": "administrator",
        }
        accounts.add(world.time.now, "test", "hhall", HANA, "Hana", "Hall", **second)
        accounts.accept_terms(world.time.now, "test", "hhall", world.settings.look)
    client = desk(world)
    both = [by_phone(world, client, *who)[1] for who in ((DAISY, DAISY_PASSWORD), (HANA, PASSWORD))]
    lakeside = both[0].organization("Lakeside Clinic")
    path = f"/organizations/{lakeside['id']}"
    for turn in range(5):
        etag = both[0]("GET", path).headers["ETag"]
        acts = [
            lambda one=one, n=n, etag=etag, turn=turn: one(
                "PATCH", path, {"name": f"Name {turn} {n}"}, If_Match=etag
            )
            for n, one in enumerate(both * 4)
        ]
        assert sorted(answer.status_code for answer in race(*acts)) == [200] + [412] * 7


def test_one_npi_is_one_organization_however_many_ask(either_world):
    job = machine(either_world)
    answers = race(
        *[
            lambda: job("POST", "/organizations", {"identifier": "1999999984", "name": "Third"})
            for _ in range(32)
        ]
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 31


def test_no_mailbox_is_flooded(scene):
    noah = scene.api.user("nquist2018")
    scene.api(
        "PATCH", f"/users/{noah['id']}", {"contact_email": "noah@harbor.example"}, If_Match="*"
    )
    answers = [scene.api("POST", f"/users/{noah['id']}/resets", {}) for _ in range(12)]
    assert [answer.status_code for answer in answers] == [200] * 9 + [409] * 3
    assert "wait before you send another one" in answers[-1].json()["detail"]
    scene.world.time.passes(minutes=14)


def test_a_token_of_long_ago_fills_no_trail(world):
    client = desk(world)
    _, daisy = by_phone(world, client)
    world.time.passes(hours=24)
    assert {daisy("GET", "/users").status_code for _ in range(30)} == {401}
    with world.inside():
        assert len([row for row in audit.listed() if row.action == "management_refused"]) == 10


def test_a_removal_stands_in_the_book_of_the_clinic_that_removes(scene):
    assert (
        scene.api("DELETE", f"/organizations/{scene.harbor.id}/members/{scene.shay}").status_code
        == 204
    )
    with scene.world.inside():
        last = [row for row in audit.listed() if row.target == scene.shay][-2:]
    assert {row.action for row in last} == {"sessions_ended", "member_removed"} and {
        row.organization_id for row in last
    } == {scene.harbor.id}


def test_where_no_mail_can_go_none_is_said_to_have_gone(scene):
    with scene.world.inside():
        made = accounts.add(
            scene.world.time.now,
            "test",
            "nomail",
            "n@harbor.example",
            "No",
            "Mail",
            organization="1245319599",
        )
        account_rows.set_contact_email(made, scene.world.time.now, "")
    assert kind(scene.api("POST", f"/users/{made}/invitations")) == "not_possible"


def test_what_is_taken_away_from_a_client_is_gone_whole(world):
    job = machine(world)
    order = {
        "client_name": "App",
        "redirect_uris": ["https://app.example/cb"],
        "backchannel_logout_uri": "https://app.example/bye",
    }
    path = f"/clients/{job('POST', '/clients', order).json()['client']['client_id']}"
    changed = job(
        "PATCH",
        path,
        {"backchannel_logout_uri": None, "post_logout_redirect_uris": None},
        If_Match="*",
    ).json()["registration"]
    assert (
        "backchannel_logout_session_required" not in changed
        and changed["post_logout_redirect_uris"] == []
    )
    for uri in ("https://u:p@app.example/bye", "com.example.app:/bye", "http://app.example/bye"):
        assert (
            kind(job("PATCH", path, {"backchannel_logout_uri": uri}, If_Match="*"))
            == "not_possible"
        ), uri
    for text in (
        '{"client_name": "x", "machine": NaN}',
        '{"client_name": "x", "jwks": {"a": Infinity}}',
        '{"client_name": "x", "jwks": {"a": 1e999}}',
        "[" * 5000,
        '{"a": "\\ud800"}',
        "\x00",
        "nul",
    ):
        answer = raw(job, text)
        assert answer.status_code in (400, 422), (text[:40], answer.text)


def raw(api: ResourceServer, text: str):
    headers = {"Authorization": f"Bearer {api.token}", "Content-Type": "application/json"}
    return requests.post(
        f"{api.base}/clients",
        data=text.encode("utf-8", "surrogatepass"),
        headers=headers,
        timeout=30,
    )


def test_hostile_text_is_an_answer_and_no_fault(either_world):
    """Whatever is written into paths, queries, headers and fields: 4xx, on both databases."""
    _, daisy = by_phone(either_world, desk(either_world))
    lakeside = daisy.organization("Lakeside Clinic")["id"]
    nasty = (
        "%00",
        "%ff%fe",
        "'",
        "a" * 300,
        "%F0%9F%92%A9",
        "..%2f..",
        "\\",
        "%",
        "null",
        "-1",
        "1e9",
    )
    for one in nasty:
        for path in (
            f"/users/{one}",
            f"/users?search={one}",
            f"/users?cursor={one}",
            f"/users?limit={one}",
            f"/organizations/{one}",
            f"/events?after={one}",
            f"/audit?type={one}",
        ):
            assert daisy("GET", path).status_code < 500, path
        answer = daisy("PUT", f"/organizations/{lakeside}/members/{one}", {"role": one})
        assert 400 <= answer.status_code < 500
    for name in ("\u0000", "\u202e", "x" * 256, "", " ", "\n", "Zoë\u0301", "𝕏"):
        order = {
            "username": f"u{secrets.token_hex(3)}",
            "email": "z@lakeside.example",
            "given_name": name,
            "family_name": "F",
            "organization_id": lakeside,
        }
        assert daisy("POST", "/users", order).status_code < 500, repr(name)
    with either_world.inside():
        assert rows.by_identifier("1234567893").name == "Lakeside Clinic"


def test_who_was_helped_by_a_program_without_a_start_address_goes_on_at_the_portal(world):
    plain = Client(world.issuer, world.add_client("Plain desk", scopes=SCOPES))
    _, daisy = by_phone(world, plain)
    daisy("POST", f"/users/{daisy.user('oreyes2021')['id']}/resets", {"password_lost": True})
    mail = world.mails_to(OMAR)[-1]
    assert (
        "You do not need your most recent password" in mail.text
        and "most recent password." not in mail.text
    )
    person = Person(world.issuer).open(mail.links[0]).press("Continue")
    assert person.left_for == "" and person.status == 200, (
        "not at the top of an application that knows nothing of it"
    )
    plain.sends(person)
    enrol(world, person, "EMAIL")
    assert plain.tokens(person)


def test_what_is_wrong_with_a_field_is_said_in_words(daisy):
    lakeside = daisy.organization("Lakeside Clinic")["id"]
    order = {
        "username": "aa bb",
        "email": "lena@lakeside",
        "given_name": "L",
        "family_name": "O",
        "organization_id": lakeside,
    }
    told = {one["field"]: one["detail"] for one in daisy("POST", "/users", order).json()["errors"]}
    assert told == {
        "username": "must not contain spaces or @",
        "email": "must be an email address, like name@example.com",
    }


def test_a_phone_that_replaced_another_one_opens_nothing_for_a_day(world):
    """Whoever has a password and its mailbox registers a phone of their own: the API stays closed
    to it, and to its tokens."""
    client = desk(world)
    person = start(world, client).press("I no longer have this phone")
    register_phone(world, person)
    world.time.passes(minutes=1)

    def reset(daisy):
        return daisy("POST", f"/users/{daisy.user('oreyes2021')['id']}/resets", {})

    _, held = by_phone(world, client, password=NEW_PASSWORD)
    answer = reset(held)
    assert (
        answer.status_code == 401
        and "insufficient_user_authentication" in answer.headers["WWW-Authenticate"]
    )
    world.time.passes(hours=24)
    _, daisy = by_phone(world, client, password=NEW_PASSWORD)
    assert reset(daisy).status_code < 300
