"""The gallery shows every page and mail that there is, as it is."""

import re
from pathlib import Path

import pytest

from idp.web import gallery
from idp.web.flow.stages import STAGES
from idp.web.flow.words import WORDS
from idp.web.gallery.letters import OUTSIDE

TEMPLATES = Path(gallery.__file__).parents[2] / "templates"


def test_every_page_and_every_mail_is_in_it():
    assert {stage for stage, _ in gallery.states().values()} == set(STAGES)
    outside = {path.name for path in TEMPLATES.glob("*.html")} - {
        "base.html",
        "macros.html",
        "help_text.html",
        "terms_text.html",
        "problem.html",
    }
    assert outside - {template for template, _ in OUTSIDE.values()} == {
        "api.html",
        "gallery.html",
        "inbox.html",
    }, "which are no pages of a person's"
    kinds = {path.stem for path in (TEMPLATES / "mail").glob("*.txt")} - {"kit", "layout"}
    assert set(gallery.MAILS) == kinds


@pytest.mark.parametrize("brand", ["kepro", "acentra", "stagedoor"])
def test_all_of_it_renders_in_every_brand(world, person, brand):
    for kind, name in gallery.names():
        person.open(f"{world.issuer}/gallery/{brand}/{kind}/{name}")
        assert (person.status == 200 and "<h1" in person.page.html) or kind == "mails", (kind, name)


def test_what_is_wrong_is_said_once_at_its_field_and_the_summary_leads_there(world, person):
    shown = 0
    for kind, name in gallery.names():
        page = (
            person.open(f"{world.issuer}/gallery/kepro/{kind}/{name}").page
            if kind == "pages"
            else None
        )
        for text in page.errors if page else []:
            shown += 1
            assert page.text.count(text) == 1 and "There is a problem" in page.text, (name, text)
            assert re.search(r'<li><a href="#[a-z_]+">', page.html), name
    assert shown > 10


def test_every_trouble_has_a_field_that_some_page_shows(world, person):
    fields = set()
    for kind, name in gallery.names():
        if kind == "pages":
            html = person.open(f"{world.issuer}/gallery/kepro/{kind}/{name}").page.html
            fields |= {field for field, _ in WORDS.values() if f'id="{field}"' in html}
    assert {field for field, _ in WORDS.values()} - fields <= {
        "choice",
        "method",
        "option",
    } - fields


def test_the_index_shows_every_picture_by_brand_scheme_width_and_language(world, person):
    index = person.open(
        f"{world.issuer}/gallery?brand=acentra&scheme=dark&width=1280&language=en"
    ).page.html
    for kind, name in gallery.names():
        assert index.count(f'"/gallery/acentra/{kind}/{name}?scheme=dark&amp;ui_locales=en') == 2, (
            "a thumbnail, and the way to it"
        )
    assert 'class="pictures w1280"' in index and '<option value="dark" selected>' in index
    again = person.open(
        f"{world.issuer}/gallery?brand=nobody&scheme=x&width=-1&language=xx"
    ).page.html
    assert 'class="pictures w320"' in again and "/gallery/kepro/pages/" in again, (
        "what is not there is what comes first"
    )


def test_a_page_in_the_dark_whatever_the_browser_prefers(world, person):
    dark = person.open(f"{world.issuer}/gallery/kepro/pages/options?scheme=dark").page.html
    sheets = re.findall(r'rel="stylesheet" href="([^"]+)"', dark)
    assert 'name="color-scheme" content="dark"' in dark and all(
        one.startswith("/gallery/style/dark/") for one in sheets
    )
    for sheet in sheets:
        assert "prefers-color-scheme" not in person.http.get(world.issuer + sheet).text
        assert (
            "@media not all"
            in person.http.get(world.issuer + sheet.replace("dark", "light", 1)).text
        )
    for hostile in (
        "/gallery/style/dark/../../../pyproject.toml",
        "/gallery/style/dark/%2e%2e/app.py",
        "/gallery/style/dark/inbox.js",
        "/gallery/style/dark/%00.css",
        f"/gallery/style/dark/{'a' * 300}.css",
        "/gallery/style/x/pages.css",
    ):
        assert person.http.get(world.issuer + hostile).status_code == 404


@pytest.mark.settings(mode="production", inbox=False)
def test_production_has_none(world, person):
    assert person.open(f"{world.issuer}/gallery").status == 404
