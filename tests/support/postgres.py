"""A PostgreSQL server of the tests' own, on loopback, for as long as they run."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path


def find(tool: str) -> str | None:
    """Server tools lie in folders that are on no one's PATH."""
    folders = [
        *os.environ["PATH"].split(":"),
        "/usr/local/bin",
        *map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)),
    ]
    return shutil.which(tool, path=":".join(folders))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def free_row() -> int:
    """A port that is free with the two after it, below those that systems hand out: no one else's
    free_port takes one."""
    for port in range(20000 + 3 * (os.getpid() % 3000), 32000, 3):
        with contextlib.ExitStack() as row, contextlib.suppress(OSError):
            for number in range(3):
                row.enter_context(socket.socket()).bind(("127.0.0.1", port + number))
            return port
    raise RuntimeError("no three free ports in a row")


class Postgres:
    """Started once a test run; each test gets a database of its own, copied from a template."""

    def __init__(self) -> None:
        initdb, postgres = find("initdb"), find("postgres")
        if initdb is None or postgres is None:
            raise FileNotFoundError("no PostgreSQL server")
        self.folder = Path(tempfile.mkdtemp(prefix="stagedoor-pg-"))
        user = self._user()
        data = self.folder / "data"
        run_as = {"user": user} if os.getuid() == 0 else {}
        if run_as:
            shutil.chown(self.folder, user)
        subprocess.run(
            [initdb, "-D", data, "-A", "trust", "-U", "idp", "--no-sync"],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd="/",
            **run_as,
        )
        self.port = free_port()
        options = [
            "-k",
            self.folder,
            "-h",
            "127.0.0.1",
            "-p",
            str(self.port),
            "-c",
            "fsync=off",
            "-c",
            "max_connections=300",
        ]
        self._command, self._run_as = [postgres, "-D", data, *options], run_as
        self._start()

    def _start(self) -> None:
        self.process = subprocess.Popen(
            self._command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            **self._run_as,
        )
        self._wait()

    def restart(self) -> None:
        """Cut off everyone, and come back."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(20)
        self._start()

    @staticmethod
    def _user() -> str:
        if os.getuid() != 0:
            return pwd.getpwuid(os.getuid()).pw_name
        try:
            return pwd.getpwnam("postgres").pw_name
        except KeyError:
            return "nobody"

    def url(self, name: str = "postgres", port: int | None = None) -> str:
        """The address of a database, by way of another port where one leads here."""
        return f"postgresql://idp@127.0.0.1:{port or self.port}/{name}"

    def execute(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement)

    def _wait(self) -> None:
        import time

        for _ in range(200):
            try:
                self.execute("SELECT 1")
                return
            except Exception:
                time.sleep(0.05)
        raise RuntimeError("PostgreSQL did not start")

    def stop(self) -> None:
        # a fast shutdown: whoever is still connected is cut off
        self.process.send_signal(signal.SIGINT)
        self.process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)
