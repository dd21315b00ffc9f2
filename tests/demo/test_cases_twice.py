"""A case in two tabs, sent twice, or typed for another clinic than the one that is worked in now:
nothing is filed at the wrong place, twice, or over someone else's work."""

import pytest

from tests.demo.test_cases import daisy as daisy  # noqa: PLC0414  # a fixture
from tests.demo.test_cases import make

OTHER = "Harbor Health"
OWN = "Lakeside Clinic"


def form_of(person) -> dict[str, str]:
    return dict(person.page.forms[-1].fields)


def in_other_clinic(daisy, portal):
    """What a second tab does."""
    return daisy.open(portal).press(f"{OTHER}user")


@pytest.fixture
def both(daisy, portal):
    if OTHER not in daisy.open(portal).page.text:
        pytest.fail("Daisy works at two clinics")
    return daisy


def test_a_case_is_filed_at_the_clinic_that_its_form_names(portal, both):
    both.open(f"{portal}/cases/new")
    assert f"For {OWN}." in both.page.text
    typed = form_of(both) | {"consumer_name": "Rowan Ellery", "press": "draft"}
    in_other_clinic(both, portal)
    both.send(f"{portal}/cases/new", typed)
    assert f"for Rowan Ellery was saved as a draft at {OWN}" in both.page.text
    assert f"The list below is of {OTHER}" in both.page.text
    assert "Rowan Ellery" not in both.open(f"{portal}/cases").page.text
    both.open(portal).press(f"{OWN}administrator")
    assert "Rowan Ellery" in both.open(f"{portal}/cases").page.text


def test_a_mistake_keeps_the_clinic_of_the_form(portal, both):
    both.open(f"{portal}/cases/new")
    typed = form_of(both) | {"consumer_name": "Rowan Ellery", "press": "submit"}
    in_other_clinic(both, portal)
    both.send(f"{portal}/cases/new", typed)
    assert both.status == 422 and f"For {OWN}." in both.page.text


def test_a_clinic_that_is_not_theirs_is_none_to_file_at(portal, both):
    both.open(f"{portal}/cases/new")
    typed = form_of(both) | {"consumer_name": "Rowan Ellery", "press": "draft", "npi": "0000000000"}
    both.send(f"{portal}/cases/new", typed)
    assert "You no longer belong to the organization that this form was for" in both.page.text
    assert both.page.fields["consumer_name"] == "Rowan Ellery"
    both.press("KEEP AS DRAFT")
    assert f"saved as a draft at {OWN}" in both.page.text


def test_a_form_that_is_sent_twice_makes_one_case_and_says_the_same(portal, daisy):
    daisy.open(f"{portal}/cases/new")
    typed = form_of(daisy) | {"consumer_name": "Rene\u0301e Dupont", "press": "draft"}
    pages = [daisy.send(f"{portal}/cases/new", typed).page.text for _ in range(3)]
    assert all("was saved as a draft" in page for page in pages)
    assert daisy.open(f"{portal}/cases").page.text.count("Dupont") == 1
    assert daisy.open(f"{portal}/messages").page.text.count("Dupont") == 1
    # an accent is one, however it was typed
    assert daisy.open(f"{portal}/search?q=renée").heading.startswith("CASE ")
    # Back, something else typed, sent again: no second case that no one meant, and nothing lost
    daisy.send(f"{portal}/cases/new", typed | {"consumer_name": "Ada Moss"})
    assert "has already been saved as case" in daisy.page.text
    assert daisy.page.fields["consumer_name"] == "Ada Moss"
    daisy.press("KEEP AS DRAFT")
    assert "Ada Moss was saved as a draft" in daisy.page.text


def test_what_someone_else_has_changed_since_is_not_written_over(portal, daisy):
    make(daisy, portal, "KEEP AS DRAFT")
    daisy.open(f"{portal}/search?q=PRG-77")
    address, typed = daisy.url, form_of(daisy)
    daisy.fill("PROGRAM #", "A1").press("KEEP AS DRAFT")
    for odd in ("9" * 30, "-1", "x", ""):
        daisy.send(address, typed | {"program": "B2", "press": "draft", "seen": odd})
        assert daisy.status < 500 and "You changed this case in another window" in daisy.page.text
    daisy.send(address, typed | {"program": "B2", "press": "draft"})
    assert "You changed this case in another window" in daisy.page.text
    assert daisy.page.fields["program"] == "B2" and "Saved now: A1" in daisy.page.text
    # what only the one who waits has changed is in no one's way
    daisy.send(address, typed | {"program": "B2", "notes": "Second visit", "press": "draft"})
    assert daisy.page.text.count("Saved now:") == 1
    assert daisy.press("KEEP AS DRAFT").heading == "CASES"
    assert daisy.open(address).page.fields["program"] == "B2"


def test_a_change_that_is_sent_twice_is_one(portal, daisy):
    make(daisy, portal, "KEEP AS DRAFT")
    daisy.open(f"{portal}/search?q=PRG-77")
    address, typed = daisy.url, form_of(daisy) | {"program": "C3", "press": "submit"}
    for _ in range(2):
        daisy.send(address, typed)
        assert "was submitted" in daisy.page.text
    assert daisy.open(address).page.text.count("Submitted,") <= 1
