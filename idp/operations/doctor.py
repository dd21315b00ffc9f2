"""What `idp doctor` looks at: everything that has to be right for people to get in, each finding with what to do."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.exc import DBAPIError

from idp.address import loopback
from idp.factors.phone import METHODS, Spending
from idp.oauth.keys import ALGORITHMS, Keyring
from idp.settings import Settings, database_url, faults
from idp.store import accounts, audit, clients, codes, database, migrate, outbox, rollback, writing

OK, WARNING, PROBLEM = "ok", "warning", "problem"
OLD_KEY = 180 * 86400  # seconds after which a signing key should have a successor
APART = 5.0  # seconds between the clocks of a node and its database: what is good once expires by the clock
STUCK = 60  # seconds that a message or an audit row waits when no worker is there
LITTLE = 500 * 1024 * 1024  # bytes free on the disk of the database


@dataclass(frozen=True)
class Finding:
    """`about` is what was looked at, `cure` what to do; empty when all is well."""

    about: str
    state: str
    says: str
    cure: str = ""


def of_settings(settings: Settings, path: Path) -> Iterator[Finding]:
    """What the settings say, and what is refused in production."""
    found = list(faults(settings))
    for fault in found:
        yield Finding("settings", PROBLEM, f"{fault.key}: {fault.says}", f"Change {fault.key} in {path.name}.")
    if not found:
        yield Finding("settings", OK, f"{path.name} can be served: issuer {settings.issuer}, brand {settings.brand}, ways {', '.join(settings.ways)}.")
    if settings.mode == "production":
        yield Finding("mode", OK, "Mode production: the inbox, http issuers, weak secrets and several nodes on SQLite are refused at start.")
    else:
        yield Finding(
            "mode",
            WARNING,
            f"Mode {settings.mode}: the inbox may show every code, so only people of this machine may come here.",
            "For real people set mode to production and name a mail server.",
        )
    url = database_url(settings.database.url)
    names = [settings.secret_file, settings.metrics.token_file, settings.mail.password_file, *(one.client_secret_file for one in settings.upstreams)]
    names += [url.removeprefix("sqlite:///")] if url.startswith("sqlite") else []
    files = [path, *(path.parent / name for name in names if name)]
    readable = [file for file in files if file.is_file() and file.stat().st_mode & 0o077]
    for file in readable:
        yield Finding("secrets", PROBLEM, f"{file.name} can be read by other users of this machine.", f"chmod 600 {file}")
    if not readable:
        yield Finding("secrets", OK, "Settings, secrets and an SQLite database are readable by their owner alone, and the root secret is strong enough.")
    port = urlsplit(settings.issuer).port
    if not settings.public and not settings.secure and not settings.server.proxy_hops and port != settings.server.port:
        says = f"issuer has port {port}, and the server listens on {settings.server.port}: without a proxy between them nobody finds it."
        yield Finding("settings", PROBLEM, says, f"Set server.port to {port}, or the issuer to the port of the server, and restart.")
    name = ("__Host-" if settings.secure else "") + "idp" + (f"_{port}" if port else "") + "_session"
    kept = "Secure, HttpOnly, SameSite=Lax" if settings.secure else "HttpOnly, SameSite=Lax; without Secure, since this is http on this machine"
    yield Finding("cookies", OK, f"Browsers hold {name} ({kept}), and one cookie more for each sign-in under way.")
    host = settings.issuer.partition("://")[2]
    yield Finding(
        "host",
        OK,
        f"Requests are answered for the host {host} alone" + ("; 127.0.0.1 is another host than localhost." if host.startswith("localhost") else "."),
    )


def of_sender(settings: Settings) -> Iterator[Finding]:
    """Whether mails come from an address that mail servers take."""
    sender = settings.mail.sender or parseaddr(settings.look.sender)[1]
    host = sender.rpartition("@")[2]
    if settings.mail.host and settings.public and (loopback(host) or "." not in host):
        yield Finding("mail", PROBLEM, f"Mails come from {sender}, which no mail server takes.", "Set mail.sender to an address of your domain, and restart.")


def of_port(settings: Settings) -> Iterator[Finding]:
    """Whether the port is open to everybody with nothing in front of it that waits for slow senders."""
    if not loopback(settings.server.host) and not settings.server.proxy_hops:
        says = f"The server listens on {settings.server.host} with no proxy in front: it answers few slow senders at once, and no TLS."
        yield Finding("server", WARNING, says, "Put nginx in front (deploy/nginx.conf), set server.host to 127.0.0.1 and server.proxy_hops to 1, and restart.")


def of_database(settings: Settings) -> Iterator[Finding]:
    """Whether the database is there, up to date and can be written. The checks after this one need all of it."""
    url = database_url(settings.database.url)
    file = Path(url.removeprefix("sqlite:///"))
    if url.startswith("sqlite") and not file.is_file():  # looking at it would make an empty one
        yield Finding("database", PROBLEM, f"There is no file {file}.", "Check database.url. For a new deployment, run idp init.")
        return
    try:
        current = migrate.current()
    except DBAPIError as error:
        why = str(error.orig).splitlines()[0]
        yield Finding("database", PROBLEM, f"The database does not answer: {why}", "Check database.url, and that its server runs and lets this machine in.")
        return
    if current is None:
        yield Finding("migrations", PROBLEM, "The database is empty.", "Run idp init: it keeps what is there already.")
        return
    if current != migrate.head():
        newer = current > migrate.head()
        cure = "Run this command with the newer version that upgraded it." if newer else "Make a backup (idp backup FILE), then run idp db upgrade."
        says = (
            f"A newer program has upgraded the database to version {current}; this one knows {migrate.head()}."
            if newer
            else (f"The database is at version {current}, this program wants {migrate.head()}.")
        )
        yield Finding("migrations", PROBLEM, says, cure)
        return
    yield Finding("migrations", OK, f"The database is at version {current}, the newest.")
    try:
        writing(afresh=True)
        rollback()
    except DBAPIError as error:
        why = str(error.orig).splitlines()[0]
        cure = "Give the user that runs idp write access to it and, for SQLite, to its folder."
        if "locked" in why:
            cure = "Another program holds its write lock (a restore, an editor of databases): let it finish, or end it."
        yield Finding("database", PROBLEM, f"The database cannot be written: {why}", cure)
        return
    where, free = _disk(settings)
    if free is not None and free < LITTLE:
        yield Finding("database", WARNING, f"Only {free // 1024 // 1024} MiB are free beside {where}.", "Make room; when it is full nobody can sign in.")
    else:
        yield Finding("database", OK, f"It answers, can be written and takes {database.size() // 1024} KiB.")
    rollback()


def _disk(settings: Settings) -> tuple[str, int | None]:
    url = database_url(settings.database.url)
    file = Path(url.removeprefix("sqlite:///"))
    return (file.name, shutil.disk_usage(file.parent).free) if url.startswith("sqlite") else ("", None)


def of_clock(now: float) -> Iterator[Finding]:
    """Whether this machine's clock agrees with the database server's and with what has been written already."""
    newest = audit.newest()
    apart = database.seconds_apart(now)
    if newest is not None and newest > now + STUCK:
        yield Finding(
            "clock",
            PROBLEM,
            f"The clock is {newest - now:.0f} seconds behind what was recorded last: codes and sessions live too long.",
            "Set the clock by NTP (timedatectl set-ntp true).",
        )
    elif abs(apart) > APART:
        yield Finding(
            "clock",
            PROBLEM,
            f"This machine's clock and the database server's are {abs(apart):.0f} seconds apart.",
            "Set both by NTP (timedatectl set-ntp true).",
        )
    else:
        yield Finding("clock", OK, "The clock agrees with the database.")


def of_keys(keyring: Keyring, now: float) -> Iterator[Finding]:
    """Whether tokens can be signed, and how old the keys are."""
    try:
        keys = list(keyring.all())
    except ValueError:
        yield Finding(
            "keys",
            PROBLEM,
            "The signing keys were sealed with another root secret.",
            "Put the root secret of this database into secret_file: it is in the copy that was kept apart from the backups.",
        )
        return
    for alg in ALGORITHMS:
        active = [key for key in keys if key.alg == alg and key.active_from <= now]
        if not active:
            yield Finding("keys", PROBLEM, f"No key signs {alg}.", "Run idp init: it makes the keys that are missing.")
        elif now - active[-1].active_from > OLD_KEY and not any(key.alg == alg and key.active_from > now for key in keys):
            yield Finding(
                "keys",
                WARNING,
                f"The {alg} key has signed for {(now - active[-1].active_from) / 86400:.0f} days.",
                "Run idp keys rotate; clients notice nothing.",
            )
        else:
            yield Finding("keys", OK, f"{alg} is signed by {active[-1].kid[:12]}…, {(now - active[-1].active_from) / 86400:.0f} days old.")


def of_outbox(now: float) -> Iterator[Finding]:
    """Whether messages leave, and the audit trail is tied up."""
    waiting, oldest = outbox.waiting(now)
    dropped = outbox.dropped_since(now - 3600)
    unchained = audit.oldest_unchained()
    untied = now - unchained if unchained is not None else 0
    if max(oldest, untied) > STUCK:
        stuck = f"{waiting} messages wait, the oldest for {oldest:.0f} seconds: no worker takes them."
        idle = f"The audit trail has not been tied up for {untied:.0f} seconds: no worker does it."
        cure = "Run idp serve, which starts the worker; its log says why if it cannot work."
        yield Finding("outbox", PROBLEM, stuck if oldest > STUCK else idle, cure)
    elif dropped:
        yield Finding("outbox", WARNING, f"{dropped} messages of the last hour could not be delivered.", "The log names the reason of each (idp.outbox).")
    else:
        yield Finding("outbox", OK, f"{waiting} messages wait.")


def of_phone(settings: Settings, now: float) -> Iterator[Finding]:
    """What texts and calls have cost today, and whether they are stopped."""
    if "phone" not in settings.sign_in.ways:
        return
    sent, used = codes.share_used(METHODS, now - 86400, now)
    state = Spending(settings).state(now)
    if state == "cap":
        yield Finding(
            "phone",
            PROBLEM,
            f"Texts and calls are stopped: {sent} of {settings.phone.most_per_day} in 24 hours.",
            "If these were real sign-ins, raise phone.most_per_day; else see who causes them: idp audit export.",
        )
    elif state == "breaker":
        yield Finding(
            "phone",
            PROBLEM,
            f"Texts and calls are stopped: {used} of {sent} in 24 hours were used, fewer than phone.breaker_share.",
            "Somebody may have them sent for money, or the carrier loses them. They go on by themselves within an hour.",
        )
    else:
        yield Finding(
            "phone",
            OK,
            f"{sent} texts and calls in 24 hours, {used} of them used; the limit is {settings.phone.most_per_day}. Call Me is {settings.phone.call}.",
        )


def of_clients() -> Iterator[Finding]:
    """Whether anybody can sign in anywhere."""
    count = len(clients.listed())
    if count:
        yield Finding("clients", OK, f"{count} registered.")
    else:
        yield Finding("clients", WARNING, "No client is registered, so nobody can sign in anywhere.", "idp clients add NAME --redirect-uri URL")


def of_employees(settings: Settings) -> Iterator[Finding]:
    """Whether every company that manages accounts is in the settings."""
    for issuer in accounts.issuers():
        if not settings.trusts(issuer):
            count = len(accounts.of_company(issuer))
            says = f"{count} accounts belong to {issuer}, which is not in [[upstreams]]: nobody can use them."
            cure = "If its provider has another issuer now, run idp upstreams moved; if its people have left, nothing is to be done."
            yield Finding("employees", WARNING, says, cure)


def inside(settings: Settings, keyring: Keyring, now: float) -> Iterator[Finding]:
    """Everything that the database can tell. A check that fails is a finding, never a traceback."""
    ready = True
    for finding in of_database(settings):
        ready = ready and finding.state != PROBLEM
        yield finding
    if not ready:
        return
    checks: tuple[Callable[[], Iterator[Finding]], ...] = (
        lambda: of_clock(now),
        lambda: of_keys(keyring, now),
        lambda: of_outbox(now),
        lambda: of_phone(settings, now),
        lambda: of_sender(settings),
        lambda: of_port(settings),
        of_clients,
        lambda: of_employees(settings),
    )
    for check in checks:
        yield from check()
        rollback()
