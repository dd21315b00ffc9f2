"""Counters know who asks: strangers close nothing to someone in a browser of their own, and guess
no more than they may."""

import pytest
import requests

from idp.factors.password import Password
from idp.settings import Limits, Server
from idp.store import audit, tries
from idp.store.tries import Asker
from tests.support.person import Person
from tests.support.registering import give_code
from tests.support.stories import sign_in, to_code_page
from tests.support.world import DAISY, DAISY_PASSWORD, OMAR, OMAR_PASSWORD

pytestmark = pytest.mark.settings(server=Server(proxy_hops=1))


def somebody(world, network: int = 0) -> Person:
    """A browser in a network of its own."""
    person = Person(world.issuer)
    person.http.headers["X-Forwarded-For"] = f"203.0.113.{network}"
    return person


def guess(
    world, client, stranger: Person, email: str = OMAR, password: str = "wrong-guess"
) -> Person:
    return to_code_page(client.sends(stranger), email, password)


def test_a_wrong_password_every_five_minutes_keeps_nobody_out_of_their_own_browser(world, client):
    own = sign_in(world, client.sends(somebody(world, 1)), OMAR, OMAR_PASSWORD)
    stranger = somebody(world, 2)
    for _ in range(30):
        guess(world, client, stranger)
        world.time.passes(minutes=5)
    guess(world, client, stranger)
    for button in ("LOGIN WITH EMAIL", "LOGIN WITH PHONE"):
        client.sends(own, prompt="login").press(button).fill("Email Address", OMAR).fill(
            "Password", OMAR_PASSWORD
        ).press("Sign in")
        assert not own.page.errors, own.page.errors
        own.press("Cancel")


def test_the_same_network_as_the_stranger_is_no_fault_of_the_owners(world, client):
    own = sign_in(world, client.sends(somebody(world, 1)), OMAR, OMAR_PASSWORD)
    stranger = somebody(world, 1)
    for _ in range(12):
        guess(world, client, stranger)
    assert "Too many wrong passwords" in stranger.page.text
    client.sends(own, prompt="login")
    assert to_code_page(own, OMAR, OMAR_PASSWORD).heading == "Verification is necessary"


def test_another_network_is_not_slowed_by_the_first(world, client):
    for _ in range(8):
        guess(world, client, somebody(world, 2))
    assert not guess(world, client, somebody(world, 3), OMAR, OMAR_PASSWORD).page.errors


def test_a_hundred_guesses_from_fifty_networks_end_it_for_strangers_and_the_owner_is_told_once(
    world, client
):
    own = sign_in(world, client.sends(somebody(world, 200)), OMAR, OMAR_PASSWORD)
    for turn in range(3):
        for network in range(50):
            guess(world, client, somebody(world, network))
        world.time.passes(minutes=10 * turn)
    with world.inside():
        omar = world.account("oreyes2021")
        wrong = [
            row
            for row in audit.listed()
            if row.action == "password_wrong" and row.target == omar.id
        ]
    assert len(wrong) == 100, "no more than a hundred were looked at"
    assert (
        "a browser you have used here before"
        in guess(world, client, somebody(world, 77), OMAR, OMAR_PASSWORD).page.text
    )
    told = [mail for mail in world.mails_to(OMAR) if "tried to sign in" in (mail.subject or "")]
    assert len(told) == 1 and "no one was signed in" in told[0].text.lower()
    client.sends(own, prompt="login")
    assert to_code_page(own, OMAR, OMAR_PASSWORD).heading == "Verification is necessary"


def test_a_name_that_nobody_has_is_closed_in_the_same_way(world, client):
    pages = []
    for email in (OMAR, "nobody@lakeside.example"):
        for _ in range(21):
            for network in range(5):
                stranger = guess(world, client, somebody(world, network), email)
            world.time.passes(minutes=6)
        pages.append((stranger.status, stranger.page.errors))
    assert pages[0] == pages[1] and "Too many wrong passwords" in pages[0][1][0]


def test_one_network_that_tries_everybody_is_stopped_and_known_browsers_in_it_are_not(
    request, tmp_path, time
):
    from tests.conftest import a_world

    for world in a_world(
        "sqlite",
        request,
        tmp_path,
        time,
        server=Server(proxy_hops=1),
        limits=Limits(network_passwords=20),
    ):
        from tests.support.client import Client

        client = Client(world.issuer, world.add_client())
        own = sign_in(world, client.sends(somebody(world, 1)), OMAR, OMAR_PASSWORD)
        for n in range(20):
            assert (
                "Too many"
                not in guess(
                    world, client, somebody(world, 1), f"person{n}@lakeside.example"
                ).page.text
            )
        assert (
            "from your network"
            in guess(world, client, somebody(world, 1), DAISY, DAISY_PASSWORD).page.text
        )
        assert not guess(world, client, somebody(world, 2), DAISY, DAISY_PASSWORD).page.errors
        client.sends(own, prompt="login")
        assert not to_code_page(own, OMAR, OMAR_PASSWORD).page.errors


def test_wrong_codes_of_a_stranger_with_the_password_do_not_close_the_owners_way(world, client):
    own = sign_in(world, client.sends(somebody(world, 1)), OMAR, OMAR_PASSWORD)
    stranger = to_code_page(client.sends(somebody(world, 2)), OMAR, OMAR_PASSWORD)
    for _ in range(2):
        world.time.passes(minutes=1)
        stranger.press(
            "Send verification code"
            if "Send verification code" in stranger.buttons
            else "Send new code"
        )
        wrong = f"{(int(world.newest_code()) + 1) % 1_000_000:06d}"
        for _ in range(5):
            stranger.fill("Verification Code", wrong).press("Verify code")
    stranger.open(stranger.url)
    assert "stopped" in stranger.url
    world.time.passes(minutes=1)
    client.sends(own, prompt="login")
    assert sign_in(world, own, OMAR, OMAR_PASSWORD).left_for


