"""Nothing holds the threads of a server without bound: slow senders, a locked table and a flood of passwords leave the rest answered."""

import contextlib
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO

import pytest
import requests

from idp import store
from idp.factors import Busy
from idp.factors.password import Password
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
    head = f"POST /token HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 500\r\n\r\nx"
    opened.sendall(head.encode())
    return opened


def test_slow_senders_hold_up_nobody(deployment):
    with contextlib.ExitStack() as held:
        for _ in range(40):
            held.enter_context(slow_sender(deployment.port))
        for path in PATHS:
            assert requests.get(f"http://localhost:{deployment.port}{path}", timeout=5).status_code == 200, path
        assert requests.get(f"http://localhost:{deployment.port}/authorize", timeout=5).status_code == 400, "pages too"
        said = requests.post(f"http://localhost:{deployment.port}/token", data={"grant_type": "x"}, timeout=15)
        assert (said.status_code, said.headers["Retry-After"]) == (503, "5"), "this peer has sent too much slowly"
    answers = (requests.post(f"http://localhost:{deployment.port}/token", data={"grant_type": "x"}, timeout=15).status_code for _ in range(10))
    assert 400 in answers, "once the server has seen that they are gone"


class Slow:
    """A body that comes when the test lets it."""

    def __init__(self) -> None:
        self.let, self.begun = threading.Event(), threading.Event()

    def read(self, size: int) -> bytes:
        self.begun.set()
        self.let.wait(10)
        return b"x" * size


def asked(turnstile: Turnstile, body: object, address: str = "203.0.113.1", path: str = "/token") -> str:
    said: list[str] = []
    environ = {"PATH_INFO": path, "REMOTE_ADDR": address, "CONTENT_LENGTH": "3", "wsgi.input": body}
    turnstile(environ, lambda status, headers: said.append(status))
    return said[0]


def app(environ, start_response):
    start_response("200 OK", [])
    return [b""]


def test_of_one_peer_few_bodies_are_read_at_once_and_another_peers_go_on():
    turnstile, bodies = Turnstile(app, 8, 65536), [Slow() for _ in range(READERS_OF_ONE)]
    with ThreadPoolExecutor(READERS_OF_ONE) as pool:
        waiting = [pool.submit(asked, turnstile, body) for body in bodies]
        assert all(body.begun.wait(5) for body in bodies)
        assert asked(turnstile, BytesIO(b"abc")).startswith("503")
        assert asked(turnstile, BytesIO(b"abc"), "203.0.113.2").startswith("200")
        assert asked(turnstile, Slow(), path="/jwks").startswith("200"), "a body that nobody wants is not read"
        for body in bodies:
            body.let.set()
        assert {one.result(5) for one in waiting} == {"200 OK"}
    assert asked(turnstile, BytesIO(b"abc")).startswith("200")


def test_more_requests_than_there_is_room_for_are_told_to_come_again():
    inside, let = threading.Semaphore(0), threading.Event()

    def busy(environ, start_response):
        inside.release()
        let.wait(10)
        return app(environ, start_response)

    turnstile = Turnstile(busy, 1, 65536)
    with ThreadPoolExecutor(5) as pool:
        under_way = [pool.submit(asked, turnstile, BytesIO(b"abc"), f"203.0.113.{n}", "/authorize") for n in range(5)]
        inside.acquire(timeout=5)
        while turnstile._room._value:  # until the others wait for their place
            pass
        assert asked(turnstile, BytesIO(b"abc"), "203.0.113.9", "/authorize").startswith("503")
        let.set()
        assert {one.result(10) for one in under_way} == {"200 OK"}


def test_a_locked_table_is_answered_with_503_and_a_time_to_come_again(postgres, request, tmp_path, time):
    for world in _world(request, tmp_path, time):
        with world.app.app_context():
            store.writing()
            connection().exec_driver_sql("LOCK TABLE interactions")
            for path in PATHS:
                assert requests.get(world.issuer + path, timeout=5).status_code == 200, path
            answer = requests.get(f"{world.issuer}/flow/{'a' * 20}/sign-in", timeout=10)
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
            store.rollback()
        assert requests.get(f"{world.issuer}/flow/{'a' * 20}/sign-in", timeout=10).status_code == 404


def _world(request, tmp_path, time):
    """A world on PostgreSQL whose requests wait a second for a lock."""
    settings = settings_for(free_port(), database_of("postgresql", request, tmp_path))
    settings = replace(settings, database=replace(settings.database, lock_timeout=1))
    app = provider(settings)
    with served(app, int(settings.issuer.rpartition(":")[2])):
        yield World(settings, app, time, tmp_path)
    with app.app_context():
        engine().dispose()


def test_keys_are_answered_without_the_database_that_was_there_before(world):
    before = requests.get(f"{world.issuer}/jwks", timeout=5).content
    path = world.settings.database.url.removeprefix("sqlite:///")
    import sqlite3

    with sqlite3.connect(path) as database:
        database.execute("ALTER TABLE versions RENAME TO elsewhere")
    world.app.extensions["stagedoor"].keyring._checked = float("-inf")
    assert requests.get(f"{world.issuer}/jwks", timeout=5).content == before
    assert requests.get(f"{world.issuer}/.well-known/openid-configuration", timeout=5).status_code == 200


def test_a_node_whose_clock_is_behind_signs_with_the_oldest_key(world, client):
    keyring = world.app.extensions["stagedoor"].keyring
    with world.inside():
        oldest = keyring.signing("ES256", world.time.now)
        assert keyring.signing("ES256", oldest.active_from - 3600).kid == oldest.kid


def test_passwords_take_half_of_the_threads_at_most(world):
    settings = Server(threads=4, hashing=1)
    factor = Password(replace(world.settings, server=settings), world.app.extensions["stagedoor"].vault)
    factor._pool.acquire()

    def wait() -> None:
        with contextlib.suppress(Busy):
            factor.check(None, "x")

    waiting = [threading.Thread(target=wait) for _ in range(2)]
    for thread in waiting:
        thread.start()
    while factor._waiting._value:  # until both wait for the pool
        pass
    with pytest.raises(Busy):
        factor.check(None, "x")  # at once: the other half of the threads does what needs no hash
    factor._pool.release()
    for thread in waiting:
        thread.join(10)


def test_a_sign_in_still_works_through_it_all(deployment):
    with contextlib.ExitStack() as held:
        for _ in range(8):
            held.enter_context(slow_sender(deployment.port))
        assert requests.get(f"http://localhost:{deployment.port}/readyz", timeout=10).status_code == 200


def test_the_pages_of_a_sign_in_pass_the_turnstile(world, client):
    assert to_code_page(client.sends(Person(world.issuer)), DAISY, DAISY_PASSWORD).heading == "Verification is necessary"
