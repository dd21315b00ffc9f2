"""RP-initiated logout: what a client's request to sign out says, and where the person may go afterwards."""

from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749.errors import OAuth2Error
from authlib.oidc.rpinitiated import EndSessionEndpoint
from joserfc.jwk import KeySet

from idp.oauth.http import Request, with_parameters
from idp.oauth.keys import ALGORITHMS


@dataclass(frozen=True)
class SignOut:
    """`subject` and `session` are of a valid hint, None without one; `redirect_uri` is registered and carries the state."""

    client_name: str | None
    start_url: str | None
    subject: str | None
    session: str | None
    redirect_uri: str | None


class EndSession(EndSessionEndpoint):  # type: ignore[misc]  # Authlib is untyped
    def get_server_jwks(self) -> KeySet:
        keys: KeySet = self.server.keyring.key_set()
        return keys

    def get_algorithms(self) -> list[str]:
        return list(ALGORITHMS)

    def is_post_logout_redirect_uri_legitimate(self, request: Any, uri: str, client: Any, logout_hint: str | None) -> bool:
        """A registered URI of the client named by client_id: the person is asked before anything happens."""
        return client is not None


def read(server: Any, request: Request) -> SignOut:
    """What the request says. A hint that is not a valid ID token of ours leaves only the question to the person."""
    try:
        checked = server.validate_endpoint_request("end_session", request)
    except OAuth2Error:
        return SignOut(None, None, None, None, None)
    claims = checked.id_token_claims or {}
    ours = claims.get("iss") == server.settings.issuer and "client_id" not in claims  # no access token
    if claims and not ours:
        return SignOut(None, None, None, None, None)
    client, values = checked.client, dict(request.parameters)
    state = [("state", values["state"])] if "state" in values else []
    redirect_uri = with_parameters(values["post_logout_redirect_uri"], state) if checked.redirect_uri else None
    return SignOut(
        client.name if client else None,
        client.start_url if client else None,
        claims.get("sub"),
        claims.get("sid"),
        redirect_uri,
    )
