"""A company whose own OpenID provider signs its people in: one table [[upstreams]] of the settings for each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from re import fullmatch
from typing import Any

from idp.flow.methods import COMPANY_METHODS
from idp.secret import Secret
from idp.settings.key import key
from idp.typed import fold

AUTH_METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt")
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
ID, DOMAIN = r"[a-z0-9][a-z0-9-]{0,29}", r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]"
ROLE = r"[A-Za-z0-9][A-Za-z0-9:._-]{0,63}"


@dataclass(frozen=True)
class Upstream:
    id: str = key("", "its short name, of a-z, 0-9 and -; it stands in the addresses that the company registers for us")
    name: str = key("", "the company, as people read it")
    issuer: str = key("", "its provider's issuer, to the letter; everything else is read from its discovery document")
    client_id: str = key("", "what we are called there")
    client_auth: str = key(
        "client_secret_basic", "how we authenticate there: client_secret_basic, client_secret_post, or private_key_jwt by the keys of our /jwks"
    )
    client_secret_file: str = key("", "file with the secret that the company gave us")
    domains: tuple[str, ...] = key((), "the e-mail domains of its people, and of nobody else; empty: those of the brand")
    scopes: tuple[str, ...] = key(("openid", "profile", "email"), "the scopes we ask for; that of roles_claim too, where its provider has one")
    required: Mapping[str, Any] = key({}, "claims that must have this very value, as the tenant of a provider with many: { hd = 'atrezzo.example' }")
    roles_claim: str = key("roles", "the claim that lists a person's roles or groups at the company")
    roles: Mapping[str, Any] = key({}, "which of them are roles here: { 'care-managers' = 'reviewer' }; others do not count")
    acr: Mapping[str, Any] = key({}, "what its acr values are worth: { 'urn:stagedoor:acr:mfa' = 'mfa' }; two-step or mfa, others do not count")
    amr: Mapping[str, Any] = key({}, "what its amr values are worth: { mfa = 'mfa', otp = 'two-step' }; others do not count")
    algorithms: tuple[str, ...] = key(("RS256", "PS256", "ES256", "EdDSA"), "with which of these its ID tokens may be signed")
    max_age: int = key(43200, "seconds after which a sign-in there is asked for anew; 0 where its provider cannot say when somebody signed in", 0, 86400)
    leeway: int = key(60, "seconds by which its clock may differ from ours", 0, 300)
    recheck: int = key(300, "seconds after which a refresh of a token asks the company again whether the person is still there", 60, 3600)
    grace: int = key(3600, "seconds for which that question may stay unanswered, when its provider is down or gives no refresh tokens", 0, 14400)
    client_secret: Secret = field(default=Secret(""), repr=False, metadata={"hidden": True})

    def has(self, address: str) -> bool:
        """Whether this address is one of the company's people."""
        return fold(address).rpartition("@")[2] in {fold(f"x@{domain}")[2:] for domain in self.domains}

    def worth(self, acr: str | None, amr: tuple[str, ...]) -> tuple[str, ...]:
        """The methods that these values of the company's prove here, beside that somebody signed in there."""
        said = {self.acr.get(acr or "")} | {self.amr.get(value) for value in amr}
        return tuple(method for level, method in COMPANY_METHODS.items() if level in said)

    def can(self) -> frozenset[str]:
        """The methods that its provider could prove, by the mapping."""
        said = {*self.acr.values(), *self.amr.values()}
        return frozenset(method for level, method in COMPANY_METHODS.items() if level in said)


def faults(upstream: Upstream) -> Iterator[tuple[str, str]]:
    """What is wrong with a table: the key, and what to set instead."""
    if not fullmatch(ID, upstream.id):
        yield "id", "give a short name of a-z, 0-9 and -"
        return
    for name in ("name", "issuer", "client_id"):
        if not getattr(upstream, name):
            yield name, "this must be set"
    if upstream.client_auth not in AUTH_METHODS:
        yield "client_auth", ", ".join(AUTH_METHODS)
    if upstream.client_auth != "private_key_jwt" and not upstream.client_secret:
        yield "client_secret_file", "name the file with the secret that the company gave us"
    if not upstream.domains:
        yield "domains", "name the e-mail domains of its people"
    for domain in upstream.domains:
        if not fullmatch(DOMAIN, domain):
            yield "domains", f"{domain} is no domain in small letters, such as atrezzo.example"
    if "openid" not in upstream.scopes:
        yield "scopes", "openid is one of them"
    if unknown := set(upstream.algorithms) - set(ALGORITHMS):
        yield "algorithms", f"{', '.join(sorted(unknown))}: choose from {', '.join(ALGORITHMS)}"
    if not upstream.algorithms:
        yield "algorithms", "name at least one"
    for name in ("acr", "amr"):
        for value, level in getattr(upstream, name).items():
            if level not in COMPANY_METHODS:
                yield name, f"{value}: it is worth {' or '.join(COMPANY_METHODS)}"
    for value, role in upstream.roles.items():
        if not isinstance(role, str) or not fullmatch(ROLE, role):
            yield "roles", f"{value}: a role here is made of letters, digits and : . _ -"
