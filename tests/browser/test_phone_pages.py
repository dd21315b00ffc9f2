"""The phone's pages and the consent page as people see them, and the phone that rings in the
inbox."""

import time as real_time

import pytest
from playwright.sync_api import expect

from idp import clock
from tests.browser.conftest import SIZES
from tests.journeys.test_consent import ABOUT
from tests.support.client import Client
from tests.support.look import Look, next_code
from tests.support.world import DAISY, DAISY_PASSWORD, OMAR, OMAR_PASSWORD


def at_the_phone(page, portal, prompt="") -> None:
    page.goto(f"{portal}/login{prompt}")
    page.get_by_role("button", name="LOGIN WITH PHONE").click()
    page.get_by_label("Email Address").fill(DAISY)
    page.get_by_label("Password").fill(DAISY_PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("XXX-XXX-0142")).to_be_visible()


@pytest.mark.parametrize(("size", "scheme"), [("desktop", "light"), ("phone", "dark")])
def test_the_phone_looked_at(working, chromium, portal, size, scheme):
    """By text, which goes on at the sixth digit; and by a call that is answered in another tab, on
    the inbox's keypad."""
    context = chromium.new_context(viewport=SIZES[size], color_scheme=scheme, bypass_csp=True)
    page, inbox = context.new_page(), context.new_page()
    look = Look(page, f"{size}-{scheme}")
    inbox.goto(f"{working.issuer}/inbox")
    at_the_phone(page, portal)
    look("phone")
    page.get_by_role("button", name="Send Code").click()
    expect(page.get_by_role("heading", name="Check your phone")).to_be_visible()
    look("phone-code")
    code = next_code(working, "sms")
    page.get_by_label("Verification Code").press_sequentially(
        "000000" if code != "000000" else "111111"
    )
    expect(page.get_by_role("alert")).to_be_focused()
    look("phone-code-wrong")
    page.get_by_label("Verification Code").press_sequentially(code)
    expect(page.get_by_role("heading", name="HOME")).to_be_visible()
    page.locator(".menu > summary").click()
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
    expect(page.get_by_role("heading", name="LOGIN ERROR")).to_be_visible()
    look("phone-refused")
    page.get_by_role("button", name="LOGIN").click()
    page.get_by_role("button", name="LOGIN WITH PHONE").click()
    page.get_by_label("Email Address").fill(OMAR)
    page.get_by_label("Password").fill(OMAR_PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="There is no phone on record")).to_be_visible()
    look("no-phone")
    assert look.found == []


@pytest.mark.parametrize(("size", "scheme"), [("desktop", "light"), ("phone", "dark")])
def test_consent_looked_at(working, chromium, size, scheme):
    working.add_api()
    made = working.add_client(
        "Billing & Collections", third_party=True, **ABOUT, scopes=["cases:read"]
    )
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
    page.get_by_label("Verification Code").fill(next_code(working))
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Continue").click()
    expect(
        page.get_by_role("heading", name="Billing & Collections asks for your consent")
    ).to_be_visible()
    look("consent")
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
    expect(inbox.get_by_text("confirmed").first).to_be_visible()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="HOME")).to_be_visible()
