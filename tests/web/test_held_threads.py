"""Nothing holds the threads of a server without bound: slow senders, a locked table and a flood of
passwords leave the rest answered."""

import contextlib
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO

import pytest
import requests

from idp import store
from idp.factors import Busy
from idp.factors.password import Password
from idp.places import Places
from idp.settings import Server
from idp.store.database import connection, engine
from idp.web.door import READERS_OF_ONE, Turnstile
from tests.conftest import database_of
from tests.support.deployment import Deployment
from tests.support.person import Person
from tests.support.postgres import free_port
from tests.support.stories import to_code_page
from tests.support.world import DAISY, DAISY_PASSWORD, World, provider, served, settings_for

PATHS = ("/.well-known/openid-configuration", "/jwks", "/healthz")


@pytest.fixture
def deployment(tmp_path):
    made = Deployment(tmp_path / "deployment")
    made.serve()
    yield made
    made.stop()


def slow_sender(port: int) -> socket.socket:
    """Says that a form is coming, and sends a byte of it."""
    opened = socket.create_connection(("127.0.0.1", port), 10)
    head = (
        f"POST /token HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Type: "
        "application/x-www-form-urlencoded\r\nContent-Length: 500\r\n\r\nx"
    )
    opened.sendall(head.encode())
    return opened


def test_slow_senders_hold_up_nobody(deployment):
    with contextlib.ExitStack() as held:
        for _ in range(40):
            held.enter_context(slow_sender(deployment.port))
        for path in PATHS:
            assert (
                requests.get(f"http://localhost:{deployment.port}{path}", timeout=5).status_code
                == 200
            ), path
        assert (
            requests.get(f"http://localhost:{deployment.port}/authorize", timeout=5).status_code
            == 400
        ), "pages too"
        said = requests.post(
            f"http://localhost:{deployment.port}/token", data={"grant_type": "x"}, timeout=15
        )
        assert (said.status_code, said.headers["Retry-After"]) == (503, "5"), (
            "this peer has sent too much slowly"
        )
    answers = (
        requests.post(
            f"http://localhost:{deployment.port}/token", data={"grant_type": "x"}, timeout=15
        ).status_code
        for _ in range(10)
    )
    assert 400 in answers, "once the server has seen that they are gone"


class Slow:
    """A body that comes when the test lets it."""

    def __init__(self) -> None:
        self.let, self.begun = threading.Event(), threading.Event()

    def read(self, size: int) -> bytes:
        self.begun.set()
        self.let.wait(10)
        return b"x" * size


def asked(
    turnstile: Turnstile, body: object, address: str = "203.0.113.1", path: str = "/token"
) -> str:
    said: list[str] = []
    environ = {"PATH_INFO": path, "REMOTE_ADDR": address, "CONTENT_LENGTH": "3", "wsgi.input": body}
    turnstile(environ, lambda status, headers: said.append(status))
    return said[0]


def app(environ, start_response):
    start_response("200 OK", [])
    return [b""]


def test_of_one_peer_few_bodies_are_read_at_once_and_another_peers_go_on():
    turnstile, bodies = (
        Turnstile(app, Server(threads=8), 65536),
        [Slow() for _ in range(READERS_OF_ONE)],
    )
    with ThreadPoolExecutor(READERS_OF_ONE) as pool:
        waiting = [pool.submit(asked, turnstile, body) for body in bodies]
        assert all(body.begun.wait(5) for body in bodies)
        assert asked(turnstile, BytesIO(b"abc")).startswith("503")
        assert asked(turnstile, BytesIO(b"abc"), "203.0.113.2").startswith("200")
        assert asked(turnstile, Slow(), path="/jwks").startswith("200"), (
            "a body that nobody wants is not read"
        )
        for body in bodies:
            body.let.set()
        assert {one.result(5) for one in waiting} == {"200 OK"}
    assert asked(turnstile, BytesIO(b"abc")).startswith("200")


