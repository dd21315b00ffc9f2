"""Back-channel logout: the provider tells clients that a session has ended, and the portal hears
it, from no one else."""

import secrets
import threading
import time

import pytest
import requests
from flask import Flask, Response, request
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from idp.delivery.worker import Worker
from idp.operations import accounts
from idp.store import outbox
from tests.demo.test_administration import come_in
from tests.support.client import Client
from tests.support.person import Person
from tests.support.postgres import free_port
from tests.support.stories import signed_in, to_code_page
from tests.support.world import DAISY, served

EVENT = "http://schemas.openid.net/event/backchannel-logout"


class Listener:
    """A client that is told, and answers as it likes."""

    def __init__(self) -> None:
        self.heard, self.status, self.app = [], 200, Flask("listener")
        self.app.add_url_rule("/bye", view_func=self.bye, methods=["POST"])

    def bye(self):
        self.heard.append(request.form["logout_token"])
        return "", self.status


@pytest.fixture
def listener(world):
    made, port = Listener(), free_port()
    with served(made.app, port):
        made.client = Client(
            world.issuer,
            world.add_client(
                "Listener",
                backchannel_logout_uri=f"http://localhost:{port}/bye",
                id_token_alg="ES256",
            ),
        )
        yield made


def test_a_client_is_told_whose_session_has_ended(either_world):
    world, made, port = either_world, Listener(), free_port()
    with served(made.app, port):
        client = Client(
            world.issuer,
            world.add_client(
                "Listener",
                backchannel_logout_uri=f"http://localhost:{port}/bye",
                id_token_alg="ES256",
            ),
        )
        quiet = Client(world.issuer, world.add_client("Quiet"))
        person, tokens = signed_in(world, client)
        quiet.tokens(quiet.sends(person))
        with world.inside():
            accounts.sign_out(world.time.now, "test", world.account("ddunn2020"))
        world.deliver()
    (token,) = made.heard
    said = jwt.decode(
        token,
        KeySet.import_key_set(requests.get(f"{world.issuer}/jwks", timeout=30).json()),
        ["ES256"],
    )
    of_session = client.claims(tokens["id_token"])
    assert (
        said.header["typ"] == "logout+jwt"
        and said.claims["events"] == {EVENT: {}}
        and "nonce" not in said.claims
    )
    assert {name: said.claims[name] for name in ("iss", "aud", "sub", "sid")} == {
        "aud": client.id,
        **{name: of_session[name] for name in ("iss", "sub", "sid")},
    }
    assert said.claims["exp"] - said.claims["iat"] == 120


def test_whoever_does_not_answer_is_told_again_for_an_hour(world, listener):
    signed_in(world, listener.client)
    listener.status = 503
    with world.inside():
        accounts.sign_out(world.time.now, "test", world.account("ddunn2020"))
    world.deliver()
    assert len(listener.heard) == 1
    world.time.passes(seconds=3)
    listener.status = 204
    world.deliver()
    world.deliver()
    assert len(listener.heard) == 2, "and then no more"
    signed_in(world, listener.client)
    listener.status = 500
    with world.inside():
        accounts.sign_out(world.time.now, "test", world.account("ddunn2020"))
    world.time.passes(minutes=61)
    world.deliver()
    with world.inside():
        assert outbox.waiting(world.time.now)[0] == 0


def work(world, tell=None) -> None:
    """What one worker does: send messages to people, or with `tell` notices to clients."""
    with world.app.app_context():
        worker = Worker(world.settings, world.vault, tell)
        while worker.step():
            pass


