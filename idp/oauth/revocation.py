"""Revocation (RFC 7009). Any token of a grant ends the whole grant: what one sign-in gave a client goes at once."""

from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749.errors import InvalidRequestError
from authlib.oauth2.rfc7009 import RevocationEndpoint

from idp import clock, secret
from idp.oauth.tokens import access_token_claims, grant_of
from idp.store import audit, grants


@dataclass(frozen=True)
class TokenInHand:
    """A token's grant, in the shape that Authlib asks."""

    grant: grants.Grant

    def check_client(self, client: Any) -> bool:
        return bool(self.grant.client_id == client.client_id)


class Revocation(RevocationEndpoint):  # type: ignore[misc]  # Authlib is untyped
    CLIENT_AUTH_METHODS = ["client_secret_basic", "client_secret_post", "none"]

    def check_params(self, request: Any, client: Any) -> None:
        """The token must be there; a hint only speeds a search up, and ours needs none (RFC 7009 2.1)."""
        if not request.form.get("token"):
            raise InvalidRequestError("Missing 'token' in request.")

    def query_token(self, token_string: str, token_type_hint: str | None) -> TokenInHand | None:
        row = grants.refresh_token(secret.digest(token_string))
        grant_id = row.grant_id if row else None
        if grant_id is None:
            claims = access_token_claims(self.server.keyring, self.server.settings.issuer, token_string, clock.now())
            grant_id = grant_of(claims) if claims else None
        grant = grants.live(grant_id) if grant_id else None
        return TokenInHand(grant) if grant else None

    def revoke_token(self, token: TokenInHand, request: Any) -> None:
        now = clock.now()
        grants.revoke(token.grant.id, now)
        audit.add(now, "grant_revoked", target=token.grant.account_id, client_id=token.grant.client_id)
