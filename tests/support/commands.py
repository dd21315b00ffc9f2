"""The commands, run as an operator runs them."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import requests

ENVIRON = {
    name: value
    for name, value in os.environ.items()
    if not name.startswith(("IDP_", "DATABASE_", "PORT"))
}
# Someone's proxy, which nothing of ours asks on this machine: it is not there.
ENVIRON |= dict.fromkeys(
    ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"),
    "http://127.0.0.1:9",
)


def idp(settings: Path | str, *arguments: str, **environ: str) -> subprocess.CompletedProcess:
    """What a command said, and its exit code; never a traceback."""
    command = [sys.executable, "-m", "idp", "--settings", str(settings), *arguments]
    result = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=120,
        env={**ENVIRON, **environ},
        stdin=subprocess.DEVNULL,
    )
    assert "Traceback" not in result.stderr, result.stderr
    return result


def told(settings: Path | str, *arguments: str) -> Any:
    """What a command says as JSON."""
    return json.loads(idp(settings, *arguments, "--json").stdout)


def wait_for(url: str, process: subprocess.Popen, seconds: float = 30) -> None:
    """Until a server answers. Raises AssertionError after `seconds`, or if its process stops."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert process.poll() is None, "the server stopped"
        try:
            requests.get(url, timeout=2)
            return
        except requests.ConnectionError:
            time.sleep(0.05)
    raise AssertionError(f"{url} does not answer")


def done(folder: Path, *arguments: str, **environ: str) -> str:
    """What a command prints that has to succeed, with the settings in this folder."""
    command = [sys.executable, "-m", "idp", "--settings", str(folder / "idp.toml"), *arguments]
    return subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=240, env=ENVIRON | environ
    ).stdout