def test_people_are_told_in_a_page_and_programs_in_json():
    turnstile = Turnstile(app, Server(threads=1), 65536)
    turnstile.places._room = 0
    for accept, kind, text in (
        ("text/html,*/*", "text/html; charset=utf-8", b"Wait a few seconds"),
        ("*/*", "application/json", b"temporarily_unavailable"),
    ):
        said: list[tuple[str, dict[str, str]]] = []
        environ = {"PATH_INFO": "/authorize", "REMOTE_ADDR": "203.0.113.1", "HTTP_ACCEPT": accept}
        body = b"".join(
            turnstile(
                environ, lambda status, headers, said=said: said.append((status, dict(headers)))
            )
        )
        assert (
            said[0][0].startswith("503")
            and said[0][1]["Content-Type"] == kind
            and said[0][1]["Retry-After"] == "5"
            and text in body
        )


def test_more_requests_than_there_is_room_for_are_told_to_come_again():
    inside, let = threading.Semaphore(0), threading.Event()

    def busy(environ, start_response):
        inside.release()
        let.wait(10)
        return app(environ, start_response)

    turnstile = Turnstile(busy, Server(threads=1), 65536)
    with ThreadPoolExecutor(5) as pool:
        under_way = [
            pool.submit(asked, turnstile, BytesIO(b"abc"), f"203.0.113.{n}", "/authorize")
            for n in range(5)
        ]
        inside.acquire(timeout=5)
        until(lambda: not turnstile.places._room)  # the others wait for their place
        assert asked(turnstile, BytesIO(b"abc"), "203.0.113.9", "/authorize").startswith("503")
        let.set()
        assert {one.result(10) for one in under_way} == {"200 OK"}


def test_a_locked_table_is_answered_with_503_and_a_time_to_come_again(
    postgres, request, tmp_path, time
):
    for world in _world(request, tmp_path, time):
        with world.app.app_context():
            store.writing()
            connection().exec_driver_sql("LOCK TABLE interactions")
            for path in PATHS:
                assert requests.get(world.issuer + path, timeout=5).status_code == 200, path
            answer = requests.get(f"{world.issuer}/flow/{'a' * 20}/sign-in", timeout=10)
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
            store.rollback()
        assert (
            requests.get(f"{world.issuer}/flow/{'a' * 20}/sign-in", timeout=10).status_code == 404
        )


def _world(request, tmp_path, time):
    """A world on PostgreSQL whose requests wait a second for a lock."""
    settings = settings_for(free_port(), database_of("postgresql", request, tmp_path))
    settings = replace(settings, database=replace(settings.database, lock_timeout=1))
    app = provider(settings)
    with served(app, int(settings.issuer.rpartition(":")[2])):
        yield World(settings, app, time, tmp_path)
    with app.app_context():
        engine().dispose()


def test_a_node_whose_clock_is_behind_signs_with_the_oldest_key(world, client):
    keyring = world.app.extensions["stagedoor"].keyring
    with world.inside():
        oldest = keyring.signing("ES256", world.time.now)
        assert keyring.signing("ES256", oldest.active_from - 3600).kid == oldest.kid


