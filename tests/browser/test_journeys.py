"""Every journey in Chromium on a small phone, and one whole pass on a desktop: from the portal, and
back to it signed in."""

import pytest
from playwright.sync_api import expect

from idp.operations import invitations
from tests.browser.conftest import SIZES, sign_out
from tests.support.look import Look, next_code, next_message
from tests.support.registering import NEW_PASSWORD, PRIYA, PROFILE, give_code
from tests.support.world import OMAR, OMAR_PASSWORD


class Visitor:
    """Someone at a real browser who walks a journey and is looked at on the way."""

    def __init__(self, world, chromium, portal, size="phone", scheme="light") -> None:
        self.world, self.portal = world, portal
        self.context = chromium.new_context(
            viewport=SIZES[size], color_scheme=scheme, bypass_csp=True
        )
        self.page = self.context.new_page()
        self.look = Look(self.page, f"journey-{size}-{scheme}")

    def press(self, name: str, exact: bool = False):
        self.page.get_by_role("button", name=name, exact=exact).click()
        return self

    def fill(self, **fields: str):
        for label, value in fields.items():
            self.page.get_by_label(label.replace("_", " "), exact=True).fill(value)
        return self

    def shows(self, heading: str, name: str = ""):
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(heading)
        if name:
            self.look(name)
        return self

    def verify_address(self):
        self.press("Send verification code")
        # goes on at the sixth digit
        self.page.get_by_label("Verification Code").fill(next_code(self.world))
        return self

    def make_password(self, button: str = "Create"):
        self.fill(New_Password=NEW_PASSWORD, Confirm_New_Password=NEW_PASSWORD)
        return self.press(button, exact=True)

    def verify_phone(self):
        self.fill(Phone_Number="(303) 555-0188").press("Send Code")
        # goes on at the sixth digit
        self.page.get_by_label("Verification Code").press_sequentially(next_code(self.world, "sms"))

    def accept(self):
        self.shows("Terms of Use Agreement", "terms")
        self.page.get_by_label("I have read and agree").check()
        return self.press("CONTINUE")

    def home(self):
        expect(self.page.get_by_role("heading", name="HOME")).to_be_visible()
        assert self.look.found == []
        return self


@pytest.fixture
def visitor(working, chromium, portal):
    return Visitor(working, chromium, portal)


def test_registering_with_a_portal_username_and_a_phone(visitor):
    visitor.page.goto(visitor.portal)
    visitor.shows("LOGIN OPTIONS").press("click here to complete").shows("LOGIN", "login")
    visitor.page.get_by_label("USERNAME *").fill("pnair2019")
    visitor.page.get_by_label("PASSWORD *").fill("old-portal-password")
    visitor.page.keyboard.press("Enter")
    visitor.shows("LOGIN METHOD", "login-method").press("PHONE").shows(
        "Verification is necessary", "address"
    )
    visitor.verify_address().shows("Create a new password")
    expect(visitor.page.get_by_role("button", name="Create")).to_be_disabled()
    visitor.make_password().shows("Your phone", "number").verify_phone()
    visitor.accept().home()
    visitor.page.go_back()
    visitor.page.goto(visitor.portal)
    visitor.home()


def test_a_new_account_by_the_mailed_link_in_another_tab(visitor):
    code = give_code(visitor.world)
    visitor.page.goto(f"{visitor.portal}/login?prompt=create")
    visitor.shows("Specify Your Organization", "organization")
    visitor.page.get_by_label("NPI *").fill("1234567893")
    visitor.page.get_by_label("PROVIDER REGISTRATION CODE *").fill(code)
    visitor.press("NEXT").shows("Enter User Information")
    visitor.press("NEXT")
    expect(visitor.page.get_by_role("alert")).to_be_focused()
    visitor.look("profile-wrong")
    for label, value in PROFILE.items():
        visitor.page.get_by_label(label, exact=True).fill(value)
    visitor.page.get_by_label("STATE").select_option("CO")
    visitor.press("NEXT").shows("CHECK YOUR EMAIL", "mail-sent")
    visitor.page = visitor.look.page = visitor.context.new_page()
    visitor.page.goto(next_message(visitor.world, links=True).links[0])
    visitor.shows("Your registration", "link").press("Continue").shows("LOGIN METHOD").press(
        "EMAIL"
    )
    visitor.verify_address().make_password().accept().home()


