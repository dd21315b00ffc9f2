"""Client metadata as a table, below HTTP: what a field may hold, what fields ask of each other, and
that a change touches nothing else."""

import pytest

from idp.oauth.metadata_checks import SERVICE, InvalidMetadata, MetadataContext
from idp.oauth.profiles import PRESETS
from idp.oauth.registration import BY_NAME, FIELDS, changed, registered
from idp.operations import OperatorError, clients
from idp.web.api.client_shapes import ClientChange, ClientOrder
from tests.support.client import Client
from tests.support.person import Person
from tests.support.stories import sign_in

AROUND = MetadataContext(
    PRESETS["modern"], {"cases:read", "cases:write"}, {"https://cases.example"}, {"kepro"}
)
DESK = {"client_name": "Desk", "redirect_uris": ["https://desk.example/cb"]}
NIGHTLY = {"client_name": "Nightly", "grant_types": [SERVICE], "scope": "cases:read"}


def test_what_stands_for_what_was_left_out():
    made = registered(DESK, AROUND)
    assert (
        made["token_endpoint_auth_method"] == "client_secret_basic"
        and made["access_token_format"] == "jwt"
    )
    assert made["grant_types"] == ["authorization_code", "refresh_token"] and made[
        "response_types"
    ] == ["code"]
    assert "openid" in made["scope"].split() and made["post_logout_redirect_uris"] == []
    service = registered(NIGHTLY, AROUND)
    assert (service["scope"], service["response_types"], service["redirect_uris"]) == (
        "cases:read",
        [],
        [],
    )
    told = registered({**DESK, "backchannel_logout_uri": "https://desk.example/bye"}, AROUND)
    assert told["backchannel_logout_session_required"] is True


@pytest.mark.parametrize(
    ("metadata", "field"),
    [
        ({**DESK, "client_name": " "}, "client_name"),
        ({**DESK, "client_name": "x" * 101}, "client_name"),
        ({**DESK, "client_name": "a\nb"}, "client_name"),
        ({"client_name": "Desk"}, "redirect_uris"),
        ({**DESK, "redirect_uris": ["http://desk.example/cb"]}, "redirect_uris"),
        ({**DESK, "redirect_uris": ["https://desk.example/cb#f"]}, "redirect_uris"),
        ({**DESK, "redirect_uris": ["https://u:p@desk.example/cb"]}, "redirect_uris"),
        ({**DESK, "redirect_uris": ["com.example.app:/cb"]}, "redirect_uris"),
        (
            {**DESK, "post_logout_redirect_uris": ["https://*.example/"]},
            "post_logout_redirect_uris",
        ),
        ({**DESK, "initiate_login_uri": "javascript:alert(1)"}, "initiate_login_uri"),
        (
            {**DESK, "backchannel_logout_uri": "https://desk.example:0/bye"},
            "backchannel_logout_uri",
        ),
        ({**DESK, "token_endpoint_auth_method": "tls_client_auth"}, "token_endpoint_auth_method"),
        ({**DESK, "token_endpoint_auth_method": "private_key_jwt"}, "jwks"),
        ({**DESK, "jwks": {"keys": []}}, "jwks"),
        ({**DESK, "grant_types": ["authorization_code", "password"]}, "grant_types"),
        ({**DESK, "grant_types": [SERVICE], "scope": "cases:read"}, "redirect_uris"),
        ({**DESK, "scope": "nonsense"}, "scope"),
        ({**NIGHTLY, "scope": ""}, "scope"),
        ({**NIGHTLY, "token_endpoint_auth_method": "none"}, "token_endpoint_auth_method"),
        ({**DESK, "introspects": ["https://nowhere.example"]}, "introspects"),
        ({**DESK, "id_token_signed_response_alg": "none"}, "id_token_signed_response_alg"),
        ({**DESK, "access_token_format": "paper"}, "access_token_format"),
        ({**DESK, "brand": "unknown"}, "brand"),
        ({**DESK, "policy_uri": "http://desk.example/"}, "policy_uri"),
        ({**DESK, "favorite_color": "teal"}, "favorite_color"),
    ],
)
def test_what_cannot_be_registered_names_its_field(metadata, field):
    with pytest.raises(InvalidMetadata) as refused:
        registered(metadata, AROUND)
    assert refused.value.field == field and refused.value.says


