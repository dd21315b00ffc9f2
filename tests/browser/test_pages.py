"""The pages as people see them: Chromium, large and small, light and dark, with and without JavaScript; axe on each."""

import threading
import time as real_time

import pytest
from playwright.sync_api import expect

from idp import clock
from idp.delivery.worker import Worker
from idp.operations.clients import About
from tests.browser.conftest import SHOTS, SIZES
from tests.journeys.test_consent import PIXEL
from tests.support.chromium import axe
from tests.support.client import Client
from tests.support.world import DAISY, DAISY_PASSWORD, OMAR, OMAR_PASSWORD


@pytest.fixture
def working(world):
    """Real time, and an outbox worker at work, as under `idp serve`."""
    clock.set_source()
    stop = threading.Event()

    def work() -> None:
        with world.app.app_context():
            Worker(world.settings, world.app.extensions["stagedoor"].vault).run(stop)

    thread = threading.Thread(target=work)
    thread.start()
    yield world
    stop.set()
    thread.join(5)


class Look:
    """Looks at a page as a designer, a screen reader and a phone would: picture, axe, nothing wider than the screen."""

    def __init__(self, page, name: str) -> None:
        self.page, self.name, self.found = page, name, []
        SHOTS.mkdir(parents=True, exist_ok=True)

    def __call__(self, what: str) -> None:
        self.page.screenshot(path=SHOTS / f"{self.name}-{what}.png", full_page=True)
        self.found += [f"{what}: {line}" for line in axe(self.page)]
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        if wide > self.page.viewport_size["width"]:
            self.found.append(f"{what}: {wide} pixels wide")


def newest_code(world) -> str:
    for _ in range(100):
        messages = world.messages()
        if messages:
            return messages[-1].code
        threading.Event().wait(0.05)
    raise AssertionError("no mail came")


@pytest.mark.parametrize(("size", "scheme"), [("desktop", "light"), ("phone", "dark"), ("phone", "light")])
def test_a_whole_sign_in_and_out_looked_at(working, chromium, portal, size, scheme):
    context = chromium.new_context(viewport=SIZES[size], color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    look = Look(page, f"{size}-{scheme}")
    outside, wrong = [], []
    page.on("request", lambda request: outside.append(request.url) if "//localhost:" not in request.url else None)
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" and "422" not in message.text else None)
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
    expect(page.get_by_text("Time left")).to_be_visible()
    look("code-sent")
    page.get_by_label("Verification Code").fill("12")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    look("code-wrong")
    page.get_by_label("Verification Code").fill(newest_code(working))
    page.keyboard.press("Enter")
    expect(page.get_by_text("E-mail address verified. You can now continue.")).to_be_visible()
    look("verified")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="HOME")).to_be_visible()
    expect(page.get_by_text("Rowan Ellery")).to_be_visible()
    expect(page.get_by_text("two steps: password, then a second one")).to_be_visible()
    look("portal-home")
    page.goto(f"{portal}/login?prompt=select_account")
    look("choose-account")
    page.goto(f"{working.issuer}/logout")
    look("sign-out-question")
    page.goto(f"{working.issuer}/inbox")
    look("inbox")
    page.goto(portal)
    page.get_by_role("button", name="SIGN OUT").click()
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    look("portal-signed-out")
    context.close()
    assert look.found == []
    assert outside == [], "nothing of a page comes from elsewhere"
    assert wrong == [], "nothing was blocked or broken in the console"


def at_the_phone(page, portal, prompt="") -> None:
    page.goto(f"{portal}/login{prompt}")
    page.get_by_role("button", name="LOGIN WITH PHONE").click()
    page.get_by_label("Email Address").fill(DAISY)
    page.get_by_label("Password").fill(DAISY_PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("XXX-XXX-0142")).to_be_visible()


