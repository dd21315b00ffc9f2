"""The authorization endpoint: what is refused on a page, what at the client, and what is let
through."""

import pytest

from tests.support.client import Client
from tests.support.person import Person
from tests.support.stories import signed_in


@pytest.mark.parametrize(
    ("changes", "heading", "cause"),
    [
        ({"client_id": None}, "The application made a mistake", "The request has no client_id"),
        (
            {"client_id": "nobody"},
            "This application is not known here",
            "No client is registered with the client_id nobody",
        ),
        (
            {"redirect_uri": "https://evil.example/"},
            "The application asked to return to an unknown address",
            "https://evil.example/ is not registered",
        ),
        (
            {"redirect_uri": "http://localhost:1/callback?added=1"},
            "The application asked to return to an unknown address",
            "must match a registered redirect URI exactly",
        ),
        (
            {"redirect_uri": "http://localhost:1/callback/"},
            "The application asked to return to an unknown address",
            "must match a registered redirect URI exactly",
        ),
        (
            {"redirect_uri": "http://localhost:1/cällback\r\n"},
            "The application asked to return to an unknown address",
            "must match a registered redirect URI exactly",
        ),
    ],
)
def test_nothing_redirects_until_client_and_redirect_uri_are_valid(
    person, client, changes, heading, cause
):
    client.sends(person, **changes)
    assert (person.status, person.heading) == (400, heading)
    assert cause in person.page.text
    assert len([code for code, _ in person.trail if code in (302, 303)]) == 0


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": "ünsinn"}, "unsupported_response_type"),
        ({"response_mode": "form_post"}, "invalid_request"),
        ({"scope": "nothing-known"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "too-short"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "dance"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"request": "eyJ"}, "request_not_supported"),
        ({"request_uri": "https://x.example/"}, "request_uri_not_supported"),
        ({"registration": "{}"}, "registration_not_supported"),
        ({"nonce": "n" * 5000}, "invalid_request"),
        ({"id_token_hint": "e30.e30.e30"}, "invalid_request"),
    ],
)
def test_a_mistake_in_the_request_goes_back_to_the_client_with_its_state(
    world, person, client, changes, error
):
    client.sends(person, **changes)
    answer = client.answer(person)
    assert (answer["error"], answer["state"], answer["iss"]) == (error, client.state, world.issuer)
    assert answer["error_description"].isascii()


def test_a_repeated_parameter_is_refused(person, client):
    person.open(client.address() + "&nonce=again")
    assert client.answer(person)["error"] == "invalid_request"
    person.open(client.address() + "&client_id=again")
    assert person.status == 400


def test_unknown_parameters_hints_and_locales_never_fail(person, client):
    client.sends(
        person,
        login_hint="nobody",
        ui_locales="xx yy",
        claims_locales="zz",
        display="popup",
        surprise="☃",
        acr_values="urn:x",
    )
    assert person.heading == "LOGIN OPTIONS"


def test_a_post_from_another_site_is_answered_like_a_get(world, client):
    person, _ = signed_in(world, client)
    address = client.address()
    endpoint, _, query = address.partition("?")
    person._go(
        "post",
        endpoint,
        data=query,
        headers={
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": "https://elsewhere.example",
        },
    )
    assert client.tokens(person)
    assert person.trail[-2][0] == 303


def test_a_loopback_address_may_come_with_any_port_and_localhost_may_not(world):
    native = Client(
        world.issuer,
        world.add_client(
            "Desktop",
            redirect_uris=["http://127.0.0.1/callback", "http://localhost:7777/callback"],
            public=True,
        ),
    )
    person = Person(world.issuer)
    native.sends(person, redirect_uri="http://127.0.0.1:51234/callback")
    assert person.heading == "LOGIN OPTIONS"
    for uri in (
        "http://localhost:7778/callback",
        "http://127.0.0.1:51234/other",
        "http://127.0.0.1:x/callback",
        "http://u@127.0.0.1:5/callback",
        "https://127.0.0.1:5/callback",
    ):
        native.sends(person, redirect_uri=uri)
        assert person.status == 400, uri


def test_the_redirect_uri_may_be_left_out_only_where_one_is_registered_and_openid_is_not_asked_for(
    world, person, client
):
    """RFC 6749 3.1.2.3 against OIDC Core 3.1.2.1; one that is empty is one that is left out."""
    for left_out in (None, ""):
        client.sends(person, redirect_uri=left_out, scope="profile email")
        assert person.heading == "LOGIN OPTIONS"
        client.sends(person, redirect_uri=left_out)
        assert person.status == 400
    two = Client(
        world.issuer,
        world.add_client("Two", redirect_uris=["http://localhost:1/a", "http://localhost:1/b"]),
    )
    two.sends(person, redirect_uri=None)
    assert person.status == 400


def test_a_code_asked_for_without_redirect_uri_is_redeemed_without_it(world, client):
    person, _ = signed_in(world, client)
    client.sends(person, redirect_uri=None, scope="profile email")
    assert client.redeem(client.answer(person)["code"], redirect_uri=None).status_code == 200


def test_a_query_in_a_registered_redirect_uri_is_kept(world):
    client = Client(
        world.issuer, world.add_client("Query", "http://localhost:1/callback?tenant=a%20b&x=")
    )
    person, _ = signed_in(world, client)
    client.sends(person)
    assert person.left_for.startswith("http://localhost:1/callback?tenant=a%20b&x=&code=")


def test_a_client_removed_in_mid_flow_ends_on_a_page(world, person, client):
    from idp.operations import clients

    client.sends(person)
    page = person.url
    with world.inside():
        clients.remove(world.time.now, "test", client.id)
    world.app.extensions["stagedoor"].registry._checked = float("-inf")
    person.open(page)
    assert (person.status, person.heading) == (400, "This application is not known here")


def test_too_many_fields_and_too_large_bodies_are_refused_with_a_page(world, person, client):
    person.open(client.address() + "&a=1" * 120)
    assert (person.status, person.heading) == (400, "We could not read this request")
    person._go("post", f"{world.issuer}/authorize", data={"x": "y" * 70_000})
    assert (person.status, person.heading) == (413, "That form is too large")
