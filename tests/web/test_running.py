"""What whoever runs it sees: is it alive, is it ready, what has it counted, what has it logged; and
crowds at the edge."""

import json
import logging
import sqlite3
import subprocess
import time
from dataclasses import replace

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from idp import app as application
from idp.cli.logs import JsonLines
from idp.secret import Secret
from idp.settings import Metrics, RateLimits, SettingsError, check
from idp.store.database import connection
from idp.web import reference as reference_of
from tests.conftest import a_world
from tests.support.client import Client
from tests.support.person import Person
from tests.support.postgres import find, free_port
from tests.support.stories import sign_in, to_phone_page
from tests.support.world import Time, served

TOKEN = "a-token-for-the-metrics-0123456789"
COUNTING = pytest.mark.settings(metrics_token=Secret(TOKEN))


def measured(world) -> dict[tuple, float]:
    answer = requests.get(
        f"{world.issuer}/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=10
    )
    assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/plain")
    families = text_string_to_metric_families(answer.text)
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
    }


@COUNTING
def test_sign_ins_codes_messages_and_requests_are_counted(world, client):
    before = measured(world)

    def more(*name: str) -> float:
        return measured(world).get(name, 0) - before.get(name, 0)

    person = Person(world.issuer)
    sign_in(world, client.sends(person))
    client.tokens(person)
    client.sends(Person(world.issuer)).press("Cancel")
    caller = to_phone_page(client.sends(Person(world.issuer)))
    caller.press("Call Me")
    assert more("stagedoor_sign_ins_total", "email", "issued") == 1
    assert more("stagedoor_sign_ins_total", "access_denied", "none") == 1
    assert (
        more("stagedoor_codes_total", "email_code", "sent")
        == more("stagedoor_codes_total", "email_code", "used")
        == 1
    )
    assert more("stagedoor_codes_total", "sent", "voice_code") == 1
    assert more("stagedoor_messages_total", "email", "handed over") == 1
    assert more("stagedoor_tokens_total", "authorization_code") == 1
    assert more("stagedoor_requests_total", "200", "protocol.token") == 1
    assert more("stagedoor_request_seconds_count", "flow.submit") >= 6
    now = measured(world)
    assert now[("stagedoor_outbox_waiting",)] == 1 and now[("stagedoor_texts_and_calls_day",)] == 1
    assert (
        now[("stagedoor_database_bytes",)] > 10_000
        and now[("stagedoor_texts_and_calls_stopped",)] == 0
    )
    world.time.passes(seconds=40)
    assert measured(world)[("stagedoor_outbox_oldest_seconds",)] == 40
    assert not any("daisy" in str(name) for name in now), "numbers only"


@COUNTING
def test_the_metrics_are_there_for_their_token_alone(world):
    for header in (
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer é".encode()},
    ):
        assert (
            requests.get(f"{world.issuer}/metrics", headers=header, timeout=10).status_code == 404
        )


def test_without_a_token_there_are_no_metrics(world):
    assert (
        requests.get(
            f"{world.issuer}/metrics", headers={"Authorization": "Bearer "}, timeout=10
        ).status_code
        == 404
    )
    with pytest.raises(SettingsError, match="the token is too weak"):
        check(
            replace(world.settings, metrics=Metrics(token_file="x"), metrics_token=Secret("short"))
        )
    with pytest.raises(SettingsError, match="redis://"):
        check(replace(world.settings, rate_limits=RateLimits(redis_url="http://localhost")))


