"""Rules that hold for every page and mail of the gallery: one filled button leads on, dead ends
name the way out and the wait, and no word of the protocol reaches a person."""

import re
from html.parser import HTMLParser

import pytest

from idp.web import gallery
from tests.support.person import Person
from tests.support.world import demo_brand

BRANDS = ("kepro", "acentra")
FIXED_LABELS = ("E-mail address verified", "Change e-mail")
NOT_FOR_PEOPLE = re.compile(r"\b(acr|amr|urn|utc|interaction|grant)\b|urn:", re.IGNORECASE)
EMAIL = re.compile(r"e-mail", re.IGNORECASE)
READ_OUT = ("alt", "aria-label", "placeholder", "title")
VOID = {"input", "meta", "link", "img", "br", "hr"}


class Drawn(HTMLParser):
    """A page as people meet it: its words, also those read out or shown later by a script, and
    the filled buttons that can be pressed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.words: list[str] = []
        self.filled: list[str] = []
        self._open: list[str] = []
        self._filling = False
        self.feed(html)
        self.text = " ".join(" ".join(self.words).split())
        self.filled = [" ".join(one.split()) for one in self.filled]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        classes = given.get("class", "").split()
        if (
            tag in ("button", "a")
            and "primary" in classes
            and not {"disabled", "hidden"} & {*given}
        ):
            self.filled.append("")
            self._filling = True
        self.words += [
            value for name, value in given.items() if name in READ_OUT or name.startswith("data-")
        ]
        if tag == "input" and given.get("type") != "hidden":
            self.words.append(given.get("value", ""))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("button", "a"):
            self._filling = False
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "style" in self._open or "script" in self._open:
            return
        self.words.append(data)
        if self._filling:
            self.filled[-1] += data


SEEN: dict[str, dict[tuple[str, str], Drawn]] = {}


@pytest.fixture(params=BRANDS)
def brand(request) -> str:
    return request.param


@pytest.fixture
def drawn(world, brand) -> dict[tuple[str, str], Drawn]:
    """Every picture of the gallery in this brand, drawn once for all rules."""
    if brand not in SEEN:
        person, pictures = Person(world.issuer), {}
        for kind, name in gallery.names():
            person.open(f"{world.issuer}/gallery/{brand}/{kind}/{name}")
            assert person.status == 200, (kind, name)
            pictures[kind, name] = Drawn(person.response.text)
        SEEN[brand] = pictures
    return SEEN[brand]


def pages(drawn, *kinds: str) -> list[tuple[str, Drawn]]:
    return [(name, page) for (kind, name), page in drawn.items() if kind in kinds]


def test_a_page_has_one_filled_button_at_most(drawn):
    for name, page in pages(drawn, "pages", "outside", "problems"):
        assert len(page.filled) <= 1, (name, page.filled)
    assert sum(len(page.filled) for _, page in pages(drawn, "pages")) > 60


@pytest.mark.parametrize(
    "name", ["stopped-sign-in", "stopped-for-good", "refused", "refused-recovering"]
)
def test_whose_sign_in_was_stopped_is_led_to_login(drawn, name):
    page = drawn["pages", name]
    assert page.filled == ["LOGIN"]
    wait = re.search(r"\b\d+ minutes\b", page.text)
    assert bool(wait) == (name != "stopped-for-good"), page.text
    if not wait:
        assert "no longer accepted this way for this account" in page.text
        assert "Give the reference at the bottom of this page to" in page.text


@pytest.mark.parametrize("name", ["stopped", "stopped-invited"])
def test_whose_registration_was_stopped_is_led_to_reset(drawn, name):
    page = drawn["pages", name]
    # an invitation is no registration that could be reset
    assert page.filled == (["LOGIN"] if name == "stopped-invited" else ["RESET"])
    assert ("RESET" in page.text) is (name != "stopped-invited")
    assert re.search(r"\bWait \d+ minutes\.", page.text)


@pytest.mark.parametrize("name", ["refused", "refused-recovering"])
def test_after_the_star_key_a_lost_phone_has_a_way_out(drawn, name):
    told = drawn["pages", name].text
    assert "star key" in told
    way = re.search(r"If you no longer have this phone, ([^.]+)\.", told)
    assert way, told
    assert ("choose RESET" if name == "refused" else "ask your organization's administrator") in (
        way[1]
    )


def test_every_mail_says_its_language(drawn):
    mails = pages(drawn, "mails")
    assert len(mails) == len(gallery.MAILS)
    for name, mail in mails:
        assert '<html lang="en">' in mail.html, name


def test_a_problem_names_the_application_to_go_to(drawn, brand):
    site = demo_brand(brand).site
    leading = dict(pages(drawn, "problems"))
    for name in ("expired", "expired_sign_in", "link_expired", "link_used"):
        ways = ["LOGIN"] if name == "expired_sign_in" else ["RESET"]
        assert leading.pop(name).filled == ways, name
    for name, page in leading.items():
        assert site and page.filled == [f"Go to the {site}"], name


def test_a_problem_names_the_client_that_sent_the_person(world, person, client):
    page = client.sends(person).url
    person.press("Cancel")
    person.open(page)
    assert person.heading == "This sign-in was canceled"
    assert person.page.links["Go to Clinic desk"] == client.registration["initiate_login_uri"]


def test_no_word_of_the_protocol_reaches_a_person(drawn):
    for name, page in pages(drawn, *gallery.KINDS_OF_PICTURE):
        found = NOT_FOR_PEOPLE.search(page.text)
        assert not found, (name, page.text[max(0, found.start() - 60) : found.end() + 60])


def test_email_is_written_in_one_way_but_for_two_fixed_labels(drawn):
    met = set()
    for name, page in pages(drawn, *gallery.KINDS_OF_PICTURE):
        text = page.text
        for label in FIXED_LABELS:
            met |= {label} if label in text else set()
            text = text.replace(label, "")
        found = EMAIL.search(text)
        assert not found, (name, text[max(0, found.start() - 60) : found.end() + 60])
    assert met == {*FIXED_LABELS}
