"""How the benchmark measures: requests under load, and the floor beneath them."""

import base64
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from benchmarks.deployment import (
    CORES,
    PASSWORD,
    Deployment,
    children,
    cpu_seconds,
    free_port,
)
from idp.factors.password import _hasher, hashed

SECONDS = float(os.environ.get("SECONDS", "4"))
FLOOR = "bare Flask route"
CONFIRM = """
from flask import Flask
def application():
    app = Flask("bare")
    app.get("/")(lambda: "hello")
    return app
"""


class Measured:
    """Requests a second and CPU µs of the server for one."""

    def __init__(self, per_second: float, cpu: float) -> None:
        self.per_second = per_second
        self.cpu = cpu


def loaded(
    pid: int,
    act: Callable[[int], Callable[[], None]],
    threads: int = 8,
    seconds: float = SECONDS,
    less: float = 0.0,
) -> Measured:
    """Let threads act for a while; `less` is CPU µs of each act that are not counted."""
    counts, stop = [0] * threads, threading.Event()

    def work(n: int) -> None:
        one = act(n)
        while not stop.is_set():
            one()
            counts[n] += 1

    workers = [threading.Thread(target=work, args=(n,)) for n in range(threads)]
    for worker in workers:
        worker.start()
    time.sleep(0.5)
    before, at, done = cpu_seconds(pid), time.monotonic(), sum(counts)
    time.sleep(seconds)
    used, passed, made = cpu_seconds(pid) - before, time.monotonic() - at, sum(counts) - done
    stop.set()
    for worker in workers:
        worker.join()
    return Measured(made / passed, 1e6 * used / max(made, 1) - less)


def raw(
    port: int,
    path: str,
    headers: str = "",
    host: str = "localhost",
    method: str = "GET",
    body: str = "",
) -> Callable[[int], Callable[[], None]]:
    """Send the same request over and over on a connection that stays open."""
    request = f"{method} {path} HTTP/1.1\r\nHost: {host}:{port}\r\n{headers}\r\n{body}".encode()

    def start(_: int) -> Callable[[], None]:
        connection = socket.create_connection(("127.0.0.1", port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def one() -> None:
            connection.sendall(request)
            data = connection.recv(65536)
            head, _, body = data.partition(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(head.decode())
            missing = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0]) - len(
                body
            )
            while missing > 0:
                missing -= len(connection.recv(65536))

        return one

    return start


def posting(
    deployment: Deployment, name: str, path: str, form: dict[str, str]
) -> Callable[[int], Callable[[], None]]:
    """POST the same form as this client over and over."""
    client = deployment.clients[name]
    basic = base64.b64encode(f"{client['client_id']}:{client['client_secret']}".encode()).decode()
    body = urlencode(form)
    headers = (
        f"Authorization: Basic {basic}\r\nContent-Type: "
        f"application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
    )
    return raw(deployment.port, path, headers, method="POST", body=body)


def cost(act: Callable[[], Any], times: int) -> float:
    """CPU µs of one call in this process."""
    act()
    begun = time.process_time()
    for _ in range(times):
        act()
    return 1e6 * (time.process_time() - begun) / times


def bare_flask() -> Measured:
    folder = Path(os.environ.get("TMPDIR", "/tmp")) / f"bare-{os.getpid()}"
    folder.mkdir(exist_ok=True)
    (folder / "bare.py").write_text(CONFIRM)
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--factory",
        "bare:application",
        "--port",
        str(port),
        "--blocking-threads",
        "8",
    ]
    process = subprocess.Popen([*command, "--no-access-log", "--log-level", "warning"], cwd=folder)
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.05)

        worker = next(
            pid for pid, line in children(process.pid).items() if "resource_tracker" not in line
        )
        for thread in Path(f"/proc/{worker}/task").iterdir():
            os.sched_setaffinity(int(thread.name), {CORES[0]})
        os.sched_setaffinity(0, {CORES[-1]})
        return loaded(worker, raw(port, "/"))
    finally:
        process.terminate()
        process.wait(20)


def floor() -> dict[str, Measured]:
    stored = hashed(PASSWORD)
    es, rs = ECKey.generate_key("P-256"), RSAKey.generate_key(2048)
    claims = {"iss": "http://localhost", "sub": "x" * 22, "exp": 2_000_000_000}
    costs = {
        "Argon2id, one password": cost(lambda: _hasher.verify(stored, PASSWORD), 20),
        "ES256, one signature": cost(
            lambda: jwt.encode({"alg": "ES256"}, claims, es, ["ES256"]), 500
        ),
        "RS256, one signature": cost(
            lambda: jwt.encode({"alg": "RS256"}, claims, rs, ["RS256"]), 200
        ),
    }
    return {FLOOR: bare_flask()} | {
        name: Measured(1e6 / value, value) for name, value in costs.items()
    }
