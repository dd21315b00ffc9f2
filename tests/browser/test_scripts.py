"""What scripts add to a page: waits that get shorter, passwords that can be looked at, rules that
are ticked, buttons that copy."""

import itertools
import re

import pytest
from playwright.sync_api import expect

from tests.support.world import DAISY, DAISY_PASSWORD


@pytest.fixture
def page(chromium):
    return chromium.new_page()


@pytest.fixture
def copying(chromium):
    """A page that may read back what it copied."""
    context = chromium.new_context(permissions=["clipboard-read", "clipboard-write"])
    return context.new_page()


def copied(page) -> str:
    return page.evaluate("navigator.clipboard.readText()")


def test_a_notice_of_a_wait_gets_shorter_and_goes(world, page):
    page.clock.install()
    page.goto(f"{world.issuer}/gallery/kepro/pages/email-code-wait")
    notice = page.locator(".notice")
    expect(notice).to_have_text("You can send a new code in 0:12.")
    expect(notice).to_have_attribute("role", "timer")
    page.clock.fast_forward("00:05")
    expect(notice).to_have_text("You can send a new code in 0:07.")
    page.clock.fast_forward("00:08")
    expect(notice).to_have_text("You can try again now.")
    expect(page.locator("#announce")).to_have_text("You can try again now.")


def test_a_wait_after_wrong_passwords_is_no_error_and_says_when_it_is_over(working, page, portal):
    page.clock.install()
    page.goto(portal)
    page.get_by_role("button", name="LOGIN WITH EMAIL").click()
    for _ in range(6):
        page.get_by_label("Email Address").fill(DAISY)
        page.get_by_label("Password").fill("not her password")
        page.get_by_label("Password").press("Enter")
        expect(page.locator(".errors, .notice")).to_be_visible()
    notice = page.locator(".notice")
    expect(notice).to_have_text(
        re.compile(r"Too many wrong passwords were entered for this address\. Try again in 0:0\d\.")
    )
    page.clock.fast_forward("05:00")
    expect(notice).to_have_text("You can try again now.")
    expect(page.locator("#announce")).to_have_text("You can try again now.")
    expect(page.locator("#errors")).to_have_count(0)


def test_a_password_can_be_looked_at_and_leaves_hidden(world, page):
    page.goto(f"{world.issuer}/gallery/kepro/pages/sign-in")
    password, button = (
        page.get_by_label("Password"),
        page.get_by_role("button", name="Show the password"),
    )
    password.fill(DAISY_PASSWORD)
    button.click()
    expect(password).to_have_attribute("type", "text")
    expect(password).to_be_focused()
    page.get_by_role("button", name="Hide the password").click()
    expect(password).to_have_attribute("type", "password")
    button.click()
    page.evaluate("""document.addEventListener("submit", (event) => event.preventDefault())""")
    page.keyboard.press("Enter")
    expect(password).to_have_attribute("type", "password")


def test_the_rules_of_a_new_password_are_ticked_as_the_server_counts(world, page):
    page.goto(f"{world.issuer}/gallery/kepro/pages/new-password")
    first, second = (
        page.get_by_label("New Password", exact=True),
        page.get_by_label("Confirm New Password", exact=True),
    )
    length, same, create = (
        page.locator("[data-check=length]"),
        page.locator("[data-check=same]"),
        page.get_by_role("button", name="Create"),
    )
    met = re.compile("^$")
    expect(create).to_be_disabled()
    first.fill("a")
    expect(length).not_to_have_attribute("data-met", met)
    first.fill("four tall birds singing")
    expect(length).to_have_attribute("data-met", met)
    expect(same).not_to_have_attribute("data-met", met)
    expect(create).to_be_disabled()
    second.fill("four tall birds singing")
    expect(same).to_have_attribute("data-met", met)
    expect(create).to_be_enabled()
    shortest = int(length.get_attribute("data-shortest"))
    first.fill("e\u0301" * (shortest - 1))  # one letter each, in two characters
    expect(length).not_to_have_attribute("data-met", met)
    first.fill("\N{OLD KEY}" * shortest)
    expect(length).to_have_attribute("data-met", met)


