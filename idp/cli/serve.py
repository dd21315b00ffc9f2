"""`idp serve`: granian with its workers, and one process for the outbox. A stop lets answers under
way finish.

The parent process only watches, and imports little, so that the first answer comes soon.
"""

import atexit
import errno
import multiprocessing
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server as Granian

from idp.address import listening
from idp.cli import logs
from idp.cli.orphans import when_orphaned
from idp.operations import OperatorError
from idp.settings import Settings, database_url, load

if TYPE_CHECKING:
    from flask import Flask

# What glibc is told so that the 19 MB of a password hash go back to the system when it is done.
ALLOCATOR: Mapping[str, str] = {"MALLOC_MMAP_THRESHOLD_": "1048576", "MALLOC_ARENA_MAX": "2"}
RESTART = 1.0  # seconds before a lost outbox worker is started again


def application() -> "Flask":
    """What each granian worker serves; `idp serve` names the settings file by the environment."""
    from idp.app import create_app
    from idp.web import reference

    logs.init(reference)
    when_orphaned(lambda: os._exit(1))
    return create_app(load(Path(os.environ["IDP_SETTINGS"])))


def taken(host: str, port: int) -> bool:
    """Whether someone listens there. granian shares a port with such a program, so it is looked at
    first."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.errno == errno.EADDRINUSE
    return False


@click.command("serve")
@click.pass_context
def command(context: click.Context) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    path = Path(context.find_root().obj).resolve()
    settings = load(path)
    host = listening(settings.server.host) or settings.server.host
    if taken(host, settings.server.port):
        raise OperatorError(
            f"port {settings.server.port} on {settings.server.host} is in use; set "
            f"another server.port in {path.name}"
        )
    os.environ["IDP_SETTINGS"] = str(path)
    for name, value in ALLOCATOR.items():
        os.environ.setdefault(name, value)
    counted = tempfile.mkdtemp(prefix="idp-metrics-")  # where the processes count together
    atexit.register(shutil.rmtree, counted, ignore_errors=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = counted
    # workers share no thread, lock or connection with this process
    multiprocessing.set_start_method("spawn", force=True)
    server = Granian(
        "idp.cli.serve:application",
        factory=True,
        interface=Interfaces.WSGI,
        address=host,
        port=settings.server.port,
        workers=settings.server.workers,
        blocking_threads=settings.server.threads_in_all,
        respawn_failed_workers=True,
        workers_kill_timeout=settings.server.drain,
        # below it granian advises on the number of threads, which are for hashing and waiting
        log_level=LogLevels.error,
    )
    beside = _Beside(settings)
    server.on_startup(beside.start)
    server.on_shutdown(beside.stop)
    click.echo(
        f"Stagedoor serves {settings.issuer} on "
        f"{settings.server.host}:{settings.server.port}. Press Ctrl-C to stop."
    )
    server.serve()
    if beside.fault:
        raise OperatorError(beside.fault)


class _Beside:
    """What goes on beside the workers: the database is checked while they start, then the outbox
    has its process, started again when it is lost."""

    def __init__(self, settings: Settings) -> None:
        self.fault: str | None = None
        self._settings = settings
        # seconds the outbox may take to finish the message at hand
        self._patience = settings.server.drain
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._process and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(self._patience)
            except subprocess.TimeoutExpired:
                self._process.kill()

    def _run(self) -> None:
        self.fault = _fault(self._settings)
        if self.fault:
            os.kill(os.getpid(), signal.SIGTERM)
            return
        while not self._stopping.is_set():
            self._process = subprocess.Popen([sys.executable, "-m", "idp", "outbox"])
            self._process.wait()
            self._stopping.wait(RESTART)


def _fault(settings: Settings) -> str | None:
    """Why this database cannot be served from, or None."""
    database = database_url(settings.database.url)
    from sqlalchemy.exc import DBAPIError

    from idp.secret import Vault
    from idp.store import keys, migrate

    try:
        version = migrate.current(database)
        if migrate.newer(version):
            if migrate.serves(database):
                return None
            return (
                f"a newer program upgraded the database to version {version}; this program "
                f"supports up to {migrate.head()}; install the newer program"
            )
        if version != migrate.head():
            return "the database is not up to date; run `idp db upgrade`"
        if sealed := keys.any_sealed(database):
            Vault(settings.root).unseal("signing key", sealed)
        return None
    except ValueError:
        return (
            "the signing keys were sealed with another root secret; put the root secret of "
            "this database into secret_file"
        )
    except DBAPIError as error:
        return f"the database did not answer: {str(error.orig).splitlines()[0]}"
