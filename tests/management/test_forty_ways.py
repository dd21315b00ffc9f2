"""Hana administers Harbor Health. She tries every way to the people of Lakeside Clinic: none works,
and each is in the audit trail."""

import pytest
import requests
from sqlalchemy import select

from idp.operations import accounts, members, organizations
from idp.store import audit
from idp.store import organizations as rows
from idp.store.accounts import ACCOUNTS
from idp.store.database import connection
from idp.store.directory import DIRECTORY
from idp.store.links import LINKS
from idp.store.organizations import MEMBERSHIPS, ORGANIZATIONS
from idp.store.registration_codes import CODES
from idp.store.sessions import SESSIONS
from idp.store.trusted_devices import TRUSTED_DEVICES
from tests.support.management import ResourceServer, by_mail, by_phone, desk
from tests.support.world import OMAR, OMAR_PASSWORD

HANA, PASSWORD = "hana@harbor.example", "harbor-light-house"
WATCHED = (ACCOUNTS, MEMBERSHIPS, ORGANIZATIONS, CODES, LINKS, TRUSTED_DEVICES, DIRECTORY)
MAIL = {"contact_email": "hana@elsewhere.example"}
TWICE = (
    '{"username":"mole","email":"m@x.example","given_name":"M","family_name":"L",'
    '"organization_id":"%s","organization_id":"%s"}'
)
PERSON = {
    "username": "mole",
    "email": "mole@elsewhere.example",
    "given_name": "Mo",
    "family_name": "Le",
}


class Scene:
    """Who is there, by name; and Hana's API."""

    def __init__(self, world) -> None:
        self.world, now = world, world.time.now
        with world.inside():
            person = {"new_password": PASSWORD, "enrolled": True, "organization": "1245319599"}
            accounts.add(
                now,
                "test",
                "hhall",
                HANA,
                "Hana",
                "Hall",
                phone="+13035550199",
                role="administrator",
                **person,
            )
            accounts.add(
                now,
                "test",
                "ppeer",
                "pia@harbor.example",
                "Pia",
                "Peer",
                role="administrator",
                **person,
            )
            accounts.add(now, "test", "sboth", "shay@both.example", "Shay", "Both", **person)
            for name in ("hhall", "ppeer", "sboth"):
                accounts.accept_terms(now, "test", name, world.settings.look)
            self.lakeside, self.harbor = (
                rows.by_identifier(npi) for npi in ("1234567893", "1245319599")
            )
            members.set_role(now, "test", world.account("sboth"), self.lakeside, "user")
            _, self.code = organizations.add_code(now, "test", "1234567893")
            self.omar, self.noah, self.hana, self.pia, self.shay = (
                world.account(name).id
                for name in ("oreyes2021", "nquist2018", "hhall", "ppeer", "sboth")
            )
        self.client = desk(world)
        by_mail(world, self.client, OMAR, OMAR_PASSWORD)
        self.api = by_phone(world, self.client, HANA, PASSWORD)[1]
        with world.inside():
            self.session = (
                connection()
                .execute(select(SESSIONS.c.id).where(SESSIONS.c.account_id == self.omar))
                .scalar()
            )
            self.refused = len(
                [row for row in audit.listed() if row.action == "management_refused"]
            )

    def seen(self) -> list:
        """Everything that she might have changed."""
        with self.world.inside():
            found = [
                sorted(map(repr, connection().execute(select(table)).all())) for table in WATCHED
            ]
            ended = (
                connection()
                .execute(select(SESSIONS.c.ended_at).where(SESSIONS.c.id == self.session))
                .scalar()
            )
            return [*found, ended]


