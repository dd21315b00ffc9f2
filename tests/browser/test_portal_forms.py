"""Forms of the portal in a real browser: nothing that was typed is lost unasked, and lists do what
the keyboard means."""

import re

from playwright.sync_api import expect

from tests.browser.test_portal_pages import come_in


def answered(page, accept: bool) -> list[str]:
    """What the browser asks from now on, each answered like this."""
    asked: list[str] = []

    def answer(dialog) -> None:
        asked.append(dialog.type)
        if accept:
            dialog.accept()
        else:
            dialog.dismiss()

    page.on("dialog", answer)
    return asked


def test_who_leaves_a_case_with_something_typed_is_asked_first(working, chromium, portal):
    page = chromium.new_page()
    come_in(page, working, portal)
    asked = answered(page, accept=False)
    page.goto(f"{portal}/cases/new")
    page.get_by_label("CONSUMER NAME").fill("Rosa Lind")
    with page.expect_event("dialog"):
        page.locator("#only").select_option("Foothill Plan")
    assert asked == ["beforeunload"]
    expect(page.locator("#only")).to_have_value("")
    expect(page.get_by_label("CONSUMER NAME")).to_have_value("Rosa Lind")
    with page.expect_event("dialog"):
        page.get_by_role("link", name="HOME", exact=True).click(no_wait_after=True)
    assert asked == ["beforeunload"] * 2
    expect(page.get_by_label("CONSUMER NAME")).to_have_value("Rosa Lind")
    page.get_by_role("button", name="KEEP AS DRAFT").click()
    expect(page.get_by_text("for Rosa Lind was saved as a draft")).to_be_visible()
    assert len(asked) == 2, "saving is no leaving"
    page.get_by_role("link", name="CREATE CASE").first.click()
    page.get_by_role("link", name="HOME", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("HOME")
    assert len(asked) == 2, "nothing was typed"


def test_arrow_keys_pass_over_the_contracts_and_enter_chooses(working, chromium, portal):
    page = chromium.new_page()
    come_in(page, working, portal)
    contract, show = page.locator("#only"), page.get_by_role("button", name="SHOW", exact=True)
    expect(show).to_be_hidden()
    contract.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(contract).to_be_focused()
    expect(show).to_be_visible()
    page.keyboard.press("Enter")
    expect(show).to_be_hidden()
    expect(contract).to_have_value("Foothill Plan")
    contract.focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(contract).to_have_value("Larkspur Medicaid")
    expect(page).to_have_url(re.compile(re.escape(portal) + "/?$"))


def test_a_role_is_changed_once_another_was_chosen(working, chromium, portal):
    page = chromium.new_page()
    come_in(page, working, portal)
    page.goto(f"{portal}/setup?tab=users&search=oreyes")
    page.locator("details.user summary").first.click()
    page.get_by_role("link", name=re.compile("Edit|Omar")).first.click()
    change = page.get_by_role("button", name="CHANGE", exact=True)
    expect(change).to_be_disabled()
    page.get_by_label("ROLE", exact=True).select_option("administrator")
    expect(change).to_be_enabled()
    page.get_by_label("ROLE", exact=True).select_option("user")
    expect(change).to_be_disabled()
