"""Profiles of registration: the plain one asks for name and email address, and knows no NPI, fax or
clinic."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

import idp
from idp.operations import OperatorError, organizations
from idp.profiles import PLAIN, PROFILES, US_HEALTHCARE
from idp.settings import Settings, faults
from idp.store import accounts, profiles
from tests.support.person import Person
from tests.support.registering import enrol

MIRA = {
    "USERNAME *": "mvale2026",
    "FIRST NAME *": "Mira",
    "LAST NAME *": "Vale",
    "EMAIL *": "mira@acme.example",
    "CONFIRM EMAIL *": "mira@acme.example",
}
OF_HEALTH_CARE = re.compile(r"\b(NPI|fax|clinic|patient|provider organization)", re.IGNORECASE)
plain = pytest.mark.settings(registration_profile="plain")


def made(world, *about: str) -> tuple[str, str]:
    """A plain organization: its id and its registration code."""
    with world.inside():
        return organizations.add(world.time.now, "test", PLAIN, *about)


@plain
@pytest.mark.parametrize("identifier", ["", "DE 811 907 980"])
def test_a_plain_deployment_asks_for_name_and_email(world, client, person, identifier):
    made_id, code = made(world, identifier, "Acme Tools")
    client.sends(person).press("register here")
    assert "NPI" not in person.page.text
    person.fill("REGISTRATION CODE *", "GUES-SING-TODA-Y234").press("NEXT")
    assert "That registration code is not right" in person.page.errors[0]
    person.fill("REGISTRATION CODE *", code.lower()).press("NEXT")
    assert "Acme Tools" in person.page.text and not OF_HEALTH_CARE.search(person.page.text)
    for label, value in MIRA.items():
        person.fill(label, value)
    person.press("NEXT").open(world.newest_link()).press("Continue")
    enrol(world, person)
    told = client.userinfo(client.tokens(person)["access_token"]).json()["organizations"]
    known = {"identifier": identifier} if identifier else {}
    assert told == [{"id": made_id, **known, "name": "Acme Tools", "roles": ["administrator"]}]
    with world.inside():
        assert profiles.of(accounts.by_username("mvale2026").id) == {}


@plain
def test_the_code_alone_names_the_organization_while_it_works(world, client, person):
    made(world, "", "First")
    with world.inside():
        second, _ = organizations.add(world.time.now, "test", PLAIN, "", "Second")
        code, code_id = organizations.add_code(world.time.now, "test", second, uses=1)
    client.sends(person).press("register here").fill("REGISTRATION CODE *", code).press("NEXT")
    assert "Second" in person.page.text
    with world.inside():
        organizations.end_code(world.time.now, "test", organizations.found(second), code_id)
    late = Person(world.issuer)
    client.sends(late).press("register here").fill("REGISTRATION CODE *", code).press("NEXT")
    assert late.page.errors and late.heading == "Create a New Account - Specify Your Organization"


@plain
def test_guesses_at_codes_wait(world, client, person):
    client.sends(person).press("register here")
    for _ in range(21):  # an office is one network, so this is as for a whole one
        person.fill("REGISTRATION CODE *", "GUES-SING-TODA-Y234").press("NEXT")
    assert "Too many wrong codes were entered." in " ".join(person.page.notices)


def test_an_organization_is_named_as_its_profile_wants(world):
    now = world.time.now
    with world.inside():
        for given in ("", "1234567890", "Acme"):
            with pytest.raises(OperatorError, match="is not a valid NPI; an NPI has 10 digits"):
                organizations.add(now, "test", US_HEALTHCARE, given, "X")
        with pytest.raises(OperatorError, match="already belongs"):
            organizations.add(now, "test", US_HEALTHCARE, "1234 567 893", "X")
        made_id, _ = organizations.add(now, "test", PLAIN, " VAT 12 ", "Acme")
        assert organizations.found("VAT 12").id == organizations.found(made_id).id == made_id
        with pytest.raises(OperatorError, match="already belongs"):
            organizations.add(now, "test", PLAIN, "VAT 12", "X")


def test_a_profile_that_is_not_known_keeps_a_deployment_from_starting(world):
    wrong = replace(world.settings, registration_profile="hotels")
    assert any("registration_profile" in fault.key for fault in faults(wrong))
    assert Settings().registration is PLAIN and set(PROFILES) == {"plain", "us-healthcare"}


def test_only_the_profile_knows_health_care():
    """What a deployment of one's own is made of says nothing of clinics: code, templates, texts."""
    root = Path(idp.__file__).parent
    said = [path for kind in ("*.py", "*.html", "*.txt") for path in root.rglob(kind)]
    knowing = {
        path.relative_to(root).as_posix()
        for path in said
        if re.search(r"\b(npi|fax|clinic|clinics)\b", path.read_text("utf-8"), re.IGNORECASE)
    }
    assert {name for name in knowing if not name.startswith("store/migrations/")} == {
        "profiles/us_healthcare.py",
        "settings/keys.py",  # says what the setting that names it stands for
        "web/gallery/samples.py",  # fills in its form
        # the old name, until the next release
        "web/api/organization_shapes.py",
        "cli/accounts.py",
    }
