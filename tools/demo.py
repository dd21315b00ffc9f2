"""`make demo`: the provider, the portal and the company's own provider with demo data, until
Ctrl-C.

Data lives under var/demo and is kept between runs; issuers and client addresses follow PORT at
every start."""

import fcntl
import multiprocessing
import os
import secrets
import signal
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from flask import Flask

from idp import clock, store
from idp.brand import Brand, load_brand
from idp.cli.init import write_settings
from idp.cli.orphans import when_orphaned
from idp.cli.serve import taken
from idp.house import built
from idp.operations import clients, employees, keys
from idp.settings import load
from idp.store import accounts as account_rows
from idp.store import migrate, upstream_accounts
from relying_party_demo import casework
from relying_party_demo import store as portal_store
from relying_party_demo.app import application
from tools import demo_company
from tools.announcing import DATA, announce
from tools.demo_people import ACTOR, CLIENT_ID, add_people, add_registrations

ROOT = Path(__file__).parent.parent
VAR = ROOT / "var" / "demo"
# what the portal does for administrators
SCOPES = ("users:read", "users:manage", "organizations:read", "organizations:manage", "audit:read")
LOG = VAR / "log"
# the servers are on this machine, whatever proxy the environment names
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def main() -> None:
    wanted = os.environ.get("PORT", "9000")
    if not wanted.isdigit() or not 0 < int(wanted) < 65534:
        sys.exit(f"PORT={wanted} is not a port. Choose one: PORT=9100 make demo")
    port = int(wanted)
    for one in (port, port + 1, port + 2):
        if taken("127.0.0.1", one):
            sys.exit(f"Port {one} is in use. Choose others: PORT=9100 make demo")
    issuer, portal, company = (f"http://localhost:{port + n}" for n in range(3))
    os.umask(0o077)  # secrets and hashes, be they of made-up people
    VAR.mkdir(parents=True, exist_ok=True)
    alone = VAR.with_suffix(".running").open("w")  # beside it: `make demo-reset` removes the folder
    try:
        fcntl.flock(alone, fcntl.LOCK_EX | fcntl.LOCK_NB)  # held until this process ends
    except BlockingIOError:
        sys.exit(
            "A demo is already running in this checkout. Stop it first, or use another checkout."
        )
    kept = (VAR / "provider.sqlite").exists()
    with step("Preparing databases, people and clients"):
        company_settings = demo_company.prepare(
            DATA, VAR, port + 2, ACTOR, issuer, load_brand(brand()).name
        )
        provider_settings = prepare_provider(port, issuer, portal, company)
        portal_settings = prepare_portal(issuer, portal)
        registered = who_is_registered(provider_settings)
    # also where a shell has set Ctrl-C to be ignored
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    processes: list[subprocess.Popen[bytes]] = []
    with log() as out:
        try:
            with step("Starting the identity provider and the company's own"):
                processes.append(
                    _started(out, "-m", "idp", "--settings", str(provider_settings), "serve")
                )
                processes.append(
                    _started(out, "-m", "idp", "--settings", str(company_settings), "serve")
                )
                for address in (issuer, company):
                    wait_for(f"{address}/.well-known/openid-configuration", processes)
            # once the provider answers: its first visitor is sent there
            with step("Starting the portal"):
                processes.append(
                    _started(out, "-m", "tools.demo", "portal", str(port + 1), str(portal_settings))
                )
                wait_for(f"{portal}/signed-out", processes)
            announce(issuer, portal, company, kept, registered)
            while all(process.poll() is None for process in processes):
                time.sleep(0.3)
            sys.exit(f"A server stopped. {why()}")
        finally:
            end(processes)


@contextmanager
def step(what: str) -> Iterator[None]:
    """A line that says what is done, and how long it took."""
    began = time.monotonic()
    print(f"{what} …", end="", flush=True)
    yield
    print(f" {time.monotonic() - began:.1f} s", flush=True)


@contextmanager
def log() -> Iterator[IO[bytes] | None]:
    """Where the servers write: a file of this run, or with LOG=1 the screen."""
    if os.environ.get("LOG"):
        yield None
    else:
        with LOG.open("wb") as out:
            yield out


def why() -> str:
    """What the servers said last."""
    if os.environ.get("LOG"):
        return "Its message is above."
    last = LOG.read_text("utf-8", "replace").splitlines()[-5:]
    return "\n  ".join(
        [
            f"The log is {LOG.relative_to(ROOT) if LOG.is_relative_to(ROOT) else LOG}. "
            "Its last lines:",
            *last,
        ]
    )


def _stop(*_: object) -> None:
    sys.exit(0)


def _started(out: IO[bytes] | None, *arguments: str) -> "subprocess.Popen[bytes]":
    """A server in a process group of its own: Ctrl-C reaches the demo alone, which ends its servers
    in order."""
    return subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, stdout=out, stderr=out, start_new_session=True
    )


