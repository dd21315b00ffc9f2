"""The grants of the token endpoint: authorization code with PKCE, and refresh with rotation.

What may happen once is claimed in the last step before tokens are minted, so that a wrong verifier
or a wrong redirect URI does not use a code up.
"""

from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749 import grants as authlib
from authlib.oauth2.rfc6749.errors import InvalidGrantError, InvalidScopeError
from authlib.oauth2.rfc7636 import CodeChallenge

from idp import clock, secret
from idp.oauth.client_auth import ANY, CONFIDENTIAL
from idp.oauth.tokens import Subject
from idp.store import audit, authorization_codes, grants, writing
from idp.store.authorization_codes import AuthorizationCode

SHARED = ("client_id", "account_id", "session_id", "reference", "scope", "auth_time", "acr", "amr")  # of a code and its grant


@dataclass(frozen=True)
class CodeInHand:
    """A stored code in the shape that Authlib asks."""

    row: AuthorizationCode
    scope: str  # what was granted and still exists

    @property
    def code_challenge(self) -> str | None:
        return self.row.code_challenge

    @property
    def code_challenge_method(self) -> str:
        return "S256"  # the only one that the authorization endpoint lets through

    def get_redirect_uri(self) -> str | None:
        return self.row.redirect_uri

    def get_scope(self) -> str:
        return self.scope


@dataclass(frozen=True)
class RefreshTokenInHand:
    """A stored refresh token with its grant, in the shape that Authlib asks."""

    generation: int
    grant: Any  # with the person it is about, see grants.live

    def check_client(self, client: Any) -> bool:
        return bool(self.grant.client_id == client.client_id)

    def get_scope(self) -> str:
        return str(self.grant.scope)


class AuthorizationCodeGrant(authlib.AuthorizationCodeGrant):  # type: ignore[misc]  # Authlib is untyped
    TOKEN_ENDPOINT_AUTH_METHODS = ANY

    def query_authorization_code(self, code: str, client: Any) -> CodeInHand | None:
        writing(afresh=True)
        row = authorization_codes.by_digest(secret.digest(code))
        if row is None or row.client_id != client.client_id:
            return None
        now = clock.now()
        if row.redeemed_at is not None:
            _reused(row.grant_id, row.client_id, row.account_id, "authorization_code", now)
            return None
        scope = client.get_allowed_scope(row.scope)
        return CodeInHand(row, scope) if scope and row.void_at is None and now < row.expires_at else None

    def authenticate_user(self, authorization_code: CodeInHand) -> Subject:
        row, now = authorization_code.row, clock.now()
        if not authorization_codes.redeem(row.digest, now):
            _reused(row.grant_id, row.client_id, row.account_id, "authorization_code", now)
            raise InvalidGrantError("The authorization code has already been used.")
        lifetime = self.server.settings.lifetimes.refresh_token
        shared = {name: getattr(row, name) for name in SHARED}
        grants.add({**shared, "id": row.grant_id, "created_at": now, "expires_at": now + lifetime})
        grant = grants.live(row.grant_id)
        if grant is None:
            raise InvalidGrantError("The sign-in behind this code has ended.")
        return Subject(row.grant_id, row.account_id, row.session_id, row.reference, row.auth_time, row.acr, tuple(row.amr), row.nonce, tuple(grant.roles))

    def delete_authorization_code(self, authorization_code: CodeInHand) -> None:
        """The row stays: a second use must be recognised."""


