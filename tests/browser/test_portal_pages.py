"""The portal's pages in a real browser, in both looks, sizes and lights, with and without
JavaScript; and Daisy's one click."""

import pytest
from playwright.sync_api import expect

from relying_party_demo import gallery
from tests.browser.conftest import SIZES, sign_out
from tests.support.look import Look, next_code
from tests.support.world import DAISY, DAISY_PASSWORD

PAGES = {
    "home": "/",
    "cases": "/cases",
    "create": "/cases/new",
    "consumers": "/consumers",
    "search": "/search?q=2026-00001",
    "groups": "/setup?tab=groups",
    "users": "/setup?tab=users",
    "new": "/setup/new",
    "messages": "/messages",
    "reports": "/reports",
    "preferences": "/preferences",
}


def come_in(page, world, portal, script=True) -> None:
    page.goto(portal)
    page.get_by_role("button", name="LOGIN WITH EMAIL").click()
    page.get_by_label("Email Address").fill(DAISY)
    page.get_by_label("Password").fill(DAISY_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Send verification code").click()
    page.get_by_label("Verification Code").fill(next_code(world))
    if not script:
        page.get_by_role("button", name="Verify code").click()
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(f"{portal}/")


@pytest.mark.parametrize(
    ("size", "scheme", "script"),
    [("phone", "light", True), ("desktop", "dark", True), ("desktop", "light", False)],
)
def test_every_page_and_one_click(working, chromium, portal, size, scheme, script):
    context = chromium.new_context(
        viewport=SIZES[size], color_scheme=scheme, java_script_enabled=script
    )
    page = context.new_page()
    come_in(page, working, portal, script)
    looking = chromium.new_context(
        viewport=SIZES[size],
        color_scheme=scheme,
        storage_state=context.storage_state(),
        bypass_csp=True,
    ).new_page()
    look = Look(looking, f"portal-{size}-{scheme}")
    for name, path in PAGES.items():
        looking.goto(portal + path)
        look(name)
    looking.locator(".menu > summary").click()
    look("menu")
    page.goto(f"{portal}/cases/new")
    page.get_by_label("CONSUMER NAME").fill("Wren Halloran")
    page.get_by_label("CONSUMER NAME").press("Enter")
    expect(page.get_by_label("CONSUMER NAME")).to_have_value("Wren Halloran")
    # and nothing is kept either way
    expect(page.get_by_role("alert")).to_have_count(0 if script else 1)
    page.get_by_label("CONSUMER NAME").fill("")
    page.get_by_role("button", name="SUBMIT").click()
    expect(page.get_by_role("alert")).to_contain_text("There is a problem")
    expect(page.get_by_role("alert").get_by_role("link")).to_have_count(5)
    page.goto(f"{portal}/setup?tab=users")
    page.locator("details.user", has_text="Omar Reyes").locator("summary").click()
    page.get_by_role("link", name="Edit Omar Reyes").click()
    looking.goto(page.url)
    look("person")
    page.get_by_role("link", name="RESET REGISTRATION").click()
    looking.goto(page.url)
    look("reset")
    page.get_by_role("button", name="RESET REGISTRATION").click()
    page.get_by_role("button", name="Send Code").click()
    page.get_by_label("Verification Code").fill(next_code(working, "sms"))
    if not script:  # with it the page goes on by itself at the sixth digit
        page.get_by_role("button", name="Verify Code").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Omar Reyes")
    expect(page.get_by_role("status")).to_contain_text("The registration was reset.")
    sign_out(page)
    looking.goto(f"{working.issuer}/api/v1/docs")
    look("docs")
    assert look.found == []


@pytest.mark.portal(brand="acentra")
def test_the_second_look(working, chromium, portal):
    context = chromium.new_context(viewport=SIZES["desktop"])
    page = context.new_page()
    come_in(page, working, portal)
    look = Look(
        chromium.new_context(
            viewport=SIZES["desktop"], storage_state=context.storage_state(), bypass_csp=True
        ).new_page(),
        "portal-acentra",
    )
    for name in ("home", "users", "create"):
        look.page.goto(portal + PAGES[name])
        look(name)
    expect(look.page.get_by_role("heading", level=1)).to_have_text("Create Case")
    assert look.found == []


@pytest.mark.portal(gallery=True)
@pytest.mark.parametrize(
    ("brand", "size", "scheme"),
    [
        ("kepro", "desktop", "dark"),
        ("kepro", "phone", "light"),
        ("acentra", "phone", "dark"),
        ("acentra", "desktop", "light"),
    ],
)
def test_the_gallery(world, chromium, portal, brand, size, scheme):
    page = chromium.new_context(viewport=SIZES[size], bypass_csp=True).new_page()
    look, wrong = Look(page, f"portal-gallery-{brand}-{size}-{scheme}"), []
    page.on(
        "console", lambda message: wrong.append(message.text) if message.type == "error" else None
    )
    page.goto(f"{portal}/gallery?brand={brand}&scheme={scheme}&width=320")
    expect(page.frame_locator("iframe[title='home']").get_by_role("heading", level=1)).to_have_text(
        "HOME" if brand == "kepro" else "Home"
    )
    look("index")
    for name in gallery.names():
        page.goto(f"{portal}/gallery/{name}?brand={brand}&scheme={scheme}")
        look(name)
    assert (look.found, wrong) == ([], [])


def test_the_menu_closes_where_menus_do(working, chromium, portal):
    page = chromium.new_context(viewport=SIZES["desktop"]).new_page()
    come_in(page, working, portal)
    menu, inside = (
        page.locator(".menu > summary"),
        page.get_by_role("heading", name="How you signed in"),
    )
    menu.click()
    expect(inside).to_be_visible()
    expect(page.locator(".menu")).to_contain_text("two steps")
    page.keyboard.press("Escape")
    expect(inside).to_be_hidden()
    expect(menu).to_be_focused()
    menu.click()
    page.get_by_role("heading", level=1).click()
    expect(inside).to_be_hidden()
    page.set_viewport_size(SIZES["phone"])
    menu.focus()
    page.keyboard.press("Enter")
    expect(inside).to_be_visible()
    for _ in range(8):  # past the last of its buttons
        page.keyboard.press("Tab")
    expect(inside).to_be_hidden()
    assert not page.evaluate("document.activeElement.closest('.menu, .scroll')")


@pytest.mark.portal(idle=300)
def test_two_minutes_before_the_session_ends_one_click_is_enough_to_stay(working, chromium, portal):
    page = chromium.new_context(viewport=SIZES["desktop"]).new_page()
    page.clock.install()
    come_in(page, working, portal)
    page.goto(f"{portal}/cases/new")
    page.get_by_label("CONSUMER ID").fill("LM-42")
    note = page.get_by_text("You will be signed out in 2 minutes.")
    page.clock.fast_forward(170_000)
    expect(note).to_be_hidden()
    page.clock.fast_forward(12_000)
    expect(note).to_be_visible()
    page.clock.fast_forward(60_000)
    expect(page.get_by_text("You will be signed out in 1 minute.")).to_be_visible()
    page.get_by_role("button", name="Stay signed in").click()
    expect(page.locator("#ending")).to_be_hidden()
    page.clock.fast_forward(100_000)
    expect(page.locator("#ending")).to_be_hidden()
    expect(page.get_by_label("CONSUMER ID")).to_have_value("LM-42")
    page.clock.fast_forward(900_000)
    expect(
        page.get_by_text("You were signed out. When you choose a button of the form")
    ).to_be_visible()
    expect(page.get_by_role("button", name="Stay signed in")).to_be_hidden()
    page.goto(portal)
    page.clock.fast_forward(1_000_000)
    expect(page.get_by_text("You were signed out. Sign in again to continue.")).to_be_visible()
    expect(page.locator("#ending").get_by_role("link", name="SIGN IN")).to_be_visible()


@pytest.mark.portal(gallery=True)
@pytest.mark.parametrize("width", [320, 740, 820, 900, 1000, 1280])
def test_no_table_hides_what_it_holds(world, chromium, portal, width):
    page = chromium.new_context(viewport={"width": width, "height": 800}).new_page()
    page.goto(f"{portal}/gallery/reports")
    table = page.locator(".scroll")
    table.evaluate("it => it.scrollBy(500, 0)")
    edge = table.bounding_box()["x"]
    heads = table.locator("th:first-child").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().left)"
    )
    assert all(edge <= left <= edge + 2 for left in heads), "what a row is about stays in view"
    for name in ("home", "cases", "consumers"):
        page.goto(f"{portal}/gallery/{name}")
        hidden = page.locator(".scroll").evaluate_all(
            "all => all.filter(one => one.scrollWidth > one.clientWidth).length"
        )
        assert (hidden, page.evaluate("document.documentElement.scrollWidth")) == (0, width), name
