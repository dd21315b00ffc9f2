"""A provider as `idp init` and one round of the worker leave it, in a folder of its own, and the
commands an operator runs on it."""

import json
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

from idp.delivery.worker import Worker
from idp.house import built
from idp.settings import load
from idp.store.database import engine
from tests.support.commands import ENVIRON, done, wait_for
from tests.support.postgres import free_port


def make(folder: Path) -> None:
    """`idp init` in a new folder, and what the worker does about that: else the doctor finds after
    a minute that none has been there."""
    begun = folder.with_name("deployment-in-the-making")
    done(begun, "init", "--issuer", "http://localhost:9")
    settings = load(begun / "idp.toml", {})
    house = built(settings)
    with house.working():
        worker = Worker(settings, house.vault)
        while worker.step():
            pass
        engine().dispose()
    begun.rename(folder)


class Deployment:
    """A provider as `idp init` and one round of the worker leave it, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.process = None
        # by the first test of this process; the others get a copy, with the same secret and keys
        fresh = folder.parent / "deployment-as-made"
        if not fresh.exists():
            make(fresh)
        shutil.copytree(fresh, folder, dirs_exist_ok=True)
        self.set("issuer", f'"http://localhost:{self.port}"')
        self.set("port", str(self.port), "server")

    @property
    def settings(self) -> Path:
        return self.folder / "idp.toml"

    def set(self, key: str, value: str, section: str = "") -> None:
        """Write a key, once, into its section."""
        text = self.settings.read_text()
        head, mark, rest = text.partition(f"\n[{section}]") if section else ("", "", text)
        rest = re.sub(rf"(?m)^(# )?{key} = .*$", f"{key} = {value}", rest, count=1)
        self.settings.write_text(head + mark + rest)

    def doctor(self) -> tuple[int, list[dict]]:
        command = [
            sys.executable,
            "-m",
            "idp",
            "--settings",
            str(self.settings),
            "doctor",
            "--json",
        ]
        result = subprocess.run(command, capture_output=True, text=True, timeout=60, env=ENVIRON)
        assert "Traceback" not in result.stderr, result.stderr
        return result.returncode, json.loads(result.stdout)

    def wrong(self) -> dict[str, dict]:
        code, findings = self.doctor()
        found = {one["about"]: one for one in findings if one["state"] == "problem"}
        assert all(one["cure"] for one in findings if one["state"] != "ok"), (
            "each finding says what to do"
        )
        assert code == (1 if found else 0)
        return found

    def serve(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "idp", "--settings", str(self.settings), "serve"],
            env=ENVIRON,
            stdout=subprocess.DEVNULL,
        )
        wait_for(f"http://127.0.0.1:{self.port}/healthz", self.process)

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(30)
            self.process = None

    def sql(self, statement: str) -> None:
        with sqlite3.connect(self.folder / "idp.sqlite") as database:
            database.execute(statement)
