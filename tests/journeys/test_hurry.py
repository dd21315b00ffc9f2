"""What goes wrong when people hurry, share computers, or mean harm: each has gone wrong once."""

import socket
import threading
import time as real_time
from concurrent.futures import ThreadPoolExecutor

import requests

from idp.operations import accounts
from idp.store import audit, codes, tries
from tests.support.client import Client
from tests.support.person import Person
from tests.support.stories import sign_in, signed_in, to_code_page
from tests.support.world import DAISY, STRANGER


def finished(world, person, client):
    """A person who has pressed Continue, and that last form."""
    to_code_page(client.sends(person)).press("Send verification code")
    person.fill("Verification Code", world.newest_code()).press("Verify code")
    url, form = person.url, dict(person.page.forms[-1].fields) | {"action": "continue"}
    person.press("Continue")
    return url, form


def test_the_last_form_sent_again_after_signing_out_gives_nothing(world, person, client):
    url, form = finished(world, person, client)
    person.open(f"{world.issuer}/logout").press("Sign out")
    person._go("post", url, data=form)
    assert person.heading == "You have already signed in"
    assert client.answer(client.sends(person, prompt="none"))["error"] == "login_required"


def test_the_last_form_sent_again_after_a_minute_gives_nothing(world, person, client):
    url, form = finished(world, person, client)
    world.time.passes(seconds=61)
    person._go("post", url, data=form)
    assert person.heading == "You have already signed in"


def test_a_double_click_does_not_prolong_the_session(world, person, client):
    url, form = finished(world, person, client)
    world.time.passes(seconds=50)
    person._go("post", url, data=form)
    assert client.tokens(person)
    world.time.passes(minutes=14.2)
    client.sends(person)
    assert person.heading == "LOGIN OPTIONS", "idle since it began, not since the second click"


def test_an_account_disabled_and_enabled_again_is_not_signed_in_by_an_old_form(
    world, person, client
):
    url, form = finished(world, person, client)
    with world.inside():
        accounts.disable(world.time.now, "test", "ddunn2020")
        accounts.enable(world.time.now, "test", "ddunn2020")
    person._go("post", url, data=form)
    assert person.heading == "You have already signed in"


def test_a_sign_in_left_for_ten_minutes_asks_again(world, person, client):
    to_code_page(client.sends(person)).press("Send verification code")
    person.fill("Verification Code", world.newest_code()).press("Verify code")
    world.time.passes(minutes=11)
    person.press("Continue")
    assert person.heading == "Sign in with your email address"
    assert "Email Address" in person.page.labels


def test_cancel_on_choose_account_shows_the_options_and_there_leads_back(world, client):
    person, _ = signed_in(world, client)
    client.sends(person, prompt="select_account").press("Cancel")
    assert person.heading == "LOGIN OPTIONS"
    person.press("Cancel")
    assert client.answer(person)["error"] == "access_denied"


def test_cancel_never_signs_anybody_in(world, person, client):
    client.sends(person).press("LOGIN WITH EMAIL")
    page, csrf = person.url, person.page.forms[0].fields["csrf"]
    other = Client(world.issuer, world.add_client("Second", "http://localhost:2/callback"))
    other.sends(person)
    sign_in(world, person)
    person._go("post", page, data={"csrf": csrf, "action": "cancel"})
    assert person.heading == "LOGIN OPTIONS"


def test_another_site_cannot_sign_anybody_out(world, client):
    person, _ = signed_in(world, client)
    session = {name: value for name, value in person.cookies.items() if name.endswith("session")}
    # a cross-site POST carries no Lax cookie
    cross_site = requests.post(f"{world.issuer}/logout", timeout=9, allow_redirects=False)
    assert cross_site.status_code == 303 and "Set-Cookie" not in cross_site.headers
    landed = requests.get(world.issuer + cross_site.headers["Location"], cookies=session, timeout=9)
    assert "Do you want to sign out?" in landed.text
    assert client.tokens(client.sends(person))


def test_one_slow_sender_holds_up_nobody(world, client):
    _, tokens = signed_in(world, client)
    port = int(world.issuer.rpartition(":")[2])
    for path in ("/token", "/revoke", "/flow/aaaaaaaaaaaaaaaaaaaaaa/options"):
        with socket.create_connection(("127.0.0.1", port), 5) as slow:
            head = (
                f"POST {path} HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Type: "
                "application/x-www-form-urlencoded\r\nContent-Length: 60\r\n\r\n"
            )
            slow.sendall(head.encode() + b"grant")
            real_time.sleep(0.1)
            tokens = client.refresh(tokens["refresh_token"]).json()
            assert "access_token" in tokens


