"""Organizations, their members and codes; and those who manage everything: a portal administrator,
a machine."""

from dataclasses import replace

import pytest

from idp.operations import employees, resets
from idp.settings import RateLimits
from idp.store import audit
from idp.web.counted import Counted
from tests.support.management import by_mail, by_phone, key, kind, machine
from tests.support.person import Person
from tests.support.stories import sign_in
from tests.support.world import DAISY, OMAR, OMAR_PASSWORD


@pytest.fixture
def chief(world, clinic):
    """Daisy, who manages everything here."""
    with world.inside():
        employees.set_roles(world.time.now, "test", "ddunn2020", ["portal-administrator"])
    return by_phone(world, clinic)[1]


def test_daisy_sees_her_two_and_names_hers(daisy):
    page = daisy.get("/organizations")["items"]
    assert [(one["name"], one["role"], one["members"]) for one in page] == [
        ("Lakeside Clinic", "administrator", 3)
    ]
    path = f"/organizations/{page[0]['id']}"
    etag = daisy("GET", path).headers["ETag"]
    assert (
        daisy("PATCH", path, {"name": "Lakeside Hospital"}, If_Match=etag).json()["name"]
        == "Lakeside Hospital"
    )
    assert kind(daisy("PATCH", path, {"name": "Again"}, If_Match=etag)) == "changed"
    assert [one["name"] for one in daisy.get("/organizations?search=hosp")["items"]] == [
        "Lakeside Hospital"
    ]


def test_a_code_is_shown_once_lets_people_in_and_is_ended(world, clinic, daisy):
    lakeside = daisy.organization("Lakeside Clinic")
    path = f"/organizations/{lakeside['id']}/registration-codes"
    made = daisy(
        "POST", path, {"name": " Front\u200b  desk ", "uses": 2, "days": 3}, Idempotency_Key=key()
    ).json()
    (listed,) = daisy.get(path)["items"]
    assert (
        listed["id"] == made["id"] and listed["uses_left"] == 2 and made["code"] not in str(listed)
    )
    assert listed["name"] == made["name"] == "Front desk", "so that one can tell which to end"
    assert kind(daisy("POST", path, {"name": "x" * 61})) == "invalid_body"
    person = clinic.sends(Person(world.issuer)).press("register here")
    person.fill("NPI *", "1234567893").fill("PROVIDER REGISTRATION CODE *", made["code"]).press(
        "NEXT"
    )
    assert person.heading == "Create a New Account - Enter User Information"
    assert daisy("DELETE", f"{path}/{made['id']}").status_code == 204
    assert (
        daisy.get(path)["items"] == []
        and daisy("DELETE", f"{path}/{made['id']}").status_code == 409
    )
    assert kind(daisy("POST", path, {"uses": 0})) == "invalid_body"


def test_omar_is_appointed_and_removed_by_who_may(world, clinic, daisy, chief):
    lakeside, omar = daisy.organization("Lakeside Clinic"), daisy.user("oreyes2021")
    path = f"/organizations/{lakeside['id']}/members/{omar['id']}"
    assert daisy("PUT", path, {"role": "administrator"}).json()["role"] == "administrator"
    assert kind(machine(world, "users:read")("DELETE", path)) == "insufficient_scope"
    person = clinic.sends(Person(world.issuer))
    tokens = clinic.tokens(sign_in(world, person, OMAR, OMAR_PASSWORD))
    assert chief("DELETE", path).status_code == 204 and chief("DELETE", path).status_code == 409
    assert clinic.refresh(tokens["refresh_token"]).status_code == 400, (
        "no client goes on believing it"
    )
    assert "oreyes2021" not in str(daisy.get(f"/users?organization_id={lakeside['id']}"))
    assert chief("PUT", path, {"role": "user"}).status_code == 200
    assert (
        chief.get(f"/users?organization_id={lakeside['id']}&search=omar")["items"][0]["username"]
        == "oreyes2021"
    )


