"""Clicks in a hurry: twice, back, reload, two tabs, and what goes on by itself."""

import re

import pytest
from playwright.sync_api import expect

from idp.settings.lifetimes import Lifetimes
from tests.browser.conftest import SIZES, sign_out
from tests.support.look import next_code
from tests.support.world import DAISY, DAISY_PASSWORD


@pytest.mark.settings(lifetimes=Lifetimes(sign_in_email_code=30))
def test_the_code_counts_down_and_says_when_it_is_over(working, chromium, portal):
    """By the browser's clock, which the test moves: whatever is typed stays."""
    page = chromium.new_page()
    page.clock.install()
    page.goto(portal)
    page.get_by_role("button", name="LOGIN WITH EMAIL").click()
    page.get_by_label("Email Address").fill(DAISY)
    page.get_by_label("Password").fill(DAISY_PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Send verification code").click()
    state = page.locator("#state")
    expect(state).to_have_text(
        re.compile(r"Code works for 0:[1-3][0-9] · new code in 0:[0-3][0-9]")
    )
    page.get_by_label("Verification Code").fill("123")
    page.clock.fast_forward("00:10")
    expect(state).to_have_text(re.compile(r"Code works for 0:1?[0-9]"))
    expect(page.get_by_role("button", name="Send new code")).to_be_disabled()
    page.clock.fast_forward("00:20")
    expect(page.locator("#announce")).to_have_text("The code has expired. Send a new one.")
    expect(page.get_by_role("heading", level=1)).to_have_text("The code has expired")
    expect(page.get_by_role("button", name="Send new code")).to_have_class("primary")
    expect(page.get_by_role("button", name="Verify code")).not_to_have_class("primary")
    expect(page.get_by_label("Verification Code")).to_have_value("123")


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
    page.get_by_label("Verification Code").fill(next_code(working))
    expect(page.get_by_text("E-mail address verified")).to_be_visible()
    page.reload()
    expect(page.get_by_text("E-mail address verified")).to_be_visible()
    page.get_by_role("button", name="Continue").dblclick()
    expect(page.get_by_role("heading", name="HOME")).to_be_visible()
    page.go_back()
    expect(
        page.get_by_role("heading", name="HOME").or_(
            page.get_by_role("heading", name="You have already signed in")
        )
    ).to_be_visible()
    assert len(working.messages()) == 1, "a double click sent one mail"


def test_back_opens_the_page_of_the_choice_again(working, chromium, portal):
    """One press of Back a page, and Forward too."""
    page = chromium.new_page()
    page.goto(portal)
    heading = page.get_by_role("heading", level=1)
    page.get_by_role("button", name="LOGIN WITH PHONE").click()
    page.get_by_role("button", name="Forgot your password?").click()
    expect(heading).to_have_text("Forgot your password?")
    page.go_back()
    expect(heading).to_have_text("Sign in with your email address")
    page.go_back()
    expect(heading).to_have_text("LOGIN OPTIONS")
    page.go_forward()
    expect(heading).to_have_text("Sign in with your email address")
    page.go_back()
    page.get_by_role("button", name="register here").click()
    expect(heading).to_contain_text("Specify Your Organization")
    page.go_back()
    page.get_by_role("button", name="LOGIN WITH EMAIL").click()
    page.get_by_label("Email Address").fill(DAISY)
    page.get_by_label("Password").fill(DAISY_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(heading).to_have_text("Verification is necessary")


def test_a_second_click_without_javascript_too(working, chromium, portal):
    context = chromium.new_context(java_script_enabled=False, viewport=SIZES["phone"])
    page = context.new_page()
    page.goto(portal)
    page.get_by_role("button", name="LOGIN WITH EMAIL").click()
    page.get_by_label("Email Address").fill(DAISY)
    page.get_by_label("Password").fill(DAISY_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Send verification code").click()
    page.get_by_label("Verification Code").fill(next_code(working))
    page.get_by_role("button", name="Verify code").click()
    page.get_by_role("button", name="Continue").dblclick()
    expect(page.get_by_role("heading", name="HOME")).to_be_visible()
    sign_out(page)
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()


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
        page.get_by_label("Verification Code").fill(next_code(working))
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("heading", name="HOME")).to_be_visible()
    first.reload()
    expect(first.get_by_role("heading", name="HOME")).to_be_visible()


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
    expect(inbox.get_by_text("Your verification code for the Atrezzo portal").first).to_be_visible()
