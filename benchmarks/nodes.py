"""`make nodes`: two nodes on one PostgreSQL under sign-ins and wrong passwords (SECONDS=300). One
node is killed and started again twice, and the database restarted once. Afterwards the audit trail
is whole, nothing happened twice, and no answer was a fault."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import suppress
from http.client import HTTPException
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.browser import Browser
from benchmarks.deployment import PASSWORD, PEOPLE, free_port
from idp import clock, store
from idp.app import create_app
from idp.cli.init import write_settings
from idp.factors.password import hashed
from idp.operations import clients, keys
from idp.settings import load
from idp.store import accounts, migrate
from tests.support.postgres import Postgres

SECONDS = float(os.environ.get("SECONDS", "300"))
BUSY = 503


class Nodes:
    """What a browser needs to know of a deployment, and its two nodes."""

    def __init__(self, server: Postgres) -> None:
        self.server = server
        server.execute("CREATE DATABASE nodes")
        self.url = server.url("nodes")
        self.folder = Path(tempfile.mkdtemp(prefix="stagedoor-nodes-"))
        self.port, self.second = free_port(), free_port()
        self.paths = [self.folder / "idp.toml", self.folder / "second.toml"]
        bounds = dict.fromkeys(("visits", "forms", "failures", "management"), 1000000)
        write_settings(
            self.paths[0],
            f"http://localhost:{self.port}",
            self.url,
            "",
            rate_limits=bounds,
            limits={"network_passwords": 10000},
        )
        self.paths[1].write_text(
            self.paths[0].read_text().replace(f"port = {self.port}", f"port = {self.second}")
        )
        app = create_app(load(self.paths[0], {}))
        with app.app_context():
            migrate.upgrade()
            store.writing()
            now, house = clock.now(), app.extensions["stagedoor"]
            keys.ensure(now, "bench", house.keyring)
            self.client: dict[str, Any] = clients.add(
                now,
                "bench",
                house.vault,
                {"client_name": "RS256", "redirect_uris": ["http://localhost:1/callback"]},
            )
            shared = hashed(PASSWORD)
            for n in range(PEOPLE):
                accounts.add(
                    now,
                    f"person{n}",
                    f"person{n}@bench.example",
                    "Per",
                    "Son",
                    shared,
                    f"person{n}@bench.example",
                )
            store.commit()
        self.running: list[subprocess.Popen[bytes] | None] = [None, None]

    def start(self, number: int) -> None:
        command = [sys.executable, "-m", "idp", "--settings", str(self.paths[number]), "serve"]
        self.running[number] = subprocess.Popen(
            command,
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / f"log{number}").open("a"),
            start_new_session=True,
        )

    def kill(self, number: int) -> None:
        """As a machine that loses its power: with its workers, at once."""
        process = self.running[number]
        if process:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, 9)
            process.wait(10)

    def newest_code(self, address: str, after: int) -> str:
        with psycopg.connect(self.url) as database:
            for _ in range(500):
                found = database.execute(
                    "SELECT code FROM inbox WHERE recipient = %s AND id > %s ORDER BY id DESC",
                    (address, after),
                ).fetchone()
                if found:
                    return str(found[0])
                time.sleep(0.02)
        raise RuntimeError(f"no mail for {address}")

    def last_message(self) -> int:
        with psycopg.connect(self.url) as database:
            found = database.execute("SELECT coalesce(max(id), 0) FROM inbox").fetchone()
            return int(found[0]) if found else 0


class Either(Browser):
    """A browser whose requests go to one node and the other in turn, as a balancer sends them; past
    one that is down."""

    def __init__(self, nodes: Nodes, said: Counter[str]) -> None:
        super().__init__(nodes)  # type: ignore[arg-type]  # it is one as far as a browser can see
        self.nodes, self.said, self.turn = nodes, said, 0

    def send(
        self,
        method: str,
        path: str,
        form: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, str, bytes]:
        self.turn += 1
        for attempt in range(2):
            self.connection.close()
            self.connection.port = (self.nodes.port, self.nodes.second)[(self.turn + attempt) % 2]
            try:
                status, location, data = super().send(method, path, form, headers)
            except (OSError, HTTPException):
                self.said["not reached"] += 1
                continue
            self.said[str(status)] += 1
            if status >= 500 and not (status == BUSY and self.retry_after):
                print(f"{method} {path}: {status} {data[:200]!r}", file=sys.stderr)
                self.said["FAULTS"] += 1
            return status, location, data
        raise RuntimeError("no node")


def main() -> None:
    server = Postgres()
    try:
        nodes = Nodes(server)
        try:
            sys.exit(_pressed(nodes))
        finally:
            for number in range(2):
                nodes.kill(number)
            if not os.environ.get("KEEP"):
                shutil.rmtree(nodes.folder, ignore_errors=True)
    finally:
        server.stop()


def _pressed(nodes: Nodes) -> int:
    said: Counter[str] = Counter()
    done, people, stop = Counter[str](), count(), threading.Event()
    for number in range(2):
        nodes.start(number)
    time.sleep(6)

    def live() -> None:
        while not stop.is_set():
            with suppress(RuntimeError, OSError, HTTPException, psycopg.Error, KeyError):
                tokens = Either(nodes, said).sign_in(next(people) % PEOPLE, nodes.client)
                done["sign-ins"] += bool(tokens["access_token"])

    def guess(number: int) -> None:
        while not stop.is_set():
            with suppress(RuntimeError, OSError, HTTPException):
                browser = Either(nodes, said)
                page = browser.to_password(nodes.client, "email", "A" * 43)
                while not stop.is_set():
                    browser.post(
                        page,
                        email=f"person{number % PEOPLE}@bench.example",
                        password="a wrong password",
                    )
                    number += 7
                    done["wrong passwords"] += 1

    threads = [threading.Thread(target=live) for _ in range(4)] + [
        threading.Thread(target=guess, args=(n,)) for n in range(4)
    ]
    for thread in threads:
        thread.start()
    begun = time.monotonic()
    for at, what in ((0.2, "node"), (0.4, "database"), (0.6, "node")):
        time.sleep(max(0.0, begun + SECONDS * at - time.monotonic()))
        print(
            f"{time.monotonic() - begun:4.0f} s  {dict(done)}  now the {what} is lost", flush=True
        )
        if what == "node":
            nodes.kill(1)
            time.sleep(5)
            nodes.start(1)
        else:
            nodes.server.restart()
    time.sleep(max(0.0, begun + SECONDS - time.monotonic()))
    stop.set()
    for thread in threads:
        thread.join()
    time.sleep(5)  # the workers tie the last events into the trail
    print(f"{time.monotonic() - begun:4.0f} s  {dict(done)}  answers: {dict(sorted(said.items()))}")
    verified = subprocess.run(
        [sys.executable, "-m", "idp", "--settings", str(nodes.paths[0]), "audit", "verify"],
        capture_output=True,
        text=True,
        check=False,
    )
    print(verified.stdout.strip() or verified.stderr.strip())
    twice = _twice(nodes)
    for what, number in twice.items():
        print(f"{what}: {number}")
    return int(
        bool(said["FAULTS"])
        or verified.returncode != 0
        or any(twice.values())
        or not done["sign-ins"]
    )


def _twice(nodes: Nodes) -> dict[str, int]:
    """What must have happened once, and how often it happened again."""
    asked = {
        "interactions that ended twice": "SELECT reference FROM audit WHERE action = 'sign_in' "
        "GROUP BY reference HAVING count(*) > 1",
        "messages handed over twice": "SELECT recipient, code FROM inbox WHERE code IS NOT NULL GROUP BY recipient, "
        "code, text HAVING count(*) > 1",
        "positions of the trail taken twice": "SELECT position FROM audit WHERE position IS NOT NULL "
        "GROUP BY position HAVING count(*) > 1",
        "events outside of the trail": "SELECT id FROM audit WHERE position IS NULL",
    }
    with psycopg.connect(nodes.url) as database:
        return {
            what: len(database.execute(question).fetchall()) for what, question in asked.items()
        }


if __name__ == "__main__":
    main()
