"""Revocation (RFC 7009). Any token of a grant ends the whole grant: what one sign-in gave a client goes at once."""

from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749.errors import InvalidRequestError
from authlib.oauth2.rfc7009 import RevocationEndpoint

from idp import clock, secret
from idp.oauth import access_tokens as incoming
from idp.oauth.access_tokens import AccessToken
from idp.oauth.client_auth import ANY
from idp.store import access_tokens, audit, grants


@dataclass(frozen=True)
class GrantInHand:
    """A refresh token's grant, in the shape that Authlib asks."""

    grant: grants.Grant

    def check_client(self, client: Any) -> bool:
        return bool(self.grant.client_id == client.client_id)


class Revocation(RevocationEndpoint):  # type: ignore[misc]  # Authlib is untyped
    CLIENT_AUTH_METHODS = ANY

    def check_params(self, request: Any, client: Any) -> None:
        """The token must be there; a hint only speeds a search up, and ours needs none (RFC 7009 2.1)."""
        if not request.form.get("token"):
            raise InvalidRequestError("Missing 'token' in request.")

    def query_token(self, token_string: str, token_type_hint: str | None) -> GrantInHand | AccessToken | None:
        row = grants.refresh_token(secret.digest(token_string))
        if row is None:
            return incoming.read(self.server.registry, self.server.keyring, self.server.settings.issuer, token_string, clock.now())
        grant = grants.live(row.grant_id)
        return GrantInHand(grant) if grant else None

    def revoke_token(self, token: GrantInHand | AccessToken, request: Any) -> None:
        now = clock.now()
        if token.grant is not None:
            grants.revoke(token.grant.id, now)
            audit.add(now, "grant_revoked", target=token.grant.account_id, client_id=token.grant.client_id)
            return
        assert isinstance(token, AccessToken)  # a machine's own, which dies alone
        if token.opaque:
            access_tokens.revoke(token.key, now)
        else:
            access_tokens.revoke_jwt(token.key, token.expires_at)
        audit.add(now, "token_revoked", client_id=token.client_id)
