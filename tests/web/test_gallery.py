"""The gallery shows every page and mail that there is, as it is."""

from pathlib import Path

import pytest

from idp.web import gallery
from idp.web.flow.stages import STAGES
from idp.web.flow.words import WORDS

TEMPLATES = Path(gallery.__file__).parent.parent / "templates"


def test_every_page_and_every_mail_is_in_it():
    assert {stage for stage, _ in gallery.states().values()} == set(STAGES)
    kinds = {path.stem for path in (TEMPLATES / "mail").glob("*.txt")} - {"kit", "layout"}
    assert set(gallery.MAILS) == kinds


@pytest.mark.parametrize("brand", ["kepro", "acentra", "stagedoor"])
def test_all_of_it_renders_in_every_brand(world, person, brand):
    for kind, name in gallery.names():
        person.open(f"{world.issuer}/gallery/{brand}/{kind}/{name}")
        assert (person.status == 200 and "<h1" in person.page.html) or kind == "mails", (kind, name)


def test_every_trouble_has_a_field_that_some_page_shows(world, person):
    fields = set()
    for kind, name in gallery.names():
        if kind == "pages":
            html = person.open(f"{world.issuer}/gallery/kepro/{kind}/{name}").page.html
            fields |= {field for field, _ in WORDS.values() if f'id="{field}"' in html}
    assert {field for field, _ in WORDS.values()} - fields <= {"choice", "method", "way"} - fields


@pytest.mark.settings(mode="production", inbox=False)
def test_production_has_none(world, person):
    assert person.open(f"{world.issuer}/gallery").status == 404
