"""The client credentials grant (RFC 6749 4.4): a token for the client itself, for one API, and
nothing about any person."""

from authlib.oauth2.rfc6749.errors import InvalidScopeError

from idp.oauth.client_auth import CONFIDENTIAL
from idp.oauth.grants.grant import Award, Grant, TokenRequest


class ClientCredentialsGrant(Grant[None]):
    """Tokens for a service client itself (RFC 6749 4.4)."""

    name = "client_credentials"
    client_authentication = CONFIDENTIAL

    def find(self, request: TokenRequest) -> None:
        """The client has shown its credentials; there is nothing else."""

    def confirm(self, request: TokenRequest, found: None) -> str:
        """The scopes asked for, of those that the client is registered for; without any, all of
        them."""
        client, resource_servers = request.client, request.registry.resource_servers
        mine = [
            scope
            for scope in client.client_metadata["scope"].split()
            if scope in client.scopes and resource_servers.asked([scope])
        ]
        asked = list(dict.fromkeys(request.form.get("scope", "").split())) or mine
        if not asked or set(asked) - set(mine):
            raise InvalidScopeError(
                "This client may request these scopes: " + (" ".join(mine) or "none") + "."
            )
        if len(resource_servers.asked(asked)) > 1:
            raise InvalidScopeError(
                "An access token is for one API; request the scopes of one API at a time."
            )
        return " ".join(asked)

    def claim(self, request: TokenRequest, found: None, scope: str) -> Award:
        """There is nothing to use up."""
        return Award(request.client, scope)
