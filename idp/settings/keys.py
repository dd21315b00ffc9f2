"""What can be set: every key with its default, its meaning and, where it is a number, hard bounds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from idp.address import loopback
from idp.brand import Brand, load_brand, shipped
from idp.flow.methods import EMPLOYEE
from idp.secret import Secret
from idp.settings.key import key as _key
from idp.settings.upstreams import Upstream

QUEUED = 4  # requests that may wait for each thread that works
READERS = 16  # bodies that may be read at once; as many more wait a moment for that
SPARE = 8  # threads for what is answered from memory, and for answering that there is no room


@dataclass(frozen=True)
class Server:
    host: str = _key("127.0.0.1", "address to listen on: an IP address of this machine, 0.0.0.0 for all of them; localhost is 127.0.0.1")
    port: int = _key(9000, "port to listen on", 1, 65535)
    workers: int = _key(1, "processes that answer requests", 1, 64)
    threads: int = _key(8, "requests that each of them works on at once; some more wait", 1, 128)
    proxy_hops: int = _key(0, "reverse proxies in front that set X-Forwarded-For and -Proto", 0, 5)
    drain: int = _key(20, "seconds that a stop waits for answers under way", 1, 300)
    hashing: int = _key(2, "password hashes computed at once in a process; more wait, then get 503", 1, 64)

    @property
    def threads_in_all(self) -> int:
        """How many there are so that `threads` of them can work while others wait for one, read a body, or answer from memory."""
        return self.threads * (1 + QUEUED) + 2 * READERS + SPARE


@dataclass(frozen=True)
class Lifetimes:
    sign_in_email_code: int = _key(300, "seconds a sign-in code lives, from the moment its mail was handed over", 30, 600)
    code: int = _key(300, "seconds a code sent by mail lives that registers or recovers, from the moment its mail was handed over", 60, 600)
    sms_code: int = _key(300, "seconds a code sent by text lives, from the moment the text was handed over", 60, 600)
    call: int = _key(90, "seconds a call rings and listens before it counts as not answered", 30, 180)
    interaction_idle: int = _key(3600, "seconds an unfinished sign-in may lie untouched", 300, 14400)
    interaction: int = _key(86400, "seconds an unfinished sign-in lives in all", 600, 172800)
    proof: int = _key(600, "seconds a proof given in a sign-in counts there, until the sign-in is finished", 300, 3600)
    enrolment: int = _key(3600, "seconds that who somebody is, shown once, counts while they register", 600, 14400)
    new_phone_hold: int = _key(86400, "seconds that a phone counts for less which replaced another one without a code to it; 0 for none", 0, 604800)
    link: int = _key(1200, "seconds a mailed link lives that registers, resets or finishes a registration", 300, 86400)
    invitation: int = _key(172800, "seconds an invitation by an administrator lives", 3600, 1209600)
    remembered: int = _key(14400, "seconds a browser is remembered that was asked to be (Remember Me)", 600, 43200)
    session_idle: int = _key(900, "seconds a session lives without activity", 60, 3600)
    session: int = _key(14400, "seconds a session lives in all", 300, 86400)
    authorization_code: int = _key(60, "seconds a client has to redeem its code", 10, 60)
    access_token: int = _key(300, "seconds an access token lives", 60, 3600)
    id_token: int = _key(300, "seconds an ID token lives", 60, 3600)
    refresh_token: int = _key(43200, "seconds the refresh tokens of one sign-in live in all", 300, 2592000)
    refresh_reuse_grace: int = _key(10, "seconds in which a refresh token that was just used is answered again, for an answer that was lost", 0, 60)
    message: int = _key(300, "seconds a message with a code is tried before it is dropped", 30, 600)
    signing_key_lead: int = _key(600, "seconds a new signing key is published before it signs", 300, 604800)


@dataclass(frozen=True)
class Retention:
    visits: int = _key(30, "days that sign-ins, with their facts, codes and decision records, can be explained", 4, 365)
    enrolments: int = _key(30, "days that an unfinished registration can be finished, and holds its username and address", 1, 365)
    links: int = _key(90, "days that mailed links are kept after they expired, so that they can be told apart", 2, 365)
    browsers: int = _key(400, "days that a browser is known in which somebody signed in, so that a new one is told", 30, 800)
    sessions: int = _key(30, "days that sessions are kept after they began", 2, 365)
    tokens: int = _key(7, "days that codes, grants and tokens are kept after they expired", 1, 365)
    messages: int = _key(30, "days that the outbox remembers what was sent; its contents are wiped at once", 1, 365)
    tries: int = _key(90, "days that tries at passwords and codes count for the longest series", 7, 365)
    registration_codes: int = _key(90, "days that registration codes are kept after they expired", 1, 3650)
    answers: int = _key(1, "days that an answer of the management API is repeated to the same Idempotency-Key", 1, 7)
    inbox: int = _key(7, "days that messages lie in the inbox of demo and development", 1, 365)
    audit: int = _key(2190, "days that the audit trail is kept; HIPAA asks for six years", 365, 7300)


@dataclass(frozen=True)
class Limits:
    tries_per_code: int = _key(5, "wrong tries that end a one-time code", 3, 10)
    tries_per_hour: int = _key(10, "tries at an account's codes in an hour", 5, 20)
    tries_in_a_row: int = _key(100, "wrong codes in a row that disable the factor", 10, 100)
    send_pause: int = _key(30, "seconds between two codes to one address", 10, 300)
    links_per_quarter_hour: int = _key(5, "mailed links of one account in 15 minutes", 2, 20)
    links_per_day: int = _key(20, "mailed links of one account in a day", 5, 60)
    sends_per_quarter_hour: int = _key(10, "unused codes to one address in 15 minutes", 3, 20)
    sends_per_day: int = _key(30, "unused codes to one address in a day", 5, 60)
    texts_per_quarter_hour: int = _key(5, "unused codes by text to one number in 15 minutes", 2, 10)
    texts_per_day: int = _key(10, "unused codes by text to one number in a day", 3, 30)
    calls_per_quarter_hour: int = _key(3, "unconfirmed calls to one number in 15 minutes", 1, 5)
    calls_per_day: int = _key(10, "unconfirmed calls to one number in a day", 3, 30)
    refused_call_wait: int = _key(3600, "seconds without calls after somebody pressed the star key: not me", 900, 86400)
    free_passwords: int = _key(5, "wrong passwords in a row before each further one waits", 3, 10)
    passwords_in_a_row: int = _key(100, "wrong passwords in a row of strangers that end sign-ins by password from browsers that are not known", 20, 100)
    network_passwords: int = _key(200, "wrong passwords of one network in an hour, at whatever account; a clinic is one network", 20, 10000)
    password_wait: int = _key(5, "seconds of the first such wait; each doubles the last", 1, 60)
    longest_password_wait: int = _key(300, "seconds of the longest such wait", 60, 3600)
    body: int = _key(65536, "bytes in the body of a request", 4096, 65536)
    form_fields: int = _key(100, "fields in a form", 20, 100)


@dataclass(frozen=True)
class Edge:
    visits: int = _key(600, "sign-ins that one address may begin in a minute; a clinic is one address", 30, 1000000)
    forms: int = _key(1200, "forms that one address may send in a minute", 60, 1000000)
    failures: int = _key(120, "refused requests of clients that one address may make in a minute", 10, 1000000)
    management: int = _key(600, "requests to the management API that one person or machine may make in a minute", 10, 1000000)
    redis_url: str = _key("", "redis://HOST:PORT/0, so that processes and nodes count together; empty: each counts for itself")


@dataclass(frozen=True)
class Metrics:
    token_file: str = _key("", "file with the bearer token that /metrics wants; empty: there is no such page")


@dataclass(frozen=True)
class Database:
    url: str = _key("sqlite:///var/idp.sqlite", "SQLAlchemy URL: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME; DATABASE_URL overrides")
    pool: int = _key(10, "connections kept open by a process", 1, 100)
    lock_timeout: int = _key(2, "seconds that a request waits for what another one has locked; then it is answered 503", 1, 15)
    statement_timeout: int = _key(5, "seconds that one statement of a request may take (PostgreSQL)", 1, 60)


@dataclass(frozen=True)
class Mail:
    host: str = _key("", "SMTP server; empty: no mail leaves (only with the inbox)")
    port: int = _key(587, "its port", 1, 65535)
    username: str = _key("", "SMTP user")
    password_file: str = _key("", "file with the SMTP password")
    starttls: bool = _key(True, "upgrade the connection by STARTTLS; false only for a server on this host")
    timeout: int = _key(5, "seconds to wait for the server", 1, 30)
    sender: str = _key("", "the address that mails come from, such as no-reply@example.org; empty: that of the brand")


@dataclass(frozen=True)
class Phone:
    call: str = _key("keyed", "Call Me asks for a number of the page and then # (keyed), or for # alone (bare), which earns a lower acr")
    countries: tuple[str, ...] = _key(("US", "CA", "PR", "VI", "GU", "MX"), "countries to whose ordinary lines texts and calls go")
    most_per_day: int = _key(2000, "texts and calls in a day over all accounts: what they may cost at most", 10, 1000000)
    breaker_share: int = _key(20, "per cent of an hour's texts and calls that must have been used, or no more leave for a while", 1, 90)
    breaker_least: int = _key(50, "texts and calls in an hour below which that share is not looked at", 10, 10000)


@dataclass(frozen=True)
class Outbound:
    allow: tuple[str, ...] = _key((), "networks (10.2.0.0/16) and hosts that we fetch from though they are not public, as a company's provider inside may be")
    ca_file: str = _key("", "file with the certificates (PEM) that are trusted instead of the usual ones")


@dataclass(frozen=True)
class Management:
    role: str = _key("portal-administrator", "who has this role (`idp accounts roles`) manages every organization, person and client")
    acr: str = _key("urn:stagedoor:acr:mfa", "the acr that a person's acts want; reading wants none")
    max_age: int = _key(900, "seconds that the sign-in may lie back then", 300, 3600)


@dataclass(frozen=True)
class SignIn:
    ways: tuple[str, ...] = _key(("email",), "the doors that the login options offer to customers: phone, email; [[upstreams]] open that of employees")
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
        "the sets of proofs that make a sign-in at the base level; recovery: a new password for a forgotten one; remembered: Remember Me; upstream: employees",
    )


@dataclass(frozen=True)
class Settings:
    issuer: str = _key("http://localhost:9000", "the address that clients and browsers use: https, or http on localhost; no path")
    brand: str = _key("stagedoor", "how the pages look: stagedoor, kepro, acentra, or a TOML file like theirs in idp/brands")
    brands: tuple[str, ...] = _key((), "TOML files of further brands that clients may have (`idp clients add --brand`); those that ship need not be named")
    mode: str = _key("production", "production, development or demo; the last two may use the inbox page")
    inbox: bool = _key(False, "messages land on the page /inbox instead of leaving; never with a public issuer")
    secret_file: str = _key("idp.secret", "file with the root secret, from which all other secrets are derived; made by `idp init`")
    nodes: int = _key(1, "machines that serve this issuer; more than one wants PostgreSQL", 1, 100)
    portal_url: str = _key("", "where people go who arrive without a client's request, usually the portal")
    server: Server = field(default_factory=Server, metadata={"says": "how requests are served"})
    database: Database = field(default_factory=Database, metadata={"says": "where everything is kept"})
    mail: Mail = field(default_factory=Mail, metadata={"says": "how mail leaves"})
    phone: Phone = field(default_factory=Phone, metadata={"says": "texts and calls"})
    sign_in: SignIn = field(default_factory=SignIn, metadata={"says": "what a sign-in takes"})
    retention: Retention = field(default_factory=Retention, metadata={"says": "how long what is over is remembered"})
    edge: Edge = field(default_factory=Edge, metadata={"says": "how much one address may ask in a minute"})
    outbound: Outbound = field(default_factory=Outbound, metadata={"says": "what we fetch from addresses that others name"})
    management: Management = field(default_factory=Management, metadata={"says": "the management API under /api/v1"})
    metrics: Metrics = field(default_factory=Metrics, metadata={"says": "counting for Prometheus"})
    lifetimes: Lifetimes = field(default_factory=Lifetimes, metadata={"says": "how long things live"})
    limits: Limits = field(default_factory=Limits, metadata={"says": "how often things may be tried"})
    upstreams: tuple[Upstream, ...] = field(default=(), metadata={"hidden": True})
    root: Secret = field(default=Secret(""), repr=False, metadata={"hidden": True})
    metrics_token: Secret = field(default=Secret(""), repr=False, metadata={"hidden": True})
    mail_password: Secret = field(default=Secret(""), repr=False, metadata={"hidden": True})
    look: Brand = field(default_factory=lambda: load_brand("stagedoor"), metadata={"hidden": True})
    looks: Mapping[str, Brand] = field(default_factory=shipped, metadata={"hidden": True})

    def brand_of(self, brand_id: str | None) -> Brand:
        """The brand of this id; the deployment's own where it has none, or it is not known any more."""
        return self.look if brand_id is None or brand_id == self.look.id else self.looks.get(brand_id, self.look)

    def trusts(self, issuer: str | None) -> bool:
        """Whether an account's company is one of ours still; None for an account without."""
        return issuer is None or any(one.issuer == issuer for one in self.upstreams)

    @property
    def ways(self) -> tuple[str, ...]:
        """The doors that are offered: those of customers and, where a company's provider is named, that of employees."""
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
