"""A deployment to measure: one worker on one core, the load on the others."""

import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from idp import clock, store
from idp.app import create_app
from idp.cli.init import write_settings
from idp.factors.password import hashed
from idp.oauth.metadata_checks import SERVICE
from idp.operations import clients, keys, resource_servers
from idp.settings import load
from idp.store import accounts, migrate

PASSWORD = "a-password-of-the-benchmark"
PEOPLE = 400
API = "https://api.bench.example"
TICK = os.sysconf("SC_CLK_TCK")
CORES = sorted(os.sched_getaffinity(0))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def resident_mb(pid: int) -> float:
    line = next(
        line
        for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        if line.startswith("VmRSS")
    )
    return int(line.split()[1]) / 1024


def children(pid: int) -> dict[int, str]:
    """The processes that this one started, with their command lines."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                if parent == pid:
                    found[int(entry.name)] = (entry / "cmdline").read_text().replace("\0", " ")
            except (OSError, IndexError):
                continue
    return found


class Deployment:
    """Made in a folder of its own; started by `with`."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="stagedoor-bench-"))
        self.port = free_port()
        self.issuer = f"http://localhost:{self.port}"
        path = self.folder / "idp.toml"
        write_settings(
            path,
            self.issuer,
            "",
            "",
            rate_limits=dict.fromkeys(("visits", "forms", "failures", "management"), 1000000),
            phone={"most_per_day": 1000000},
        )
        self.settings = load(path, {})
        app = create_app(self.settings)
        with app.app_context():
            migrate.upgrade()
            store.writing()
            now = clock.now()
            house = app.extensions["stagedoor"]
            keys.ensure(now, "bench", house.keyring)
            made = {}
            for alg in ("RS256", "ES256"):
                about = {
                    "client_name": alg,
                    "redirect_uris": ["http://localhost:1/callback"],
                    "id_token_signed_response_alg": alg,
                }
                made[alg] = clients.add(now, "bench", house.vault, about)
            resource_servers.add(now, "bench", API, "Bench", {"bench:read": "read"})
            for name, opaque in (("machine", False), ("opaque machine", True)):
                service = {
                    "client_name": name,
                    "grant_types": [SERVICE],
                    "scope": "bench:read",
                    "access_token_format": "opaque" if opaque else "jwt",
                }
                made[name] = clients.add(now, "bench", house.vault, service)
            made["API"] = clients.add(
                now, "bench", house.vault, {"client_name": "API", "introspects": [API]}
            )
            shared_hash = hashed(PASSWORD)
            for n in range(PEOPLE):
                accounts.add(
                    now,
                    f"person{n}",
                    f"person{n}@bench.example",
                    "Per",
                    "Son",
                    shared_hash,
                    f"person{n}@bench.example",
                    f"+1303{2000000 + n}",
                )
            store.commit()
        self.clients = made
        self.database = self.folder / "idp.sqlite"

    def __enter__(self) -> "Deployment":
        command = [
            sys.executable,
            "-m",
            "idp",
            "--settings",
            str(self.folder / "idp.toml"),
            "serve",
        ]
        begun = time.monotonic()
        self.process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=(self.folder / "log").open("w")
        )
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1) as probe:
                    probe.sendall(
                        f"GET /jwks HTTP/1.1\r\nHost: localhost:{self.port}\r\nConnection: close\r\n\r\n".encode()
                    )
                    if probe.recv(12) == b"HTTP/1.1 200":
                        break
            except OSError:
                pass
            time.sleep(0.01)
        self.start_seconds = time.monotonic() - begun
        started = children(self.process.pid)
        self.worker = next(
            pid
            for pid, line in started.items()
            if "spawn_main" in line and "resource_tracker" not in line
        )
        for pid in (self.process.pid, *started):
            for thread in Path(f"/proc/{pid}/task").iterdir():
                os.sched_setaffinity(
                    int(thread.name), {CORES[0] if pid == self.worker else CORES[-1]}
                )
        os.sched_setaffinity(0, {CORES[-1]})
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(30)

    def newest_code(self, address: str, after: int) -> str:
        """The code mailed to this address as a message later than `after`."""
        with closing(
            sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10)
        ) as database:
            for _ in range(1000):
                found = database.execute(
                    "SELECT code FROM inbox WHERE recipient = ? AND id > ? ORDER BY id DESC",
                    (address, after),
                ).fetchone()
                if found:
                    return str(found[0])
                time.sleep(0.02)
        raise TimeoutError(f"no mail for {address}")

    def last_message(self) -> int:
        with closing(
            sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10)
        ) as database:
            return int(database.execute("SELECT coalesce(max(id), 0) FROM inbox").fetchone()[0])