def test_an_invitation_goes_on_by_the_portal(visitor):
    with visitor.world.inside():
        from idp import clock

        mailed = visitor.world.app.extensions["stagedoor"].mailed_link
        client_id = visitor.world.client_named("Atrezzo portal")
        invitations.invite(
            clock.now(),
            "test",
            mailed,
            "lortiz2024",
            "lena.ortiz@harbor.example",
            "Lena",
            "Ortiz",
            client_id=client_id,
        )
    visitor.page.goto(next_message(visitor.world, links=True).links[0])
    visitor.press("Continue").shows("LOGIN METHOD").press("EMAIL")
    visitor.verify_address().make_password().accept().home()


def test_a_forgotten_password_and_a_phone(visitor):
    visitor.page.goto(visitor.portal)
    visitor.press("LOGIN WITH PHONE").press("Forgot your password?").shows(
        "Forgot your password?", "recover"
    )
    visitor.fill(Email_Address="daisy.dunn@lakeside.example").verify_address().press(
        "Continue", exact=True
    )
    visitor.shows("Verification is necessary", "recover-phone").press("Send Code")
    visitor.page.get_by_label("Verification Code").press_sequentially(
        next_code(visitor.world, "sms")
    )
    visitor.shows("Create a new password", "recover-password").make_password("Continue").home()


def test_remembered_at_the_same_button(visitor):
    visitor.page.goto(visitor.portal)
    visitor.page.get_by_label("Remember Me").check()
    visitor.look("options-ticked")
    visitor.press("LOGIN WITH EMAIL").fill(Email_Address=OMAR, Password=OMAR_PASSWORD).press(
        "Sign in"
    ).verify_address().press("Continue").home()
    visitor.context.clear_cookies(name=f"portal_{visitor.portal.rpartition(':')[2]}")
    visitor.context.clear_cookies(
        name=next(
            one["name"] for one in visitor.context.cookies() if one["name"].endswith("_session")
        )
    )
    visitor.page.goto(visitor.portal)
    expect(visitor.page.get_by_label("Remember Me")).to_be_checked()
    visitor.press("LOGIN WITH EMAIL").home()


def test_help_an_unfinished_registration_and_a_reset(visitor):
    visitor.page.goto(visitor.portal)
    visitor.press("click here to complete")
    visitor.page.get_by_label("USERNAME *").fill("pnair2019")
    visitor.page.get_by_label("PASSWORD *").fill("old-portal-password")
    visitor.press("LOGIN").press("PHONE").verify_address().make_password().shows("Your phone")
    visitor.press("Cancel").press("Click here for help").shows("LOGIN HELP")
    visitor.page.get_by_text("Multi-factor Authentication Help").click()
    visitor.look("help-open")
    visitor.press("Click here to finish your registration").shows("Finish your registration")
    visitor.fill(Email_Address=PRIYA, Password=NEW_PASSWORD).press("Send the link").shows(
        "CHECK YOUR EMAIL"
    )
    visitor.page.goto(next_message(visitor.world, links=True).links[0])
    visitor.press("Continue").shows("Your phone").verify_phone()
    visitor.accept().home()
    visitor.page.goto(f"{visitor.world.issuer}/flow/none/options")
    visitor.page.goto(f"{visitor.world.issuer}/help")
    visitor.shows("LOGIN HELP", "help")


def test_one_whole_pass_on_a_desktop(working, chromium, portal):
    visitor = Visitor(working, chromium, portal, "desktop", "dark")
    visitor.page.goto(portal)
    visitor.press("click here to complete")
    visitor.page.get_by_label("USERNAME *").fill("nquist2018")
    visitor.page.get_by_label("PASSWORD *").fill("old-harbor-password")
    visitor.press("LOGIN").press("EMAIL").shows("Your email address", "address")
    visitor.fill(Email_Address="noah.quist@harbor.example").press("Send verification code")
    visitor.page.get_by_label("Verification Code").fill(next_code(visitor.world))
    visitor.shows("Create a new password", "new-password").make_password().accept().home()
    visitor.page.get_by_role("link", name="Terms of use").click()
    visitor.shows("Terms of Use", "terms-read")
    visitor.page.get_by_role("link", name="BACK").click()
    sign_out(visitor.home().page)
    visitor.page.get_by_role("link", name="SIGN IN").click()
    visitor.press("LOGIN WITH EMAIL").press("Forgot your password?").fill(
        Email_Address="noah.quist@harbor.example"
    ).verify_address()
    visitor.press("Continue", exact=True).fill(
        New_Password="nine-quiet-otters", Confirm_New_Password="nine-quiet-otters"
    )
    visitor.press("Continue", exact=True).home()
