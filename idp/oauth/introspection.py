"""Introspection (RFC 7662): an API asks what a token that it was handed is worth."""

from typing import Any

from authlib.oauth2.rfc6749.errors import InvalidRequestError
from authlib.oauth2.rfc7662 import IntrospectionEndpoint

from idp import clock, secret
from idp.oauth import access_tokens
from idp.oauth.access_tokens import AccessToken
from idp.oauth.client_auth import CONFIDENTIAL
from idp.store import grants


class Introspection(IntrospectionEndpoint):  # type: ignore[misc]  # Authlib is untyped
    """A client may ask about its own tokens, and an API's about those that are for the API; any other token is
    not active to it, so that nobody learns from this endpoint which tokens there are."""

    CLIENT_AUTH_METHODS = CONFIDENTIAL

    def check_params(self, request: Any, client: Any) -> None:
        """The token must be there; a hint only speeds a search up, and ours needs none."""
        if not request.form.get("token"):
            raise InvalidRequestError("Missing 'token' in request.")

    def authenticate_token(self, request: Any, client: Any) -> dict[str, Any] | None:
        """What is told of the token, or None."""
        self.check_params(request, client)
        server, now, token = self.server, clock.now(), request.form["token"]
        found = access_tokens.read(server.registry, server.keyring, server.settings.issuer, token, now)
        if found is not None:
            mine = found.client_id == client.client_id or client.introspects.intersection(found.audience)
            return self._told(found) if mine else None
        return _refresh_token(token, client, now)

    def create_introspection_payload(self, token: dict[str, Any] | None) -> dict[str, Any]:
        return {"active": True, **token} if token else {"active": False}

    def _told(self, token: AccessToken) -> dict[str, Any]:
        told: dict[str, Any] = {
            "iss": self.server.settings.issuer,
            "sub": token.subject,
            "aud": list(token.audience) if len(token.audience) > 1 else token.audience[0],
            "client_id": token.client_id,
            "scope": token.scope,
            "token_type": "Bearer",
            "iat": token.issued_at,
            "exp": token.expires_at,
        }
        if token.grant:
            told |= sign_in(token.grant)
            if "profile" in token.scope.split():
                told["username"] = token.grant.username
            if "roles" in token.scope.split():
                told["roles"] = list(token.grant.roles)
        return told


def sign_in(grant: Any) -> dict[str, Any]:
    """How and when the person behind a grant signed in (RFC 9470 6.2)."""
    return {"acr": grant.acr, "amr": list(grant.amr), "auth_time": int(grant.auth_time)}


def _refresh_token(token: str, client: Any, now: float) -> dict[str, Any] | None:
    """A client's own refresh token, unused and alive."""
    row = grants.refresh_token(secret.digest(token))
    grant = grants.live(row.grant_id) if row else None
    if row is None or grant is None or row.generation != grant.generation or grant.client_id != client.client_id or grant.expires_at <= now:
        return None
    return {"client_id": grant.client_id, "sub": grant.account_id, "scope": grant.scope, "iat": int(row.created_at), "exp": int(grant.expires_at)}
