"""For whom an access token is: scopes name an API, and a token is for one API (RFC 9068 2.2, RFC
8707 in spirit)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from idp.flow.claims import SCOPES
from idp.store import resource_servers as store

PATH = "/api/v1"  # of the provider's own API below its issuer
OWN = {  # the provider's management API
    "users:read": "see the people in your organizations",
    "users:manage": "invite people to your organizations, change their accounts and reset their "
    "registrations",
    "organizations:read": "see your organizations",
    "organizations:manage": "change your organizations and their registration codes",
    "clients:read": "see the registered applications",
    "clients:manage": "register and change applications",
    "audit:read": "read the audit trail",
}


@dataclass(frozen=True)
class ResourceServers:
    """Which scope belongs to which API, and what it allows in plain words."""

    issuer: str
    identifiers: Mapping[str, str]  # by scope
    says: Mapping[str, str]  # by scope

    @classmethod
    def of(cls, issuer: str, rows: Iterable[store.ResourceServer]) -> "ResourceServers":
        """Those that are registered, and our own."""
        own = f"{issuer}{PATH}"
        identifiers, says = dict.fromkeys(OWN, own), dict(OWN)
        for row in rows:
            identifiers |= dict.fromkeys(row.scopes, row.identifier)
            says |= {scope: f"{words} ({row.name})" for scope, words in row.scopes.items()}
        return cls(issuer, identifiers, says)

    def known(self, scope: str) -> bool:
        """Whether there is such a scope."""
        return scope in SCOPES or scope in self.identifiers

    def asked(self, scopes: Iterable[str]) -> set[str]:
        """The APIs that these scopes are of."""
        return {self.identifiers[scope] for scope in scopes if scope in self.identifiers}

    def audience(self, scopes: Collection[str]) -> list[str]:
        """The `aud` of a token with these scopes: their API; and this provider, where its userinfo
        may be asked, or nothing else is."""
        found = sorted(self.asked(scopes))
        return (
            [*found, self.issuer]
            if not found or any(scope in SCOPES for scope in scopes)
            else found
        )