def end(processes: "list[subprocess.Popen[bytes]]") -> None:
    """End the servers, gently for some seconds, then for certain; a second Ctrl-C changes
    nothing."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def prepare_provider(port: int, issuer: str, portal: str, company: str) -> Path:
    """Settings, written again, and database, keys, people and the portal's client, which are
    kept."""
    path = VAR / "provider.toml"
    shipped: dict[str, Any] = {"lifetimes": {"sign_in_email_code": 30}, "phone": {"call": "bare"}}
    shipped["brands"] = [str(DATA / "brands" / f"{name}.toml") for name in demo_brands()]
    shipped["registration_profile"] = "us-healthcare"
    shipped["upstreams"] = [demo_company.upstream(DATA, port + 2, load_brand(brand()).name)]
    write_settings(
        path, issuer, "", "", mode="demo", brand=brand(), portal_url=f"{portal}/", **shipped
    )
    house = built(load(path))
    with house.working():
        migrate.upgrade()
        store.writing()
        keys.ensure(clock.now(), ACTOR, house.keyring)
        people = tomllib.loads((DATA / "people.toml").read_text("utf-8-sig"))
        add_people(people, house.settings.look)
        add_registrations(people, house.mailed_link)
        for before in set(upstream_accounts.issuers()) - {
            company
        }:  # another PORT than the last time
            employees.move(clock.now(), ACTOR, before, company)
        addresses: dict[str, Any] = {
            "redirect_uris": [f"{portal}/callback"],
            "post_logout_redirect_uris": [f"{portal}/signed-out"],
            "backchannel_logout_uri": f"{portal}/backchannel-logout",
            "initiate_login_uri": f"{portal}/login",
        }
        if CLIENT_ID not in {client.id for client in clients.listed()}:
            made = clients.add(
                clock.now(),
                ACTOR,
                house.vault,
                {"client_name": "Atrezzo", **addresses},
                client_id=CLIENT_ID,
            )
            (VAR / "portal.secret").write_text(made["client_secret"], "utf-8")
        clients.update(clock.now(), ACTOR, CLIENT_ID, addresses)
        clients.add_scopes(clock.now(), ACTOR, CLIENT_ID, SCOPES)
        store.commit()
    return path


def who_is_registered(settings: Path) -> frozenset[str]:
    """The usernames of the people who sign in with an address by now."""
    with built(load(settings)).working():
        return frozenset(one.username for one in account_rows.listed() if one.sign_in_address)


def demo_brands() -> dict[str, Brand]:
    """The looks that the portal has had, by id."""
    found = [load_brand(str(path)) for path in sorted((DATA / "brands").glob("*.toml"))]
    return {one.id: one for one in found}


def brand_name() -> str:
    """The brand that was asked for, by its id."""
    return load_brand(brand()).id


def brand() -> str:
    """The file of the look: BRAND=acentra shows the second one."""
    wanted, known = os.environ.get("BRAND", "kepro"), demo_brands()
    if wanted not in known:
        sys.exit(f"BRAND={wanted} does not exist: there are {' and '.join(known)}.")
    return str(DATA / "brands" / f"{wanted}.toml")


def prepare_portal(issuer: str, portal: str) -> Path:
    path, cookie = VAR / "portal.toml", VAR / "portal.cookie"
    if not cookie.exists():
        cookie.write_text(secrets.token_urlsafe(32), "utf-8")
    database = VAR / "portal.sqlite"
    path.write_text(
        f'issuer = "{issuer}"\nbase_url = "{portal}"\nclient_id = "{CLIENT_ID}"\n'
        f'client_secret = "{(VAR / "portal.secret").read_text("utf-8")}"\n'
        f'cookie_secret = "{cookie.read_text("utf-8")}"\ndatabase = "{database}"\nbrand = '
        f'"{brand_name()}"\ngallery = true\n',
        "utf-8",
    )
    path.chmod(0o600)
    portal_store.prepare(str(database))
    casework.fill(
        str(database), tomllib.loads((DATA / "cases.toml").read_text("utf-8-sig"))["cases"]
    )
    return path


def portal() -> Flask:
    """The portal in its worker process, which ends with the demo."""
    when_orphaned(lambda: os._exit(1))
    return application()


def serve_portal(port: int, settings: str) -> None:
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    os.environ["PORTAL_SETTINGS"] = settings
    multiprocessing.set_start_method("spawn", force=True)
    target = "tools.demo:portal"
    Server(
        target,
        factory=True,
        interface=Interfaces.WSGI,
        address="127.0.0.1",
        port=port,
        blocking_threads=4,
        log_level=LogLevels.warning,
    ).serve()


def wait_for(url: str, processes: list["subprocess.Popen[bytes]"], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if any(process.poll() is not None for process in processes):
            sys.exit(f"\nA server could not start. {why()}")
        try:
            with DIRECT.open(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    sys.exit(f"\n{url} did not answer within {seconds:.0f} seconds. {why()}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["portal"]:
        serve_portal(int(sys.argv[2]), sys.argv[3])
    else:
        main()