def test_who_manages_everything_finds_everybody_and_makes_clinics(world, clinic, chief):
    assert {one["username"] for one in chief.get("/users")["items"]} >= {"ddunn2020", "nquist2018"}
    assert [one["username"] for one in chief.get("/users?search=QUIST")["items"]] == ["nquist2018"]
    made = chief("POST", "/organizations", {"identifier": "1999999984", "name": "Third Clinic"})
    assert made.status_code == 201 and made.json()["registration_code"]
    assert chief.get(made.headers["Location"].partition("/api/v1")[2])["members"] == 0
    assert (
        kind(chief("POST", "/organizations", {"identifier": "1999999984", "name": "Again"}))
        == "not_possible"
    )
    assert (
        "check digit"
        in chief("POST", "/organizations", {"identifier": "1234567890", "name": "Odd"}).json()[
            "detail"
        ]
    )
    noah = chief.user("nquist2018")
    etag = chief("GET", f"/users/{noah['id']}").headers["ETag"]
    off = chief("PATCH", f"/users/{noah['id']}", {"disabled": True}, If_Match=etag)
    assert off.json()["state"] == "disabled" and "enable" in off.json()["acts"]
    assert (
        chief(
            "PATCH", f"/users/{noah['id']}", {"disabled": False}, If_Match=off.headers["ETag"]
        ).json()["state"]
        != "disabled"
    )
    pages, cursor = [], ""
    while cursor is not None:
        page = chief.get(f"/organizations?limit=1&cursor={cursor}")
        pages, cursor = pages + [one["name"] for one in page["items"]], page["next"]
    assert pages == ["Harbor Health", "Lakeside Clinic", "Third Clinic"]


def test_clients_are_registered_changed_and_removed(world, clinic, chief):
    order = {
        "client_name": "Clinic desk two",
        "redirect_uris": ["https://desk.example/cb"],
        "backchannel_logout_uri": "https://desk.example/bye",
    }
    made = chief("POST", "/clients", order, Idempotency_Key=key())
    assert made.status_code == 201 and made.json()["client_secret"]
    path = f"/clients/{made.json()['client']['client_id']}"
    read = chief("GET", path)
    assert (
        "secret" not in read.text.replace("client_secret_basic", "")
        and read.json()["registration"]["backchannel_logout_uri"] == "https://desk.example/bye"
    )
    changed = chief(
        "PATCH",
        path,
        {
            "redirect_uris": ["https://desk.example/two"],
            "backchannel_logout_uri": None,
            "brand": "acentra",
        },
        If_Match=read.headers["ETag"],
    )
    registration = changed.json()["registration"]
    assert (
        registration["redirect_uris"] == ["https://desk.example/two"]
        and "backchannel_logout_uri" not in registration
        and registration["brand"] == "acentra"
    )
    for wrong in (
        {"redirect_uris": ["http://desk.example/cb"]},
        {"redirect_uris": ["javascript:alert(1)"]},
        {"brand": "none"},
        {"initiate_login_uri": "ftp://x.example/"},
    ):
        assert kind(chief("PATCH", path, wrong, If_Match="*")) == "not_possible"
    assert chief("POST", f"{path}/secrets").json()["client_secret"] != made.json()["client_secret"]
    assert chief("DELETE", path).status_code == 204 and chief("GET", path).status_code == 404
    assert kind(chief("DELETE", f"/clients/{clinic.id}")) == "not_possible", (
        "a client does not remove itself"
    )
    assert (
        kind(chief("POST", "/clients", {"client_name": "x", "scope": "no:such"})) == "not_possible"
    )


def test_nobody_gives_a_client_more_than_they_have(world, chief):
    job = machine(world, "clients:read", "clients:manage")
    with world.inside():
        me = f"/clients/{world.client_named('Nightly job')}"
    for scope in ("clients:read clients:manage users:manage", "users:manage"):
        assert job("PATCH", me, {"scope": scope}, If_Match="*").status_code == 403, scope
    assert (
        job("PATCH", me, {"client_name": "Nightly"}, If_Match="*").json()["client_name"]
        == "Nightly"
    )
    assert (
        chief("PATCH", me, {"scope": "clients:read users:manage"}, If_Match="*").status_code == 403
    ), "nor does a person"
    for more in (
        {"introspects": ["https://cases.example"]},
        {"grant_types": ["password"]},
        {"token_endpoint_auth_method": "none"},
        {"logo_uri": "/x"},
    ):
        assert job("PATCH", me, more, If_Match="*").status_code == 422, more


def test_every_field_that_may_change_changes_by_the_api(world, chief):
    world.add_api()
    made = chief(
        "POST", "/clients", {"client_name": "Desk", "redirect_uris": ["https://desk.example/cb"]}
    ).json()
    path = f"/clients/{made['client']['client_id']}"
    changes = {
        "client_name": "Front desk",
        "scope": "cases:read",
        "id_token_signed_response_alg": "ES256",
        "access_token_format": "reference",
        "policy_uri": "https://desk.example/privacy",
        "initiate_login_uri": "https://desk.example/login",
    }
    changed = chief("PATCH", path, changes, If_Match="*").json()["registration"]
    assert {name: changed[name] for name in changes if name != "scope"} == {
        name: value for name, value in changes.items() if name != "scope"
    }
    assert "cases:read" in changed["scope"].split() and "openid" in changed["scope"].split()
    assert chief("PATCH", path, {"jwks": {"keys": []}}, If_Match="*").status_code in (409, 422), (
        "it has a secret, not keys"
    )


