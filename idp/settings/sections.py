"""The sections of the settings, with what each key means."""

from dataclasses import dataclass

from idp.flow.methods import SECOND_STEPS
from idp.settings.key import key as setting

QUEUED = 4  # requests that may wait for each thread that works


READERS = 16  # bodies that may be read at once; as many more wait a moment for that


SPARE = 8  # threads for what is answered from memory, and for answering that there is no room


@dataclass(frozen=True)
class Server:
    """How it listens and works."""

    host: str = setting(
        "127.0.0.1",
        "IP address to listen on; 0.0.0.0 means all addresses of this machine, localhost "
        "means 127.0.0.1",
    )
    port: int = setting(9000, "port to listen on", 1, 65535)
    workers: int = setting(1, "processes that answer requests", 1, 64)
    threads: int = setting(8, "requests that each process handles at once; a few more wait", 1, 128)
    proxy_hops: int = setting(
        0, "number of reverse proxies in front that set X-Forwarded-For and X-Forwarded-Proto", 0, 5
    )
    drain: int = setting(
        20, "seconds to wait for requests in progress when the server stops", 1, 300
    )
    hashing: int = setting(
        2,
        "password hashes that each process computes at once; more requests wait, and then get 503",
        1,
        64,
    )

    @property
    def room(self) -> int:
        """How many requests may be inside at once: `threads` of them work, the others wait."""
        return self.threads * (1 + QUEUED)

    @property
    def threads_in_all(self) -> int:
        """How many there are so that `threads` of them can work while others wait for one, read a
        body, or answer from memory."""
        return self.room + 2 * READERS + SPARE


@dataclass(frozen=True)
class RateLimits:
    """How many requests one network address may send."""

    visits: int = setting(
        600,
        "sign-ins that one network address may start in a minute; an organization's "
        "office is usually one address",
        30,
        1000000,
    )
    forms: int = setting(1200, "forms that one network address may submit in a minute", 60, 1000000)
    failures: int = setting(
        120, "rejected client requests that one network address may make in a minute", 10, 1000000
    )
    management: int = setting(
        600,
        "requests to the management API that one person or service client may make in a minute",
        10,
        1000000,
    )
    redis_url: str = setting(
        "",
        "redis://HOST:PORT/0, so that all processes and nodes count together; if empty, "
        "each counts for itself",
    )


@dataclass(frozen=True)
class Metrics:
    """Who may read what is counted."""

    token_file: str = setting(
        "", "file with the bearer token for /metrics; if empty, there is no /metrics page"
    )


@dataclass(frozen=True)
class Database:
    """Where things are stored."""

    url: str = setting(
        "sqlite:///var/idp.sqlite",
        "SQLAlchemy URL: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME; "
        "DATABASE_URL overrides",
    )
    pool: int = setting(10, "connections that each process keeps open", 1, 100)
    lock_timeout: int = setting(
        2, "seconds that a request waits for a lock before it gets 503", 1, 15
    )
    statement_timeout: int = setting(
        5, "seconds that one SQL statement of a request may take (PostgreSQL)", 1, 60
    )


@dataclass(frozen=True)
class Mail:
    """How emails leave."""

    host: str = setting(
        "", "SMTP server; if empty, no emails are sent (only allowed with the inbox)"
    )
    port: int = setting(587, "port of the SMTP server", 1, 65535)
    username: str = setting("", "SMTP user")
    password_file: str = setting("", "file with the SMTP password")
    starttls: bool = setting(
        True, "use STARTTLS; false is allowed only for a server on this machine"
    )
    timeout: int = setting(5, "seconds to wait for the SMTP server", 1, 30)
    sender: str = setting(
        "", "sender address of emails, such as no-reply@example.org; if empty, the brand's sender"
    )


@dataclass(frozen=True)
class Phone:
    """Which phones may be texted and called, and what a call asks for."""

    call: str = setting(
        "keyed",
        "what Call Me asks for: keyed (the number shown on the page, then #) or bare (# "
        "alone, which reaches a lower acr)",
    )
    countries: tuple[str, ...] = setting(
        ("US", "CA", "PR", "VI", "GU", "MX"),
        "countries whose ordinary lines can receive text messages and calls",
    )
    most_per_day: int = setting(
        2000,
        "text messages and calls in a day for all accounts together, to limit their cost",
        10,
        1000000,
    )
    breaker_share: int = setting(
        20,
        "percent of the last hour's text messages and calls that must have been used; "
        "below it, sending stops for a while",
        1,
        90,
    )
    breaker_least: int = setting(
        50, "text messages and calls in an hour below which breaker_share is not checked", 10, 10000
    )


@dataclass(frozen=True)
class Outbound:
    """Which addresses that are not public we may connect to."""

    allow: tuple[str, ...] = setting(
        (),
        "networks (10.2.0.0/16) and hosts that we may connect to although they are not "
        "public, such as a company's internal identity provider",
    )
    ca_file: str = setting(
        "", "file with trusted CA certificates (PEM), used instead of the default ones"
    )


@dataclass(frozen=True)
class Management:
    """Who may manage people, organizations and clients by the API."""

    role: str = setting(
        "portal-administrator",
        "role (`idp accounts roles`) of the people who manage all organizations, people "
        "and clients",
    )
    acr: str = setting(
        "urn:stagedoor:acr:mfa", "acr that a person needs to change anything; reading needs none"
    )
    max_age: int = setting(
        900, "seconds since the sign-in within which a person can change anything", 300, 3600
    )


@dataclass(frozen=True)
class SignIn:
    """How people may sign in."""

    options: tuple[str, ...] = setting(
        ("email",),
        "sign-in options for customers: phone, email; [[upstreams]] adds the option for employees",
    )
    accepted: tuple[tuple[str, ...], ...] = setting(
        (
            *SECOND_STEPS,
            ("email_code", "recovery"),
            ("trusted_device",),
            ("upstream",),
        ),
        "sets of proofs that are enough for the base level; recovery: a new password for "
        "a forgotten one; trusted_device: Remember Me; upstream: employees",
    )
