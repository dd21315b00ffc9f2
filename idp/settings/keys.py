"""The settings: every key with its default, its meaning and, for numbers, hard bounds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from idp.address import loopback
from idp.brand import Brand, load_brand, shipped
from idp.flow.methods import EMPLOYEE
from idp.profiles import PROFILES, Profile
from idp.secret import Secret
from idp.settings.key import key as setting
from idp.settings.lifetimes import Lifetimes, Limits, Retention
from idp.settings.sections import (
    Database,
    Mail,
    Management,
    Metrics,
    Outbound,
    Phone,
    RateLimits,
    Server,
    SignIn,
)
from idp.settings.upstreams import UpstreamSettings


@dataclass(frozen=True)
class Settings:
    """All that a deployment can set."""

    issuer: str = setting(
        "http://localhost:9000",
        "address that clients and browsers use, without a path: https, or http on localhost",
    )
    brand: str = setting(
        "stagedoor",
        "brand of the pages and emails: stagedoor (it comes with Stagedoor), or a TOML file like "
        "those in idp/brands",
    )
    brands: tuple[str, ...] = setting(
        (),
        "TOML files of more brands for clients (`idp clients add --brand`); the included "
        "brands do not have to be listed",
    )
    mode: str = setting(
        "production", "production, development or demo; only the last two can use the inbox page"
    )
    inbox: bool = setting(
        False,
        "show messages on the page /inbox instead of sending them; not allowed with a "
        "public issuer",
    )
    secret_file: str = setting(
        "idp.secret",
        "file with the root secret, which all other secrets are derived from; `idp init` "
        "creates it",
    )
    nodes: int = setting(
        1, "machines that serve this issuer; more than one needs PostgreSQL", 1, 100
    )
    registration_profile: str = setting(
        "plain",
        "what people who register are asked for: plain (name and email address) or us-healthcare "
        "(organizations by their NPI, with a postal address and a fax number)",
    )
    portal_url: str = setting(
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
    upstreams: tuple[UpstreamSettings, ...] = field(default=(), metadata={"hidden": True})
    root: Secret = field(default=Secret(""), repr=False, metadata={"hidden": True})
    metrics_token: Secret = field(default=Secret(""), repr=False, metadata={"hidden": True})
    mail_password: Secret = field(default=Secret(""), repr=False, metadata={"hidden": True})
    # what is named as it was before, and how it is named now
    old_names: tuple[tuple[str, str], ...] = field(default=(), metadata={"hidden": True})
    look: Brand = field(default_factory=lambda: load_brand("stagedoor"), metadata={"hidden": True})
    looks: Mapping[str, Brand] = field(default_factory=shipped, metadata={"hidden": True})

    @property
    def registration(self) -> Profile:
        """What people who register are asked for."""
        return PROFILES[self.registration_profile]

    @property
    def known_brands(self) -> frozenset[str]:
        """The ids of the brands that a client may have."""
        return frozenset({self.look.id, *self.looks})

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
    def options(self) -> tuple[str, ...]:
        """The sign-in options that are offered: those of customers and, where a company's provider is named,
        that of employees."""
        return (*self.sign_in.options, EMPLOYEE) if self.upstreams else self.sign_in.options

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
