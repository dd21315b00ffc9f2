"""What makes settings unfit to start with: unsafe, weakened or half configured."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from idp.address import listening, loopback
from idp.flow.methods import CUSTOMER_OPTIONS, METHODS, SIGN_IN_OPTIONS
from idp.outbound import Outbound, is_network
from idp.profiles import PROFILES
from idp.secret import MINIMUM_ROOT_BYTES
from idp.settings import upstreams
from idp.settings.key import SettingsError
from idp.settings.keys import Settings, database_url
from idp.typed import email

ISSUER = re.compile(
    r"(?!http://[^/]*:80$|https://[^/]*:443$)https?://([a-z0-9.-]+|\[[0-9a-f:]+\])(:[1-9][0-9]{0,4})?"
)

HOST = r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?"

SHORTEST_TOKEN = 32  # characters


@dataclass(frozen=True)
class Fault:
    """What is wrong with a key, and what to set instead."""

    key: str
    says: str


def check(settings: Settings) -> None:
    """Refuse what would be unsafe or half configured. Raises SettingsError for the first fault."""
    for fault in faults(settings):
        raise SettingsError(f"{fault.key}: {fault.says}")


def faults(settings: Settings) -> Iterator[Fault]:
    """Every fault of these settings."""
    if not ISSUER.fullmatch(settings.issuer):
        yield Fault(
            "issuer",
            "write scheme and host in lowercase, with the port only if it is not the "
            "default: https://login.example.org",
        )
        return  # most of what follows depends on it
    if urlsplit(settings.issuer).scheme == "http" and settings.public:
        yield Fault(
            "issuer",
            "http is allowed for localhost only; use https, and check the spelling of the host",
        )
        return
    if settings.mode not in ("production", "development", "demo"):
        yield Fault("mode", "choose production, development or demo")
    if settings.public and (settings.inbox or settings.mode != "production"):
        yield Fault("inbox and mode", "a public issuer must use mode production, without the inbox")
    if listening(settings.server.host) is None:
        yield Fault(
            "server.host",
            f"{settings.server.host or 'an empty value'} is not an IP address; use "
            "127.0.0.1 for this machine only, or 0.0.0.0 for all its networks",
        )
    if settings.inbox and settings.mode == "production":
        yield Fault(
            "inbox",
            "the inbox is allowed only in mode development or demo; production sends real emails",
        )
    if settings.inbox and not loopback(settings.server.host):
        yield Fault(
            "inbox and server.host",
            "with the inbox, the server must listen on this machine only: 127.0.0.1",
        )
    if settings.mail.host and not settings.mail.starttls and not loopback(settings.mail.host):
        yield Fault("mail.starttls", "without STARTTLS, the mail server must be on this machine")
    if settings.mail.sender and email(settings.mail.sender) is None:
        yield Fault("mail.sender", f"{settings.mail.sender} is not a valid sender address")
    if not settings.inbox and not settings.mail.host:
        yield Fault("mail.host", "set an SMTP server; without one, no codes can be sent")
    if (
        len(settings.root.reveal().encode()) < MINIMUM_ROOT_BYTES
        or len(set(settings.root.reveal())) < 10
    ):
        yield Fault(
            "secret_file",
            f"the root secret is too weak; it needs {MINIMUM_ROOT_BYTES} random bytes, as "
            "created by `idp init`",
        )
    if settings.metrics.token_file and len(settings.metrics_token.reveal()) < SHORTEST_TOKEN:
        yield Fault(
            "metrics.token_file",
            f"the token is too weak; it needs at least {SHORTEST_TOKEN} characters, as "
            "created by `idp init`",
        )
    if settings.rate_limits.redis_url and not settings.rate_limits.redis_url.startswith(
        ("redis://", "rediss://", "unix://")
    ):
        yield Fault("rate_limits.redis_url", "write redis://HOST:PORT/0, or rediss:// for TLS")
    if why := _of_url(settings.database.url):
        yield Fault("database.url", why)
        return
    if settings.nodes > 1 and database_url(settings.database.url).startswith("sqlite"):
        yield Fault(
            "nodes",
            "more than one machine cannot share SQLite; set database.url to a PostgreSQL database",
        )
    if settings.registration_profile not in PROFILES:
        yield Fault("registration_profile", f"choose from {', '.join(PROFILES)}")
    if settings.phone.call not in ("keyed", "bare"):
        yield Fault("phone.call", "choose keyed or bare")
    if "phone" in settings.sign_in.options and not settings.inbox:
        yield Fault(
            "sign_in.options",
            "this version can send text messages and calls only to the inbox; remove phone",
        )
    customers = set(CUSTOMER_OPTIONS)
    if not settings.options or set(settings.sign_in.options) - customers:
        yield Fault("sign_in.options", f"choose from {', '.join(sorted(customers, reverse=True))}")
    for accepted in settings.sign_in.accepted:
        if not accepted or set(accepted) - set(METHODS):
            yield Fault(
                "sign_in.accepted", f"each set must consist of some of {', '.join(METHODS)}"
            )
        elif not any(METHODS[name].identifies for name in accepted):
            yield Fault(
                "sign_in.accepted",
                f"{', '.join(accepted)}: nothing in this set identifies the person; add password",
            )
    for option in [option for option in SIGN_IN_OPTIONS if option in settings.options]:
        if not any(
            set(accepted) <= SIGN_IN_OPTIONS[option] for accepted in settings.sign_in.accepted
        ):
            yield Fault(
                "sign_in",
                f"the option {option} leads to no accepted set of proofs, so no one could "
                "sign in with it",
            )
    yield from _of_upstreams(settings)


def _of_url(url: str) -> str:
    """What is wrong with the database's address; empty where nothing is."""
    wanted = "write sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"
    try:
        parts = urlsplit(database_url(url))
        port = parts.port
    except ValueError:
        return wanted
    if parts.scheme not in ("sqlite", "postgresql+psycopg") or port == 0:
        return wanted
    return wanted if parts.scheme == "sqlite" and not parts.path.strip("/") else ""


def _of_upstreams(settings: Settings) -> Iterator[Fault]:
    """What is wrong with the companies' providers."""
    for name in settings.outbound.allow:
        if not is_network(name) and not re.fullmatch(HOST, name):
            yield Fault(
                "outbound.allow",
                f"{name} is not a network such as 10.2.0.0/16 or a host such as login.corp.example",
            )
    if settings.outbound.ca_file and not Path(settings.outbound.ca_file).is_file():
        yield Fault("outbound.ca_file", f"the file {settings.outbound.ca_file} does not exist")
    outbound = Outbound((), settings.mode != "production")
    seen: set[str] = set()
    for number, upstream in enumerate(settings.upstreams, 1):
        where = f"upstreams.{upstream.id or number}"
        for key, says in upstreams.faults(upstream):
            yield Fault(f"{where}.{key}", says)
        if upstream.issuer and (why := outbound.refusal(upstream.issuer)):
            yield Fault(
                f"{where}.issuer", f"{why}; write its https address as in its discovery document"
            )
        if upstream.issuer == settings.issuer:
            yield Fault(
                f"{where}.issuer",
                "this is our own issuer; set the issuer of the company's identity provider",
            )
        for name in (
            f"id {upstream.id}",
            f"issuer {upstream.issuer}",
            *(f"domain {domain}" for domain in upstream.domains),
        ):
            if name in seen:
                yield Fault(where, f"the {name} is used twice")
            seen.add(name)
