"""The settings: every key with its default, its meaning and, for numbers, hard bounds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from idp.address import loopback
from idp.brand import Brand, load_brand, shipped
from idp.flow.methods import EMPLOYEE
from idp.secret import Secret
from idp.settings.key import key as _key
from idp.settings.lifetimes import Lifetimes, Limits, Retention
from idp.settings.upstreams import Upstream

QUEUED = 4  # requests that may wait for each thread that works
READERS = 16  # bodies that may be read at once; as many more wait a moment for that
SPARE = 8  # threads for what is answered from memory, and for answering that there is no room


@dataclass(frozen=True)
class Server:
    host: str = _key(
        "127.0.0.1",
        "IP address to listen on; 0.0.0.0 means all addresses of this machine, localhost "
        "means 127.0.0.1",
    )
    port: int = _key(9000, "port to listen on", 1, 65535)
    workers: int = _key(1, "processes that answer requests", 1, 64)
    threads: int = _key(8, "requests that each process handles at once; a few more wait", 1, 128)
    proxy_hops: int = _key(
        0, "number of reverse proxies in front that set X-Forwarded-For and X-Forwarded-Proto", 0, 5
    )
    drain: int = _key(20, "seconds to wait for requests in progress when the server stops", 1, 300)
    hashing: int = _key(
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
    visits: int = _key(
        600,
        "sign-ins that one network address may start in a minute; an organization's "
        "office is usually one address",
        30,
        1000000,
    )
    forms: int = _key(1200, "forms that one network address may submit in a minute", 60, 1000000)
    failures: int = _key(
        120, "rejected client requests that one network address may make in a minute", 10, 1000000
    )
    management: int = _key(
        600,
        "requests to the management API that one person or service client may make in a minute",
        10,
        1000000,
    )
    redis_url: str = _key(
        "",
        "redis://HOST:PORT/0, so that all processes and nodes count together; if empty, "
        "each counts for itself",
    )


@dataclass(frozen=True)
class Metrics:
    token_file: str = _key(
        "", "file with the bearer token for /metrics; if empty, there is no /metrics page"
    )


@dataclass(frozen=True)
class Database:
    url: str = _key(
        "sqlite:///var/idp.sqlite",
        "SQLAlchemy URL: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME; "
        "DATABASE_URL overrides",
    )
    pool: int = _key(10, "connections that each process keeps open", 1, 100)
    lock_timeout: int = _key(2, "seconds that a request waits for a lock before it gets 503", 1, 15)
    statement_timeout: int = _key(
        5, "seconds that one SQL statement of a request may take (PostgreSQL)", 1, 60
    )


@dataclass(frozen=True)
class Mail:
    host: str = _key("", "SMTP server; if empty, no emails are sent (only allowed with the inbox)")
    port: int = _key(587, "port of the SMTP server", 1, 65535)
    username: str = _key("", "SMTP user")
    password_file: str = _key("", "file with the SMTP password")
    starttls: bool = _key(True, "use STARTTLS; false is allowed only for a server on this machine")
    timeout: int = _key(5, "seconds to wait for the SMTP server", 1, 30)
    sender: str = _key(
        "", "sender address of emails, such as no-reply@example.org; if empty, the brand's sender"
    )


@dataclass(frozen=True)
class Phone:
    call: str = _key(
        "keyed",
        "what Call Me asks for: keyed (the number shown on the page, then #) or bare (# "
        "alone, which reaches a lower acr)",
    )
    countries: tuple[str, ...] = _key(
        ("US", "CA", "PR", "VI", "GU", "MX"),
        "countries whose ordinary lines can receive text messages and calls",
    )
    most_per_day: int = _key(
        2000,
        "text messages and calls in a day for all accounts together, to limit their cost",
        10,
        1000000,
    )
    breaker_share: int = _key(
        20,
        "percent of the last hour's text messages and calls that must have been used; "
        "below it, sending stops for a while",
        1,
        90,
    )
    breaker_least: int = _key(
        50, "text messages and calls in an hour below which breaker_share is not checked", 10, 10000
    )


@dataclass(frozen=True)
class Outbound:
    allow: tuple[str, ...] = _key(
        (),
        "networks (10.2.0.0/16) and hosts that we may connect to although they are not "
        "public, such as a company's internal identity provider",
    )
    ca_file: str = _key(
        "", "file with trusted CA certificates (PEM), used instead of the default ones"
    )


@dataclass(frozen=True)
class Management:
    role: str = _key(
        "portal-administrator",
        "role (`idp accounts roles`) of the people who manage all organizations, people "
        "and clients",
    )
    acr: str = _key(
        "urn:stagedoor:acr:mfa", "acr that a person needs to change anything; reading needs none"
    )
    max_age: int = _key(
        900, "seconds since the sign-in within which a person can change anything", 300, 3600
    )


@dataclass(frozen=True)
class SignIn:
    ways: tuple[str, ...] = _key(
        ("email",),
        "sign-in options for customers: phone, email; [[upstreams]] adds the option for employees",
    )
    accepted: tuple[tuple[str, ...], ...] = _key(
        (
            ("password", "sms_code"),
            ("password", "keyed_call"),
            ("password", "phone_call"),
            ("password", "email_code"),
            ("email_code", "recovery"),
            ("remembered",),
            ("upstream",),
        ),
        "sets of proofs that are enough for the base level; recovery: a new password for "
        "a forgotten one; remembered: Remember Me; upstream: employees",
    )


@dataclass(frozen=True)
class Settings:
    issuer: str = _key(
        "http://localhost:9000",
        "address that clients and browsers use, without a path: https, or http on localhost",
    )
    brand: str = _key(
        "stagedoor",
        "brand of the pages and emails: stagedoor, kepro, acentra, or a TOML file like "
        "those in idp/brands",
    )
    brands: tuple[str, ...] = _key(
        (),
        "TOML files of more brands for clients (`idp clients add --brand`); the included "
        "brands do not have to be listed",
    )
    mode: str = _key(
        "production", "production, development or demo; only the last two can use the inbox page"
    )
    inbox: bool = _key(
        False,
        "show messages on the page /inbox instead of sending them; not allowed with a "
        "public issuer",
    )
    secret_file: str = _key(
        "idp.secret",
        "file with the root secret, which all other secrets are derived from; `idp init` "
        "creates it",
    )
    nodes: int = _key(1, "machines that serve this issuer; more than one needs PostgreSQL", 1, 100)
    portal_url: str = _key(
        "", "address for people who arrive without a request from a client, usually the portal"
    )
    server: Server = field(default_factory=Server, metadata={"says": "how requests are served"})
    database: Database = field(
        default_factory=Database, metadata={"says": "where the data is stored"}
    )
    mail: Mail = field(default_factory=Mail, metadata={"says": "how emails are sent"})
    phone: Phone = field(default_factory=Phone, metadata={"says": "text messages and calls"})
    sign_in: SignIn = field(default_factory=SignIn, metadata={"says": "what a sign-in needs"})
    retention: Retention = field(
        default_factory=Retention, metadata={"says": "how long data is kept"}
    )
    rate_limits: RateLimits = field(
        default_factory=RateLimits,
        metadata={"says": "requests that one network address may make in a minute"},
    )
    outbound: Outbound = field(
        default_factory=Outbound, metadata={"says": "connections to addresses that others name"}
    )
    management: Management = field(
        default_factory=Management, metadata={"says": "the management API under /api/v1"}
    )
    metrics: Metrics = field(default_factory=Metrics, metadata={"says": "metrics for Prometheus"})
    lifetimes: Lifetimes = field(
        default_factory=Lifetimes, metadata={"says": "how long things live"}
    )
    limits: Limits = field(
        default_factory=Limits, metadata={"says": "how often things may be attempted"}
    )
    upstreams: tuple[Upstream, ...] = field(default=(), metadata={"hidden": True})
    root: Secret = field(default=Secret(""), repr=False, metadata={"hidden": True})
    metrics_token: Secret = field(default=Secret(""), repr=False, metadata={"hidden": True})
    mail_password: Secret = field(default=Secret(""), repr=False, metadata={"hidden": True})
    # sections that are named as they were before, see reading.RENAMED
    old_names: tuple[str, ...] = field(default=(), metadata={"hidden": True})
    look: Brand = field(default_factory=lambda: load_brand("stagedoor"), metadata={"hidden": True})
    looks: Mapping[str, Brand] = field(default_factory=shipped, metadata={"hidden": True})

    def brand_of(self, brand_id: str | None) -> Brand:
        """The brand of this id; the deployment's own where it has none, or it is not known any
        more."""
        return (
            self.look
            if brand_id is None or brand_id == self.look.id
            else self.looks.get(brand_id, self.look)
        )

    def trusts(self, issuer: str | None) -> bool:
        """Whether an account's company is one of ours still; None for an account without."""
        return issuer is None or any(one.issuer == issuer for one in self.upstreams)

    @property
    def ways(self) -> tuple[str, ...]:
        """The doors that are offered: those of customers and, where a company's provider is named,
        that of employees."""
        return (*self.sign_in.ways, EMPLOYEE) if self.upstreams else self.sign_in.ways

    @property
    def public(self) -> bool:
        """Whether the issuer is more than a loopback address of a developer's machine."""
        return not loopback(urlsplit(self.issuer).hostname)

    @property
    def secure(self) -> bool:
        """Whether browsers reach us by https, so that cookies are Secure and __Host-."""
        return self.issuer.startswith("https:")


def database_url(url: str) -> str:
    """The URL with the driver we use: postgres:// and postgresql:// are accepted."""
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url
