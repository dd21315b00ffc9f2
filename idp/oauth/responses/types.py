"""What a client gets for a finished sign-in, by response_type (RFC 6749 3.1.1): one function a
part."""

from collections.abc import Callable, Mapping

from idp import secret
from idp.oauth.authorization.request import AuthorizationRequest
from idp.oauth.granted import Granted, SignIn
from idp.store import authorization_codes

Part = Callable[[AuthorizationRequest, str, SignIn, float], tuple[str, str]]


def code(
    request: AuthorizationRequest, interaction_id: str, sign_in: SignIn, expires_at: float
) -> tuple[str, str]:
    """A new authorization code, kept by its digest."""
    fresh = secret.token()
    granted = Granted(request.client_id, " ".join(request.scopes), sign_in, request.nonce)
    authorization_codes.add(
        digest=secret.digest(fresh),
        grant_id=secret.token(16),
        interaction_id=interaction_id,
        redirect_uri=request.redirect_uri if request.redirect_uri_sent else None,
        code_challenge=request.code_challenge,
        expires_at=expires_at,
        granted=granted.to_json(),
    )
    return "code", fresh


PARTS: Mapping[str, Part] = {"code": code}