def test_many_arrive_at_once_and_nobody_is_turned_away(either_world):
    world = either_world
    client = Client(world.issuer, world.add_client())
    stop, failed = threading.Event(), []

    def register() -> None:
        while not stop.is_set():
            world.add_client("More")
            real_time.sleep(0.02)

    def arrive(_: int) -> None:
        for _ in range(12):
            response = requests.get(client.address(), timeout=60, allow_redirects=False)
            if response.status_code != 303:
                failed.append(response.status_code)

    background = threading.Thread(target=register)
    background.start()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(arrive, range(8)))
    stop.set()
    background.join()
    assert failed == []


def test_the_limits_on_passwords_hold_when_many_try_at_once(either_world):
    world = either_world
    client = Client(world.issuer, world.add_client())
    people = [client.sends(Person(world.issuer)).press("LOGIN WITH EMAIL") for _ in range(12)]
    for person in people[:5]:
        person.fill("Email Address", DAISY).fill("Password", "wrong").press("Sign in")
    world.time.passes(seconds=6)
    with ThreadPoolExecutor(12) as pool:
        list(
            pool.map(
                lambda one: (
                    one.fill("Email Address", DAISY).fill("Password", "wrong").press("Sign in")
                ),
                people,
            )
        )
    with world.inside():
        daisy = accounts.found("ddunn2020")
        assert len(tries.wrong_in_a_row(daisy.id, "password", 99, STRANGER)) == 6, (
            "one of twelve was looked at"
        )


def test_the_limits_on_sending_hold_when_many_ask_at_once(either_world):
    world = either_world
    client = Client(world.issuer, world.add_client())
    people = [to_code_page(client.sends(Person(world.issuer))) for _ in range(12)]
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda one: one.press("Send verification code"), people))
    assert sorted(person.status for person in people) == [200] + [422] * 11
    with world.inside():
        daisy = accounts.found("ddunn2020")
        assert len(codes.unused_sends(daisy.id, DAISY, ["email_code"], 0.0)) == 1


def test_control_characters_harm_no_database(either_world):
    world = either_world
    client = Client(world.issuer, world.add_client())
    person = Person(world.issuer)
    assert client.answer(client.sends(person, nonce="a\x00b"))["error"] == "invalid_request"
    for path in ("/inbox/calls/%00", "/inbox/calls/%ED%A0%80"):
        answer = requests.post(
            world.issuer + path,
            data={"digits": "\x00#", "outcome": "\x00"},
            timeout=10,
            allow_redirects=False,
        )
        assert answer.status_code == 303, path
    for path in ("/token", "/introspect", "/revoke"):
        for field in ("token", "client_id", "scope", "client_assertion", "grant_type"):
            known = {
                "grant_type": "client_credentials",
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "token": "x",
            }
            answer = requests.post(
                world.issuer + path,
                data=known | {field: "a\x00\ud800".encode("utf-8", "surrogatepass")},
                timeout=10,
            )
            assert answer.status_code in (400, 401), (path, field)
    for path in (
        "/clients/%00/logo",
        "/clients/%ED%A0%80/logo",
        "/flow/%00/options",
        "/flow/%00/status",
        "/flow/a%00aaaaaaaaaaaaaaaa/options",
    ):
        assert person.open(world.issuer + path).status == 404
    client.sends(person).press("LOGIN WITH EMAIL")
    person.fill("Email Address", "a\x00@b.example").fill("Password", "x\x00").press(
        "Sign in", action="no\x00pe"
    )
    assert person.status == 422
    assert client.refresh("\x00").json()["error"] == "invalid_grant"
    assert client.redeem("\x00").json()["error"] == "invalid_grant"


def test_a_hundred_wrong_codes_lock_until_an_operator_opens(world, person, client):
    with world.inside():
        daisy = accounts.found("ddunn2020")
        for day in range(100):
            tries.add(daisy.id, "email_code", world.time.now - 86400 * (100 - day), STRANGER)
    to_code_page(client.sends(person))
    assert "LOGIN ERROR" in person.heading
    with world.inside():
        accounts.unlock(world.time.now, "test", "ddunn2020")
        assert [
            row.detail["tries"] for row in audit.listed() if row.action == "account_unlocked"
        ] == [101]
    sign_in(world, client.sends(person))
    assert client.tokens(person)
