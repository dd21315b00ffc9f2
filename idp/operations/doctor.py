"""What `idp doctor` checks: everything that must be right for people to sign in. Each finding says
what to do."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from idp.oauth.keys import ALGORITHMS, Keyring
from idp.operations.doctor_phone import of_phone
from idp.operations.doctor_settings import of_port, of_sender
from idp.operations.findings import OK, PROBLEM, WARNING, Finding
from idp.settings import Settings, database_url
from idp.store import (
    audit,
    clients,
    database,
    migrate,
    outbox,
    rollback,
    upstream_accounts,
    writing,
)

OLD_KEY = 180 * 86400  # seconds after which a signing key should have a successor
# seconds between the clocks of a node and its database: what is good once expires by the clock
APART = 5.0
STUCK = 60  # seconds that a message or an audit row waits when no worker is there
LITTLE = 500 * 1024 * 1024  # bytes free on the disk of the database


def of_database(settings: Settings) -> Iterator[Finding]:
    """Whether the database is there, up to date and can be written. The checks after this one need
    all of it."""
    url = database_url(settings.database.url)
    file = Path(url.removeprefix("sqlite:///"))
    if url.startswith("sqlite") and not file.is_file():  # looking at it would make an empty one
        yield Finding(
            "database",
            PROBLEM,
            f"The database file {file} does not exist.",
            "Check database.url. For a new deployment, run idp init.",
        )
        return
    try:
        current = migrate.current()
    except DBAPIError as error:
        why = str(error.orig).splitlines()[0]
        yield Finding(
            "database",
            PROBLEM,
            f"The database does not answer: {why}",
            "Check database.url, that its server is running, and that it accepts "
            "connections from this machine.",
        )
        return
    if current is None:
        yield Finding(
            "migrations",
            PROBLEM,
            "The database is empty.",
            "Run idp init. It keeps what already exists.",
        )
        return
    if current != migrate.head():
        newer = current > migrate.head()
        cure = (
            "Run this command with the newer version that upgraded it."
            if newer
            else "Make a backup (idp backup FILE), then run idp db upgrade."
        )
        says = (
            f"A newer program upgraded the database to version {current}; this program "
            f"supports up to {migrate.head()}."
            if newer
            else (f"The database is at version {current}; this program needs {migrate.head()}.")
        )
        yield Finding("migrations", PROBLEM, says, cure)
        return
    yield Finding("migrations", OK, f"The database is at version {current}, which is the newest.")
    try:
        writing(afresh=True)
        rollback()
    except DBAPIError as error:
        why = str(error.orig).splitlines()[0]
        cure = (
            "Give the user that runs idp write access to the database and, for SQLite, to "
            "its folder."
        )
        if "locked" in why:
            cure = (
                "Another program, such as a restore or a database editor, holds the write "
                "lock. Let it finish, or end it."
            )
        yield Finding("database", PROBLEM, f"The database cannot be written to: {why}", cure)
        return
    where, free = _disk(settings)
    if free is not None and free < LITTLE:
        yield Finding(
            "database",
            WARNING,
            f"Only {free // 1024 // 1024} MiB are free on the disk of {where}.",
            "Free up space. When the disk is full, no one can sign in.",
        )
    else:
        yield Finding(
            "database",
            OK,
            f"The database answers, can be written to and uses {database.size() // 1024} KiB.",
        )
    rollback()


def _disk(settings: Settings) -> tuple[str, int | None]:
    url = database_url(settings.database.url)
    file = Path(url.removeprefix("sqlite:///"))
    return (
        (file.name, shutil.disk_usage(file.parent).free) if url.startswith("sqlite") else ("", None)
    )


def of_clock(now: float) -> Iterator[Finding]:
    """Whether this machine's clock agrees with the database server's and with what has been written
    already."""
    newest = audit.newest()
    apart = database.seconds_apart(now)
    if newest is not None and newest > now + STUCK:
        yield Finding(
            "clock",
            PROBLEM,
            f"The clock is {newest - now:.0f} seconds behind the latest audit record, so "
            "codes and sessions last too long.",
            "Synchronize the clock with NTP (timedatectl set-ntp true).",
        )
    elif abs(apart) > APART:
        yield Finding(
            "clock",
            PROBLEM,
            f"The clocks of this machine and the database server are {abs(apart):.0f} "
            "seconds apart.",
            "Synchronize both with NTP (timedatectl set-ntp true).",
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
            "Put the root secret of this database into secret_file, from the copy that "
            "was stored apart from the backups.",
        )
        return
    for alg in ALGORITHMS:
        active = [key for key in keys if key.alg == alg and key.active_from <= now]
        if not active:
            yield Finding(
                "keys",
                PROBLEM,
                f"There is no active key for {alg}.",
                "Run idp init. It creates missing keys.",
            )
        elif now - active[-1].active_from > OLD_KEY and not any(
            key.alg == alg and key.active_from > now for key in keys
        ):
            yield Finding(
                "keys",
                WARNING,
                f"The {alg} key has been in use for "
                f"{(now - active[-1].active_from) / 86400:.0f} days.",
                "Run idp keys rotate. Clients are not affected.",
            )
        else:
            yield Finding(
                "keys",
                OK,
                f"{alg} uses the key {active[-1].kid[:12]}…, which is "
                f"{(now - active[-1].active_from) / 86400:.0f} days old.",
            )


def of_outbox(now: float) -> Iterator[Finding]:
    """Whether messages are sent, and the audit trail is chained."""
    waiting, oldest = outbox.waiting(now)
    dropped = outbox.dropped_since(now - 3600)
    unchained = audit.oldest_unchained()
    untied = now - unchained if unchained is not None else 0
    if max(oldest, untied) > STUCK:
        stuck = (
            f"Messages waiting: {waiting}, the oldest for {oldest:.0f} seconds. No worker is "
            "sending them."
        )
        idle = (
            f"Audit records have been waiting to be chained for {untied:.0f} seconds. No "
            "worker is chaining them."
        )
        cure = "Run idp serve, which starts the worker. If the worker cannot run, its log says why."
        yield Finding("outbox", PROBLEM, stuck if oldest > STUCK else idle, cure)
    elif dropped:
        yield Finding(
            "outbox",
            WARNING,
            f"Messages that could not be delivered in the last hour: {dropped}.",
            "The log gives the reason for each (logger idp.outbox).",
        )
    else:
        yield Finding("outbox", OK, f"Messages waiting: {waiting}.")


def of_clients() -> Iterator[Finding]:
    """Whether anybody can sign in anywhere."""
    count = len(clients.listed())
    if count:
        yield Finding("clients", OK, f"Clients registered: {count}.")
    else:
        yield Finding(
            "clients",
            WARNING,
            "No client is registered, so no one can sign in.",
            "Run idp clients add NAME --redirect-uri URL.",
        )


def of_employees(settings: Settings) -> Iterator[Finding]:
    """Whether every company that manages accounts is in the settings."""
    for issuer in upstream_accounts.issuers():
        if not settings.trusts(issuer):
            count = len(upstream_accounts.of_upstream(issuer))
            says = f"{issuer} is not in [[upstreams]], so its accounts cannot be used: {count}."
            cure = (
                "If the company's identity provider has a new issuer, run idp upstreams "
                "moved. If its people have left, there is nothing to do."
            )
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
