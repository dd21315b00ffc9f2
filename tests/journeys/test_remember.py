"""Remember Me (product 7): the same button in the same browser, for four hours."""

from idp.operations import accounts
from idp.store import trusted_devices
from idp.store.trusted_devices import TRUSTED_DEVICES
from tests.support.person import Person
from tests.support.stories import sign_in, to_code_page, to_phone_page
from tests.support.world import DAISY, MFA, OMAR, OMAR_PASSWORD, TWO_STEP

SINGLE = "urn:stagedoor:acr:single"


def remember(world, client, person=None, email=DAISY, **more) -> Person:
    """Someone who has just signed in by email with the box ticked."""
    person = person or Person(world.issuer)
    client.sends(person)
    person.tick("Remember Me")
    sign_in(world, person, email, **more)
    client.tokens(person)
    return person


def later(world, person, minutes=20):
    """The provider's own session is over; what is remembered is not."""
    world.time.passes(minutes=minutes)
    return person


def asks(person) -> bool:
    return person.heading == "Sign in with your email address"


def test_the_same_button_signs_in_for_four_hours_and_claims_no_more_than_it_is(world, client):
    person = remember(world, client)
    began = world.time.now
    for minutes in (20, 100, 100):
        client.sends(later(world, person, minutes))
        assert 'name="remember" value="yes" checked' in person.page.html, (
            "the box shows how it stands"
        )
        person.press("LOGIN WITH EMAIL")
        claims = client.claims(client.tokens(person)["id_token"])
        assert (claims["acr"], claims["auth_time"]) == (
            SINGLE,
            int(began),
        ) and "mfa" not in claims.get("amr", [])
    client.sends(later(world, person, 21)).press("LOGIN WITH EMAIL")
    assert asks(person), "four hours after the sign-in it is over, however often it was used"


def test_3_59_and_4_01(world, client):
    person = remember(world, client)
    client.sends(later(world, person, 239)).press("LOGIN WITH EMAIL")
    assert client.tokens(person)
    world.time.passes(minutes=2)
    person.http.cookies.clear(
        domain="localhost.local",
        path="/",
        name=next(name for name in person.cookies if name.endswith("_session")),
    )
    assert asks(client.sends(person).press("LOGIN WITH EMAIL"))


def test_another_button_asks_for_everything(world, client):
    person = remember(world, client)
    client.sends(later(world, person)).press("LOGIN WITH PHONE")
    assert asks(person)


def test_an_empty_box_forgets_at_once(world, client):
    person = remember(world, client)
    client.sends(later(world, person)).tick("Remember Me", on=False).press("LOGIN WITH PHONE")
    person.press("Cancel")
    assert 'value="yes" checked' not in person.page.html
    assert asks(person.press("LOGIN WITH EMAIL"))


def test_another_browser_is_not_remembered(world, client):
    remember(world, client)
    assert asks(client.sends(Person(world.issuer)).press("LOGIN WITH EMAIL"))


def test_one_person_a_button_a_browser(world, client):
    person = remember(world, client)
    later(world, person)
    client.sends(person).tick("Remember Me", on=False).press("LOGIN WITH EMAIL").press("Cancel")
    person.tick("Remember Me")
    sign_in(world, person, OMAR, OMAR_PASSWORD)
    client.tokens(person)
    client.sends(later(world, person)).press("LOGIN WITH EMAIL")
    assert client.userinfo(client.tokens(person)["access_token"]).json()["email"] == OMAR


def test_it_never_answers_what_asks_for_a_sign_in(world, client):
    person = remember(world, client)
    for asked in (
        {"prompt": "login"},
        {"max_age": "86400"},
        {"acr_values": TWO_STEP},
        {"acr_values": MFA},
    ):
        client.sends(later(world, person, 17), **asked).press("LOGIN WITH EMAIL")
        assert asks(person), asked


def test_step_up_from_a_remembered_session_asks_for_everything_that_is_missing(world, client):
    person = remember(world, client)
    client.sends(later(world, person)).press("LOGIN WITH EMAIL")
    assert client.tokens(person)
    client.sends(person, acr_values=MFA)
    assert asks(person) or person.heading == "LOGIN OPTIONS"


def test_signing_out_ends_it_here(world, client):
    person = Person(world.issuer)
    client.sends(person).tick("Remember Me")
    sign_in(world, person)
    tokens = client.tokens(person)
    person.open(f"{world.issuer}/logout?id_token_hint={tokens['id_token']}")
    assert person.heading == "You are signed out"
    assert asks(client.sends(person).press("LOGIN WITH EMAIL"))


def test_signing_out_after_the_session_lay_idle_ends_it_too(world, client):
    person = Person(world.issuer)
    client.sends(person).tick("Remember Me")
    sign_in(world, person)
    tokens = client.tokens(person)
    later(world, person)
    person.open(f"{world.issuer}/logout?id_token_hint={tokens['id_token']}")
    assert asks(client.sends(person).press("LOGIN WITH EMAIL"))


def test_a_disabled_account_is_not_remembered_anywhere_ever(world, client):
    person = remember(world, client)
    with world.inside():
        accounts.disable(world.time.now, "test", "ddunn2020")
    assert asks(client.sends(later(world, person)).press("LOGIN WITH EMAIL"))
    with world.inside():
        accounts.enable(world.time.now, "test", "ddunn2020")
    person.press("Cancel")
    assert asks(person.press("LOGIN WITH EMAIL"))


def test_a_tick_without_a_finished_sign_in_remembers_nobody(world, client):
    person = client.sends(Person(world.issuer)).tick("Remember Me")
    to_code_page(person)
    assert asks(client.sends(Person(world.issuer)).press("LOGIN WITH EMAIL"))
    client.sends(person).press("LOGIN WITH EMAIL")
    assert asks(person)


def test_by_phone_too_and_the_box_may_be_ticked_before_a_change_of_door(world, client):
    person = client.sends(Person(world.issuer)).tick("Remember Me")
    to_phone_page(person, OMAR, OMAR_PASSWORD).press("LOGIN WITH EMAIL").press(
        "Send verification code"
    )
    person.fill("Verification Code", world.newest_code()).press("Verify code").press("Continue")
    assert client.tokens(person)
    client.sends(later(world, person)).press("LOGIN WITH EMAIL")
    assert client.tokens(person)


def test_the_cookie_is_a_secret_and_ends_with_the_browser(world, client):
    person = remember(world, client)
    (cookie,) = [one for one in person.http.cookies if "remembered" in one.name]
    assert cookie.discard and cookie.has_nonstandard_attr("HttpOnly") and "email" in cookie.name
    with world.inside():
        rows = [
            row.digest
            for row in trusted_devices.rows(TRUSTED_DEVICES.select(), trusted_devices.TrustedDevice)
        ]
    assert rows and cookie.value not in rows
