"""The authorization server: what the endpoints call. Authlib gives it errors, PKCE and hashes; the
phases are our own."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from authlib.oauth2.rfc6749.errors import InvalidRequestError, OAuth2Error

from idp import clock
from idp.oauth import introspection, revocation
from idp.oauth.authorization import AuthorizationRequest, RedirectError
from idp.oauth.client_auth import ANY, CONFIDENTIAL, ClientAuthentication
from idp.oauth.clients import Registry
from idp.oauth.granted import SignIn
from idp.oauth.http import Answer, Request, present, repeated
from idp.oauth.keys import Keyring
from idp.oauth.responses.modes import MODES
from idp.oauth.responses.types import PARTS
from idp.oauth.token_endpoint import TokenEndpoint
from idp.oauth.tokens import Minter
from idp.settings import Settings

JSON = [("Content-Type", "application/json"), ("Cache-Control", "no-store"), ("Pragma", "no-cache")]


class Server:
    """One for a process. Reads and writes rows; the caller commits."""

    def __init__(self, settings: Settings, registry: Registry, keyring: Keyring) -> None:
        self.settings = settings
        self.registry = registry
        self.keyring = keyring
        self._authenticate = ClientAuthentication(registry, settings.issuer)
        self._tokens = TokenEndpoint(
            settings, registry, self._authenticate, Minter(settings, registry, keyring)
        )

    def answer_code(
        self, request: AuthorizationRequest, interaction_id: str, sign_in: SignIn
    ) -> Answer:
        """What the client gets for a finished sign-in, with its state and `iss` (RFC 9207)."""
        expires_at = clock.now() + self.settings.lifetimes.authorization_code
        parameters = [
            PARTS[part](request, interaction_id, sign_in, expires_at)
            for part in request.response_type.split()
        ]
        return MODES[request.response_mode](
            request.redirect_uri, [*parameters, *self._to_the_client(request.state)]
        )

    def answer_error(self, error: RedirectError) -> Answer:
        """What tells the client of an error, with its state and `iss` (RFC 9207)."""
        parameters = [("error", error.error), ("error_description", error.description)]
        return MODES[error.mode](
            error.redirect_uri, [*parameters, *self._to_the_client(error.state)]
        )

    def _to_the_client(self, state: str | None) -> list[tuple[str, str]]:
        return [*([("state", state)] if state is not None else []), ("iss", self.settings.issuer)]

    def token(self, request: Request) -> Answer:
        """The token endpoint (RFC 6749 3.2)."""
        return _answered(
            request, lambda form: self._tokens.respond(form, request.headers, clock.now())
        )

    def revoke(self, request: Request) -> Answer:
        """The revocation endpoint (RFC 7009)."""

        def respond(form: Mapping[str, str]) -> dict[str, Any]:
            client = self._authenticate(form, request.headers, ANY)
            revocation.revoke(
                self.registry, self.keyring, self.settings.issuer, client, _token(form), clock.now()
            )
            return {}

        return _answered(request, respond)

    def introspect(self, request: Request) -> Answer:
        """The introspection endpoint (RFC 7662)."""

        def respond(form: Mapping[str, str]) -> dict[str, Any]:
            client = self._authenticate(form, request.headers, CONFIDENTIAL)
            return introspection.response(
                self.registry, self.keyring, self.settings.issuer, client, _token(form), clock.now()
            )

        return _answered(request, respond)


def _token(form: Mapping[str, str]) -> str:
    """The token that a request is about. A hint of its type only speeds a search up, and ours needs
    none (RFC 7009 2.1, RFC 7662 2.1)."""
    if "token" not in form:
        raise InvalidRequestError("Missing 'token' in request.")
    return form["token"]


def _answered(request: Request, respond: Callable[[Mapping[str, str]], dict[str, Any]]) -> Answer:
    """The answer to a form whose parameters are there once each, or the error that ended it (RFC
    6749 5.2)."""
    try:
        if name := repeated(request.parameters):
            raise InvalidRequestError(
                "A parameter is repeated: "
                f"{name if name.isidentifier() and name.isascii() else '?'}"
            )
        return Answer(200, json.dumps(respond(dict(present(request.parameters)))).encode(), JSON)
    except OAuth2Error as error:
        status, body, headers = error()
        challenges = [
            (name, value.replace("Basic ", 'Basic realm="stagedoor", ', 1))
            for name, value in headers
            if name == "WWW-Authenticate"
        ]
        return Answer(status, json.dumps(dict(body)).encode(), JSON + challenges)
