"""The authorization server: Authlib's framework-free one, wired to our clients, tokens and answers."""

import json
from typing import Any

from authlib.oauth2.rfc6749 import AuthorizationServer
from authlib.oauth2.rfc6749.errors import InvalidRequestError, OAuth2Error

from idp import clock
from idp.oauth.authorization import AuthorizationRequest, RedirectError
from idp.oauth.client_auth import ClientAuthentication
from idp.oauth.clients import RegisteredClient, Registry
from idp.oauth.grants import AuthorizationCodeGrant, ClientCredentialsGrant, ProofKey, RefreshTokenGrant
from idp.oauth.http import Answer, ProviderRequest, Request, repeated
from idp.oauth.introspection import Introspection
from idp.oauth.keys import Keyring
from idp.oauth.responses.modes import MODES
from idp.oauth.responses.types import PARTS, SignedIn
from idp.oauth.revocation import Revocation
from idp.oauth.tokens import IdToken, Minter
from idp.settings import Settings

JSON = [("Content-Type", "application/json"), ("Cache-Control", "no-store"), ("Pragma", "no-cache")]


class Server(AuthorizationServer):  # type: ignore[misc]  # Authlib is untyped
    """One for a process. Reads and writes rows; whoever calls it commits."""

    def __init__(self, settings: Settings, registry: Registry, keyring: Keyring) -> None:
        super().__init__(scopes_supported=None)  # scopes that we do not know are passed over, not refused
        self.settings = settings
        self.registry = registry
        self.keyring = keyring
        self._authentication = ClientAuthentication(registry, settings.issuer)
        id_token = IdToken(settings, keyring)
        self.register_grant(AuthorizationCodeGrant, [id_token, ProofKey(required=True)])
        self.register_grant(RefreshTokenGrant, [id_token])
        self.register_token_generator("default", Minter(settings, registry, keyring))
        self.register_grant(ClientCredentialsGrant)
        self.register_endpoint(Revocation(self))
        self.register_endpoint(Introspection(self))

    # What Authlib calls:

    def query_client(self, client_id: str) -> RegisteredClient | None:
        return self.registry.get(client_id)

    def authenticate_client(self, request: Any, methods: list[str], endpoint: str = "token") -> RegisteredClient:
        return self._authentication(request, methods, endpoint)

    def save_token(self, token: dict[str, Any], request: Any) -> None:
        """Tokens are rows of their grant, written when they are made."""

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens: what happened is in the audit trail."""

    def create_oauth2_request(self, request: Request) -> ProviderRequest:
        return request if isinstance(request, ProviderRequest) else ProviderRequest(request)

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> Answer:
        return Answer(status, body, list(headers))

    # What the house calls:

    def answer_code(self, request: AuthorizationRequest, signed_in: SignedIn) -> Answer:
        """What the client gets for a finished sign-in, with its state and `iss` (RFC 9207)."""
        expires_at = clock.now() + self.settings.lifetimes.authorization_code
        parameters = [PARTS[part](request, signed_in, expires_at) for part in request.response_type.split()]
        return MODES[request.response_mode](request.redirect_uri, [*parameters, *self._to_the_client(request.state)])

    def answer_error(self, error: RedirectError) -> Answer:
        """What tells the client of an error, with its state and `iss` (RFC 9207)."""
        parameters = [("error", error.error), ("error_description", error.description)]
        return MODES[error.mode](error.redirect_uri, [*parameters, *self._to_the_client(error.state)])

    def _to_the_client(self, state: str | None) -> list[tuple[str, str]]:
        return [*([("state", state)] if state is not None else []), ("iss", self.settings.issuer)]

    def token(self, request: Request) -> Answer:
        """The token endpoint (RFC 6749 3.2)."""
        return self._guarded(request, self.create_token_response)

    def revoke(self, request: Request) -> Answer:
        """The revocation endpoint (RFC 7009)."""
        return self._guarded(request, lambda kept: self.create_endpoint_response("revocation", kept))

    def introspect(self, request: Request) -> Answer:
        """The introspection endpoint (RFC 7662)."""
        return self._guarded(request, lambda kept: self.create_endpoint_response("introspection", kept))

    def _guarded(self, request: Request, respond: Any) -> Answer:
        kept = ProviderRequest(request)
        try:
            if name := repeated(request.parameters):
                raise InvalidRequestError(f"A parameter is repeated: {name if name.isidentifier() and name.isascii() else '?'}")
            if kept.form.get("grant_type") is None and request.path == "/token":
                raise InvalidRequestError("Missing 'grant_type' in request.")
            answer: Answer = respond(kept)
        except OAuth2Error as error:
            answer = self.handle_error_response(kept, error)
        body = json.dumps(dict(answer.body) if isinstance(answer.body, list) else answer.body).encode()
        extra = [(name, value.replace("Basic ", 'Basic realm="stagedoor", ', 1)) for name, value in answer.headers if name == "WWW-Authenticate"]
        return Answer(answer.status, body, JSON + extra)