def test_wrong_codes_for_a_public_npi_close_the_clinic_to_the_guesser_alone(world, client):
    code = give_code(world)
    stranger = client.sends(somebody(world, 2)).press("register here")
    for n in range(30):
        stranger.fill("NPI *", "1234567893").fill(
            "PROVIDER REGISTRATION CODE *", f"GUESS-{n}"
        ).press("NEXT")
    assert "Try again in" in stranger.page.text
    person = client.sends(somebody(world, 3)).press("register here")
    person.fill("NPI *", "1234567893").fill("PROVIDER REGISTRATION CODE *", code).press("NEXT")
    assert "User Information" in person.heading


def test_texts_for_nothing_from_one_network_stop_nobody_elsewhere(world, client):
    interaction = client.sends(somebody(world, 9)).url.split("/")[-2]
    with world.inside():
        from idp.store import codes

        visit = world.app.extensions["stagedoor"].visits
        network = visit._network("203.0.113.9")
        for n in range(30):
            codes.add(
                f"c{n}",
                interaction,
                f"somebody{n}",
                "sms_code",
                f"+1720444{n:04d}",
                "",
                world.time.now - 1200,
                ["none"],
                network,
            )
    held = (
        client.sends(somebody(world, 9))
        .press("LOGIN WITH PHONE")
        .fill("Email Address", DAISY)
        .fill("Password", DAISY_PASSWORD)
        .press("Sign in")
    )
    assert "cannot send texts or calls right now" in held.press("Send Code").page.text
    free = (
        client.sends(somebody(world, 10))
        .press("LOGIN WITH PHONE")
        .fill("Email Address", DAISY)
        .fill("Password", DAISY_PASSWORD)
        .press("Sign in")
    )
    assert not free.press("Send Code").page.errors


def test_what_is_counted_is_a_fingerprint_and_no_address(world, client):
    guess(world, client, somebody(world, 42))
    with world.inside():
        from idp.store.database import rows

        kept = [row.asker for row in rows(tries.TRIES.select(), tries.Try)]
    assert kept and not any("203.0.113" in one for one in kept)
    assert requests.get(f"{world.issuer}/healthz", timeout=5).status_code == 200


@pytest.mark.parametrize("networks", [1, 50])
def test_a_day_of_guesses_at_everybody_keeps_nobody_out_who_is_known_here(world, networks):
    """A stranger knows every address and tries each of them every ten minutes, from one network or
    from fifty."""
    factor = Password(world.settings, world.app.extensions["stagedoor"].vault)
    looked_at = dict.fromkeys(("ddunn2020", "oreyes2021", "nquist2018"), 0)
    strangers = [Asker(f"network:{n}", False, str(n)) for n in range(networks)]
    for _ in range(6 * 24):
        world.time.passes(minutes=10)
        with world.inside():
            people = {username: world.account(username).id for username in looked_at}
            for username, account_id in people.items():
                looked_at[username] += sum(
                    isinstance(factor.begin(account_id, world.time.now, one), int)
                    for one in strangers
                )
            for username, account_id in people.items():
                own = factor.begin(
                    account_id, world.time.now, Asker(f"device:{username}", True, "0")
                )
                assert isinstance(own, int), f"{username} waits, in a browser of their own"
                tries.succeed(own)
    assert all(0 < number <= 100 for number in looked_at.values()), looked_at


def forgot(person: Person, client, email: str) -> Person:
    client.sends(person).press("LOGIN WITH EMAIL").press("Forgot your password?")
    return person.fill("Email Address", email).press("Send verification code")


def test_codes_to_recover_that_strangers_ask_for_are_not_counted_to_the_owner(world, client):
    own = sign_in(world, client.sends(somebody(world, 1)), OMAR, OMAR_PASSWORD)
    for _ in range(12):
        stranger = forgot(somebody(world, 2), client, OMAR)
        world.deliver()
        world.time.passes(seconds=31)
    assert stranger.page.notices, "strangers wait"
    before = len(world.mails_to(OMAR))
    client.sends(own, prompt="login").press("LOGIN WITH EMAIL").press("Forgot your password?")
    own.fill("Email Address", OMAR).press("Send verification code")
    assert own.heading == "The code is on its way" and not own.page.notices
    own.fill("Verification Code", world.newest_code()).press("Verify code")
    assert own.page.title.startswith("Address verified") and len(world.mails_to(OMAR)) == before + 1


def asked_to_reset(person: Person, world, client, username: str) -> Person:
    person.http.post(
        f"{world.issuer}/begin/reset", data={"client": client.id}, allow_redirects=False
    )
    return client.sends(person, prompt="login").fill("USERNAME *", username).press("SUBMIT")


def test_links_that_strangers_ask_for_are_not_counted_to_the_owner(world, client):
    own = sign_in(world, client.sends(somebody(world, 1)), OMAR, OMAR_PASSWORD)
    for _ in range(12):
        asked_to_reset(somebody(world, 2), world, client, "oreyes2021")
        world.time.passes(seconds=31)
    before = len(world.mails_to(OMAR))
    asked_to_reset(somebody(world, 2), world, client, "oreyes2021")
    assert len(world.mails_to(OMAR)) == before, "strangers wait"
    asked_to_reset(own, world, client, "oreyes2021")
    assert len(world.mails_to(OMAR)) == before + 1