def test_the_code_of_a_mail_is_copied_from_the_inbox(working, copying, portal):
    copying.goto(portal)
    copying.get_by_role("button", name="LOGIN WITH EMAIL").click()
    copying.get_by_label("Email Address").fill(DAISY)
    copying.get_by_label("Password").fill(DAISY_PASSWORD)
    copying.get_by_role("button", name="Sign in").click()
    copying.get_by_role("button", name="Send verification code").click()
    expect(copying.get_by_text("Code works")).to_be_visible()
    copying.goto(f"{working.issuer}/inbox")
    copying.get_by_role("button", name="Copy", exact=True).click()
    expect(copying.get_by_role("button", name="Copied")).to_be_visible()
    assert copied(copying) == copying.locator("#the-code").text_content()


def test_a_command_of_the_api_is_copied_whole(world, copying):
    copying.goto(f"{world.issuer}/api/v1/docs")
    copying.get_by_role("button", name="Copy the command for a token").click()
    assert copied(copying) == copying.locator("#curl-token").text_content() and copied(
        copying
    ).startswith("TOKEN=$(curl ")


@pytest.mark.portal(gallery=True)
def test_a_registration_code_is_copied_from_the_portal(world, copying, portal):
    copying.goto(f"{portal}/gallery/groups-code")
    copying.get_by_role("button", name="Copy").click()
    expect(copying.get_by_role("button", name="Copied")).to_be_visible()
    assert copied(copying) == "7K3M-Q9XA-4TWP-HMLV"


def test_what_was_wrong_with_a_code_goes_when_the_code_expires(world, page):
    page.clock.install()
    page.goto(f"{world.issuer}/gallery/kepro/pages/email-code-wrong")
    expect(page.locator("#code-error")).to_be_visible()
    expect(page).to_have_title(re.compile("^Error: "))
    page.clock.fast_forward("10:00")
    expect(page).to_have_title(re.compile("^Verification code"))
    expect(page.get_by_role("heading", level=1)).to_have_text("The code has expired")
    expect(page.locator("#code-error")).to_be_hidden()
    expect(page.locator("#errors")).to_be_hidden()
    expect(page.get_by_label("Verification Code")).not_to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("button", name="Verify code")).to_be_disabled()
    expect(page.get_by_role("button", name="Send new code")).to_be_enabled()


def test_a_password_is_not_sent_before_its_rules_are_met(world, page):
    page.goto(f"{world.issuer}/gallery/kepro/pages/new-password")
    create = page.get_by_role("button", name="Create")
    page.get_by_label("New Password", exact=True).fill("four tall birds singing")
    page.get_by_label("Confirm New Password", exact=True).fill("four tall birds")
    expect(create).to_be_disabled()
    page.get_by_label("Confirm New Password", exact=True).fill("four tall birds singing")
    expect(create).to_be_enabled()


def test_no_page_of_the_inbox_fails_in_a_script(working, page):
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(f"{working.issuer}/inbox")
    page.get_by_role("button", name="Clear the inbox").click()
    expect(page.get_by_text("The inbox is empty.")).to_be_visible()
    assert wrong == []


def test_on_a_phone_customers_come_first(world, chromium):
    page = chromium.new_context(viewport={"width": 320, "height": 640}).new_page()
    page.goto(f"{world.issuer}/gallery/kepro/pages/options-employees")
    tops = {
        name: page.get_by_role("button", name=name, exact=True).bounding_box()["y"]
        for name in ("LOGIN", "LOGIN WITH PHONE", "LOGIN WITH EMAIL")
    }
    assert tops["LOGIN WITH PHONE"] < tops["LOGIN WITH EMAIL"] < tops["LOGIN"]
    page.set_viewport_size({"width": 1280, "height": 800})
    boxes = {
        name: page.get_by_role("button", name=name, exact=True).bounding_box()
        for name in ("LOGIN", "LOGIN WITH PHONE")
    }
    assert (
        boxes["LOGIN"]["x"] < boxes["LOGIN WITH PHONE"]["x"]
        and boxes["LOGIN"]["y"] == boxes["LOGIN WITH PHONE"]["y"]
    ), "on one base line"


