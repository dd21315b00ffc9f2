"""Who the client is at an endpoint: one way of authentication a request, and it must be the registered one (RFC 6749 2.3)."""

from collections.abc import Collection
from typing import Any

from authlib.oauth2.rfc6749.errors import InvalidClientError, InvalidRequestError

from idp import clock
from idp.oauth import assertions
from idp.oauth.clients import RegisteredClient, Registry
from idp.oauth.http import basic_credentials

CONFIDENTIAL = ["client_secret_basic", "client_secret_post", "private_key_jwt", "client_secret_jwt"]
ANY = [*CONFIDENTIAL, "none"]


class ClientAuthentication:
    """One for a process."""

    def __init__(self, registry: Registry, issuer: str) -> None:
        self._registry = registry
        self._issuer = issuer

    def __call__(self, request: Any, methods: Collection[str], endpoint: str) -> RegisteredClient:
        """The client. Raises InvalidClientError, which says to a registered client what it did wrong."""
        form = request.form
        basic = basic_credentials(request.headers)
        assertion = form.get("client_assertion") if form.get("client_assertion_type") == assertions.TYPE else None
        ways = [name for name, there in (("basic", basic), ("post", form.get("client_secret")), ("assertion", assertion)) if there]
        if len(ways) > 1:
            raise InvalidRequestError("Two ways of client authentication in one request.")
        if basic:
            client, shown = self._found(basic[0]), "client_secret_basic"
        elif assertion:
            client = self._found(assertions.claimed_client(assertion))
            shown = client.auth_method if client.auth_method in assertions.ALGORITHMS else "private_key_jwt"
        else:
            client, shown = self._found(form.get("client_id")), "client_secret_post" if ways else "none"
        if form.get("client_id", client.client_id) != client.client_id:
            raise _refused("client_id names another client than the credentials.")
        if shown != client.auth_method or shown not in methods:
            hint = f"This client is registered for {client.auth_method}." if client.auth_method in methods else f"This endpoint takes {', '.join(methods)}."
            raise _refused(hint)
        if assertion:
            epoch = self._registry.epoch
            if why := assertions.fault(client, assertion, client.policy.assertion_audiences(self._issuer), clock.now(), epoch):
                raise _refused(f"The client assertion is refused: {why}.")
        elif shown != "none" and not client.check_client_secret(basic[1] if basic else form["client_secret"]):
            raise _refused("Client authentication failed.")
        request.auth_method = shown
        return client

    def _found(self, client_id: str | None) -> RegisteredClient:
        client = self._registry.get(client_id)
        if client is None:
            raise _refused("Client authentication failed: no client of this id, or no credentials.")
        return client


def _refused(description: str) -> InvalidClientError:
    return InvalidClientError(status_code=401, description=description)
