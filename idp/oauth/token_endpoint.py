"""The token endpoint (RFC 6749 3.2), from top to bottom: which grant, which client, may it, what it
presents, and the tokens.

Before it, `web/protocol.py` asks an employee's company whether they are still there, where a refresh
token is presented: that waits for another server, and no transaction is open meanwhile."""

from collections.abc import Mapping
from typing import Any

from authlib.oauth2.rfc6749.errors import (
    InvalidRequestError,
    UnauthorizedClientError,
    UnsupportedGrantTypeError,
)

from idp.oauth.client_auth import ClientAuthentication
from idp.oauth.clients import RegisteredClient, Registry
from idp.oauth.grants import GRANTS, Grant, TokenRequest
from idp.oauth.http import Headers
from idp.oauth.tokens import Minter
from idp.settings import Settings


class TokenEndpoint:
    """One for a process. Reads and writes rows; the caller commits, after a refusal too:
    reuse ends what it gave."""

    def __init__(
        self,
        settings: Settings,
        registry: Registry,
        authentication: ClientAuthentication,
        minter: Minter,
    ) -> None:
        self._settings = settings
        self._registry = registry
        self._authenticate = authentication
        self._minter = minter

    def respond(self, form: Mapping[str, str], headers: Headers, now: float) -> dict[str, Any]:
        """The members of the answer. Raises OAuth2Error."""
        grant = _grant(form)
        client = self._authenticate(form, headers, grant.client_authentication)
        _permit(client, grant)
        request = TokenRequest(form, client, self._registry, self._settings, now)
        found = grant.find(request)
        scope = grant.confirm(request, found)
        award = grant.claim(request, found, scope)
        return self._minter.mint(grant.name, award, now)


def _grant(form: Mapping[str, str]) -> Grant[Any]:
    """The grant that the request is for."""
    grant_type = form.get("grant_type")
    if grant_type is None:
        raise InvalidRequestError("Missing 'grant_type' in request.")
    if grant_type not in GRANTS:
        raise UnsupportedGrantTypeError(grant_type)
    return GRANTS[grant_type]


def _permit(client: RegisteredClient, grant: Grant[Any]) -> None:
    """Whether the client is registered for this grant."""
    if not client.may_use(grant.name):
        raise UnauthorizedClientError(
            f"The client is not authorized to use 'grant_type={grant.name}'"
        )