@pytest.mark.parametrize(("size", "scheme"), [("desktop", "light"), ("phone", "dark")])
def test_the_phone_looked_at(working, chromium, portal, size, scheme):
    """By text, which goes on at the sixth digit; and by a call that is answered in another tab, on the inbox's keypad."""
    context = chromium.new_context(viewport=SIZES[size], color_scheme=scheme, bypass_csp=True)
    page, inbox = context.new_page(), context.new_page()
    look = Look(page, f"{size}-{scheme}")
    inbox.goto(f"{working.issuer}/inbox")
    at_the_phone(page, portal)
    look("phone")
    page.get_by_role("button", name="Send Code").click()
    expect(page.get_by_role("heading", name="The code is on its way")).to_be_visible()
    look("phone-code")
    page.get_by_label("Verification Code").press_sequentially("000000" if newest_code(working) != "000000" else "111111")
    expect(page.get_by_role("alert")).to_be_focused()
    look("phone-code-wrong")
    page.get_by_label("Verification Code").press_sequentially(newest_code(working))
    expect(page.get_by_role("heading", name="HOME")).to_be_visible()
    expect(page.get_by_text("multi-factor: password and phone")).to_be_visible()
    at_the_phone(page, portal, "?prompt=login")
    page.get_by_role("button", name="Call Me").click()
    number = page.locator("#keyed").text_content()
    look("phone-call")
    expect(inbox.get_by_role("button", name="Press #")).to_be_visible()
    for digit in number:
        inbox.get_by_role("button", name=digit, exact=True).click()
    look.page = inbox
    look("inbox-ringing")
    look.page = page
    inbox.get_by_role("button", name="Press #").click()
    expect(page.get_by_role("heading", name="HOME")).to_be_visible()
    at_the_phone(page, portal, "?prompt=login")
    clock.set_source(lambda: real_time.time() + 31)
    page.get_by_role("button", name="Call Me").click()
    inbox.get_by_role("button", name="Busy").click()
    expect(page.get_by_text("The line was busy.")).to_be_visible()
    look("phone-busy")
    page.get_by_role("button", name="Cancel").click()
    clock.set_source(lambda: real_time.time() + 70)
    at_the_phone(page, portal, "?prompt=login")
    page.get_by_role("button", name="Call Me").click()
    inbox.get_by_role("button", name="Press *").click()
    expect(page.get_by_role("heading", name="REGISTRATION ERROR")).to_be_visible()
    look("phone-refused")
    page.get_by_role("button", name="LOGIN").click()
    page.get_by_role("button", name="LOGIN WITH PHONE").click()
    page.get_by_label("Email Address").fill(OMAR)
    page.get_by_label("Password").fill(OMAR_PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="There is no phone on record")).to_be_visible()
    look("no-phone")
    context.close()
    assert look.found == []


@pytest.mark.parametrize(("size", "scheme"), [("desktop", "light"), ("phone", "dark")])
def test_consent_looked_at(working, chromium, size, scheme):
    about = About("https://billing.example/", "https://billing.example/privacy", "https://billing.example/terms", PIXEL)
    working.add_api()
    made = working.add_client("Billing & Collections", third_party=True, about=about, scopes=["cases:read"])
    client = Client(working.issuer, made)
    context = chromium.new_context(viewport=SIZES[size], color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    look = Look(page, f"{size}-{scheme}")
    page.goto(client.address(scope="openid profile email phone organizations cases:read"))
    page.get_by_role("button", name="LOGIN WITH EMAIL").click()
    page.get_by_label("Email Address").fill(DAISY)
    page.get_by_label("Password").fill(DAISY_PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Send verification code").click()
    page.get_by_label("Verification Code").fill(newest_code(working))
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Billing & Collections asks for your consent")).to_be_visible()
    look("consent")
    context.close()
    assert look.found == []


def test_a_call_without_javascript(working, chromium, portal):
    context = chromium.new_context(java_script_enabled=False, viewport=SIZES["phone"])
    page, inbox = context.new_page(), context.new_page()
    at_the_phone(page, portal)
    page.get_by_role("button", name="Call Me").click()
    number = page.locator("#keyed").text_content()
    for _ in range(50):
        inbox.goto(f"{working.issuer}/inbox")
        if inbox.get_by_label("Keys").count():
            break
        inbox.wait_for_timeout(100)
    inbox.get_by_label("Keys").fill(number)
    inbox.get_by_role("button", name="Press #").click()
    expect(inbox.get_by_text("confirmed")).to_be_visible()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="HOME")).to_be_visible()
    context.close()


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
    expect(page.get_by_role("heading", name="THIS ACCOUNT IS SWITCHED OFF")).to_be_visible()
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
    expect(page.get_by_role("heading", name="This sign-in was cancelled")).to_be_visible()
    look("cancelled")
    context.close()
    assert look.found == []


