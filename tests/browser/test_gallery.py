"""Every page in every brand and state, as people see it: pictures, axe, nothing wider than the
screen."""

import pytest
from playwright.sync_api import expect

from idp.web import gallery
from tests.browser.conftest import SIZES
from tests.support.look import Look

OFF = (
    "all => all.map(one => ['color', 'backgroundColor', 'borderColor', 'opacity', "
    "'cursor'].map(name => getComputedStyle(one)[name]))"
)


@pytest.mark.parametrize(
    ("brand", "size", "scheme"),
    [("kepro", "desktop", "light"), ("kepro", "phone", "dark"), ("acentra", "phone", "light")],
)
def test_looked_at(world, chromium, brand, size, scheme):
    context = chromium.new_context(viewport=SIZES[size], color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    look = Look(page, f"gallery-{brand}-{size}-{scheme}")
    wrong, off = [], set()
    page.on(
        "console", lambda message: wrong.append(message.text) if message.type == "error" else None
    )
    for kind, name in gallery.names():
        if kind != "mails":
            page.goto(f"{world.issuer}/gallery/{brand}/{kind}/{name}")
            look(f"{kind}-{name}")
            off |= set(
                map(tuple, page.locator("button:not(.inline, .link):disabled").evaluate_all(OFF))
            )
            assert page.locator("[aria-disabled]").count() == 0, "what looks off is off"
    assert look.found == []
    assert len(off) == 1, "a button that is off looks the same everywhere"
    assert wrong == []


@pytest.mark.parametrize(("width", "size"), [("320", "phone"), ("1280", "desktop")])
def test_the_index(world, chromium, width, size):
    page = chromium.new_context(viewport=SIZES[size], bypass_csp=True).new_page()
    look, wrong = Look(page, f"gallery-index-{size}"), []
    page.on(
        "console", lambda message: wrong.append(message.text) if message.type == "error" else None
    )
    page.goto(f"{world.issuer}/gallery")
    page.get_by_label("Width").select_option(width)
    page.get_by_label("Colors").select_option("dark")
    page.get_by_role("button", name="Show").click()
    thumbnail = page.frame_locator("iframe[title='options']")
    expect(thumbnail.get_by_role("heading", level=1)).to_have_text("LOGIN OPTIONS")
    expect(thumbnail.locator("body")).to_have_css("background-color", "rgb(14, 23, 25)")
    assert thumbnail.locator("body").evaluate("it => innerWidth") == int(width)
    look("dark")
    assert (look.found, wrong) == ([], [])


@pytest.mark.parametrize("brand", ["kepro", "acentra"])
def test_mails_fit_a_phone_and_load_nothing(world, chromium, brand):
    context = chromium.new_context(viewport=SIZES["phone"], bypass_csp=True)
    page = context.new_page()
    look, asked = Look(page, f"gallery-{brand}-mail"), []
    page.on("request", lambda request: asked.append(request.url))
    for kind, name in gallery.names():
        if kind == "mails":
            page.goto(f"{world.issuer}/gallery/{brand}/{kind}/{name}")
            look.picture(name)
            assert page.locator("img").evaluate_all(
                "all => all.map(one => one.naturalWidth > 0)"
            ) == [True], name
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, name
    assert [u for u in asked if "/gallery/" not in u and not u.endswith("/favicon.ico")] == []


def test_a_phone_number_stays_on_one_line(world, chromium):
    page = chromium.new_context(viewport=SIZES["phone"]).new_page()
    for width in range(240, 330, 10):
        page.set_viewport_size({"width": width, "height": 640})
        page.goto(f"{world.issuer}/gallery/kepro/pages/mail-sent")
        assert set(
            page.locator(".unbroken").evaluate_all(
                "all => all.map(one => one.getClientRects().length)"
            )
        ) == {1}, width