def raw(scene, text: str, path: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {scene.api.token}", "Content-Type": "application/json"}
    return requests.post(scene.api.base + path, data=text, headers=headers, timeout=30)


SIGN_IN_OPTIONS = {
    "read him": lambda s: s.api("GET", f"/users/{s.omar}"),
    "where he is signed in": lambda s: s.api("GET", f"/users/{s.omar}/sessions"),
    "his browsers": lambda s: s.api("GET", f"/users/{s.omar}/trusted-devices"),
    "his terms": lambda s: s.api("GET", f"/users/{s.omar}/terms"),
    "the list of his clinic": lambda s: s.api("GET", f"/users?organization_id={s.lakeside.id}"),
    "his clinic": lambda s: s.api("GET", f"/organizations/{s.lakeside.id}"),
    "its codes": lambda s: s.api("GET", f"/organizations/{s.lakeside.id}/registration-codes"),
    "its trail": lambda s: s.api("GET", f"/audit?organization_id={s.lakeside.id}"),
    "his trail": lambda s: s.api("GET", f"/audit?user_id={s.omar}"),
    "an application": lambda s: s.api("GET", f"/clients/{s.client.id}"),
    "reset him": lambda s: s.api("POST", f"/users/{s.omar}/resets", {}),
    "reset him, password lost": lambda s: s.api(
        "POST", f"/users/{s.omar}/resets", {"password_lost": True}
    ),
    "his address": lambda s: s.api("PATCH", f"/users/{s.omar}", MAIL, If_Match="*"),
    "switch him off": lambda s: s.api(
        "PATCH", f"/users/{s.omar}", {"disabled": True}, If_Match="*"
    ),
    "invite him again": lambda s: s.api("POST", f"/users/{s.omar}/invitations"),
    "withdraw an invitation": lambda s: s.api("DELETE", f"/users/{s.omar}/invitations"),
    "sign him out": lambda s: s.api("DELETE", f"/users/{s.omar}/sessions"),
    "sign him out of one": lambda s: s.api("DELETE", f"/users/{s.omar}/sessions/{s.session}"),
    "his session by her Noah": lambda s: s.api("DELETE", f"/users/{s.noah}/sessions/{s.session}"),
    "forget his browsers": lambda s: s.api("DELETE", f"/users/{s.omar}/trusted-devices"),
    "bring him into hers": lambda s: s.api(
        "PUT", f"/organizations/{s.harbor.id}/members/{s.omar}", {"role": "user"}
    ),
    "bring Shay in as administrator there": lambda s: s.api(
        "PUT", f"/organizations/{s.lakeside.id}/members/{s.shay}", {"role": "administrator"}
    ),
    "make him administrator there": lambda s: s.api(
        "PUT", f"/organizations/{s.lakeside.id}/members/{s.omar}", {"role": "administrator"}
    ),
    "join his clinic herself": lambda s: s.api(
        "PUT", f"/organizations/{s.lakeside.id}/members/{s.hana}", {"role": "administrator"}
    ),
    "send Noah there": lambda s: s.api(
        "PUT", f"/organizations/{s.lakeside.id}/members/{s.noah}", {"role": "user"}
    ),
    "remove him": lambda s: s.api("DELETE", f"/organizations/{s.lakeside.id}/members/{s.omar}"),
    "remove him from hers, where he is not": lambda s: s.api(
        "DELETE", f"/organizations/{s.harbor.id}/members/{s.omar}"
    ),
    "rename his clinic": lambda s: s.api(
        "PATCH", f"/organizations/{s.lakeside.id}", {"name": "Hers"}, If_Match="*"
    ),
    "a code for his clinic": lambda s: s.api(
        "POST", f"/organizations/{s.lakeside.id}/registration-codes", {}
    ),
    "end its code": lambda s: s.api(
        "DELETE", f"/organizations/{s.lakeside.id}/registration-codes/{s.code}"
    ),
    "end its code by her own": lambda s: s.api(
        "DELETE", f"/organizations/{s.harbor.id}/registration-codes/{s.code}"
    ),
    "invite into it": lambda s: s.api(
        "POST", "/users", {**PERSON, "organization_id": s.lakeside.id}
    ),
    "invite an administrator into it": lambda s: s.api(
        "POST", "/users", {**PERSON, "organization_id": s.lakeside.id, "role": "administrator"}
    ),
    "both organizations at once": lambda s: s.api(
        "POST",
        "/users",
        {**PERSON, "organization_id": s.harbor.id, "organizations": [s.lakeside.id]},
    ),
    "the same field twice": lambda s: raw(s, TWICE % (s.harbor.id, s.lakeside.id), "/users"),
    "an id inside Noah": lambda s: s.api(
        "PATCH", f"/users/{s.noah}", {"id": s.omar, **MAIL}, If_Match="*"
    ),
    "a role inside Noah": lambda s: s.api(
        "PATCH", f"/users/{s.noah}", {"roles": ["portal-administrator"]}, If_Match="*"
    ),
    "an organization inside Noah": lambda s: s.api(
        "PATCH", f"/users/{s.noah}", {"organizations": [{"id": s.lakeside.id}]}, If_Match="*"
    ),
    "by his username": lambda s: s.api("POST", "/users/oreyes2021/resets", {}),
    "by his address": lambda s: s.api("POST", f"/users/{OMAR}/resets", {}),
    "by a path inside a path": lambda s: s.api(
        "POST", f"/users/{s.noah}%2F..%2F{s.omar}/resets", {}
    ),
    "by another spelling": lambda s: s.api("GET", f"/users/{s.omar.swapcase()}"),
    "with a method in a header": lambda s: s.api(
        "POST",
        f"/users/{s.omar}/resets",
        {},
        X_HTTP_Method_Override="GET",
        X_Original_URL="/api/v1/users",
    ),
    "with a name in a header": lambda s: s.api(
        "GET",
        f"/users/{s.omar}",
        X_User_Id=s.omar,
        X_Forwarded_User="ddunn2020",
        X_Remote_User="ddunn2020",
    ),
    "with an address in a header": lambda s: s.api(
        "GET",
        f"/users/{s.omar}",
        X_Forwarded_For="127.0.0.1",
        Forwarded="for=127.0.0.1;by=operator",
    ),
    "herself": lambda s: s.api("POST", f"/users/{s.hana}/resets", {}),
    "her own role": lambda s: s.api(
        "PUT", f"/organizations/{s.harbor.id}/members/{s.hana}", {"role": "administrator"}
    ),
    "her equal": lambda s: s.api("POST", f"/users/{s.pia}/resets", {}),
    "her equal's role": lambda s: s.api(
        "PUT", f"/organizations/{s.harbor.id}/members/{s.pia}", {"role": "user"}
    ),
    "her equal's membership": lambda s: s.api(
        "DELETE", f"/organizations/{s.harbor.id}/members/{s.pia}"
    ),
    "the address of who works there too": lambda s: s.api(
        "PATCH", f"/users/{s.shay}", MAIL, If_Match="*"
    ),
    "the password of who works there too": lambda s: s.api(
        "POST", f"/users/{s.shay}/resets", {"password_lost": True}
    ),
    "switch her own Noah off, everywhere": lambda s: s.api(
        "PATCH", f"/users/{s.noah}", {"disabled": True}, If_Match="*"
    ),
    "an organization of her own": lambda s: s.api(
        "POST", "/organizations", {"identifier": "1999999984", "name": "Hers"}
    ),
    "an application of her own": lambda s: s.api(
        "POST", "/clients", {"client_name": "Hers", "redirect_uris": ["https://hers.example/cb"]}
    ),
    "a secret of the application": lambda s: s.api("POST", f"/clients/{s.client.id}/secrets"),
}


@pytest.fixture
def scene(world):
    return Scene(world)


def test_there_are_more_than_forty():
    assert len(SIGN_IN_OPTIONS) > 40


def test_none_works_and_all_are_audited(scene):
    before, refused = scene.seen(), scene.refused
    for number, (name, option) in enumerate(SIGN_IN_OPTIONS.items(), 1):
        answer = option(scene)
        assert 400 <= answer.status_code < 500, (name, answer.status_code, answer.text)
        assert OMAR not in answer.text and "Reyes" not in answer.text, name
        with scene.world.inside():
            trail = [row for row in audit.listed() if row.action == "management_refused"]
            assert len(trail) == refused + number, name
            assert trail[-1].actor == scene.hana and trail[-1].client_id == scene.client.id, name
    assert scene.seen() == before


def test_what_is_not_hers_and_what_is_nowhere_are_answered_alike(scene):
    for there, nowhere in (
        (f"/users/{scene.omar}", "/users/nobody-at-all"),
        (f"/organizations/{scene.lakeside.id}", "/organizations/nowhere-at-all"),
        (f"/users?organization_id={scene.lakeside.id}", "/users?organization_id=nowhere-at-all"),
        (f"/clients/{scene.client.id}", "/clients/none"),
    ):
        assert scene.api("GET", there).json() == scene.api("GET", nowhere).json()


def test_searches_and_lists_show_hers_alone(scene):
    for search in ("", "Omar", "oreyes", "lakeside", "%25", "@"):
        found = [
            one["username"] for one in scene.api.get(f"/users?search={search}&limit=200")["items"]
        ]
        assert not {"oreyes2021", "ddunn2020", "pnair2019"} & set(found)
    shay = scene.api.user("sboth")
    assert [one["name"] for one in shay["organizations"]] == ["Harbor Health"], (
        "where else somebody works is not told"
    )
    assert shay["acts"] == ["reset", "sign_out"]
    assert [one["name"] for one in scene.api.get("/organizations")["items"]] == ["Harbor Health"]
    assert scene.api.get("/clients")["items"] == []


def test_trail_and_events_tell_of_hers_alone(scene):
    with scene.world.inside():
        accounts.sign_out(scene.world.time.now, "test", scene.world.account("oreyes2021"))
        accounts.sign_out(scene.world.time.now, "test", scene.world.account("nquist2018"))
    scene.world.tidy()
    for path in ("/audit?limit=200", "/events?limit=200"):
        found = scene.api.get(path)["items"]
        assert found and {one["organization_id"] for one in found} <= {scene.harbor.id, None}
        assert scene.omar not in str(found) and all(
            one["detail"] is None and one["address"] is None for one in found
        )
    assert any(
        one["target"] and one["target"]["name"] == "Noah Quist (nquist2018)"
        for one in scene.api.get("/events?limit=200")["items"]
    )
    assert scene.api.get(f"/audit?user_id={scene.shay}")["items"] is not None


@pytest.mark.parametrize(
    "how", ["expired", "revoked", "role taken", "signed out", "disabled", "moved"]
)
def test_old_tokens(scene, how):
    world, path = scene.world, f"/users/{scene.noah}/sessions"
    assert scene.api("DELETE", path).status_code == 204
    with world.inside():
        hana = world.account("hhall")
        if how == "disabled":
            accounts.disable(world.time.now, "test", "hhall")
        if how == "signed out":
            accounts.sign_out(world.time.now, "test", hana)
        if how == "role taken":
            members.set_role(world.time.now, "test", hana, scene.harbor, "user")
        if how == "moved":
            members.set_role(
                world.time.now, "test", world.account("nquist2018"), scene.lakeside, "user"
            )
            members.remove(world.time.now, "test", world.account("nquist2018"), scene.harbor)
    if how == "expired":
        world.time.passes(minutes=6)
    if how == "revoked":
        scene.client.http.post(
            f"{world.issuer}/revoke",
            data={"token": scene.api.token},
            auth=(scene.client.id, scene.client.secret),
            timeout=30,
        )
    answer = scene.api("DELETE", path)
    assert answer.status_code == (404 if how in ("role taken", "moved") else 401), answer.text
    with world.inside():
        last = [row for row in audit.listed() if row.action == "management_refused"][-1]
        assert (last.actor, last.target) == (scene.hana, scene.noah)


def test_a_token_for_something_else_or_without_the_scope(scene):
    _, omar = by_mail(scene.world, scene.client, OMAR, OMAR_PASSWORD, scope="openid profile")
    assert omar("GET", "/users").status_code == 401, "it is for userinfo alone"
    _, some = by_mail(
        scene.world, scene.client, OMAR, OMAR_PASSWORD, scope="openid organizations:read"
    )
    answer = some("GET", "/users")
    assert answer.status_code == 403 and 'scope="users:read"' in answer.headers["WWW-Authenticate"]
    for token in ("", "x", "a.b.c", scene.api.token[:-3] + "abc"):
        assert ResourceServer(scene.world.issuer, token)("GET", "/users").status_code == 401
