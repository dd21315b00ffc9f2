"""The doctor on settings, sender and port, before anything is opened."""

from collections.abc import Iterator
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

from idp.address import loopback
from idp.operations.findings import OK, PROBLEM, WARNING, Finding
from idp.settings import Settings, database_url, faults


def of_settings(settings: Settings, path: Path) -> Iterator[Finding]:
    """What the settings say, and what is refused in production."""
    found = list(faults(settings))
    for fault in found:
        yield Finding(
            "settings", PROBLEM, f"{fault.key}: {fault.says}", f"Change {fault.key} in {path.name}."
        )
    if not found:
        yield Finding(
            "settings",
            OK,
            f"{path.name} is valid: issuer {settings.issuer}, brand {settings.brand}, "
            f"sign-in options {', '.join(settings.options)}.",
        )
    for before, now in settings.old_names:
        yield Finding(
            "settings",
            WARNING,
            f"{before} is now named {now}. The old name works until the next release.",
            f"Rename {before} to {now} in {path.name}, or in the environment.",
        )
    if settings.mode == "production":
        yield Finding(
            "mode",
            OK,
            "Mode production: the inbox, http issuers, weak secrets and several nodes on "
            "SQLite are refused at startup.",
        )
    else:
        yield Finding(
            "mode",
            WARNING,
            f"Mode {settings.mode}: the inbox may show every code, so only users of this "
            "machine may have access.",
            "Before real people use it, set mode to production and set up a mail server.",
        )
    url = database_url(settings.database.url)
    names = [
        settings.secret_file,
        settings.metrics.token_file,
        settings.mail.password_file,
        *(one.client_secret_file for one in settings.upstreams),
    ]
    names += [url.removeprefix("sqlite:///")] if url.startswith("sqlite") else []
    files = [path, *(path.parent / name for name in names if name)]
    readable = [file for file in files if file.is_file() and file.stat().st_mode & 0o077]
    for file in readable:
        yield Finding(
            "secrets",
            PROBLEM,
            f"Other users of this machine can read {file.name}.",
            f"chmod 600 {file}",
        )
    if not readable:
        yield Finding(
            "secrets",
            OK,
            "Only their owner can read the settings, the secrets and the SQLite "
            "database, and the root secret is strong enough.",
        )
    port = urlsplit(settings.issuer).port
    if (
        not settings.public
        and not settings.secure
        and not settings.server.proxy_hops
        and port != settings.server.port
    ):
        says = (
            f"The issuer has port {port}, but the server listens on {settings.server.port}. "
            "Without a proxy, no one can reach it."
        )
        yield Finding(
            "settings",
            PROBLEM,
            says,
            f"Set server.port to {port}, or change the port in issuer, and restart.",
        )
    name = (
        ("__Host-" if settings.secure else "") + "idp" + (f"_{port}" if port else "") + "_session"
    )
    kept = (
        "Secure, HttpOnly, SameSite=Lax"
        if settings.secure
        else "HttpOnly, SameSite=Lax; not Secure, because the issuer uses http on this machine"
    )
    yield Finding(
        "cookies",
        OK,
        f"Browsers keep {name} ({kept}), one more cookie for each sign-in in progress, one that "
        "says that they have been here, and one for each sign-in button that Remember Me was chosen for.",
    )
    host = settings.issuer.partition("://")[2]
    yield Finding(
        "host",
        OK,
        f"Only requests for the host {host} are answered"
        + (
            "; 127.0.0.1 is not the same host as localhost."
            if host.startswith("localhost")
            else "."
        ),
    )


def of_sender(settings: Settings) -> Iterator[Finding]:
    """Whether mails come from an address that mail servers take."""
    sender = settings.mail.sender or parseaddr(settings.look.sender)[1]
    host = sender.rpartition("@")[2]
    if settings.mail.host and settings.public and (loopback(host) or "." not in host):
        yield Finding(
            "mail",
            PROBLEM,
            f"Emails come from {sender}, which mail servers reject.",
            "Set mail.sender to an address in your domain, and restart.",
        )


def of_port(settings: Settings) -> Iterator[Finding]:
    """Whether the port is open to everyone with nothing in front of it that waits for slow
    senders."""
    if not loopback(settings.server.host) and not settings.server.proxy_hops:
        says = (
            f"The server listens on {settings.server.host} without a proxy in front: it has "
            "no TLS, and a few slow senders can block it."
        )
        yield Finding(
            "server",
            WARNING,
            says,
            "Put nginx in front (deploy/nginx.conf), set server.host to 127.0.0.1 and "
            "server.proxy_hops to 1, and restart.",
        )
