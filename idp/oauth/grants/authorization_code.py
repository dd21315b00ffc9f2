"""The authorization code grant (RFC 6749 4.1.3) with PKCE (RFC 7636 4.5)."""

import re

from authlib.oauth2.rfc6749.errors import InvalidGrantError, InvalidRequestError
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from idp import secret
from idp.oauth.client_auth import ANY
from idp.oauth.granted import Granted, live
from idp.oauth.grants.grant import Award, Grant, TokenRequest, reused
from idp.store import authorization_codes, grants, writing
from idp.store.authorization_codes import AuthorizationCode

VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")


class AuthorizationCodeGrant(Grant[AuthorizationCode]):
    """Tokens for an authorization code, once (RFC 6749 4.1.3, RFC 7636 4.6)."""

    name = "authorization_code"
    client_authentication = ANY

    def find(self, request: TokenRequest) -> AuthorizationCode:
        """The row of the code, which this client got and no one has redeemed."""
        code = request.form.get("code")
        if code is None:
            raise InvalidRequestError("Missing 'code' in request.")
        writing(afresh=True)
        row = authorization_codes.by_digest(secret.digest(code))
        if row is None or Granted.by_code(row).client_id != request.client.client_id:
            raise InvalidGrantError("Invalid 'code' in request.")
        if row.redeemed_at is not None:
            _reused(row, request.now)
            raise InvalidGrantError("Invalid 'code' in request.")
        return row

    def confirm(self, request: TokenRequest, found: AuthorizationCode) -> str:
        """Not expired, the same redirect URI, the right verifier, and a scope that is left."""
        scope = request.client.allowed_scope(Granted.by_code(found).scope)
        if not scope or found.void_at is not None or request.now >= found.expires_at:
            raise InvalidGrantError("Invalid 'code' in request.")
        if found.redirect_uri and request.form.get("redirect_uri") != found.redirect_uri:
            raise InvalidGrantError("Invalid 'redirect_uri' in request.")
        if request.client.public and not found.code_challenge:
            raise InvalidGrantError("A public client needs PKCE.")
        _check_verifier(request.form.get("code_verifier"), found.code_challenge)
        return scope

    def claim(self, request: TokenRequest, found: AuthorizationCode, scope: str) -> Award:
        """Redeem the code, once, and begin its grant."""
        if not authorization_codes.redeem(found.digest, request.now):
            _reused(found, request.now)
            raise InvalidGrantError("The authorization code has already been used.")
        granted = Granted.by_code(found)
        grants.add(
            found.grant_id,
            granted.to_json(),
            request.now,
            request.now + request.settings.lifetimes.refresh_token,
        )
        grant = live(found.grant_id)
        if grant is None:
            raise InvalidGrantError("The sign-in behind this code has ended.")
        return Award(
            request.client, scope, grant, 0 if request.client.may_use("refresh_token") else None
        )


def _check_verifier(verifier: str | None, challenge: str | None) -> None:
    """PKCE (RFC 7636 4.6). Whether a client may do without was settled at the authorization
    endpoint. Raises OAuth2Error."""
    if challenge is None:
        # RFC 9700 4.8: a challenge that an attacker has cut out shows here
        if verifier is not None:
            raise InvalidRequestError(
                "The authorization request had no 'code_challenge', but a "
                "'code_verifier' was provided."
            )
        return
    if verifier is None:
        raise InvalidGrantError("Missing 'code_verifier'")
    if not VERIFIER.fullmatch(verifier):
        raise InvalidRequestError("Invalid 'code_verifier'")
    if not secret.same(create_s256_code_challenge(verifier), challenge):
        raise InvalidGrantError("Code challenge failed.")


def _reused(code: AuthorizationCode, now: float) -> None:
    granted = Granted.by_code(code)
    account_id = granted.sign_in.account_id
    reused("authorization_code", code.grant_id, account_id, granted.client_id, now)