def test_alive_and_ready_under_any_host_name(either_world):
    world = either_world
    for path in ("/healthz", "/readyz"):
        answer = requests.get(world.issuer.replace("localhost", "127.0.0.1") + path, timeout=10)
        assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store", path
    assert requests.get(f"{world.issuer}/readyz", timeout=10).json() == {
        "ready": True,
        "missing": [],
    }
    with world.inside():
        connection().execute(text("UPDATE versions SET number = number + 1 WHERE name = 'keys'"))
        connection().execute(
            text("UPDATE signing_keys SET sealed = '00' || sealed, kid = 'x' || kid")
        )
    time.sleep(1.1)
    assert requests.get(f"{world.issuer}/readyz", timeout=10).json()["missing"] == ["keys"], (
        "sealed with another root secret"
    )
    with world.inside():
        connection().execute(text("UPDATE alembic_version SET version_num = '0001'"))
    answer = requests.get(f"{world.issuer}/readyz", timeout=10)
    assert (answer.status_code, answer.json()["missing"], answer.headers["Retry-After"]) == (
        503,
        ["migrations"],
        "5",
    )
    with world.inside():
        connection().execute(text("DROP TABLE alembic_version"))
    assert requests.get(f"{world.issuer}/readyz", timeout=10).status_code == 503
    assert requests.get(f"{world.issuer}/healthz", timeout=10).text == "ok\n"


def test_log_lines_carry_the_reference_of_the_sign_in_and_nothing_secret(world, client, caplog):
    lines, formatter = [], JsonLines(reference_of)

    class Keep(logging.Handler):
        def emit(self, record):
            lines.append(json.loads(formatter.format(record)))

    handler = Keep()
    logging.getLogger("idp").addHandler(handler)
    logging.getLogger("idp").setLevel(logging.INFO)
    try:
        person = Person(world.issuer)
        sign_in(world, client.sends(person))
        reference = Client(world.issuer, client.registration).claims(
            client.tokens(person)["id_token"]
        )["txn"]
        requests.post(
            f"{world.issuer}/token",
            data={"grant_type": "nonsense", "code": "secret-code"},
            timeout=10,
        )
    finally:
        logging.getLogger("idp").removeHandler(handler)
    of_visit = [line for line in lines if line.get("reference") == reference]
    assert {line["endpoint"] for line in of_visit} == {
        "authorize.authorize",
        "flow.show",
        "flow.submit",
    }
    assert all({"method", "status", "ms", "address"} <= set(line) for line in of_visit)
    failed = [line for line in lines if line.get("endpoint") == "protocol.token"]
    assert [line["status"] for line in failed] == [400], (
        "what went well is counted, what failed is logged"
    )
    said = json.dumps(lines)
    assert (
        client.secret not in said
        and "secret-code" not in said
        and "daisy" not in said
        and world.messages()[-1].code not in said
    )


FEW = pytest.mark.settings(rate_limits=RateLimits(visits=30, forms=60, failures=10))


@FEW
def test_a_crowd_from_one_address_is_kept_off(world, client):
    person = Person(world.issuer)
    for _ in range(30):
        client.sends(person)
        assert person.heading == "LOGIN OPTIONS"
    client.sends(person)
    assert (person.status, person.heading, person.response.headers["Retry-After"]) == (
        429,
        "Too many requests",
        "60",
    )
    assert (
        requests.get(f"{world.issuer}/.well-known/openid-configuration", timeout=10).status_code
        == 200
    )


@FEW
def test_guesses_at_the_token_endpoint_are_kept_off_and_good_requests_cost_nothing(world):
    world.add_api()
    machine = world.add_client("Job", redirect_uris=[], machine=True, scopes=["cases:read"])

    def ask(secret: str) -> requests.Response:
        return requests.post(
            f"{world.issuer}/token",
            data={"grant_type": "client_credentials"},
            auth=(machine["client_id"], secret),
            timeout=10,
        )

    assert {ask(machine["client_secret"]).status_code for _ in range(30)} == {200}
    assert [ask("wrong").status_code for _ in range(11)] == [401] * 10 + [429]
    refused = ask("wrong")
    assert (
        refused.json() == {"error": "temporarily_unavailable"}
        and refused.headers["Retry-After"] == "60"
    )


