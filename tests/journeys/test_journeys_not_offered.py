"""A deployment in which no one registers or recovers by themselves offers it nowhere: not as words,
not to a form that asks for it anyway, not by address."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from idp.brand import JOURNEYS, load_brand
from tests.conftest import a_world
from tests.support.client import Client
from tests.support.company import company_settings
from tests.support.person import Person
from tests.support.world import DEMO_BRANDS, World, demo_brand

COMPANY = Path(DEMO_BRANDS).parent / "company-brand.toml"
OFFERED = {
    "register": "register here",
    "enrol": "click here",
    "recover": "Forgot your password?",
}


@pytest.fixture
def bare(request, tmp_path, time):
    """A deployment whose brand has the help alone."""
    look = replace(demo_brand("kepro"), journeys=("help",))
    yield from a_world("sqlite", request, tmp_path, time, look=look, looks={"kepro": look})


@pytest.fixture
def company(request, tmp_path, time, filled_sqlite):
    """The company of the demo, with its own look."""
    shutil.copy(filled_sqlite, tmp_path / "company.sqlite")
    wanted, look = company_settings(1, tmp_path), load_brand(str(COMPANY))
    own = {"sign_in": wanted.sign_in, "brand": look.id, "look": look, "looks": {look.id: look}}
    yield from a_world("sqlite", request, tmp_path, time, **own)


def at(world: World) -> tuple[Client, Person]:
    client = Client(world.issuer, world.add_client(start_url="http://localhost:1/login"))
    return client, client.sends(Person(world.issuer))


def offers(person: Person, words: str) -> bool:
    return words in person.buttons or words in person.page.links or words in person.page.text


def test_the_login_options_and_the_sign_in_page_offer_none(bare):
    _, person = at(bare)
    for heading in ("LOGIN OPTIONS", "Sign in with your email address"):
        assert person.heading == heading
        assert not [words for words in OFFERED.values() if offers(person, words)], heading
        if heading == "LOGIN OPTIONS":
            assert "Click here" in person.buttons, "the help, which is offered"
            person.press("LOGIN WITH EMAIL")


def test_a_form_that_asks_for_one_anyway_stays_where_it_is(bare):
    _, person = at(bare)
    page = person.url
    for journey in (*OFFERED, "reset", "forgot", "complete"):
        person.press("LOGIN WITH EMAIL", journey=journey)
        assert person.heading == "Sign in with your email address", journey
        person.press("Cancel")
        assert person.open(page).heading == "LOGIN OPTIONS"


@pytest.mark.parametrize("journey", JOURNEYS)
def test_by_address_the_help_alone_begins(bare, journey):
    client, _ = at(bare)
    for form in ({}, {"client": client.id}):
        answer = requests.post(
            f"{bare.issuer}/begin/{journey}", data=form, timeout=30, allow_redirects=False
        )
        assert answer.status_code == (303 if journey == "help" else 404), form
        assert bool(answer.cookies) == (journey == "help")


def test_where_they_are_offered_they_begin(world, client):
    """So that the 404 above is no answer to everybody."""
    for journey in JOURNEYS:
        answer = requests.post(
            f"{world.issuer}/begin/{journey}",
            data={"client": client.id},
            timeout=30,
            allow_redirects=False,
        )
        assert answer.status_code == 303, journey
    person = client.sends(Person(world.issuer))
    assert offers(person, "register here") and offers(person, "click here")
    assert offers(person.press("LOGIN WITH EMAIL"), "Forgot your password?")


def test_the_help_does_not_send_people_to_what_is_not_there(bare):
    _, person = at(bare)
    assert person.press("Click here").status == 200
    assert not [words for words in OFFERED.values() if offers(person, words)]


@pytest.mark.parametrize("journey", ["register", "enrol"])
def test_the_company_of_the_demo_makes_its_accounts_itself(company, journey):
    assert journey not in company.settings.look.journeys
    _, person = at(company)
    assert person.heading == "Sign in with your email address" and "Password" in person.page.labels
    assert "Atrezzo Health Services" in person.page.text
    assert not offers(person, OFFERED[journey])
    answer = requests.post(f"{company.issuer}/begin/{journey}", timeout=30, allow_redirects=False)
    assert answer.status_code == 404