def test_an_app_on_a_device_may_have_a_scheme_of_its_own():
    made = registered(
        {**DESK, "redirect_uris": ["com.example.app:/cb"], "token_endpoint_auth_method": "none"},
        AROUND,
    )
    assert made["redirect_uris"] == ["com.example.app:/cb"]


def test_a_change_touches_nothing_else():
    before = registered(
        {**DESK, "scope": "cases:read", "brand": "kepro", "policy_uri": "https://desk.example/p"},
        AROUND,
    )
    after = changed(before, {"client_name": "Front desk", "policy_uri": None}, AROUND)
    assert {name for name in before if before.get(name) != after.get(name)} == {
        "client_name",
        "policy_uri",
    }
    assert changed(before, {}, AROUND) == before


def test_what_is_gone_meanwhile_bars_no_change():
    before = registered({**DESK, "scope": "cases:read", "brand": "kepro"}, AROUND)
    without = MetadataContext(PRESETS["modern"], (), (), ())
    after = changed(before, {"client_name": "Front desk"}, without)
    assert (after["scope"], after["brand"]) == (before["scope"], "kepro")
    assert "cases:read" in changed(before, {"scope": "cases:read"}, without)["scope"].split()
    with pytest.raises(InvalidMetadata):
        changed(before, {"scope": "cases:read cases:write"}, without)


@pytest.mark.parametrize(
    "change",
    [
        {"token_endpoint_auth_method": "none"},
        {"grant_types": [SERVICE]},
        {"redirect_uris": None},
        {"redirect_uris": []},
    ],
)
def test_what_a_client_is_does_not_change(change):
    with pytest.raises(InvalidMetadata):
        changed(registered({**DESK, "scope": "cases:read"}, AROUND), change, AROUND)


def test_the_api_knows_every_field():
    own = {"service", "third_party"}  # stand for grant_types, and for a column of its own
    operators = {field.name for field in FIELDS if field.operator}
    assert (
        set(ClientOrder.model_fields) - own
        == set(BY_NAME) - {"grant_types", "logo_uri"} - operators
    )
    assert (
        set(ClientChange.model_fields)
        == {field.name for field in FIELDS if not field.fixed} - operators
    )


def test_a_classic_client_with_a_secret_may_leave_out_pkce_and_a_public_one_may_not(world):
    def begun(**about):
        made = world.add_client("Old desk", scopes=(), **about)
        client, person = Client(world.issuer, made), Person(world.issuer)
        client.sends(person, code_challenge=None, code_challenge_method=None)
        return client, person

    client, person = begun(profile="classic")
    sign_in(world, person)
    answer = client.answer(person)
    assert client.redeem(answer["code"], code_verifier=None).status_code == 200
    for about in ({}, {"profile": "classic", "public": True}):
        client, person = begun(**about)
        assert client.answer(person)["error"] == "invalid_request"
    client, person = begun(profile="classic")
    sign_in(world, client.sends(person))
    assert client.redeem(client.answer(person)["code"], code_verifier=None).status_code == 400, (
        "who begins with PKCE ends with it"
    )
    with world.inside():
        clients.update(world.time.now, "test", client.id, {}, "modern")
    # it is looked at again within a second
    world.app.extensions["stagedoor"].registry._checked = float("-inf")
    fresh = Person(world.issuer)
    client.sends(fresh, code_challenge=None, code_challenge_method=None)
    assert client.answer(fresh)["error"] == "invalid_request"
    with world.inside(), pytest.raises(OperatorError, match="no client profile"):
        clients.update(world.time.now, "test", client.id, {}, "fapi9")
