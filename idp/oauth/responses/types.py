"""What a client gets for a finished sign-in, by response_type (RFC 6749 3.1.1): one function a part."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from idp import secret
from idp.oauth.authorization.request import AuthorizationRequest
from idp.store import authorization_codes


@dataclass(frozen=True)
class SignedIn:
    """A finished interaction: what a code will stand for."""

    interaction_id: str
    reference: str
    grant_id: str
    account_id: str
    session_id: str
    auth_time: float
    acr: str
    amr: tuple[str, ...]


Part = Callable[[AuthorizationRequest, SignedIn, float], tuple[str, str]]


def code(request: AuthorizationRequest, signed_in: SignedIn, expires_at: float) -> tuple[str, str]:
    """A new authorization code, kept by its digest."""
    fresh = secret.token()
    authorization_codes.add(
        {
            "digest": secret.digest(fresh),
            "grant_id": signed_in.grant_id,
            "interaction_id": signed_in.interaction_id,
            "reference": signed_in.reference,
            "client_id": request.client_id,
            "account_id": signed_in.account_id,
            "session_id": signed_in.session_id,
            "redirect_uri": request.redirect_uri if request.redirect_uri_sent else None,
            "scope": " ".join(request.scopes),
            "nonce": request.nonce,
            "code_challenge": request.code_challenge,
            "auth_time": signed_in.auth_time,
            "acr": signed_in.acr,
            "amr": list(signed_in.amr),
            "expires_at": expires_at,
        }
    )
    return "code", fresh


PARTS: Mapping[str, Part] = {"code": code}
