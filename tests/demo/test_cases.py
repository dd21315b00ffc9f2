"""Cases in the portal: made, counted, found, reported; and never another organization's."""

import csv
import io
import re

import pytest

from idp.operations import members
from idp.store import organizations
from tests.demo.test_administration import come_in
from tests.support.world import OMAR, OMAR_PASSWORD

FILLED = {
    "CONTRACT *": "Foothill Plan",
    "CASE TYPE *": "Inpatient",
    "CONSUMER ID *": "FP-1",
    "CONSUMER NAME *": "Rowan Ellery",
    "DATE OF BIRTH *": "04/09/1961",
    "PROGRAM #": "PRG-77",
}


def make(person, portal, press="SUBMIT", **changes):
    person.open(f"{portal}/cases/new")
    for label, value in {
        **FILLED,
        **{name.replace("_", " "): value for name, value in changes.items()},
    }.items():
        person.fill(label, value)
    return person.press(press)


@pytest.fixture
def daisy(world, portal):
    with world.inside():
        members.set_role(
            world.time.now,
            "test",
            world.account("ddunn2020"),
            organizations.by_identifier("1245319599"),
            "user",
        )
    return come_in(world, portal)


def test_a_case_from_draft_to_report(portal, daisy):
    make(daisy, portal, "KEEP AS DRAFT", **{"CONSUMER_ID *": "", "DATE_OF_BIRTH *": ""})
    assert "was saved as a draft" in daisy.page.text
    number = re.search(r"Case (\d{4}-\d{5})", daisy.page.text)[1]
    daisy.open(f"{portal}/search?q={number}")
    assert daisy.heading == f"CASE {number}"
    daisy.fill("CONSUMER ID *", "FP-2").fill("DATE OF BIRTH *", "1961-04-09").press("SAVE")
    assert (
        "was saved" in daisy.page.text
        and "FP-2" in daisy.page.text
        and "04/09/1961" in daisy.page.text
    )
    for name in ("Ellery, Rowan", "rowan ellery", "ELLERY"):
        assert daisy.open(f"{portal}/search", params={"q": name}).heading == f"CASE {number}", name
    assert (
        "No records found" in daisy.open(f"{portal}/search", params={"q": "Ellery, Maud"}).page.text
    )
    daisy.open(f"{portal}/search?q=ｐｒｇ-７７").press("SUBMIT")
    assert "was submitted" in daisy.page.text
    assert "cannot be changed" in daisy.open(f"{portal}/search?q={number}").page.text
    assert "Rowan Ellery" in daisy.open(f"{portal}/consumers").page.text
    rows = list(csv.reader(io.StringIO(daisy.open(f"{portal}/reports.csv").response.text)))
    assert rows[0][0] == "case type" and rows[1][0] == "Inpatient" and rows[1][-1] == "1"
    assert "Inpatient" in daisy.open(f"{portal}/reports").page.text
    assert (
        f"Case {number} for Rowan Ellery was submitted at Lakeside Clinic."
        in daisy.open(f"{portal}/messages").page.text
    )


def test_a_mistake_is_named_at_its_field_and_loses_nothing(portal, daisy):
    make(daisy, portal, **{"DATE_OF_BIRTH *": "31/31/1961", "CONSUMER_ID *": ""})
    assert (
        daisy.status == 422 and len(daisy.page.errors) == 2 and "One thing" not in daisy.page.text
    )
    kept = daisy.page.fields
    assert (kept["consumer_name"], kept["date_of_birth"], kept["contract"]) == (
        "Rowan Ellery",
        "31/31/1961",
        "Foothill Plan",
    )
    for wrong in ("2999-01-01", "1899-12-31", "yesterday", "٠٤/٠٩/١٩٦١x", "1/2/3/4"):
        assert make(daisy, portal, **{"DATE_OF_BIRTH *": wrong}).status == 422, wrong
    assert make(daisy, portal, **{"CONTRACT *": "Made up"}).status == 422
    assert make(daisy, portal, **{"CONSUMER_NAME *": "x" * 121}).status == 422


def test_the_contract_filters_and_the_context_changes_the_clinic(world, portal, daisy):
    make(daisy, portal)
    daisy.open(portal).fill("Contract", "Larkspur Medicaid").press("SHOW")
    assert (
        "No records found for the contract Larkspur Medicaid."
        in daisy.open(f"{portal}/cases").page.text
    )
    daisy.fill("Contract", "").press("SHOW")
    assert "Rowan Ellery" in daisy.page.text
    case = next(
        address
        for address in daisy.page.links.values()
        if address.startswith("/cases/") and address != "/cases/new"
    )
    form = next(form for form in daisy.page.forms if form.action == "/context")
    daisy.http.post(f"{portal}/context", data={**form.fields, "npi": "1245319599"}, timeout=30)
    assert (
        "Harbor Health" in daisy.open(portal).page.text
        and "Rowan Ellery" not in daisy.open(f"{portal}/cases").page.text
    )
    assert "For Lakeside Clinic." in daisy.open(f"{portal}{case}").page.text, (
        "her own, at the other clinic"
    )
    assert "No records found for “prg-77”" in daisy.open(f"{portal}/search?q=prg-77").page.text
    daisy.http.post(f"{portal}/context", data={**form.fields, "npi": "1999999984"}, timeout=30)
    assert "Harbor Health" in daisy.open(portal).page.text, "one of her own only"


def test_a_submitted_case_of_another_clinic_or_a_made_up_one_is_nowhere(world, portal, daisy):
    make(daisy, portal)
    for path in ("/cases/999", "/cases/99999999999999999999", "/cases/x", "/nothing"):
        assert daisy.open(portal + path).status == 404
    for q in (
        "",
        "2026-",
        "-",
        "2026-99999999999999999999",
        "' OR 1=1 --",
        "%",
        "\x00",
        ",",
        ", ,",
    ):
        assert daisy.open(f"{portal}/search", params={"q": q}).status == 200
    for query in ("page=-1", "page=99999999999999", "page=x", "state=nothing"):
        assert daisy.open(f"{portal}/cases?{query}").status == 200


def test_preferences_are_kept_and_the_session_begins_there(world, portal, daisy):
    daisy.open(f"{portal}/preferences").fill("START WITH THIS ORGANIZATION", "1245319599").press(
        "SAVE"
    )
    assert "Your preferences were saved." in daisy.page.text
    daisy.press("SIGN OUT")
    again = come_in(world, portal)
    assert "Harbor Health (NPI" in again.page.text


def test_who_belongs_nowhere_files_nothing(world, portal):
    with world.inside():
        members.remove(
            world.time.now,
            "test",
            world.account("oreyes2021"),
            organizations.by_identifier("1234567893"),
        )
    omar = come_in(world, portal, OMAR, OMAR_PASSWORD)
    assert omar.heading == "HOME" and "You do not belong to an organization" in omar.page.text
    assert not {"CASES", "CREATE CASE", "CONSUMERS", "SETUP", "REPORTS"} & set(omar.page.links), (
        "what they cannot do is not offered"
    )
    assert {"HOME", "MESSAGE CENTER", "PREFERENCES"} <= set(omar.page.links)
    for path in ("/cases", "/cases/new", "/consumers", "/search?q=x"):
        assert omar.open(portal + path).heading == "HOME", "nothing is typed in vain"