def test_a_client_that_answers_slowly_holds_up_nobody_for_long(world, listener, client):
    """It keeps the connection open and says a little now and then. Five seconds, and the others are
    told; codes do not wait at all."""
    stop = threading.Event()

    class Drips(Listener):
        def bye(self):
            self.heard.append(request.form["logout_token"])
            return Response((stop.wait(0.5) or b" " for _ in range(60)), mimetype="text/plain")

    slow, port = Drips(), free_port()
    with served(slow.app, port):
        slow.client = Client(
            world.issuer,
            world.add_client("Slow", backchannel_logout_uri=f"http://localhost:{port}/bye"),
        )
        for one in (slow, listener):
            for _ in range(3):
                signed_in(world, one.client)
        with world.inside():
            accounts.sign_out(world.time.now, "test", world.account("ddunn2020"))
        began = time.monotonic()
        telling = threading.Thread(
            target=work, args=(world, world.app.extensions["stagedoor"].logout_notices.tell)
        )
        telling.start()
        to_code_page(client.sends(Person(world.issuer))).press("Send verification code")
        work(world)
        assert world.messages()[-1].code and telling.is_alive(), (
            "a code that is asked for meanwhile has come"
        )
        telling.join(30)
        assert time.monotonic() - began < 14, (
            "the slow one was asked once, and its other notices wait"
        )
        stop.set()
    assert (len(slow.heard), len(listener.heard)) == (1, 3)


def test_signing_out_and_a_switched_off_account_are_told_too(world, listener):
    person, _ = signed_in(world, listener.client)
    person.open(f"{world.issuer}/logout").press("Sign out")
    world.deliver()
    assert len(listener.heard) == 1
    signed_in(world, listener.client)
    with world.inside():
        accounts.disable(world.time.now, "test", DAISY)
    world.deliver()
    assert len(listener.heard) == 2


def test_the_portals_session_ends_and_no_other(world, portal):
    daisy, again = come_in(world, portal), come_in(world, portal)
    daisy.press("SIGN OUT")
    world.deliver()
    assert again.open(portal).heading == "HOME"
    with world.inside():
        accounts.sign_out(world.time.now, "test", world.account("ddunn2020"))
    world.deliver()
    assert again.open(portal).heading == "LOGIN OPTIONS"


@pytest.mark.parametrize(
    "wrong",
    [
        "another key",
        "an ID token",
        "no event",
        "nonce",
        "another client",
        "another issuer",
        "too old",
        "nobody",
        "rubbish",
        "twice",
    ],
)
def test_what_is_no_logout_token_of_the_provider_ends_nothing(world, portal, wrong):
    daisy = come_in(world, portal)
    with world.inside():
        subject, client_id, now = (
            world.account("ddunn2020").id,
            world.client_named("Atrezzo portal"),
            int(time.time()),
        )
    said = {
        "iss": world.issuer,
        "aud": client_id,
        "sub": subject,
        "iat": now,
        "exp": now + 120,
        "jti": secrets.token_hex(8),
        "events": {EVENT: {}},
    }
    changes = {
        "no event": {"events": {}},
        "nonce": {"nonce": "x"},
        "another client": {"aud": "another"},
        "another issuer": {"iss": "https://evil.example"},
        "too old": {"iat": now - 900, "exp": now - 700},
        "nobody": {"sub": None},
    }.get(wrong, {})
    claims = {name: value for name, value in {**said, **changes}.items() if value is not None}
    if wrong == "another key":
        token = jwt.encode(
            {"alg": "ES256", "typ": "logout+jwt"}, claims, ECKey.generate_key("P-256"), ["ES256"]
        )
    else:
        with world.app.app_context():
            keyring = world.app.extensions["stagedoor"].keyring
            token = (
                "a.b.c"
                if wrong == "rubbish"
                else keyring.sign(
                    claims,
                    "RS256",
                    "JWT" if wrong == "an ID token" else "logout+jwt",
                    world.time.now,
                )
            )
    answer = requests.post(f"{portal}/backchannel-logout", data={"logout_token": token}, timeout=30)
    if wrong == "twice":
        assert answer.status_code == 204 and daisy.open(portal).heading in ("HOME", "LOGIN OPTIONS")
        again = come_in(world, portal)
        assert (
            requests.post(
                f"{portal}/backchannel-logout", data={"logout_token": token}, timeout=30
            ).status_code
            == 204
        )
        assert again.open(portal).heading == "HOME", "a token that was used ends nothing"
        return
    assert answer.status_code == 400 and daisy.open(portal).heading == "HOME"
