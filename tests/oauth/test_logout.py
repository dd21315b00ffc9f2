"""Signing out: at once with a good hint, after a question without, and never anywhere
unregistered."""

from tests.support.client import Client
from tests.support.person import Person
from tests.support.stories import sign_in, signed_in
from tests.support.world import OMAR, OMAR_PASSWORD

AFTER = "http://localhost:1/signed-out"


def make(world):
    return Client(
        world.issuer,
        world.add_client(post_logout_redirect_uris=[AFTER], start_url="http://localhost:1/login"),
    )


def test_with_the_hint_of_this_session_it_is_done_at_once_and_the_state_comes_back(world):
    client = make(world)
    person, tokens = signed_in(world, client)
    person.open(
        f"{world.issuer}/logout?id_token_hint={tokens['id_token']}"
        f"&post_logout_redirect_uri={AFTER}&state=a%20b%26%C3%A9"
    )
    assert person.left_for == f"{AFTER}?state=a+b%26%C3%A9"
    client.sends(person)
    assert person.heading == "LOGIN OPTIONS"


def test_an_expired_hint_still_serves(world):
    client = make(world)
    person, tokens = signed_in(world, client)
    world.time.passes(minutes=10)
    person.open(f"{world.issuer}/logout?id_token_hint={tokens['id_token']}")
    assert person.heading == "You are signed out"
    assert person.page.links["Sign in again"] == "http://localhost:1/login"


def test_without_a_valid_hint_the_person_is_asked_first(world):
    client = make(world)
    person, tokens = signed_in(world, client)
    for hint in (
        "",
        "id_token_hint=e30.e30.",
        f"id_token_hint={tokens['access_token']}",
        f"id_token_hint={tokens['id_token'][:-6]}AAAAAA",
        f"id_token_hint={tokens['id_token']}&client_id=x",
    ):
        person.open(f"{world.issuer}/logout?{hint}")
        assert person.heading == "Do you want to sign out?", hint
    client.sends(person)
    assert client.tokens(person), "asking signed nobody out"
    person.open(f"{world.issuer}/logout").press("Sign out")
    assert person.heading == "You are signed out"
    client.sends(person)
    assert person.heading == "LOGIN OPTIONS"


def test_after_the_question_a_registered_address_is_gone_to_and_no_other(world):
    client = make(world)
    person, _ = signed_in(world, client)
    person.open(
        f"{world.issuer}/logout?client_id={client.id}&post_logout_redirect_uri=https://evil.example/"
    ).press("Sign out")
    assert (person.heading, person.left_for) == ("You are signed out", "")
    person, _ = signed_in(world, client)
    person.open(
        f"{world.issuer}/logout?client_id={client.id}&post_logout_redirect_uri={AFTER}"
    ).press("Sign out")
    assert person.left_for == AFTER


def test_an_unregistered_address_is_not_gone_to_even_with_a_hint(world):
    client = make(world)
    person, tokens = signed_in(world, client)
    person.open(
        f"{world.issuer}/logout?id_token_hint={tokens['id_token']}&post_logout_redirect_uri={AFTER}/more"
    )
    assert (person.heading, person.left_for) == ("You are signed out", "")


def test_the_hint_of_another_persons_session_asks(world):
    client = make(world)
    omar = Person(world.issuer)
    client.sends(omar)
    sign_in(world, omar, OMAR, OMAR_PASSWORD)
    hint = client.tokens(omar)["id_token"]
    daisy, _ = signed_in(world, client)
    daisy.open(f"{world.issuer}/logout?id_token_hint={hint}")
    assert daisy.heading == "Do you want to sign out?"


def test_by_post_and_by_somebody_who_is_not_signed_in(world):
    client = make(world)
    person, tokens = signed_in(world, client)
    person._go("post", f"{world.issuer}/logout", data={"id_token_hint": tokens["id_token"]})
    assert person.heading == "You are signed out"
    stranger = Person(world.issuer)
    stranger.open(f"{world.issuer}/logout")
    assert stranger.heading == "You are signed out"


def test_the_question_cannot_be_answered_by_another_site(world):
    client = make(world)
    person, _ = signed_in(world, client)
    person.open(f"{world.issuer}/logout")
    kept = person.page.forms[0].fields["kept"]
    for forged in ({"kept": kept, "csrf": "forged"}, {"kept": "forged", "csrf": "forged"}):
        person._go("post", f"{world.issuer}/logout/confirmed", data=forged)
        assert person.heading == "Do you want to sign out?", (
            "asked anew, on a page that can be opened again"
        )
    client.sends(person)
    assert client.tokens(person)
