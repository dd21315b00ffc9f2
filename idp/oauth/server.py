"""The authorization server: Authlib's framework-free one, wired to our clients, tokens and answers."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from authlib.oauth2.rfc6749 import AuthorizationServer
from authlib.oauth2.rfc6749.errors import InvalidRequestError, OAuth2Error

from idp.oauth.authorization import AuthorizationRequest, RedirectError
from idp.oauth.client_auth import ClientAuthentication
from idp.oauth.clients import RegisteredClient, Registry
from idp.oauth.grants import AuthorizationCodeGrant, ClientCredentialsGrant, ProofKey, RefreshTokenGrant
from idp.oauth.http import Answer, ProviderRequest, Request, repeated, with_parameters
from idp.oauth.introspection import Introspection
from idp.oauth.keys import Keyring
from idp.oauth.revocation import Revocation
from idp.oauth.tokens import IdToken, Minter
from idp.settings import Settings

JSON = [("Content-Type", "application/json"), ("Cache-Control", "no-store"), ("Pragma", "no-cache")]


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
        """The redirect that takes a new code to the client. The kept request is validated once more."""
        kept = ProviderRequest(Request("GET", "/authorize", request.pairs))
        answer: Answer = self.create_authorization_response(kept, grant_user=signed_in, grant=self.get_authorization_grant(kept))
        code = parse_qsl(urlsplit(answer.location or "").query)  # Authlib rewrites the query of a registered URI, so it is built anew
        parameters = [pair for pair in code if pair[0] == "code"][-1:] + ([("state", request.state)] if request.state is not None else [])
        return Answer(303, b"", [("Location", with_parameters(request.redirect_uri, [*parameters, ("iss", self.settings.issuer)]))])

    def answer_error(self, error: RedirectError) -> Answer:
        """The redirect that tells the client of an error, with `iss` (RFC 9207) and its state."""
        parameters = [("error", error.error), ("error_description", error.description)]
        parameters += [("state", error.state)] if error.state is not None else []
        return Answer(303, b"", [("Location", with_parameters(error.redirect_uri, [*parameters, ("iss", self.settings.issuer)]))])

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
