"""Revocation (RFC 7009). Any token of a grant ends the whole grant: what one sign-in gave a client
goes at once."""

from authlib.oauth2.rfc6749.errors import InvalidGrantError

from idp import secret
from idp.oauth import access_tokens as incoming
from idp.oauth.access_tokens import AccessToken
from idp.oauth.clients import RegisteredClient, Registry
from idp.oauth.granted import LiveGrant, live
from idp.oauth.keys import Keyring
from idp.store import access_tokens, audit, grants


def revoke(
    registry: Registry,
    keyring: Keyring,
    issuer: str,
    client: RegisteredClient,
    token: str,
    now: float,
) -> None:
    """End what the token belongs to; nothing for a token that does not count any more (2.2). Raises
    InvalidGrantError for another client's token."""
    row = grants.refresh_token(secret.digest(token))
    found = live(row.grant_id) if row else incoming.read(registry, keyring, issuer, token, now)
    if found is None:
        return
    if found.client_id != client.client_id:
        raise InvalidGrantError
    grant = found if isinstance(found, LiveGrant) else found.grant
    if grant is not None:
        grants.revoke(grant.id, now)
        audit.add(now, "grant_revoked", target=grant.account_id, client_id=grant.client_id)
    elif isinstance(found, AccessToken):
        _revoke_own(found, now)


def _revoke_own(token: AccessToken, now: float) -> None:
    """A service client's own token, which ends alone."""
    if token.by_reference:
        access_tokens.revoke(token.key, now)
    else:
        access_tokens.revoke_jwt(token.key, token.expires_at)
    audit.add(now, "token_revoked", client_id=token.client_id)
