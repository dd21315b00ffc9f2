"""Introspection (RFC 7662): an API asks what a token that it was handed is worth."""

from typing import Any

from idp import secret
from idp.oauth import access_tokens
from idp.oauth.access_tokens import AccessToken
from idp.oauth.clients import RegisteredClient, Registry
from idp.oauth.granted import by_refresh_token
from idp.oauth.keys import Keyring
from idp.oauth.subjects import of_token, subject


def response(
    registry: Registry,
    keyring: Keyring,
    issuer: str,
    client: RegisteredClient,
    token: str,
    now: float,
) -> dict[str, Any]:
    """What this client is told of the token. A client may ask about its own tokens, and an API's
    about those that are for the API; any other token is not active to it, so that no one learns
    from this endpoint which tokens there are."""
    found = access_tokens.read(registry, keyring, issuer, token, now)
    if found is None:
        return _refresh_token(client, token, now)
    if found.client_id != client.client_id and not client.introspects.intersection(found.audience):
        return {"active": False}
    return {"active": True, "iss": issuer, **_access_token(found)}


def _access_token(token: AccessToken) -> dict[str, Any]:
    about: dict[str, Any] = {
        "sub": of_token(token),
        "aud": list(token.audience) if len(token.audience) > 1 else token.audience[0],
        "client_id": token.client_id,
        "scope": token.scope,
        "token_type": "Bearer",
        "iat": token.issued_at,
        "exp": token.expires_at,
    }
    if token.grant:
        about |= token.grant.granted.sign_in.strength() | token.grant.roles_within(token.scope)
        if "profile" in token.scope.split():
            about["username"] = token.grant.person.username
    return about


def _refresh_token(client: RegisteredClient, token: str, now: float) -> dict[str, Any]:
    """A client's own refresh token, unused and alive."""
    found = by_refresh_token(secret.digest(token))
    if found is None:
        return {"active": False}
    grant, row = found
    if (
        row.generation != grant.generation
        or grant.client_id != client.client_id
        or grant.expires_at <= now
    ):
        return {"active": False}
    times = {"iat": int(row.created_at), "exp": int(grant.expires_at)}
    return {
        "active": True,
        "client_id": grant.client_id,
        "sub": subject(grant.account_id, client),
        "scope": grant.granted.scope,
        **times,
    }