def until(true, seconds: float = 10) -> None:
    """Wait for something that another thread does."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


def test_who_waits_for_a_hash_takes_no_place_from_others(world):
    """Of two that may work, three want a password hashed, of which one at a time is; another one
    does what needs no hash."""
    server = Server(threads=2, hashing=1)
    factor = Password(
        replace(world.settings, server=server), world.app.extensions["stagedoor"].vault
    )
    everyone, let = factor._admitted._value, threading.Event()

    def sign_in(environ, start_response):
        with factor._place():
            let.wait(10)
        return app(environ, start_response)

    def routed(environ, start_response):
        return (app if environ["PATH_INFO"] == "/introspect" else sign_in)(environ, start_response)

    turnstile = Turnstile(routed, server, 65536)
    with ThreadPoolExecutor(3) as pool:
        waiting = [
            pool.submit(asked, turnstile, BytesIO(b"abc"), f"203.0.113.{n}", f"/flow/{n}")
            for n in range(3)
        ]
        until(lambda: factor._admitted._value == everyone - 3)
        assert asked(turnstile, BytesIO(b"abc"), "203.0.113.9", "/introspect").startswith("200"), (
            "though three are there, and two may work"
        )
        let.set()
        assert {one.result(10) for one in waiting} == {"200 OK"}


def test_places_go_to_who_came_first_and_before_all_to_who_goes_on():
    places, order = Places(1, 10), []
    assert places.enter(1)

    def come(name: str) -> None:
        assert places.enter(10)
        order.append(name)
        places.leave()

    threads = []
    for n, name in enumerate(("first", "second", "third")):
        threads.append(threading.Thread(target=come, args=(name,)))
        threads[-1].start()
        until(lambda n=n: len(places._coming) == n + 1)
    places.give_back()  # this thread waits for something, and the first one works
    places.claim_again()
    order.append("this one goes on")
    places.leave()
    for thread in threads:
        thread.join(10)
    assert (
        order[0] == "first"
        and order.index("this one goes on") <= 2
        and [name for name in order if "this" not in name] == ["first", "second", "third"]
    )
    assert (places._free, places._room) == (1, 10)


def test_a_flood_of_quick_requests_keeps_nobody_waiting():
    """Twenty that come again at once, and sixteen that come once: all get in long before they lose
    patience."""
    places, stop = Places(8, 40), threading.Event()

    def flood() -> None:
        while not stop.is_set():
            if places.enter(5):
                time.sleep(0.02)
                places.leave()

    def come() -> bool:
        came = places.enter(5)
        if came:
            places.leave()
        return came

    flooding = [threading.Thread(target=flood) for _ in range(20)]
    for thread in flooding:
        thread.start()
    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(lambda _: come(), range(16)))
    stop.set()
    for thread in flooding:
        thread.join(10)


def test_more_passwords_than_half_of_the_room_are_told_to_come_again(world):
    server = Server(threads=1, hashing=1)
    factor = Password(
        replace(world.settings, server=server), world.app.extensions["stagedoor"].vault
    )
    factor._pool.acquire()

    def wait() -> None:
        with contextlib.suppress(Busy):
            factor.check(None, "x")

    waiting = [threading.Thread(target=wait) for _ in range(server.room // 2)]
    for thread in waiting:
        thread.start()
    until(lambda: not factor._admitted._value)
    with pytest.raises(Busy):
        factor.check(None, "x")  # at once
    factor._pool.release()
    for thread in waiting:
        thread.join(10)


def test_a_whole_clinic_that_enters_its_passwords_at_once_gets_in(world, client):
    """At five to eight no one is told to come again."""
    people = [client.sends(Person(world.issuer)).press("LOGIN WITH EMAIL") for _ in range(16)]
    forms = [
        (
            one.url,
            {**one.page.fields, "email": DAISY, "password": DAISY_PASSWORD, "action": "sign-in"},
            one.cookies,
        )
        for one in people
    ]
    together = threading.Barrier(len(people))

    def press(form) -> requests.Response:
        url, fields, cookies = form
        together.wait()
        return requests.post(url, data=fields, cookies=cookies, timeout=30, allow_redirects=False)

    with ThreadPoolExecutor(len(people)) as pool:
        answers = list(pool.map(press, forms))
    assert {answer.status_code for answer in answers} == {303}, (
        "sixteen at one account are counted, and looked at"
    )


def test_a_sign_in_still_works_through_it_all(deployment):
    with contextlib.ExitStack() as held:
        for _ in range(8):
            held.enter_context(slow_sender(deployment.port))
        assert (
            requests.get(f"http://localhost:{deployment.port}/readyz", timeout=10).status_code
            == 200
        )


def test_the_pages_of_a_sign_in_pass_the_turnstile(world, client):
    assert (
        to_code_page(client.sends(Person(world.issuer)), DAISY, DAISY_PASSWORD).heading
        == "Verification is necessary"
    )
