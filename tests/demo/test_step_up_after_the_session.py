"""An administrator acts in the portal after her session at the provider has ended: she is told what
she signs in for, in the way she used last, and the act goes through. And what the buttons of a
case do is said beside them."""

import re

import pytest

from idp.store import aging
from tests.demo.test_administration import by_text, come_in, to_person
from tests.support.person import Person
from tests.support.stories import sign_in, to_phone_page
from tests.support.world import OMAR

FOR = "reset a registration"
DONE = "The registration was reset."


def filled(person: Person) -> list[str]:
    """What the filled buttons of the page say."""
    found = re.findall(r'<button[^>]*class="primary"[^>]*>(.*?)</button>', person.page.html, re.S)
    return [" ".join(re.sub(r"<[^>]+>", "", one).split()) for one in found]


def with_phone(world, person: Person) -> Person:
    """From the login options through password and text back to the portal."""
    to_phone_page(person).press("Send Code")
    return person.fill("Verification Code", world.newest_code()).press("Verify Code")


@pytest.fixture
def daisy(world, portal) -> Person:
    """On the page that asks whether she is sure. She signed in by email."""
    return to_person(come_in(world, portal)).follow("RESET REGISTRATION")


def end_sessions(world) -> None:
    with world.inside():
        assert aging.end_every_session(world.time.now) == 1


def test_signed_out_everywhere_she_is_told_what_she_signs_in_for(world, daisy):
    end_sessions(world)
    daisy.press("RESET REGISTRATION")
    assert daisy.heading == "LOGIN OPTIONS"
    assert f"To {FOR}, choose how to sign in to Atrezzo portal." in daisy.page.text
    assert filled(daisy) == ["LOGIN WITH EMAIL"], "the way used last"
    sign_in(world, daisy)
    assert daisy.heading == "Omar Reyes" and "Nothing was changed. Try again." in daisy.page.text
    assert not [mail for mail in world.mails_to(OMAR) if mail.links], "nothing was, indeed"
    by_text(world, daisy.follow("RESET REGISTRATION").press("RESET REGISTRATION"))
    assert daisy.heading == "Omar Reyes" and DONE in daisy.page.text
    assert world.mails_to(OMAR)[-1].links


def test_the_way_used_last_is_the_phone_for_who_used_it(world, portal):
    daisy = Person(world.issuer, also=(portal,)).open(portal)
    assert filled(daisy) == ["LOGIN WITH PHONE"], "no one has been here"
    sign_in(world, daisy)
    end_sessions(world)
    world.deliver()  # the portal is told
    assert filled(daisy.open(portal)) == ["LOGIN WITH EMAIL"]
    assert with_phone(world, daisy).heading == "HOME"
    end_sessions(world)
    world.deliver()
    assert filled(daisy.open(portal)) == ["LOGIN WITH PHONE"]


def test_where_only_her_session_there_is_gone_the_same_click_goes_through(world, daisy):
    """The portal's token is good, the provider has forgotten the browser: what is asked for is a
    stronger sign-in, and it is one from the beginning."""
    for name in [name for name in daisy.cookies if name.endswith("_session")]:
        daisy.http.cookies.set(name, None)
    daisy.press("RESET REGISTRATION")
    assert daisy.heading == "LOGIN OPTIONS"
    assert f"Before you can {FOR}, Atrezzo portal asks you to confirm" in daisy.page.text
    assert filled(daisy) == ["LOGIN WITH EMAIL"]
    pressed = len(daisy.trail)
    with_phone(world, daisy)
    assert daisy.heading == "Omar Reyes" and DONE in daisy.page.text
    assert not [url for _, url in daisy.trail[pressed:] if url.endswith("/reset")], (
        "nothing was pressed twice"
    )
    assert "reset, not registered again yet" in daisy.page.text
    assert len([mail for mail in world.mails_to(OMAR) if mail.links]) == 1


@pytest.mark.parametrize("brand", ["kepro", "acentra"])
def test_who_creates_a_case_is_told_what_each_button_does(request, world, brand):
    request.node.add_marker(pytest.mark.portal(brand=brand))
    portal = request.getfixturevalue("portal")
    page = come_in(world, portal).open(f"{portal}/cases/new").page
    told = dict(
        re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", page.html.partition('"explained"')[2])
    )
    buttons = ["KEEP AS DRAFT", "SAVE", "SUBMIT"]
    assert [name.upper() for name in told] == buttons
    assert [
        button.text
        for form in page.forms
        for button in form.buttons
        if button.text.upper() in buttons
    ] == list(told), "each by its own name"
    draft, save, submit = told.values()
    assert "later" in draft and "Work-in-progress" in draft
    assert "You can still change it." in save
    assert "sent for review" in submit and "You can no longer change it." in submit