def test_a_machine_acts_without_a_person(world):
    job = machine(world)
    lakeside = job.organization("Lakeside Clinic")
    order = {
        "username": "mbot",
        "email": "m@lakeside.example",
        "given_name": "M",
        "family_name": "B",
        "organization_id": lakeside["id"],
        "role": "administrator",
    }
    made = job("POST", "/users", order)
    assert made.status_code == 201
    with world.inside():
        assert {row.actor for row in audit.listed() if row.target == made.json()["user"]["id"]} == {
            f"client:{world.client_named('Nightly job')}"
        }
    daisy = job.user("ddunn2020")
    assert job("POST", f"/users/{daisy['id']}/resets", {}).status_code == 200, (
        "what an administrator may not, the operator's machine may"
    )
    assert (
        kind(machine(world, "users:read")("POST", f"/users/{daisy['id']}/resets", {}))
        == "insufficient_scope"
    )


def test_everybody_concerned_finds_it_among_the_events(world, clinic, daisy):
    start = daisy.get("/events?after=now")["next"]
    omar = daisy.user("oreyes2021")
    _, own = by_mail(world, clinic, OMAR, OMAR_PASSWORD)
    begin = own.get("/events?after=now")["next"]
    daisy("DELETE", f"/users/{omar['id']}/trusted-devices")
    world.tidy()
    (seen,) = daisy.get(f"/events?after={start}")["items"]
    assert (
        seen["type"] == "browsers_forgotten"
        and seen["actor"]["name"] == "Daisy Dunn (ddunn2020)"
        and seen["target"]["name"] == "Omar Reyes (oreyes2021)"
    )
    (told,) = own.get(f"/events?after={begin}")["items"]
    assert told["id"] == seen["id"] and told["actor"]["name"] == "Daisy Dunn (ddunn2020)", (
        "whom it was done to is told who did it"
    )
    page = daisy.get(f"/events?after={start}")
    assert daisy.get(f"/events?after={page['next']}") == {"items": [], "next": page["next"]}
    assert [one["type"] for one in daisy.get("/audit?limit=1")["items"]] == ["browsers_forgotten"]
    assert {
        one["type"]
        for one in daisy.get(f"/audit?user_id={omar['id']}&type=browsers_forgotten")["items"]
    } == {"browsers_forgotten"}
    assert [one["brand"] for one in own.get("/terms")["items"]]


def test_the_events_are_read_page_by_page_and_none_is_left_out(world, daisy):
    omar = daisy.user("oreyes2021")
    for _ in range(7):
        daisy("DELETE", f"/users/{omar['id']}/trusted-devices")
    world.tidy()
    seen, after = [], ""
    for _ in range(50):
        page = daisy.get(f"/events?limit=2&after={after}")
        seen += [one["id"] for one in page["items"]]
        if page["next"] == after:
            break
        after = page["next"]
    assert seen == sorted(set(seen), key=int) and len(seen) >= 7


def test_requests_are_counted_and_held_back(world, clinic):
    counted = Counted(replace(world.settings, rate_limits=RateLimits(management=10)))
    answers = [counted.hit("somebody") for _ in range(12)]
    assert [within for within, _, _ in answers] == [True] * 10 + [False] * 2 and answers[9][1] == 0
    assert counted.hit("somebody else")[0]


@pytest.mark.settings(rate_limits=RateLimits(management=10))
def test_too_many_requests_are_told_when_to_come_back(world, clinic, daisy):
    answers = [daisy("GET", "/users") for _ in range(11)]
    assert (
        answers[0].headers["RateLimit-Limit"] == "10"
        and answers[0].headers["RateLimit-Remaining"] == "9"
    )
    assert (
        answers[-1].status_code == 429
        and kind(answers[-1]) == "too_many"
        and int(answers[-1].headers["Retry-After"]) <= 60
    )


def test_who_was_reset_is_told_by_every_channel(world, daisy, chief):
    job = machine(world)
    with world.inside():
        resets.correct_email(
            world.time.now, "test", world.desk[1], "ddunn2020", "daisy@new.example"
        )
    job("POST", f"/users/{job.user('ddunn2020')['id']}/resets", {})
    world.deliver()
    assert (
        "An administrator reset your registration" in world.mails_to("daisy@new.example")[-1].text
    )
    assert "was reset" in world.mails_to(DAISY)[-1].subject
    assert "You can no longer sign in with this phone" in world.mails_to("+13035550142")[-1].text
