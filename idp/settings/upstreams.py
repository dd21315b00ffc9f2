"""A company whose own identity provider signs its people in: one table [[upstreams]] in the
settings for each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from re import fullmatch
from typing import Any

from idp.flow.methods import UPSTREAM_METHODS
from idp.secret import Secret
from idp.settings.key import key
from idp.typed import fold

AUTH_METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt")
ALGORITHMS = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "Ed25519",
)
ID, DOMAIN = (
    r"[a-z0-9][a-z0-9-]{0,29}",
    r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]",
)
ROLE = r"[A-Za-z0-9][A-Za-z0-9:._-]{0,63}"


@dataclass(frozen=True)
class UpstreamSettings:
    """A company's identity provider, and what its sign-ins are worth here."""

    id: str = key(
        "",
        "short name of a-z, 0-9 and -; it is part of the addresses that the company "
        "registers for us",
    )
    name: str = key("", "name of the company, as people see it")
    issuer: str = key(
        "",
        "exact issuer of its identity provider; everything else is read from its "
        "discovery document",
    )
    client_id: str = key("", "our client ID there")
    client_auth: str = key(
        "client_secret_basic",
        "how we authenticate there: client_secret_basic, client_secret_post, or "
        "private_key_jwt with the keys in our /jwks",
    )
    client_secret_file: str = key("", "file with the client secret from the company")
    domains: tuple[str, ...] = key(
        (),
        "email domains that belong only to its people; if empty, the employee domains of the brand",
    )
    scopes: tuple[str, ...] = key(
        ("openid", "profile", "email"),
        "scopes that we request; add the scope of roles_claim if the identity provider has one",
    )
    required: Mapping[str, Any] = key(
        {},
        "claims that must have exactly this value, such as the tenant of a shared "
        "identity provider: { hd = 'atrezzo.example' }",
    )
    roles_claim: str = key("roles", "claim that lists a person's roles or groups at the company")
    roles: Mapping[str, Any] = key(
        {}, "which of those become roles here: { 'care-managers' = 'reviewer' }; others are ignored"
    )
    acr: Mapping[str, Any] = key(
        {},
        "what its acr values count as, two-step or mfa: { 'urn:stagedoor:acr:mfa' = "
        "'mfa' }; others are ignored",
    )
    amr: Mapping[str, Any] = key(
        {},
        "what its amr values count as, two-step or mfa: { mfa = 'mfa', otp = 'two-step' "
        "}; others are ignored",
    )
    algorithms: tuple[str, ...] = key(
        ("RS256", "PS256", "ES256", "EdDSA"), "algorithms that its ID tokens may be signed with"
    )
    max_age: int = key(
        43200,
        "seconds after which a new sign-in there is required; 0 if its identity provider "
        "cannot say when a person signed in",
        0,
        86400,
    )
    leeway: int = key(60, "seconds that its clock may differ from ours", 0, 300)
    recheck: int = key(
        300,
        "seconds after which a token refresh checks again with the company that the "
        "person still has access",
        60,
        3600,
    )
    grace: int = key(
        3600,
        "seconds that this check may go unanswered if the identity provider is down or "
        "issues no refresh tokens",
        0,
        14400,
    )
    client_secret: Secret = field(default=Secret(""), repr=False, metadata={"hidden": True})

    def has(self, address: str) -> bool:
        """Whether this address is one of the company's people."""
        return fold(address).rpartition("@")[2] in {
            fold(f"x@{domain}")[2:] for domain in self.domains
        }

    def worth(self, acr: str | None, amr: tuple[str, ...]) -> tuple[str, ...]:
        """The methods that these values of the company's prove here, beside that someone signed in
        there."""
        said = {self.acr.get(acr or "")} | {self.amr.get(value) for value in amr}
        return tuple(method for level, method in UPSTREAM_METHODS.items() if level in said)

    def can(self) -> frozenset[str]:
        """The methods that its provider could prove, by the mapping."""
        said = {*self.acr.values(), *self.amr.values()}
        return frozenset(method for level, method in UPSTREAM_METHODS.items() if level in said)


def faults(upstream: UpstreamSettings) -> Iterator[tuple[str, str]]:
    """What is wrong with a table: the key, and what to set instead."""
    if not fullmatch(ID, upstream.id):
        yield "id", "set a short name of a-z, 0-9 and -"
        return
    for name in ("name", "issuer", "client_id"):
        if not getattr(upstream, name):
            yield name, "this must be set"
    if upstream.client_auth not in AUTH_METHODS:
        yield "client_auth", f"choose from {', '.join(AUTH_METHODS)}"
    if upstream.client_auth != "private_key_jwt" and not upstream.client_secret:
        yield "client_secret_file", "set the file with the client secret from the company"
    if not upstream.domains:
        yield "domains", "set the email domains of its people"
    for domain in upstream.domains:
        if not fullmatch(DOMAIN, domain):
            yield (
                "domains",
                f"{domain} is not a domain in lowercase letters, such as atrezzo.example",
            )
    if "openid" not in upstream.scopes:
        yield "scopes", "openid must be one of them"
    if unknown := set(upstream.algorithms) - set(ALGORITHMS):
        yield "algorithms", f"{', '.join(sorted(unknown))}: choose from {', '.join(ALGORITHMS)}"
    if not upstream.algorithms:
        yield "algorithms", "set at least one"
    for name in ("acr", "amr"):
        for value, level in getattr(upstream, name).items():
            if level not in UPSTREAM_METHODS:
                yield name, f"{value} must be mapped to {' or '.join(UPSTREAM_METHODS)}"
    for value, role in upstream.roles.items():
        if not isinstance(role, str) or not fullmatch(ROLE, role):
            yield "roles", f"{value} must be mapped to a role of letters, digits and : . _ -"
