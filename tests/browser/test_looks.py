"""How pages look to who reads them: the bundled font, one size of heading, fields that belong
together in one row, and in the portal what is pressed with care, off until it is of use, and told
in the reader's own time."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from idp.web import gallery
from tests.browser.conftest import SIZES
from tests.browser.test_portal_pages import come_in

WORDS = (
    "h1, h2, p, li, label, button, input:not([type=checkbox], .away), select, textarea, a, dt, dd"
)
FONT = "Atkinson Hyperlegible Next"
NEW_YORK = "America/New_York"
NONE = "No records found for the contract Foothill Plan."
LOADED = """async () => {
  await document.fonts.ready;
  return [...document.fonts].filter(one => one.status === "loaded").map(one => one.family);
}"""
FAMILIES = """all => [...new Set(all.filter(one => one.getClientRects().length)
  .map(one => getComputedStyle(one).fontFamily.split(",")[0]))]"""
MIDDLE = "it => { const at = it.getBoundingClientRect(); return (at.top + at.bottom) / 2; }"
# what a custom property of the style sheet comes to, as a computed color
COLOR = """name => {
  const probe = document.body.appendChild(document.createElement("i"));
  probe.style.color = `var(${name})`;
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}"""


def one_of_each() -> list[tuple[str, str]]:
    """One picture of the gallery for each template."""
    first = {stage: ("pages", name) for name, (stage, _) in reversed(gallery.states().items())}
    shown = {template: ("outside", name) for name, (template, _) in gallery.OUTSIDE.items()}
    return [
        *first.values(),
        *shown.values(),
        *(("problems", name) for name in ("expired", "not_found", "client_unknown")),
    ]


def fonts(page) -> tuple[list[str], list[str]]:
    """The families that were loaded, and those that words are set in."""
    words = page.locator(WORDS).evaluate_all(FAMILIES)
    return [one.strip('"') for one in page.evaluate(LOADED)], [one.strip('"') for one in words]


@pytest.mark.parametrize("brand", ["kepro", "acentra"])
def test_every_page_of_the_provider_has_our_font_and_one_size_of_heading(world, chromium, brand):
    page, came = chromium.new_context(viewport=SIZES["desktop"]).new_page(), []
    page.on("response", lambda response: came.append(response))
    for kind, name in one_of_each():
        page.goto(f"{world.issuer}/gallery/{brand}/{kind}/{name}")
        loaded, used = fonts(page)
        assert (set(loaded), used) == ({FONT}, [FONT]), name
        heading = page.get_by_role("heading", level=1)
        expect(heading).to_have_css("font-size", "28px")
        expect(heading).to_have_css("line-height", "34px")
    files = [one for one in came if one.request.resource_type == "font"]
    assert files and all(one.ok and one.url.startswith(world.issuer) for one in files)


def test_city_state_and_zip_code_stand_in_one_row(world, chromium):
    page = chromium.new_context(viewport=SIZES["desktop"]).new_page()
    page.goto(f"{world.issuer}/gallery/kepro/pages/profile")
    fields = [page.get_by_label(name) for name in ("CITY", "STATE", "ZIP CODE")]
    left = [field.bounding_box()["x"] for field in fields]
    rows = {round(field.evaluate(MIDDLE)) for field in fields}
    assert len(rows) == 1 and left == sorted(left) and len({*left}) == 3
    page.set_viewport_size(SIZES["phone"])
    assert len({round(field.evaluate(MIDDLE)) for field in fields}) == 3, "below each other there"


@pytest.fixture
def reader(working, chromium, portal):
    """Daisy's page in the portal; she reads it in New York."""
    context = chromium.new_context(viewport=SIZES["desktop"], timezone_id=NEW_YORK)
    page = context.new_page()
    come_in(page, working, portal)
    return page


def to_omar(page, portal) -> None:
    page.goto(f"{portal}/setup?tab=users")
    page.locator("details.user", has_text="Omar Reyes").locator("summary").click()
    page.get_by_role("link", name="Edit Omar Reyes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Omar Reyes")