def test_the_code_counts_down_and_says_when_it_is_over(working, chromium, portal):
    page = chromium.new_page()
    page.goto(portal)
    page.get_by_role("button", name="LOGIN WITH EMAIL").click()
    page.get_by_label("Email Address").fill(DAISY)
    page.get_by_label("Password").fill(DAISY_PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Send verification code").click()
    expect(page.get_by_text("Time left: 29 s")).to_be_visible()
    page.get_by_label("Verification Code").fill("123")
    expect(page.get_by_text("Time left: 27 s")).to_be_visible()
    expect(page.get_by_label("Verification Code")).to_have_value("123")
    page.context.close()


def test_double_clicks_back_and_reload(working, chromium, portal):
    page = chromium.new_page()
    page.goto(portal)
    page.get_by_role("button", name="LOGIN WITH EMAIL").dblclick()
    page.get_by_label("Email Address").fill(DAISY)
    page.get_by_label("Password").fill(DAISY_PASSWORD)
    page.get_by_role("button", name="Sign in").dblclick()
    expect(page.get_by_role("heading", name="Verification is necessary")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Verification is necessary")).to_be_visible()
    page.get_by_role("button", name="Send verification code").dblclick()
    page.get_by_label("Verification Code").fill(newest_code(working))
    page.get_by_role("button", name="Verify code").dblclick()
    expect(page.get_by_text("E-mail address verified")).to_be_visible()
    page.reload()
    expect(page.get_by_text("E-mail address verified")).to_be_visible()
    page.get_by_role("button", name="Continue").dblclick()
    expect(page.get_by_role("heading", name="HOME")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="HOME").or_(page.get_by_role("heading", name="You are already through here"))).to_be_visible()
    assert len(working.messages()) == 1, "a double click sent one mail"
    page.context.close()


def test_a_second_click_without_javascript_too(working, chromium, portal):
    context = chromium.new_context(java_script_enabled=False, viewport=SIZES["phone"])
    page = context.new_page()
    page.goto(portal)
    page.get_by_role("button", name="LOGIN WITH EMAIL").click()
    page.get_by_label("Email Address").fill(DAISY)
    page.get_by_label("Password").fill(DAISY_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Send verification code").click()
    page.get_by_label("Verification Code").fill(newest_code(working))
    page.get_by_role("button", name="Verify code").click()
    page.get_by_role("button", name="Continue").dblclick()
    expect(page.get_by_role("heading", name="HOME")).to_be_visible()
    page.get_by_role("button", name="SIGN OUT").click()
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    context.close()


def test_two_tabs_of_one_browser(working, chromium, portal):
    context = chromium.new_context()
    first, second = context.new_page(), context.new_page()
    first.goto(portal)
    second.goto(portal)
    for page in (second,):
        page.get_by_role("button", name="LOGIN WITH EMAIL").click()
        page.get_by_label("Email Address").fill(DAISY)
        page.get_by_label("Password").fill(DAISY_PASSWORD)
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Send verification code").click()
        page.get_by_label("Verification Code").fill(newest_code(working))
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("heading", name="HOME")).to_be_visible()
    first.reload()
    expect(first.get_by_role("heading", name="HOME")).to_be_visible()
    context.close()


def test_the_inbox_updates_by_itself(working, chromium, portal):
    context = chromium.new_context()
    inbox, page = context.new_page(), context.new_page()
    inbox.goto(f"{working.issuer}/inbox")
    expect(inbox.get_by_text("No messages yet.")).to_be_visible()
    page.goto(portal)
    page.get_by_role("button", name="LOGIN WITH EMAIL").click()
    page.get_by_label("Email Address").fill(DAISY)
    page.get_by_label("Password").fill(DAISY_PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Send verification code").click()
    expect(inbox.get_by_text("Your sign-in code for the Atrezzo portal")).to_be_visible()
    context.close()


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
    world.deliver()  # too late for a code: the worker drops it
    page.reload()
    shows("The code could not be sent", "code-not-sendable")
    page.get_by_role("button", name="Send new code").click()
    world.newest_code()
    world.time.passes(seconds=31)
    page.reload()
    shows("The code has expired", "code-expired")
    for failed in range(2):
        page.get_by_role("button", name="Send new code").click()
        wrong = f"{(int(world.newest_code()) + 1) % 1_000_000:06d}"
        for _ in range(5):
            page.get_by_label("Verification Code").fill(wrong)
            page.get_by_role("button", name="Verify code").click()
        if failed == 0:
            shows("This code is worn out", "code-worn-out")
            world.time.passes(seconds=31)
    shows("REGISTRATION ERROR", "stopped")
    stranger = chromium.new_context(viewport=SIZES[size], color_scheme=scheme, bypass_csp=True)
    page = look.page = stranger.new_page()
    page.goto(interaction)
    shows("This page belongs to another browser", "foreign")
    page.goto(world.issuer.replace("localhost", "127.0.0.1"))
    shows("This address is not the right one", "wrong-host")
    for one in (context, stranger):
        one.close()
    assert look.found == []
