"""A step-up says who asks for it, and no other page does."""

import pytest

from idp.cli.explain_sentences import beside
from idp.operations.explain import explain
from tests.support.client import Client
from tests.support.person import Person
from tests.support.stories import reference, sign_in, signed_in, to_code_page, to_phone_page
from tests.support.world import DAISY, MFA, OMAR, OMAR_PASSWORD

SAYS = "You are signed in."


@pytest.fixture
def daisy(world, person, client):
    """Signed in by mail."""
    sign_in(world, client.sends(person))
    client.tokens(person)
    return person


def test_who_is_signed_in_is_told_which_application_asks(daisy, client):
    client.sends(daisy, acr_values=MFA)
    assert daisy.heading == "Verification is necessary"
    assert f"{SAYS} Clinic desk asks you to confirm that it is you." in daisy.page.text


def test_who_signs_in_is_told_no_such_thing(world, person, client):
    assert SAYS not in to_phone_page(client.sends(person)).page.text
    assert SAYS not in person.press("Use your email address").page.text


@pytest.mark.parametrize(
    "asked", [{"prompt": "login"}, {"max_age": "0"}, {"prompt": "login", "acr_values": MFA}]
)
def test_nor_who_signs_in_anew(world, daisy, client, asked):
    world.time.passes(minutes=1)
    to_code_page(client.sends(daisy, **asked))
    assert daisy.heading == "Verification is necessary" and SAYS not in daisy.page.text


def test_nor_somebody_else_in_the_same_browser(world, person, client):
    """Omar has typed his password when Daisy signs in beside him, in another tab: what he sees is
    not about her."""
    to_code_page(client.sends(person), OMAR, OMAR_PASSWORD)
    his = person.url
    sign_in(world, client.sends(person))
    client.tokens(person)
    assert person.open(his).heading == "Verification is necessary" and "o*****@" in person.page.text
    assert SAYS not in person.page.text


def test_nor_who_recovers(daisy, client):
    client.sends(daisy, prompt="login").press("LOGIN WITH EMAIL").press(
        "Forgot your password?"
    ).fill("Email Address", OMAR).press("Send verification code")
    assert daisy.heading == "The code is on its way" and SAYS not in daisy.page.text


def test_what_for_is_said_in_the_clients_words_and_by_nobody_elses(world, client):
    person, _ = signed_in(world, client)
    client.sends(person, acr_values=MFA, purpose="end a <b>registration</b>")
    assert (
        "Before you can end a <b>registration</b>, " in person.page.text
        and "<b>" not in person.page.html
    )
    other = Client(
        world.issuer, world.add_client("Others", "https://others.example/cb", third_party=True)
    )
    stranger, _ = signed_in(world, client)
    other.sends(stranger, acr_values=MFA, purpose="win a prize", scope="openid")
    assert "win a prize" not in stranger.page.text


def test_the_voice_says_what_the_call_is_for(world, person, client, daisy):
    client.sends(daisy, acr_values=MFA).press("Call Me")
    world.ring()
    assert (
        "Someone who is signed in to your account asked for this call." in world.messages()[-1].text
    )


def test_the_voice_says_no_such_thing_to_somebody_else(world, client):
    """Omar is signed in here; whoever knows Daisy's password lets her phone ring."""
    person = Person(world.issuer)
    sign_in(world, client.sends(person), OMAR, OMAR_PASSWORD)
    client.tokens(person)
    world.time.passes(minutes=1)
    to_phone_page(client.sends(person, prompt="login")).press("Call Me")
    world.ring()
    assert "Someone is signing in with your password." in world.messages()[-1].text


def test_the_star_key_at_a_step_up_changes_nothing_and_says_so(world, daisy, client):
    client.sends(daisy, acr_values=MFA).press("Call Me")
    world.ring()
    world.press("*")
    daisy.press("Continue")
    assert "so nothing was changed" in daisy.page.text
    assert "using a browser in which you are signed in" in daisy.page.text, "no password was asked"
    mail = world.mails_to(DAISY)[-1]
    assert mail.subject == "Our call about your Atrezzo portal account was refused"
    assert "so we did not confirm anything" in mail.text
    assert "Change your email password first." in mail.text
    with world.inside():
        story = explain(reference(daisy))
    assert any("star key was pressed" in said for one in story.steps for said in beside(one, story))
