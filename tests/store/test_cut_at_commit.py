"""The database is lost at a COMMIT, before or after it has kept what was written: people try again
and arrive, and nothing happens twice."""

import pytest
from sqlalchemy import text

from idp.store import audit
from idp.store.database import scalar
from tests.conftest import a_world
from tests.support.client import Client
from tests.support.cutting import Cutting
from tests.support.person import Person
from tests.support.stories import signed_in, to_code_page
from tests.support.world import DAISY_PASSWORD


@pytest.fixture(params=["before", "after"])
def cut(request, tmp_path, time, postgres):
    """A world whose way to the database can be cut."""
    cutting = Cutting(postgres.port)
    cutting.before = request.param == "before"
    for world in a_world("postgresql", request, tmp_path, time, cutting.port):
        yield world, cutting
    cutting.stop()


def client_of(world) -> Client:
    return Client(world.issuer, world.add_client(start_url="http://localhost:1/login"))


def events(world, action: str) -> int:
    with world.inside():
        return len([row for row in audit.listed() if row.action == action])


@pytest.mark.parametrize(
    ("step", "commit"),
    [("sign-in", 0), ("sign-in", 1), ("send", 0), ("verify", 0), ("verify", 1), ("continue", 0)],
)
def test_a_sign_in_goes_on_where_a_commit_was_cut(cut, step, commit):
    world, cutting = cut
    client, person = client_of(world), Person(world.issuer)

    def press(name: str, button: str) -> None:
        if name == step:
            cutting.at = commit
        person.press(button)
        cutting.at = None  # this step has fewer
        if person.status == 503:
            assert (
                person.response.headers["Retry-After"]
                and person.heading == "We are very busy right now"
            )
            person.open(here)
            if button in person.buttons:
                if name == "sign-in":
                    person.fill("Email Address", "daisy.dunn@lakeside.example").fill(
                        "Password", DAISY_PASSWORD
                    )
                if name == "verify":
                    person.fill("Verification Code", world.newest_code())
                person.press(button)
        assert person.status in (200, 303, 422), (person.status, person.heading)

    client.sends(person).press("LOGIN WITH EMAIL")
    here = person.url
    person.fill("Email Address", "daisy.dunn@lakeside.example").fill("Password", DAISY_PASSWORD)
    press("sign-in", "Sign in")
    here = person.url
    if person.buttons.count("Send verification code"):
        press("send", "Send verification code")
    here = person.url
    person.fill("Verification Code", world.newest_code())
    press("verify", "Verify code")
    here = person.url
    press("continue", "Continue")
    assert client.tokens(person)["access_token"]
    assert len([message for message in world.messages() if message.code]) <= 2
    assert (cutting.cuts, events(world, "sign_in")) == (1, 1)
    with world.inside():
        assert (
            scalar(
                text(
                    "SELECT count(*) FROM authorization_codes WHERE redeemed_at IS NULL "
                    "AND void_at IS NULL"
                )
            )
            == 0
        )


def test_a_refresh_whose_commit_was_cut_is_asked_again(cut):
    world, cutting = cut
    client = client_of(world)
    _, tokens = signed_in(world, client)
    cutting.at = 0
    first = client.refresh(tokens["refresh_token"])
    assert cutting.cuts == 1 and (first.status_code, "Retry-After" in first.headers) == (503, True)
    again = client.refresh(tokens["refresh_token"])
    assert (
        again.status_code == 200
        and client.refresh(again.json()["refresh_token"]).status_code == 200
    )


def test_a_code_whose_commit_was_cut_is_redeemed_once_at_most(cut):
    world, cutting = cut
    client, person = client_of(world), Person(world.issuer)
    to_code_page(client.sends(person)).press("Send verification code")
    person.fill("Verification Code", world.newest_code()).press("Verify code").press("Continue")
    code = client.answer(person)["code"]
    cutting.at = 0
    first = client.redeem(code)
    assert first.status_code == 503 and cutting.cuts == 1
    assert client.redeem(code).status_code == (200 if cutting.before else 400)
    assert client.redeem(code).status_code == 400
