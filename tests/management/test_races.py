"""Races: acts against the loss of the role that allows them, and a reset against everything that
its owner does meanwhile."""

import threading

import pytest

from idp.operations import accounts, members, resets
from idp.store import audit
from idp.store import organizations as rows
from tests.support.client import Client
from tests.support.management import by_phone, desk, key
from tests.support.person import Person
from tests.support.registering import enrol, to_method
from tests.support.stories import sign_in
from tests.support.world import OMAR, OMAR_PASSWORD

THREADS = 32


def race(*acts) -> list:
    """All at once; what each answered."""
    start, answers = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number, act):
        start.wait()
        answers[number] = act()

    threads = [threading.Thread(target=run, args=(number, act)) for number, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


def test_acts_and_the_removal_of_the_role(either_world):
    """Each act is done wholly before her role is gone, or not at all."""
    world = either_world
    _, daisy = by_phone(world, desk(world))
    priya, lakeside = daisy.user("pnair2019"), daisy.organization("Lakeside Clinic")
    path = f"/organizations/{lakeside['id']}/registration-codes"

    def removed():
        threading.Event().wait(0.1)  # some are through by then
        with world.inside():
            members.set_role(
                world.time.now,
                "test",
                world.account("ddunn2020"),
                rows.by_identifier("1234567893"),
                "user",
            )

    answers = race(removed, *[lambda: daisy("POST", path, {}) for _ in range(THREADS - 1)])[1:]
    assert {answer.status_code for answer in answers} <= {201, 403}
    with world.inside():
        trail = [
            row.action
            for row in audit.listed()
            if row.action in ("registration_code_added", "member_role_changed")
            and row.at >= world.time.now
        ]
        made = sum(answer.status_code == 201 for answer in answers)
        assert trail.count("registration_code_added") == made
        assert trail[-1] == "member_role_changed", "nothing was done after it"
    assert daisy("GET", f"/users/{priya['id']}").status_code == 404


def test_one_key_is_one_invitation_however_many_ask_at_once(either_world):
    world = either_world
    _, daisy = by_phone(world, desk(world))
    lakeside, once = daisy.organization("Lakeside Clinic"), key()
    order = {
        "username": "lortiz",
        "email": "lena@lakeside.example",
        "given_name": "Lena",
        "family_name": "Ortiz",
        "organization_id": lakeside["id"],
    }
    answers = race(
        *[lambda: daisy("POST", "/users", order, Idempotency_Key=once) for _ in range(THREADS)]
    )
    assert {answer.status_code for answer in answers} == {201} and len(
        {answer.text for answer in answers}
    ) == 1
    assert len(world.mails_to("lena@lakeside.example")) == 1


def test_of_two_who_correct_an_address_one_has_not_seen_it(either_world):
    world = either_world
    _, daisy = by_phone(world, desk(world))
    path = f"/users/{daisy.user('pnair2019')['id']}"
    etag = daisy("GET", path).headers["ETag"]
    answers = race(
        *[
            lambda n=n: daisy(
                "PATCH", path, {"contact_email": f"priya{n}@new.example"}, If_Match=etag
            )
            for n in range(THREADS)
        ]
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * (THREADS - 1)


@pytest.mark.parametrize(
    "rival", ["refresh", "sign in again", "register anew", "remember", "reset twice"]
)
def test_a_reset_and_what_its_owner_does_meanwhile(either_world, rival):
    """Whichever comes first: the old session, refresh token and remembered browser are dead
    afterwards."""
    world = either_world
    client = Client(world.issuer, world.add_client())
    browser = client.sends(Person(world.issuer)).tick("Remember Me")
    tokens = client.tokens(sign_in(world, browser, OMAR, OMAR_PASSWORD))
    kept: list = [tokens["refresh_token"]]

    def reset():
        with world.inside():
            try:
                resets.reset(world.time.now, "test", *world.desk, "oreyes2021")
            except Exception as error:
                return error

    def refresh():
        answer = client.refresh(tokens["refresh_token"]).json()
        kept.append(answer.get("refresh_token", "none"))

    def once_more():
        client.sends(browser, prompt="none")
        if "code" in browser.left_for:
            other = Client(world.issuer, client.registration)
            other.verifier = client.verifier
            kept.append(
                other.redeem(client.answer(browser)["code"]).json().get("refresh_token", "none")
            )

    def registers():
        enrol(
            world,
            to_method(client.sends(Person(world.issuer)), "oreyes2021", OMAR_PASSWORD),
            "EMAIL",
        )

    acts = {
        "refresh": refresh,
        "sign in again": once_more,
        "remember": lambda: browser.open(client.address()),
        "reset twice": reset,
    }
    if rival == "register anew":
        reset()
        world.time.passes(seconds=2)  # codes of the same second would be told apart by nothing else
        registers()
        reset()
    else:
        race(reset, *[acts[rival]] * (1 if rival in ("sign in again", "remember") else 8))
    for token in kept:
        assert client.refresh(token).status_code == 400
    assert client.userinfo(tokens["access_token"]).status_code == 401
    client.sends(browser, prompt="none")
    assert client.answer(browser)["error"] == "login_required"
    client.sends(browser)
    if browser.heading == "LOGIN OPTIONS":
        assert browser.press("LOGIN WITH EMAIL").heading == "Sign in with your email address", (
            "no browser is remembered"
        )
    with world.inside():
        assert world.account("oreyes2021").sign_in_address is None


def test_everything_ends_at_once_for_a_switched_off_administrator(either_world):
    world = either_world
    _, daisy = by_phone(world, desk(world))
    omar = daisy.user("oreyes2021")

    def off():
        with world.inside():
            accounts.disable(world.time.now, "test", "ddunn2020")

    answers = race(
        off,
        *[
            lambda: daisy("DELETE", f"/users/{omar['id']}/trusted-devices")
            for _ in range(THREADS - 1)
        ],
    )[1:]
    assert {answer.status_code for answer in answers} <= {204, 401}
    assert daisy("GET", "/users").status_code == 401
