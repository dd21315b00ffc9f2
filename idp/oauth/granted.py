"""What a sign-in granted to a client: said once, kept with the code, then with the grant that
redeeming the code begins.

Something more that a token carries is one field here, and the place that reads it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from idp.store import grants
from idp.store.authorization_codes import AuthorizationCode


@dataclass(frozen=True, slots=True)
class SignIn:
    """Who signed in, in which session, when (seconds) and how."""

    account_id: str
    session_id: str
    reference: str  # of the interaction, by which `idp explain` finds it
    auth_time: float
    acr: str
    amr: tuple[str, ...]

    def claims(self) -> dict[str, Any]:
        """The claims about the sign-in itself (OIDC Core 2); a refresh repeats them unchanged.
        `txn` (RFC 8417 2.2) is its reference."""
        return {**self.strength(), "sid": self.session_id, "txn": self.reference}

    def strength(self) -> dict[str, Any]:
        """How and when (RFC 9470 6.2)."""
        return {"auth_time": int(self.auth_time), "acr": self.acr, "amr": list(self.amr)}


@dataclass(frozen=True, slots=True)
class Granted:
    """What a client was granted by one sign-in."""

    client_id: str
    scope: str
    sign_in: SignIn
    nonce: str | None = None

    def to_json(self) -> dict[str, Any]:
        """One flat object, as the column keeps it."""
        values = asdict(self)
        sign_in = values.pop("sign_in")
        return {**values, **sign_in, "amr": list(self.sign_in.amr)}

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Granted":
        """What `to_json` made. A row of an older release lacks the fields that are newer; they have
        defaults."""
        known = {**values, "amr": tuple(values["amr"])}
        who = SignIn(**{name: known[name] for name in SIGN_IN if name in known})
        own = {name: known[name] for name in GRANTED if name in known}
        return cls(sign_in=who, **own)

    @classmethod
    def by_code(cls, code: AuthorizationCode) -> "Granted":
        """What redeeming this code gives."""
        return cls.of(code.granted)


SIGN_IN = tuple(one.name for one in fields(SignIn))
GRANTED = tuple(one.name for one in fields(Granted) if one.name != "sign_in")


@dataclass(frozen=True, slots=True)
class Person:
    """The person a grant is about, as they are now."""

    username: str
    given_name: str
    family_name: str
    contact_email: str | None
    sign_in_address: str | None
    phone: str | None
    roles: tuple[str, ...]
    # issuer of the identity provider that the account belongs to; None for accounts of our own
    upstream: str | None
    updated_at: float


@dataclass(frozen=True, slots=True)
class LiveGrant:
    """A grant that has not ended: neither it nor its session or account."""

    id: str
    granted: Granted
    person: Person
    expires_at: float  # of its refresh tokens, in all
    generation: int  # of the refresh tokens that may be used
    rotated_at: float | None  # when the generation before was used

    @property
    def client_id(self) -> str:
        """The client that it was granted to."""
        return self.granted.client_id

    @property
    def account_id(self) -> str:
        """Whose sign-in it is."""
        return self.granted.sign_in.account_id

    def roles_within(self, scope: str) -> dict[str, Any]:
        """The claim `roles` (RFC 9068 2.2.3.1), where its scope was granted."""
        return {"roles": list(self.person.roles)} if "roles" in scope.split() else {}


def live(grant_id: str) -> LiveGrant | None:
    """The grant with its person, in one read; None once grant, session or account has ended."""
    row = grants.live(grant_id)
    if row is None:
        return None
    person = Person(
        username=row.username,
        given_name=row.given_name,
        family_name=row.family_name,
        contact_email=row.contact_email,
        sign_in_address=row.sign_in_address,
        phone=row.phone,
        roles=tuple(row.roles),
        upstream=row.upstream,
        updated_at=row.updated_at,
    )
    return LiveGrant(
        row.id, Granted.of(row.granted), person, row.expires_at, row.generation, row.rotated_at
    )


def by_refresh_token(digest: str) -> tuple[LiveGrant, grants.RefreshToken] | None:
    """The live grant that a refresh token belongs to, and the token's row; None for any other
    value."""
    row = grants.refresh_token(digest)
    found = live(row.grant_id) if row else None
    return (found, row) if found and row else None
