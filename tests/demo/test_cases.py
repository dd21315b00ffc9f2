"""Cases in the portal: made, counted, found, reported; and never another organization's."""

import csv
import io
import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from idp.operations import members
from idp.store import organizations
from relying_party_demo.moments import spoken_day
from tests.demo.test_administration import come_in
from tests.support.stories import sign_in
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


def test_signed_out_meanwhile_a_form_is_done_once_more_and_leads_back(world, portal, daisy):
    daisy.open(f"{portal}/preferences")
    world_cookies = daisy.http.cookies
    for name in [name for name in daisy.cookies if name.startswith("portal_")]:
        world_cookies.set(name, None)
    daisy.press("SAVE")
    assert (
        daisy.heading == "PREFERENCES"
        and "You were signed out. Nothing was changed, and what you typed is still here."
        in daisy.page.text
    )


def test_a_case_that_was_being_typed_when_the_session_ended_is_still_there(world, portal, daisy):
    daisy.open(f"{portal}/cases/new")
    for label, value in (("CONSUMER NAME *", "Wren Halloran"), ("CONSUMER ID *", "LM-77")):
        daisy.fill(label, value)
    for name in [name for name in daisy.cookies if name.startswith("portal_")]:
        daisy.http.cookies.set(name, None)
    daisy.press("KEEP AS DRAFT")
    assert (
        daisy.heading == "CREATE CASE" and daisy.page.fields["consumer_name"] == "Wren Halloran"
    ), "behind the sign-in, nothing is typed twice"
    daisy.press("KEEP AS DRAFT")
    assert "Wren Halloran was saved as a draft at Lakeside Clinic." in daisy.page.text
    assert daisy.open(f"{portal}/cases/new").page.fields["consumer_name"] == "", (
        "and once it is kept, the form is empty again"
    )


def test_who_has_to_sign_in_again_reads_that_nothing_is_lost(world, portal, daisy):
    daisy.open(f"{portal}/cases/new").fill("CONSUMER NAME *", "Wren Halloran")
    for name in list(daisy.cookies):  # both sessions have ended
        daisy.http.cookies.set(name, None)
    daisy.press("KEEP AS DRAFT")
    assert daisy.heading == "LOGIN OPTIONS"
    assert (
        "To continue with what you typed, choose how to sign in to Atrezzo portal."
        in daisy.page.text
    )


def test_a_form_waits_whichever_way_its_person_comes_back(world, portal, daisy):
    """Back on the sign-in page leads to the form's address, and not to the one that shows what was
    kept."""
    daisy.open(f"{portal}/cases/new").fill("CONSUMER NAME *", "Wren Halloran")
    for name in list(daisy.cookies):
        daisy.http.cookies.set(name, None)
    daisy.press("KEEP AS DRAFT")
    daisy.open(f"{portal}/cases/new")
    sign_in(world, daisy)
    assert (
        daisy.page.fields["consumer_name"] == "Wren Halloran"
        and "what you typed is still here" in daisy.page.text
    )
    assert daisy.open(f"{portal}/cases/new").page.fields["consumer_name"] == "", "once"


def test_two_forms_in_two_tabs_both_wait(world, portal, daisy):
    first, second = f"{portal}/cases/new", f"{portal}/setup/new"
    daisy.open(first).fill("CONSUMER NAME *", "Wren Halloran")
    form = daisy.page.forms[-1].fields | {"consumer_name": "Wren Halloran", "press": "draft"}
    daisy.typed.clear()
    daisy.open(second).fill("USER NAME *", "whalloran2026")
    for name in list(daisy.cookies):
        daisy.http.cookies.set(name, None)
    daisy.press("SEND INVITATION")
    invited = daisy.url
    daisy._go("post", first, data=form)
    sign_in(world, daisy)
    assert daisy.page.fields["consumer_name"] == "Wren Halloran", "each sign-in leads to its page"
    daisy.open(second)
    assert daisy.page.fields["username"] == "whalloran2026" and invited


