"""The pages as people see them: Chromium, large and small, light and dark, with and without
JavaScript; axe on each."""

import re

import pytest
from playwright.sync_api import expect

from idp import clock
from idp.settings.lifetimes import Lifetimes
from tests.browser.conftest import SIZES, sign_out
from tests.support.look import Look, next_code
from tests.support.world import DAISY, DAISY_PASSWORD

OVER = re.compile("LOGIN ERROR|That code no longer works")


@pytest.mark.parametrize(
    ("size", "scheme"), [("desktop", "light"), ("phone", "dark"), ("phone", "light")]
)
def test_a_whole_sign_in_and_out_looked_at(working, chromium, portal, size, scheme):
    context = chromium.new_context(viewport=SIZES[size], color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    look = Look(page, f"{size}-{scheme}")
    outside, wrong = [], []
    page.on(
        "request",
        lambda request: outside.append(request.url) if "//localhost:" not in request.url else None,
    )
    page.on(
        "console",
        lambda message: (
            wrong.append(message.text)
            if message.type == "error" and "422" not in message.text
            else None
        ),
    )
    page.goto(portal)
    look("options")
    page.get_by_role("button", name="LOGIN WITH EMAIL").click()
    expect(page.get_by_label("Email Address")).to_be_focused()
    look("sign-in")
    page.get_by_label("Email Address").fill(DAISY)
    page.get_by_label("Password").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    look("sign-in-wrong")
    page.get_by_label("Password").fill(DAISY_PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Verification is necessary")).to_be_visible()
    look("code-not-sent")
    page.get_by_role("button", name="Send verification code").click()
    expect(page.get_by_text("Code works")).to_be_visible()
    look("code-sent")
    page.get_by_label("Verification Code").fill("12")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    look("code-wrong")
    page.get_by_label("Verification Code").fill(next_code(working))
    page.keyboard.press("Enter")
    expect(page.get_by_text("E-mail address verified. You can now continue.")).to_be_visible()
    look("verified")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="HOME")).to_be_visible()
    expect(page.get_by_text("Rowan Ellery")).to_be_visible()
    look("portal-home")
    page.locator(".menu > summary").click()
    expect(page.get_by_text("two steps")).to_be_visible()
    page.goto(f"{portal}/login?prompt=select_account")
    look("choose-account")
    page.goto(f"{working.issuer}/logout")
    look("sign-out-question")
    page.goto(f"{working.issuer}/inbox")
    look("inbox")
    page.goto(portal)
    sign_out(page)
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    look("portal-signed-out")
    assert look.found == []
    assert outside == [], "nothing of a page comes from elsewhere"
    assert wrong == [], "nothing was blocked or broken in the console"


@pytest.mark.parametrize(("size", "scheme"), [("desktop", "light"), ("phone", "dark")])
def test_the_pages_for_what_goes_wrong_looked_at(working, chromium, portal, size, scheme):
    from idp.operations import accounts

    client_id = working.add_client()["client_id"]
    context = chromium.new_context(viewport=SIZES[size], color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    look = Look(page, f"{size}-{scheme}")
    page.goto(portal)
    foreign = page.url
    page.get_by_role("button", name="LOGIN WITH EMAIL").click()
    page.get_by_label("Email Address").fill(DAISY)
    page.get_by_label("Password").fill(DAISY_PASSWORD)
    with working.inside():
        accounts.disable(clock.now(), "test", "ddunn2020")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="THIS ACCOUNT IS TURNED OFF")).to_be_visible()
    look("blocked")
    for what, address in {
        "home": "/",
        "client-unknown": "/authorize?client_id=nobody",
        "uri-unregistered": f"/authorize?client_id={client_id}&redirect_uri=https://elsewhere.example/",
        "not-found": "/nope",
        "interaction-unknown": "/flow/none/options",
        "signed-out": "/logout",
    }.items():
        page.goto(working.issuer + address)
        look(what)
    page.goto(foreign)
    page.get_by_role("button", name="LOGIN").click()
    expect(page.get_by_role("heading", name="LOGIN OPTIONS")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", name="You are not signed in")).to_be_visible()
    look("portal-cancelled")
    page.goto(foreign)
    expect(page.get_by_role("heading", name="This sign-in was canceled")).to_be_visible()
    look("cancelled")
    assert look.found == []


@pytest.mark.settings(lifetimes=Lifetimes(sign_in_email_code=30))
@pytest.mark.parametrize(("size", "scheme"), [("desktop", "light"), ("phone", "dark")])
def test_the_states_of_a_code_that_failed_looked_at(world, chromium, portal, size, scheme):
    """The clock stands still here, so that each state can be reached and looked at."""
    context = chromium.new_context(viewport=SIZES[size], color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    look = Look(page, f"{size}-{scheme}")

    def shows(heading: str, name: str) -> None:
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
        look(name)

    page.goto(portal)
    interaction = page.url
    page.get_by_role("button", name="LOGIN WITH EMAIL").click()
    page.get_by_label("Email Address").fill(DAISY)
    page.get_by_label("Password").fill(DAISY_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Send verification code").click()
    shows("The code is on its way", "code-under-way")
    world.time.passes(seconds=world.settings.lifetimes.message + 1)
    world.deliver()  # too late for a code: the worker drops it, and the page finds out by itself
    shows("We could not send the code", "code-not-sendable")
    page.get_by_role("button", name="Send new code").click()
    world.newest_code()
    world.time.passes(seconds=world.settings.lifetimes.sign_in_email_code + 1)
    page.reload()
    shows("The code has expired", "code-expired")
    for failed in range(2):
        page.get_by_role("button", name="Send new code").click()
        wrong = f"{(int(world.newest_code()) + 1) % 1_000_000:06d}"
        for _ in range(5):
            page.get_by_label("Verification Code").fill(wrong)
            over = page.get_by_role("heading", name=OVER)
            expect(page.get_by_role("alert").or_(over).first).to_be_visible()
        if failed == 0:
            shows("That code no longer works", "code-worn-out")
            expect(page.get_by_text("You can send a new code in")).to_be_visible()
            world.time.passes(seconds=31)
            page.reload()  # the button waits by the browser's clock, which did not move
    shows("LOGIN ERROR", "stopped")
    stranger = chromium.new_context(viewport=SIZES[size], color_scheme=scheme, bypass_csp=True)
    page = look.page = stranger.new_page()
    page.goto(interaction)
    shows("This page belongs to another browser", "foreign")
    page.goto(world.issuer.replace("localhost", "127.0.0.1"))
    shows("This is not the address of the sign-in service", "wrong-host")
    assert look.found == []