MARK = """() => [...document.querySelectorAll(
  "a[href], button:not(:disabled), input:not([type=hidden], :disabled), select, textarea, summary, [tabindex='0']")]
  .filter((one) => one.checkVisibility() && one.tabIndex >= 0 && !one.matches(".away, .default"))
  .map((one, n) => { one.dataset.n = n; return n; })
"""


def reached(page) -> list[str | None]:
    """What Tab reaches from the top of the page, by its place in the document."""
    expected = page.evaluate(MARK)
    page.evaluate("document.activeElement.blur(); window.getSelection().removeAllRanges()")
    page.evaluate("document.body.tabIndex = -1; document.body.focus()")
    found = []
    for _ in expected:
        page.keyboard.press("Tab")
        found.append(page.evaluate("document.activeElement.dataset.n ?? null"))
    return found


READ = """() => [...document.querySelectorAll(
  "a[href], button, input:not([type=hidden]), select, textarea, summary")]
  .filter((one) => one.checkVisibility() && one.tabIndex >= 0 && !one.matches(".skip, .away, .default"))
  .map((one) => { const box = one.getBoundingClientRect();
    return [(one.getAttribute("aria-label") || one.innerText || one.name).trim(), box.left, box.bottom]; })
"""


def out_of_order(page) -> list[tuple[str, str]]:
    """What stands above what comes before it in the document, and not beside it. Browsers go by
    the document."""
    found = page.evaluate(READ)
    return [
        (before[0], after[0])
        for before, after in itertools.pairwise(found)
        if after[2] < before[2] - 12 and after[1] <= before[1]
    ]


TWO_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.mark.portal(gallery=True)
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_what_is_seen_first_is_reached_first(world, chromium, portal, width):
    page = chromium.new_context(viewport={"width": width, "height": 800}).new_page()
    pages = ("options-employees", "options-remembered", "profile", "organization", "help", "phone")
    for name in pages:
        page.goto(f"{world.issuer}/gallery/kepro/pages/{name}")
        assert out_of_order(page) == [], name
        assert reached(page) == [str(n) for n in range(len(page.evaluate(MARK)))], name
    for name in ("home", "create", "users", "person"):
        page.goto(f"{portal}/gallery/{name}")
        for fold in page.locator(".fold > summary").all():
            if fold.is_visible():
                fold.click()
        assert out_of_order(page) == [], name
        assert reached(page) == [str(n) for n in range(len(page.evaluate(MARK)))], name
    page.goto(f"{world.issuer}/gallery/kepro/pages/options-employees")
    page.set_viewport_size({"width": 320 if width == 1280 else 1280, "height": 800})
    page.evaluate(TWO_FRAMES)  # the page is told of its new width before it is drawn
    assert out_of_order(page) == [], "turned"


@pytest.mark.portal(gallery=True)
def test_on_a_phone_the_portals_navigation_is_folded_away(chromium, portal):
    for script in (True, False):
        context = chromium.new_context(
            viewport={"width": 320, "height": 640}, java_script_enabled=script
        )
        page = context.new_page()
        page.goto(f"{portal}/gallery/home")
        link = page.get_by_role("navigation", name="Portal").get_by_role("link", name="CASES")
        expect(link).to_be_hidden()
        page.locator(".fold > summary").click()
        expect(link).to_be_visible()
        page.set_viewport_size({"width": 1280, "height": 800})
        expect(link).to_be_visible()
        expect(page.locator(".fold")).to_be_hidden()


@pytest.mark.portal(gallery=True)
def test_the_portal_too_puts_the_focus_on_what_went_wrong(world, page, portal):
    page.goto(f"{portal}/gallery/create-wrong")
    expect(page.locator("#errors")).to_be_focused()
