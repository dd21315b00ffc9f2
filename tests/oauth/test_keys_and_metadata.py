"""Discovery tells the truth; keys change hands without a failed verification."""

import time
from dataclasses import replace

import pytest
import requests
from sqlalchemy import delete

from idp.flow.claims import SCOPE_CLAIMS
from idp.oauth.keys import Keyring
from idp.operations import keys
from idp.store import keys as store
from idp.store.database import run, table
from idp.store.keys import SigningKey
from tests.management.test_races import race
from tests.support.person import Person
from tests.support.stories import sign_in, signed_in
from tests.support.world import DAISY, DAISY_PHONE, demo_brand


def test_both_well_known_places_say_the_same_and_every_endpoint_answers(world):
    first = requests.get(f"{world.issuer}/.well-known/openid-configuration", timeout=9)
    second = requests.get(f"{world.issuer}/.well-known/oauth-authorization-server", timeout=9)
    assert first.json() == second.json()
    assert (
        first.headers["Access-Control-Allow-Origin"] == "*"
        and "max-age" in first.headers["Cache-Control"]
    )
    found = first.json()
    assert found["issuer"] == world.issuer
    for name, value in found.items():
        if name.endswith(("_endpoint", "_uri")):
            assert value.startswith(world.issuer + "/")
            assert requests.get(value, timeout=9, allow_redirects=False).status_code in (
                200,
                303,
                400,
                401,
                405,
            ), name


def test_metadata_passes_authlibs_own_validators(world):
    from authlib.oidc.discovery import OpenIDProviderMetadata

    found = requests.get(f"{world.issuer}/.well-known/openid-configuration", timeout=9).json()
    metadata = OpenIDProviderMetadata(
        {k: v.replace("http://", "https://") if isinstance(v, str) else v for k, v in found.items()}
    )
    metadata.validate()


def test_every_published_key_has_a_kid_and_no_private_part(world):
    published = requests.get(f"{world.issuer}/jwks", timeout=9).json()["keys"]
    assert {key["alg"] for key in published} == {"RS256", "ES256"}
    for key in published:
        assert key["kid"] and key["use"] == "sig"
        assert not set(key) & {"d", "p", "q", "dp", "dq", "qi"}


def test_a_new_key_is_published_before_it_signs_and_the_old_one_stays_until_its_tokens_have_expired(
    world, client
):
    ring = world.app.extensions["stagedoor"].keyring
    _, tokens = signed_in(world, client)

    def kids():
        return {
            key["kid"] for key in requests.get(f"{world.issuer}/jwks", timeout=9).json()["keys"]
        }

    old = kids()
    with world.inside():
        keys.rotate(world.time.now, "test", ring)
    ring._checked = float("-inf")
    until = time.monotonic() + 10
    # looked for beside the answer, which waits for nothing
    while kids() == old and time.monotonic() < until:
        time.sleep(0.05)
    assert old < kids() and len(kids()) == 4
    states = {state.kid: state.state for state in keys.listed(world.time.now, ring)}
    assert sorted(states.values()) == ["next", "next", "signing", "signing"]
    second = client.refresh(tokens["refresh_token"]).json()
    assert client.claims(second["id_token"])
    world.time.passes(seconds=601)
    third = client.refresh(second["refresh_token"]).json()
    from tests.oauth.test_tokens import header

    assert header(third["id_token"])["kid"] not in old
    assert (
        client.claims(third["id_token"])
        and client.userinfo(third["access_token"]).status_code == 200
    )
    assert old < kids(), "what the old keys signed is still around"
    world.time.passes(seconds=301)
    assert not old & kids()
    assert sorted(state.state for state in keys.listed(world.time.now, ring)) == [
        "retired",
        "retired",
        "signing",
        "signing",
    ]


def test_scripts_of_public_clients_may_read_answers_and_others_may_not(world):
    world.add_client("App", redirect_uris=["https://app.example/callback"], public=True)
    world.app.extensions["stagedoor"].registry._checked = float("-inf")
    for endpoint in ("/token", "/userinfo", "/revoke"):
        mine = requests.options(
            world.issuer + endpoint, headers={"Origin": "https://app.example"}, timeout=9
        )
        assert mine.headers["Access-Control-Allow-Origin"] == "https://app.example"
        assert "Access-Control-Allow-Credentials" not in mine.headers
        assert mine.headers["Vary"] == "Origin"
        foreign = requests.options(
            world.issuer + endpoint, headers={"Origin": "https://evil.example"}, timeout=9
        )
        assert "Access-Control-Allow-Origin" not in foreign.headers


def test_nodes_that_are_set_up_at_once_make_one_first_key_of_each_algorithm(either_world):
    world = either_world
    with world.inside():
        run(delete(table(SigningKey)))

    def node():
        ring = Keyring(world.settings, world.vault)
        with world.inside():
            return keys.ensure(world.time.now, "test", ring)

    made = race(*[node] * 8)
    assert sorted(len(kids) for kids in made) == [0] * 7 + [2]
    with world.inside():
        assert sorted(row.alg for row in store.listed()) == ["ES256", "RS256"]


@pytest.mark.settings(look=replace(demo_brand("kepro"), journeys=("recover", "help")))
def test_registering_is_not_promised_where_nobody_registers(world, client, person):
    found = requests.get(f"{world.issuer}/.well-known/openid-configuration", timeout=9).json()
    assert "create" not in found["prompt_values_supported"]
    client.sends(person, prompt="create")
    assert client.answer(person)["error"] == "invalid_request"


def test_scopes_give_the_standard_claims_by_their_names(world, client):
    """OIDC Core 5.1 and 5.4."""
    assert {name: SCOPE_CLAIMS[name] for name in ("profile", "email", "phone")} == {
        "profile": ("name", "given_name", "family_name", "preferred_username", "updated_at"),
        "email": ("email", "email_verified"),
        "phone": ("phone_number", "phone_number_verified"),
    }
    person = client.sends(Person(world.issuer), scope="openid profile email phone")
    told = client.userinfo(client.tokens(sign_in(world, person))["access_token"]).json()
    assert (told["phone_number"], told["phone_number_verified"]) == (DAISY_PHONE, True)
    assert (told["email"], told["email_verified"]) == (DAISY, True)
    found = requests.get(f"{world.issuer}/.well-known/openid-configuration", timeout=9).json()
    assert set(told) <= set(found["claims_supported"])
