"""Authorization requests: what is checked before anybody is asked anything (RFC 6749 4.1.1, OIDC Core 3.1.2).

Two kinds of error: a PageError, when nobody can be sent anywhere safely, and a RedirectError, which
the client is told. They are different types, so that one is never mistaken for the other.
"""

import re
from dataclasses import dataclass
from typing import Any

from idp.flow.facts import Asked
from idp.oauth.clients import RegisteredClient, Registry
from idp.oauth.http import Pairs, present, repeated
from idp.oauth.keys import Keyring

PROMPTS = frozenset({"none", "login", "select_account", "consent", "create"})  # the last: Initiating User Registration via OpenID Connect 1.0
CHALLENGE = re.compile(r"[A-Za-z0-9\-._~]{43,128}")
LONGEST_PARAMETER, LONGEST_REQUEST = 4096, 16384  # bytes, before they are encoded for an address
FEW = LONGEST_PARAMETER // 4  # characters that are no more bytes than that, whichever they are
CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
UNSUPPORTED = {"request": "request_not_supported", "request_uri": "request_uri_not_supported", "registration": "registration_not_supported"}


class PageError(Exception):
    """The request cannot be answered at a client: shown on a page, with cause and cure for the developer."""

    def __init__(self, reason: str, **about: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.about = about


class RedirectError(Exception):
    """An error that the client is told at its redirect URI (RFC 6749 4.1.2.1)."""

    def __init__(self, redirect_uri: str, state: str | None, error: str, description: str) -> None:
        super().__init__(f"{error}: {description}")
        self.redirect_uri = redirect_uri
        self.state = state
        self.error = error
        self.description = description


@dataclass(frozen=True)
class AuthorizationRequest:
    """A request whose client and redirect URI are valid. `pairs` is the request word for word, `parameters` those
    that have a value, by name (RFC 6749 3.1)."""

    client: RegisteredClient
    redirect_uri: str
    pairs: Pairs
    parameters: dict[str, Any]
    asked: Asked

    @property
    def state(self) -> str | None:
        return self.parameters.get("state")


def find_client(registry: Registry, parameters: Pairs) -> tuple[RegisteredClient, str]:
    """Client and redirect URI. Raises PageError: until both are valid nothing redirects."""
    there = present(parameters)
    ids = [value for name, value in there if name == "client_id"]
    uris = [value for name, value in there if name == "redirect_uri"]
    if len(ids) != 1:
        raise PageError("client_missing" if not ids else "client_repeated")
    client = registry.get(ids[0])
    if client is None:
        raise PageError("client_unknown", client=ids[0][:100])
    if len(uris) > 1:
        raise PageError("redirect_uri_repeated", client=client.name)
    scopes = {scope for name, value in there if name == "scope" for scope in value.split()}
    redirect_uri = uris[0] if uris else None if "openid" in scopes else client.get_default_redirect_uri()
    if redirect_uri is None:  # an OpenID request names it always (OIDC Core 3.1.2.1), another one where several are registered
        raise PageError("redirect_uri_missing", client=client.name)
    if not client.check_redirect_uri(redirect_uri):
        raise PageError("redirect_uri_unregistered", client=client.name, uri=redirect_uri[:500])
    return client, redirect_uri


def read(registry: Registry, keyring: Keyring, parameters: Pairs, now: float) -> AuthorizationRequest:
    """A request that may be asked about. Raises PageError or RedirectError."""
    client, redirect_uri = find_client(registry, parameters)
    values = dict(present(parameters))

    def refuse(error: str, description: str) -> RedirectError:
        state = values.get("state", "")
        echoed = state if state and not CONTROL.search(state) and _size(state) <= LONGEST_PARAMETER else None
        return RedirectError(redirect_uri, echoed, error, description)

    if name := repeated(parameters):
        raise refuse("invalid_request", f"{_ascii(name)} is repeated")
    for name, value in parameters:
        if len(value) > FEW and _size(value) > LONGEST_PARAMETER:
            raise refuse("invalid_request", f"{_ascii(name)} is too long")
        if CONTROL.search(name + value):
            raise refuse("invalid_request", f"{_ascii(name)} contains a control character")
    if sum(len(name) + len(value) for name, value in parameters) > FEW and sum(_size(name + value) for name, value in parameters) > LONGEST_REQUEST:
        raise refuse("invalid_request", "the request is too long")
    for name, error in UNSUPPORTED.items():
        if name in values:
            raise refuse(error, f"{name} is not supported")
    if "response_type" not in values:
        raise refuse("invalid_request", "response_type is missing")
    if not client.check_response_type(values["response_type"]):
        raise refuse("unsupported_response_type", f"response_type must be {' or '.join(client.policy.response_types)} for this client")
    if values.get("response_mode", "query") not in client.policy.response_modes:
        raise refuse("invalid_request", f"response_mode must be {' or '.join(client.policy.response_modes)}")
    scope = client.get_allowed_scope(values.get("scope"))
    if not scope:
        raise refuse("invalid_scope", f"this client may request these scopes: {' '.join(sorted(client.scopes))}")
    if len(registry.apis.asked(scope.split())) > 1:
        raise refuse("invalid_scope", "an access token is for one API; request the scopes of one API at a time")
    if problem := _proof_key(client, values):
        raise refuse("invalid_request", problem)
    prompt = frozenset(values.get("prompt", "").split())
    if prompt - PROMPTS or ("none" in prompt and len(prompt) > 1):
        raise refuse("invalid_request", "prompt must be none alone, or one or more of login, select_account, consent and create")
    max_age = values.get("max_age")
    if max_age is not None and not re.fullmatch(r"[0-9]{1,9}", max_age):
        raise refuse("invalid_request", "max_age must be a number of seconds")
    subject = None
    if "id_token_hint" in values:
        claims = keyring.verify(values["id_token_hint"], "JWT", now, expired_too=True)
        if claims is None or claims.get("iss") != registry.issuer:
            raise refuse("invalid_request", "id_token_hint is not an ID token of this identity provider")
        subject = str(claims.get("sub"))
    asked = Asked(
        prompt=prompt,
        max_age=None if max_age is None else int(max_age),
        acr_values=tuple(values.get("acr_values", "").split()),
        subject=subject,
        third_party=client.third_party,
        scopes=tuple(scope.split()),
    )
    return AuthorizationRequest(client, redirect_uri, parameters, values, asked)


def _proof_key(client: RegisteredClient, values: dict[str, Any]) -> str | None:
    """What is wrong with the PKCE parameters (RFC 7636 4.3), or None."""
    challenge = values.get("code_challenge")
    if challenge is None:
        wanted = client.policy.pkce_required or client.public or "code_challenge_method" in values
        return "code_challenge is missing; use PKCE with code_challenge_method=S256" if wanted else None
    if values.get("code_challenge_method") != "S256":
        return "code_challenge_method must be S256"
    return None if CHALLENGE.fullmatch(challenge) else "code_challenge is malformed"


def _size(text: str) -> int:
    """Bytes; in an address each may take three characters."""
    return len(text.encode(errors="surrogatepass"))


def _ascii(text: str) -> str:
    """What may stand in an error_description (RFC 6749 4.1.2.1)."""
    return re.sub(r'[^\x20-\x7e]|["\\]', "?", text)[:60]