@pytest.fixture
def redis(tmp_path):
    program = find("redis-server")
    if program is None:
        pytest.skip("no Redis server on this machine")
    port = free_port()
    process = subprocess.Popen(
        [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)],
        stdout=subprocess.DEVNULL,
    )
    import redis as library

    for _ in range(100):
        try:
            library.Redis(port=port).ping()
            break
        except library.ConnectionError:
            process.poll() is None or pytest.fail("Redis did not start")
            time.sleep(0.05)
    yield port, process
    process.kill()
    process.wait(10)


def test_processes_count_together_in_redis_and_alone_without_it(world, client, redis):
    port, process = redis
    rate_limits = RateLimits(visits=30, redis_url=f"redis://127.0.0.1:{port}/0")
    first, second = (
        application.create_app(replace(world.settings, rate_limits=rate_limits)) for _ in range(2)
    )
    ports = [free_port(), free_port()]
    host = {"Host": world.issuer.removeprefix("http://")}

    def visit(at: int) -> int:
        address = client.address().replace(world.issuer, f"http://127.0.0.1:{at}")
        return requests.get(address, headers=host, timeout=20, allow_redirects=False).status_code

    with served(first, ports[0]), served(second, ports[1]):
        assert [visit(ports[n % 2]) for n in range(32)] == [303] * 30 + [429] * 2
        process.kill()
        process.wait(10)
        assert [visit(ports[0]) for _ in range(32)] == [303] * 30 + [429] * 2, (
            "slower at most, never wrong"
        )
        requests.get(f"http://127.0.0.1:{ports[1]}/healthz", timeout=10).raise_for_status()


def test_ipv6_counts_by_the_network_of_a_site(world):
    from idp.web.limits import _address

    def counted(address: str) -> str:
        with world.app.test_request_context("/", environ_base={"REMOTE_ADDR": address}):
            return _address()

    assert (
        counted("2001:db8:1:2::1") == counted("2001:db8:1:2:ffff::9") != counted("2001:db8:1:3::1")
    )
    assert counted("203.0.113.9") == "203.0.113.9" and counted("") == "unknown"


def test_a_node_whose_clock_is_not_the_databases_is_sent_no_requests(postgres, request, tmp_path):
    for world in a_world("postgresql", request, tmp_path, Time()):
        world.time.now = time.time()
        assert requests.get(f"{world.issuer}/readyz", timeout=10).status_code == 200
        for seconds in (-3600, 3630):
            world.time.passes(seconds=seconds)
            answer = requests.get(f"{world.issuer}/readyz", timeout=10)
            assert (
                answer.status_code,
                answer.json()["missing"],
                answer.headers["Retry-After"],
            ) == (503, ["clock"], "5")
        assert requests.get(f"{world.issuer}/healthz", timeout=10).status_code == 200


def test_keys_are_answered_without_the_database_that_was_there_before(world):
    before = requests.get(f"{world.issuer}/jwks", timeout=5).content
    path = world.settings.database.url.removeprefix("sqlite:///")
    with sqlite3.connect(path) as database:
        database.execute("ALTER TABLE versions RENAME TO elsewhere")
    world.app.extensions["stagedoor"].keyring._checked = float("-inf")
    assert requests.get(f"{world.issuer}/jwks", timeout=5).content == before
    assert (
        requests.get(f"{world.issuer}/.well-known/openid-configuration", timeout=5).status_code
        == 200
    )


def test_clients_are_known_without_the_database_that_was_there_before(world, client):
    def leads_back():
        return (
            "http://localhost:1/login"
            in requests.get(f"{world.issuer}/help", params={"client_id": client.id}, timeout=5).text
        )

    assert leads_back()
    with sqlite3.connect(world.settings.database.url.removeprefix("sqlite:///")) as database:
        database.execute("ALTER TABLE versions RENAME TO elsewhere")
    registry = world.app.extensions["stagedoor"].registry
    registry._checked = float("-inf")
    assert leads_back()
    assert registry._checked > 0, "it has looked, in vain"
