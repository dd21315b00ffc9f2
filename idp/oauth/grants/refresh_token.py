"""The refresh token grant (RFC 6749 6), with rotation and the detection of reuse (RFC 9700
4.14.2)."""

from authlib.oauth2.rfc6749.errors import InvalidGrantError, InvalidRequestError, InvalidScopeError

from idp import secret
from idp.oauth.client_auth import ANY
from idp.oauth.granted import LiveGrant, by_refresh_token, live
from idp.oauth.grants.grant import Award, Grant, TokenRequest, reused
from idp.store import grants, writing

Presented = tuple[LiveGrant, grants.RefreshToken]


class RefreshTokenGrant(Grant[Presented]):
    """Tokens for a refresh token, which is replaced (RFC 6749 6, RFC 9700 4.14)."""

    name = "refresh_token"
    client_authentication = ANY

    def find(self, request: TokenRequest) -> Presented:
        """The token's row and its grant, alive and this client's."""
        token = request.form.get("refresh_token")
        if token is None:
            raise InvalidRequestError("Missing 'refresh_token' in request.")
        writing(afresh=True)
        found = by_refresh_token(secret.digest(token))
        if (
            found is None
            or found[0].expires_at <= request.now
            or not request.settings.trusts(found[0].person.upstream)
        ):
            raise InvalidGrantError(
                "The refresh token is no longer valid: it expired, was revoked, or its "
                "sign-in has ended."
            )
        if found[0].client_id != request.client.client_id:
            raise InvalidGrantError("The refresh token was issued to another client.")
        return found

    def confirm(self, request: TokenRequest, found: Presented) -> str:
        """The scope that is asked for, or what was granted; of it, what still exists."""
        granted = found[0].granted.scope
        # scopes that no one knows are passed over, as when signing in
        asked = request.client.allowed_scope(request.form.get("scope"))
        if set(asked.split()) - set(granted.split()):
            raise InvalidScopeError("A refresh request may only ask for scopes that were granted.")
        scope = asked or request.client.allowed_scope(granted)
        if not scope:
            raise InvalidScopeError("None of the granted scopes exist anymore.")
        return scope

    def claim(self, request: TokenRequest, found: Presented, scope: str) -> Award:
        """Use the token up and begin the next generation."""
        grant, token = found
        if not _rotated(grant, token.generation, request):
            reused("refresh_token", grant.id, grant.account_id, grant.client_id, request.now)
            raise InvalidGrantError(
                "The refresh token was already used, so all tokens of its sign-in have "
                "ended. The person must sign in again."
            )
        return Award(request.client, scope, grant, token.generation + 1)


def _rotated(grant: LiveGrant, generation: int, request: TokenRequest) -> bool:
    """Whether a token of this generation may be used: it is the newest, or it is the one before and
    its answer may have been lost (several requests of one page, a cut connection). That one is
    answered again for `refresh_reuse_grace` seconds, as long as no successor of it was used (RFC
    9700 4.14.2)."""
    if generation == grant.generation and grants.rotate(grant.id, generation, request.now):
        return True
    now = live(grant.id)  # another request may have been quicker
    grace = request.settings.lifetimes.refresh_reuse_grace
    return (
        now is not None
        and generation == now.generation - 1
        and now.rotated_at is not None
        and request.now - now.rotated_at < grace
    )
