"""The nginx of deploy/ in front of a provider that `idp serve` serves, over https."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.support.commands import ENVIRON, done, wait_for
from tests.support.postgres import find, free_port
from tests.support.tls import certificate

CONF = Path(__file__).parent.parent.parent / "deploy" / "nginx.conf"


@dataclass(frozen=True)
class Front:
    """`trusted` is the file of its certificate, `public` the port for https, `plain` that for http,
    `inner` the provider's own."""

    folder: Path
    issuer: str
    trusted: str
    public: int
    plain: int
    inner: int


def program() -> str | None:
    return find("nginx") or next(
        (str(path) for path in (Path("/usr/sbin/nginx"),) if path.exists()), None
    )


@contextmanager
def in_front(folder: Path, *init: str, **settings: str) -> Iterator[Front]:
    """A provider whose issuer is https, set up by `idp init` with these options; `settings` are
    lines of idp.toml by key."""
    trusted, inner, public, plain = certificate(folder), free_port(), free_port(), free_port()
    front = Front(folder, f"https://localhost:{public}", str(trusted), public, plain, inner)
    done(folder, "init", "--issuer", front.issuer, *init)
    text = (folder / "idp.toml").read_text()
    text = re.sub(r"(?m)^port = .*$", f"port = {inner}", text, count=1)
    for name, value in {"proxy_hops": "1", **settings}.items():
        text, found = re.subn(rf"(?m)^# {name} = .*$", f"{name} = {value}", text, count=1)
        assert found, name
    (folder / "idp.toml").write_text(text)
    (folder / "nginx.conf").write_text(_configuration(front))
    log = str(folder / "error.log")
    servers = [
        subprocess.Popen(
            [sys.executable, "-m", "idp", "--settings", str(folder / "idp.toml"), "serve"],
            env=ENVIRON,
            stdout=subprocess.DEVNULL,
        ),
        subprocess.Popen(
            [str(program()), "-c", str(folder / "nginx.conf"), "-p", str(folder), "-e", log]
        ),
    ]
    try:
        wait_for(f"http://127.0.0.1:{inner}/healthz", servers[0])
        for _ in range(100):
            try:
                requests.get(f"{front.issuer}/healthz", timeout=2, verify=str(trusted))
                break
            except requests.ConnectionError:
                assert servers[1].poll() is None, (folder / "error.log").read_text()
                time.sleep(0.05)
        yield front
    finally:
        for server in servers:
            server.terminate()
            server.wait(30)


def _configuration(front: Front) -> str:
    """That of deploy/, with the names, ports and folders of a test."""
    site = (
        CONF.read_text()
        .replace("127.0.0.1:9000", f"127.0.0.1:{front.inner}")
        .replace("login.example.org", "localhost")
    )
    site = re.sub(
        r"listen (\[::\]:)?443 ssl;", f"listen 127.0.0.1:{front.public} ssl;", site, count=1
    )
    site = re.sub(r"listen (\[::\]:)?80;", f"listen 127.0.0.1:{front.plain};", site, count=1)
    site = (
        re.sub(r".*listen \[::\].*\n", "", site)
        .replace("/etc/ssl/stagedoor", str(front.folder))
        .replace("/var/log/nginx", str(front.folder))
    )
    version = subprocess.run(
        [str(program()), "-v"], capture_output=True, text=True, check=True
    ).stderr
    if tuple(map(int, re.findall(r"[0-9]+", version)[:3])) < (1, 25, 1):
        site = site.replace("    http2 on;\n", "")  # its older spelling is part of `listen`
    temporary = "".join(
        f"{name}_temp_path {front.folder}/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    # its own would not reach the folder of a test
    user = "user root;\n" if os.geteuid() == 0 else ""
    return (
        f"{user}daemon off;\nerror_log {front.folder}/error.log;\npid "
        f"{front.folder}/nginx.pid;\nevents {{}}\nhttp {{\n{temporary}{site}}}\n"
    )
