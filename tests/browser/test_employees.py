"""Sam in a real browser, under its content security policy: from the portal through our pages and
the company's, and back."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SIZES, sign_out
from tests.employees.conftest import pair
from tests.support.company import SAM, SAM_PASSWORD
from tests.support.look import Look

__all__ = ["pair"]


@pytest.fixture
def world(pair):
    return pair[0]


@pytest.mark.parametrize(
    ("size", "scheme", "script"),
    [("phone", "light", True), ("desktop", "dark", True), ("desktop", "light", False)],
)
def test_sam_signs_in_at_the_company_and_out_of_both(
    pair, world, chromium, portal, size, scheme, script
):
    company = pair[1]
    context = chromium.new_context(
        viewport=SIZES[size], color_scheme=scheme, java_script_enabled=script
    )
    page, looked = (
        context.new_page(),
        chromium.new_context(viewport=SIZES[size], color_scheme=scheme, bypass_csp=True).new_page(),
    )
    look = Look(looked, f"employee-{size}-{scheme}")

    def press(name: str) -> None:
        page.get_by_role("button", name=name, exact=True).click()

    def shows(heading: str) -> None:
        expect(page.get_by_role("heading", level=1)).to_contain_text(heading)

    page.goto(portal)
    shows("LOGIN OPTIONS")
    press("LOGIN")
    expect(page).to_have_url(re.compile(re.escape(company.issuer) + ".*/sign-in$"))
    page.get_by_label("Email Address").fill(SAM["email"])
    page.get_by_label("Password").fill(SAM_PASSWORD)
    press("Sign in")
    press("Send verification code")
    code = company.newest_code()
    page.get_by_label("Verification Code").fill(code)
    if not script:
        press("Verify code")  # with scripts the page goes on at the sixth digit
    page.get_by_role("button", name="Continue").click()
    shows("Terms of Use Agreement")
    page.get_by_label("I have read and agree to these terms of use.").check()
    page.get_by_role("button", name="CONTINUE").click()
    shows("HOME")
    page.locator(".menu > summary").click()
    expect(page.get_by_text("Roles: reviewer")).to_be_visible()
    page.locator(".menu > summary").click()
    sign_out(page)
    shows("You are signed out")
    page.goto(portal)
    press("LOGIN")
    shows("Sign in with your email address")
    page.get_by_role("button", name="Cancel").click()
    shows("YOU ARE NOT SIGNED IN")
    page.go_back()
    page.go_forward()
    shows("YOU ARE NOT SIGNED IN")
    page.get_by_role("button", name="TRY AGAIN").click()
    shows("Sign in with your email address")
    looked.goto(portal)
    look("options")
    looked.get_by_role("button", name="LOGIN WITH EMAIL").click()
    looked.get_by_label("Email Address").fill(SAM["email"])
    looked.get_by_label("Password").fill("x")
    looked.get_by_role("button", name="Sign in", exact=True).click()
    look("pointed")
    assert look.found == []
