"""Forms of cases that wait for their person, and what belongs to no case."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from idp.operations import members
from idp.store import organizations
from relying_party_demo.moments import spoken_day
from tests.demo.test_cases import daisy as daisy  # noqa: PLC0414  # a fixture
from tests.demo.test_cases import make
from tests.support.stories import sign_in


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