class RefreshTokenGrant(authlib.RefreshTokenGrant):  # type: ignore[misc]  # Authlib is untyped
    TOKEN_ENDPOINT_AUTH_METHODS = ANY

    def authenticate_refresh_token(self, refresh_token: str) -> RefreshTokenInHand | None:
        writing(afresh=True)
        row = grants.refresh_token(secret.digest(refresh_token))
        grant = grants.live(row.grant_id) if row else None
        if row is None or grant is None or grant.expires_at <= clock.now() or not self.server.settings.trusts(grant.upstream):
            raise InvalidGrantError("The refresh token is no longer valid: it expired, was revoked, or its sign-in has ended.")
        if grant.client_id != self.request.client.client_id:
            raise InvalidGrantError("The refresh token was issued to another client.")
        return RefreshTokenInHand(row.generation, grant)

    def authenticate_user(self, refresh_token: RefreshTokenInHand) -> Subject:
        grant, now = refresh_token.grant, clock.now()
        if not self._rotated(refresh_token, now):
            _reused(grant.id, grant.client_id, grant.account_id, "refresh_token", now)
            raise InvalidGrantError("The refresh token was already used, so all tokens of its sign-in have ended. The person must sign in again.")
        return Subject(
            grant.id,
            grant.account_id,
            grant.session_id,
            grant.reference,
            grant.auth_time,
            grant.acr,
            tuple(grant.amr),
            roles=tuple(grant.roles),
            generation=refresh_token.generation + 1,
        )

    def _rotated(self, token: RefreshTokenInHand, now: float) -> bool:
        """Whether this token may be used: it is of the newest generation, or of the one before and its answer may have been lost
        (several requests of one page, a cut connection). That one is answered again for `refresh_reuse_grace` seconds, as long as
        no successor of it was used (RFC 9700 4.14.2)."""
        if token.generation == token.grant.generation and grants.rotate(token.grant.id, token.generation, now):
            return True
        grant = grants.live(token.grant.id)  # as it is now: another request may have been quicker
        grace = self.server.settings.lifetimes.refresh_reuse_grace
        return grant is not None and token.generation == grant.generation - 1 and grant.rotated_at is not None and now - grant.rotated_at < grace

    def _asked(self) -> str:
        """The scopes that this refresh asks for; those that nobody knows are passed over, as when signing in."""
        scope: str = self.request.client.get_allowed_scope(self.request.payload.scope)
        return scope

    def _validate_token_scope(self, token: RefreshTokenInHand) -> None:
        if set(self._asked().split()) - set(token.get_scope().split()):
            raise InvalidScopeError("A refresh request may only ask for scopes that were granted.")

    def issue_token(self, user: Subject, refresh_token: RefreshTokenInHand) -> Any:
        scope = self._asked() or self.request.client.get_allowed_scope(refresh_token.get_scope())  # its API may be gone since
        if not scope:
            raise InvalidScopeError("None of the granted scopes exist anymore.")
        return self.generate_token(user=user, scope=scope, include_refresh_token=True)

    def revoke_old_credential(self, refresh_token: RefreshTokenInHand) -> None:
        """It was used up before the new one was made."""


class ClientCredentialsGrant(authlib.ClientCredentialsGrant):  # type: ignore[misc]  # Authlib is untyped
    """A machine gets a token of its own (RFC 6749 4.4): for one API, and nothing about any person."""

    TOKEN_ENDPOINT_AUTH_METHODS = CONFIDENTIAL

    def validate_requested_scope(self) -> None:
        """The scopes asked for, of those that the client is registered for; without any, all of them."""
        client, apis = self.request.client, self.server.registry.apis
        mine = [scope for scope in client.client_metadata["scope"].split() if scope in client.scopes and apis.asked([scope])]
        asked = list(dict.fromkeys(self.request.payload.scope.split())) if self.request.payload.scope else mine
        if not asked or set(asked) - set(mine):
            raise InvalidScopeError("This client may request these scopes: " + (" ".join(mine) or "none") + ".")
        if len(apis.asked(asked)) > 1:
            raise InvalidScopeError("An access token is for one API; request the scopes of one API at a time.")
        self.scope = " ".join(asked)

    def create_token_response(self) -> Any:
        return 200, self.generate_token(scope=self.scope, include_refresh_token=False), self.TOKEN_RESPONSE_HEADER


class ProofKey(CodeChallenge):  # type: ignore[misc]  # Authlib is untyped
    """PKCE (RFC 7636) at the token endpoint; the authorization endpoint's part is in `authorization`."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]

    def validate_code_verifier(self, grant: Any, result: Any) -> None:
        if grant.request.authorization_code.code_challenge and not grant.request.form.get("code_verifier"):
            raise InvalidGrantError("Missing 'code_verifier'")
        super().validate_code_verifier(grant, result)


def _reused(grant_id: str, client_id: str, account_id: str, what: str, now: float) -> None:
    """Somebody used up twice what works once: all that came of it ends (RFC 9700 2.1.1, 4.14.2)."""
    if grants.revoke(grant_id, now):
        audit.add(now, "reuse_detected", "failure", target=account_id, client_id=client_id, what=what, grant=grant_id)