def test_the_portal_has_our_font_and_its_cards_lead_where_they_say(reader, portal):
    page = reader
    loaded, used = fonts(page)
    assert (set(loaded), used) == ({FONT}, [FONT])
    cards = page.locator(".cards > li")
    expect(cards).to_have_count(4)
    told = {}
    for card in cards.all():
        link = card.get_by_role("link")
        expect(link).to_have_count(1)
        whole, pressed = card.bounding_box(), link.bounding_box()
        assert pressed["width"] >= whole["width"] - 1 and pressed["height"] >= whole["height"] - 1
        told[link.get_attribute("href")] = link.inner_text().split()[0]
    assert [*told] == [
        "/messages",
        *(f"/cases?state={name}" for name in ("work_in_progress", "not_submitted", "submitted")),
    ]
    assert told["/cases?state=not_submitted"] == "1"
    page.get_by_role("link", name="NOT SUBMITTED").click()
    expect(page).to_have_url(f"{portal}/cases?state=not_submitted")
    expect(page.locator("tbody tr")).to_have_count(1)


def test_what_takes_something_away_looks_like_it(reader, portal):
    page = reader
    to_omar(page, portal)
    bad = page.evaluate(COLOR, "--bad")
    reset = page.get_by_role("link", name="RESET REGISTRATION")
    quiet = page.get_by_role("button", name="SIGN OUT EVERYWHERE")
    for name in ("color", "border-top-color"):
        expect(reset).to_have_css(name, bad)
        expect(quiet).not_to_have_css(name, bad)
    reset.click()
    sure = page.get_by_role("button", name="RESET REGISTRATION")
    expect(sure).to_have_css("color", bad)
    expect(page.get_by_role("link", name="CANCEL")).not_to_have_css("color", bad)


def test_save_is_off_until_something_was_changed(reader, portal):
    page = reader
    to_omar(page, portal)
    save, email = page.get_by_role("button", name="SAVE"), page.get_by_label("EMAIL *")
    expect(save).to_be_disabled()
    before = email.input_value()
    email.fill("omar@new.example")
    expect(save).to_be_enabled()
    email.fill(before)
    expect(save).to_be_disabled()


def test_a_contract_is_chosen_with_one_press(reader, portal):
    page = reader
    page.goto(f"{portal}/cases")
    expect(page.get_by_role("button", name="SHOW")).to_be_hidden()
    expect(page.locator("tbody")).to_contain_text("Rowan Ellery")
    page.get_by_label("Contract", exact=True).first.select_option("Foothill Plan")
    expect(page.get_by_role("main")).to_contain_text(NONE)
    expect(page).to_have_url(f"{portal}/cases")
    expect(page.get_by_label("Contract", exact=True).first).to_have_value("Foothill Plan")


def test_times_are_the_readers_own(reader, portal):
    page = reader
    page.locator(".menu > summary").click()
    since = page.locator(".menu time")
    at = datetime.fromisoformat(since.get_attribute("datetime")).astimezone(ZoneInfo(NEW_YORK))
    told = " ".join(since.inner_text().split())
    noon = "AM" if at.hour < 12 else "PM"
    assert told == f"{at:%b} {at.day}, {at.year}, {at.hour % 12 or 12}:{at:%M} {noon} {at:%Z}"
    to_omar(page, portal)
    page.goto(f"{portal}/setup?tab=users")
    shown = page.locator("main time[datetime*=T]").first
    expect(shown).to_contain_text(f"{at:%b} {at.day}, {at.year}")


def test_without_scripts_all_of_it_is_there(working, chromium, portal):
    """SAVE is on, the contract has a button, and times are those of the clinics."""
    context = chromium.new_context(
        viewport=SIZES["desktop"], timezone_id=NEW_YORK, java_script_enabled=False
    )
    page = context.new_page()
    come_in(page, working, portal, script=False)
    page.locator(".menu > summary").click()
    since = page.locator(".menu time")
    at = datetime.fromisoformat(since.get_attribute("datetime"))
    there = at.astimezone(ZoneInfo("America/Denver"))
    assert f"{there.hour % 12 or 12}:{there:%M}" in since.inner_text()
    page.goto(f"{portal}/cases")
    page.get_by_label("Contract", exact=True).first.select_option("Foothill Plan")
    page.get_by_role("button", name="SHOW").click()
    expect(page.get_by_role("main")).to_contain_text(NONE)
    to_omar(page, portal)
    expect(page.get_by_role("button", name="SAVE")).to_be_enabled()
