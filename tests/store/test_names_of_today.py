"""What a database of the version before calls otherwise is there after the migration, by the names
of today."""

import pytest
from sqlalchemy import text

from idp.house import built
from idp.oauth.granted import Granted
from idp.store import (
    authorization_codes,
    clients,
    grants,
    interactions,
    migrate,
    profiles,
    resource_servers,
    trusted_devices,
    writing,
)
from idp.store.database import connection, run, working
from tests.store.test_credentials import database_of
from tests.support.world import settings_for

ACCOUNT = {
    **dict.fromkeys(("id", "username", "username_key"), "a"),
    **dict.fromkeys(("contact_email", "contact_email_key", "given_name", "family_name"), ""),
    **dict.fromkeys(("created_at", "updated_at", "credentials_changed_at"), 1.0),
    "terms": "{}",
    "roles": "[]",
}
INTERACTION = {
    **dict.fromkeys(("id", "reference", "browser", "client_id"), "i"),
    "parameters": "[]",
    **dict.fromkeys(("created_at", "seen_at"), 5.0),
}
GRANTED = {
    **dict.fromkeys(("client_id", "session_id", "reference"), "x"),
    "account_id": "a",
    "scope": "openid email",
    "auth_time": 4.0,
    "acr": "two-step",
    "amr": '["pwd", "otp"]',
}
ROWS = {
    "accounts": ACCOUNT,
    "interactions": INTERACTION,
    "facts": {"interaction_id": "i", "kind": "way_chosen", "value": "email", "at": 5.0},
    "finished": {**INTERACTION, "id": "done", "reference": "done", "outcome": "issued"},
    "authorization_codes": {
        "digest": "code",
        **dict.fromkeys(("grant_id", "interaction_id"), "i"),
        "nonce": "n",
        "expires_at": 9.0,
        **GRANTED,
    },
    "grants": {"id": "grant", "created_at": 4.0, "expires_at": 9.0, **GRANTED},
    "refresh_tokens": {"digest": "r", "grant_id": "grant", "created_at": 4.0},
    "profiles": {
        "account_id": "a",
        **dict.fromkeys(("address_1", "address_2", "city", "zip_code"), ""),
        "state": "CO",
        "phone": "+13035550150",
        "fax": "+13035550143",
    },
    "remembered": {
        "digest": "d",
        "account_id": "a",
        "way": "phone",
        "auth_time": 2.0,
        "created_at": 2.0,
        "expires_at": 9.0,
    },
    "known_browsers": {
        "account_id": "a",
        "digest": "d",
        "first_at": 1.0,
        "last_at": 2.0,
        "way": "email",
    },
    "apis": {
        "identifier": "https://cases.example",
        "name": "Cases",
        "scopes": '{"cases:read": "read"}',
        "created_at": 1.0,
    },
    "clients": {
        "id": "c",
        "registration": '{"client_name": "Job", "access_token_format": "opaque"}',
        "created_at": 1.0,
        "third_party": False,
        "profile": "modern",
    },
}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_was_called_otherwise_is_there_by_its_name_of_today(request, tmp_path, kind):
    fresh = f"sqlite:///{tmp_path}/before.sqlite"
    url = fresh if kind == "sqlite" else database_of(kind, request, tmp_path)
    house = built(settings_for(9, url))
    with working(house.engine):
        if kind == "postgresql":  # begin before there is anything
            writing()
            connection().execute(text("DROP SCHEMA public CASCADE"))
            connection().execute(text("CREATE SCHEMA public"))
            connection().commit()
        migrate.upgrade("0012")
        writing()
        for key, values in ROWS.items():
            name = "interactions" if key == "finished" else key
            if key == "finished":
                values = {**values, "finished_at": 6.0}
            places = ", ".join(f":{column}" for column in values)
            run(text(f"INSERT INTO {name} ({', '.join(values)}) VALUES ({places})"), **values)
        connection().commit()
    with working(house.engine):
        migrate.upgrade()
        assert migrate.differences() == []
        assert profiles.of("a") == {"state": "CO", "phone": "+13035550150", "fax": "+13035550143"}
        assert trusted_devices.live(["d"], 3.0)["phone"].account_id == "a"
        assert trusted_devices.last_option("d") == "email"
        (found,) = resource_servers.listed()
        assert found.scopes == {"cases:read": "read"}
        code = Granted.of(authorization_codes.by_digest("code").granted)
        assert (code.nonce, code.sign_in.amr, code.scope) == ("n", ("pwd", "otp"), "openid email")
        kept = Granted.of(grants.whose("grant").granted)
        assert (kept.sign_in.account_id, kept.sign_in.acr) == ("a", "two-step")
        assert grants.refresh_token("r").grant_id == "grant"
        begun = interactions.by_id("i")
        assert begun.request == {} and begun.seen_at == 0, "begun by the version before: over"
        assert begun.created_at == 5.0, "and told for as long as any"
        done = interactions.by_id("done")
        assert (done.seen_at, done.outcome) == (5.0, "issued"), "what was finished is as it was"
        assert [one.kind for one in interactions.events_of("i")] == ["option_chosen"]
        assert clients.by_id("c").registration["access_token_format"] == "reference"
