"""Access tokens that come in: JWTs that we signed and reference tokens alike, as long as what they stand
for lives."""

from dataclasses import dataclass, replace

from idp import secret
from idp.oauth.clients import RegisteredClient, Registry
from idp.oauth.granted import LiveGrant, live
from idp.oauth.keys import Keyring
from idp.store import access_tokens, grants

TYPE = "at+jwt"  # of a JWT's header (RFC 9068 2.1)


@dataclass(frozen=True)
class AccessToken:
    """One that is valid now. `grant` holds the sign-in and the person behind it; a service client's own
    token has none. `key` names the token where it has no grant to be ended with."""

    client_id: str
    scope: str
    audience: tuple[str, ...]
    issued_at: int
    expires_at: int
    key: str
    by_reference: bool
    grant: LiveGrant | None
    client: RegisteredClient | None = None  # set by `read`: it is registered now

    @property
    def actor(self) -> str:
        """The account that the token acts for, or the client itself."""
        return self.grant.account_id if self.grant else self.client_id


def read(
    registry: Registry, keyring: Keyring, issuer: str, token: str, now: float
) -> AccessToken | None:
    """The token, for any audience; None for what is not ours, has expired, was revoked, or
    whose client, grant, session or account is gone."""
    found = (
        _jwt(registry, keyring, issuer, token, now)
        if token.count(".") == 2
        else _by_reference(token, now)
    )
    client = registry.get(found.client_id) if found else None
    return replace(found, client=client) if found and client else None


def former(keyring: Keyring, token: str, now: float) -> tuple[str, str] | None:
    """Whose token (as the audit trail names them, and the client) this was, that does not count any
    more; None for what never was one of ours."""
    if token.count(".") == 2:
        claims = keyring.verify(token, TYPE, now, expired_too=True)
        if claims is None:
            return None
        return (
            f"client:{claims['sub']}" if claims["sub"] == claims["client_id"] else claims["sub"]
        ), claims["client_id"]
    row = access_tokens.by_digest(secret.digest(token))
    if row is None:
        return None
    grant = grants.whose(row.grant_id) if row.grant_id else None
    return (grant.account_id if grant else f"client:{row.client_id}"), row.client_id


def _jwt(
    registry: Registry, keyring: Keyring, issuer: str, token: str, now: float
) -> AccessToken | None:
    claims = keyring.verify(token, TYPE, now)
    if claims is None or claims.get("iss") != issuer:
        return None
    audience, grant_id, key = (
        claims["aud"],
        claims["jti"].partition(".")[0],
        secret.digest(claims["jti"]),
    )
    grant = live(grant_id) if grant_id else None
    if grant_id and grant is None:
        return None
    if not grant_id and (claims["iat"] < registry.epoch or access_tokens.jwt_revoked(key)):
        return None
    names = tuple(audience) if isinstance(audience, list) else (audience,)
    return AccessToken(
        claims["client_id"], claims["scope"], names, claims["iat"], claims["exp"], key, False, grant
    )


def _by_reference(token: str, now: float) -> AccessToken | None:
    row = access_tokens.by_digest(secret.digest(token))
    if row is None or row.revoked_at is not None or row.expires_at <= now:
        return None
    grant = live(row.grant_id) if row.grant_id else None
    if row.grant_id and grant is None:
        return None
    return AccessToken(
        row.client_id,
        row.scope,
        tuple(row.audience),
        int(row.created_at),
        int(row.expires_at),
        row.digest,
        True,
        grant,
    )
