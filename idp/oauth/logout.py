"""RP-initiated logout: what a client's request to sign out says, and where the person may go
afterwards (OpenID Connect RP-Initiated Logout 1.0)."""

from dataclasses import dataclass
from typing import Any

from idp.oauth.http import Request, present, repeated, with_parameters
from idp.oauth.subjects import account


@dataclass(frozen=True)
class SignOut:
    """`subject` and `session` are of a valid hint, None without one; `redirect_uri` is registered
    and carries the state."""

    client_name: str | None
    start_url: str | None
    subject: str | None
    session: str | None
    redirect_uri: str | None


NOTHING = SignOut(None, None, None, None, None)


def read(server: Any, request: Request, now: float) -> SignOut:
    """What the request says. A hint that is not an ID token of ours, or is another client's, leaves
    only the question to the person; one that has expired still serves (section 2)."""
    if repeated(request.parameters):
        return NOTHING
    values = dict(present(request.parameters))
    hint = values.get("id_token_hint")
    claims = server.keyring.verify(hint, "JWT", now, expired_too=True) if hint else {}
    if claims is None or (claims and claims.get("iss") != server.settings.issuer):
        return NOTHING
    client_id = values.get("client_id") or claims.get("aud")
    if claims and client_id != claims.get("aud"):
        return NOTHING
    client = server.registry.get(client_id)
    wanted = values.get("post_logout_redirect_uri")
    allowed = (
        client is not None and wanted is not None and client.check_post_logout_redirect_uri(wanted)
    )
    state = [("state", values["state"])] if "state" in values else []
    return SignOut(
        client.name if client else None,
        client.start_url if client else None,
        account(claims["sub"], client) if "sub" in claims else None,
        claims.get("sid"),
        with_parameters(wanted, state) if allowed and wanted else None,
    )
