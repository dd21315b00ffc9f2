"""What a server under pressure still answers at once: discovery, keys and health, while senders are
slow, the database is locked and passwords come in a flood. A row each of `make soak`."""

import contextlib
import secrets
import socket
import sqlite3
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPException

import requests

from benchmarks.browser import Browser
from benchmarks.deployment import PEOPLE, Deployment

SLOW_SENDERS = 8
GUESSERS = 8
SECONDS = 8.0  # with the flood alone, and as long again while the database is locked too
PATHS = ("/.well-known/openid-configuration", "/jwks", "/healthz")
MEDIAN_MS, HUNDREDTH_MS = 100.0, 500.0


def measure(deployment: Deployment) -> dict[str, tuple[float, float, int]]:
    """By path: the median and the 99th percentile in ms, and how many answers were none."""
    found: dict[str, list[float]] = {path: [] for path in PATHS}
    wrong = dict.fromkeys(PATHS, 0)
    looked_at = [0]

    def ask(seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for path in PATHS:
                begun = time.perf_counter()
                status = requests.get(deployment.issuer + path, timeout=30).status_code
                found[path].append(1000 * (time.perf_counter() - begun))
                wrong[path] += status != 200
            time.sleep(0.02)

    with _slow_senders(deployment.port), _flood(deployment, looked_at):
        ask(SECONDS)
        with _locked(deployment):
            ask(SECONDS)
    if not looked_at[0]:
        raise RuntimeError("no password of the flood was looked at: this measured nothing")
    print(f"{looked_at[0]} wrong passwords were looked at.", flush=True)
    return {
        path: (statistics.median(times), statistics.quantiles(times, n=100)[98], wrong[path])
        for path, times in found.items()
    }


def within(figures: dict[str, tuple[float, float, int]]) -> bool:
    return all(
        median <= MEDIAN_MS and hundredth <= HUNDREDTH_MS and not wrong
        for median, hundredth, wrong in figures.values()
    )


@contextmanager
def _slow_senders(port: int) -> Iterator[None]:
    """Forms that say they come, and do not."""
    head = (
        f"POST /token HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Type: "
        "application/x-www-form-urlencoded\r\nContent-Length: 500\r\n\r\nx"
    )
    with contextlib.ExitStack() as held:
        for _ in range(SLOW_SENDERS):
            # a peer of their own
            opened = held.enter_context(
                socket.create_connection(("127.0.0.1", port), 10, source_address=("127.0.0.2", 0))
            )
            opened.sendall(head.encode())
        yield


@contextmanager
def _locked(deployment: Deployment) -> Iterator[None]:
    """No one else can write."""
    with closing(
        sqlite3.connect(deployment.database, timeout=30, isolation_level=None)
    ) as database:
        database.execute("BEGIN IMMEDIATE")
        yield
        database.execute("ROLLBACK")


@contextmanager
def _flood(deployment: Deployment, looked_at: list[int]) -> Iterator[None]:
    """Wrong passwords, as fast as they are taken."""
    stop = threading.Event()

    def guess(number: int) -> None:
        browser = Browser(deployment)
        while not stop.is_set():
            # refused, busy, locked: all that is expected here
            with contextlib.suppress(RuntimeError, OSError, HTTPException):
                page = browser.to_password(deployment.clients["RS256"], "email", "A" * 43)
                while not stop.is_set():
                    browser.post(
                        page,
                        email=f"person{number}@bench.example",
                        password=secrets.token_urlsafe(12),
                    )
                    looked_at[0] += 1
                    # a wait after each wrong one is of the account
                    number = (number + GUESSERS) % PEOPLE

    threads = [threading.Thread(target=guess, args=(number,)) for number in range(GUESSERS)]
    for thread in threads:
        thread.start()
    time.sleep(1)
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()
