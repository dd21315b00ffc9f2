"""Who the client is at an endpoint: one way of authentication a request, and it must be the
registered one (RFC 6749 2.3)."""

import logging
from collections.abc import Collection, Mapping

from authlib.oauth2.rfc6749.errors import InvalidClientError, InvalidRequestError

from idp import clock, jws
from idp.oauth import assertions
from idp.oauth.clients import RegisteredClient, Registry
from idp.oauth.http import Headers, basic_credentials

log = logging.getLogger("idp.oauth")

CONFIDENTIAL = ["client_secret_basic", "client_secret_post", "private_key_jwt", "client_secret_jwt"]
ANY = [*CONFIDENTIAL, "none"]
FAILED = (
    "Client authentication failed: client_id is unknown, the secret or key is wrong, or the "
    "method is not the registered token_endpoint_auth_method."
)


class ClientAuthentication:
    """One for a process."""

    def __init__(self, registry: Registry, issuer: str) -> None:
        self._registry = registry
        self._issuer = issuer

    def __call__(
        self, form: Mapping[str, str], headers: Headers, methods: Collection[str]
    ) -> RegisteredClient:
        """The client. Raises InvalidClientError: a caller who has shown the secret or key is told what
        was wrong beside it, strangers are told the same of every client, also of one that does not
        exist."""
        basic = basic_credentials(headers)
        assertion = (
            form.get("client_assertion")
            if form.get("client_assertion_type") == assertions.TYPE
            else None
        )
        ways = [
            name
            for name, there in (
                ("basic", basic),
                ("post", form.get("client_secret")),
                ("assertion", assertion),
            )
            if there
        ]
        if len(ways) > 1:
            raise InvalidRequestError(
                "The request uses more than one client authentication method."
            )
        if basic:
            client, shown = self._found(basic[0]), "client_secret_basic"
        elif assertion:
            client = self._found(assertions.claimed_client(assertion))
            shown = (
                client.auth_method
                if client.auth_method in assertions.ALGORITHMS
                else "private_key_jwt"
            )
        else:
            client, shown = (
                self._found(form.get("client_id")),
                "client_secret_post" if ways else "none",
            )
        if assertion:
            self._check_assertion(client, assertion, shown)
        else:
            secret = basic[1] if basic else form.get("client_secret")
            if not (
                client.check_client_secret(secret)
                if secret
                else client.auth_method == "none" and "none" in methods
            ):
                raise _refused(FAILED)
        if form.get("client_id", client.client_id) != client.client_id:
            raise _refused("client_id does not match the client of the credentials.")
        if shown not in methods:
            raise _refused(
                f"This endpoint accepts these client authentication methods: {', '.join(methods)}."
            )
        if shown != client.auth_method:
            raise _refused(
                f"The secret is correct, but this client is registered for {client.auth_method}."
            )
        return client

    def _check_assertion(self, client: RegisteredClient, assertion: str, shown: str) -> None:
        if shown != client.auth_method:
            raise _refused(FAILED)
        audiences, epoch = client.policy.assertion_audiences(self._issuer), self._registry.epoch
        try:
            why = assertions.fault(client, assertion, audiences, clock.now(), epoch)
        except jws.Unreadable as error:
            log.info(
                "the assertion of a client is not signed by it",
                extra={"about": {"client": client.client_id, "reason": error.reason}},
            )
            raise _refused(FAILED) from None
        if why:
            raise _refused(f"The client assertion was rejected: {why}.")

    def _found(self, client_id: str | None) -> RegisteredClient:
        client = self._registry.get(client_id)
        if client is None:
            raise _refused(FAILED)
        return client


def _refused(description: str) -> InvalidClientError:
    return InvalidClientError(status_code=401, description=description)