def test_a_choice_that_was_lost_is_promised_nothing_and_haunts_no_page(world, portal, daisy):
    daisy.open(f"{portal}/cases?state=work_in_progress")
    for name in list(daisy.cookies):
        daisy.http.cookies.set(name, None)
    daisy.fill("Contract", "Larkspur Medicaid").press("SHOW")
    sign_in(world, daisy)
    assert "what you typed" not in daisy.page.text
    daisy.open(f"{portal}/cases?state=work_in_progress")
    assert "kept" not in daisy.url and daisy.open(daisy.url).url.endswith("work_in_progress")


def test_what_is_not_there_is_not_promised(world, portal, daisy):
    daisy.open(f"{portal}/cases/new").fill("CONSUMER NAME *", "Wren Halloran")
    for name in list(daisy.cookies):
        daisy.http.cookies.set(name, None)
    daisy.press("KEEP AS DRAFT")
    sign_in(world, daisy.open(portal))
    assert daisy.heading == "HOME" and "what you typed" not in daisy.page.text
    assert daisy.open(f"{portal}/cases/new").page.fields["consumer_name"] == "Wren Halloran", (
        "it waits where it was typed"
    )


def test_a_rejected_form_is_harmless_to_reload(portal, daisy):
    daisy.open(f"{portal}/cases/new").fill("CONSUMER NAME *", "Wren Halloran").press("SUBMIT")
    assert (
        daisy.status == 422 and daisy.trail[-2][0] == 302 and daisy.page.title.startswith("Error:")
    )
    daisy.open(daisy.url)
    assert daisy.status == 422 and daisy.page.fields["consumer_name"] == "Wren Halloran"


def test_a_page_that_is_not_there_keeps_the_navigation(portal, daisy):
    assert daisy.open(f"{portal}/nowhere").status == 404 and "CASES" in daisy.page.links


def test_a_case_that_was_not_right_is_no_beginning_of_the_next_one(world, portal, daisy):
    daisy.open(f"{portal}/cases/new").fill("CONSUMER NAME *", "Ann Lee").press("SUBMIT")
    assert daisy.status == 422 and daisy.page.fields["consumer_name"] == "Ann Lee"
    assert daisy.open(daisy.url).page.fields["consumer_name"] == "Ann Lee", "Reload shows it again"
    daisy.open(portal).follow("CREATE CASE")
    assert daisy.status == 200 and daisy.page.fields["consumer_name"] == "", (
        "another patient's form is empty"
    )


def test_the_day_of_a_case_is_that_of_the_reader_or_of_the_clinics(portal, daisy):
    """At a quarter to six in the evening in Denver it is tomorrow in UTC already."""
    make(daisy, portal, "KEEP AS DRAFT")
    assert daisy.url.endswith("/cases?state=work_in_progress"), "where the draft is listed"
    at = re.search(r'<time datetime="([^"]+)" data-day>([^<]+)</time>', daisy.page.html)
    moment = datetime.fromisoformat(at[1])
    assert moment.tzinfo is not None, "a script shows it in the zone of the reader"
    there = moment.astimezone(ZoneInfo("America/Denver"))
    assert at[2] == f"{there:%b} {there.day}, {there.year}"
    assert spoken_day("2026-11-28T00:45:00Z").endswith(">Nov 27, 2026</time>")


def test_the_number_of_messages_is_the_same_on_every_page(world, portal, daisy):
    with world.inside():
        members.set_role(
            world.time.now,
            "test",
            world.account("oreyes2021"),
            organizations.by_identifier("1234567893"),
            "user",
        )
    world.tidy()

    def badge(path):
        found = re.search(
            r'class="badge"><span class="away">new: </span>([0-9]+)<',
            daisy.open(portal + path).page.html,
        )
        return found[1] if found else "0"

    counts = {
        path: badge(path)
        for path in ("/cases", "/setup", "/reports", "/", "/messages", "/consumers")
    }
    assert len(set(counts.values())) == 1, counts
