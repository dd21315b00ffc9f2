"""Tokens: the subject of a grant, JWT access tokens (RFC 9068), refresh tokens, ID tokens (OIDC Core 2)."""

from dataclasses import dataclass
from typing import Any

from authlib.oidc.core.grants.code import OpenIDToken
from authlib.oidc.core.util import create_half_hash

from idp import clock, metrics, secret
from idp.oauth import access_tokens
from idp.oauth.clients import RegisteredClient, Registry
from idp.oauth.keys import Keyring
from idp.settings import Settings
from idp.store import access_tokens as rows
from idp.store import grants, writing

ACCESS_TOKEN_ALG = "ES256"


@dataclass(frozen=True)
class Subject:
    """Whom tokens are about, and how they signed in: what Authlib passes around as its `user`."""

    grant_id: str
    account_id: str
    session_id: str
    reference: str
    auth_time: float
    acr: str
    amr: tuple[str, ...]
    nonce: str | None = None
    roles: tuple[str, ...] = ()
    generation: int = 0  # of the refresh token that comes with these tokens

    def roles_within(self, scope: str) -> dict[str, Any]:
        """The claim `roles` (RFC 9068 2.2.3.1), where its scope was granted."""
        return {"roles": list(self.roles)} if "roles" in scope.split() else {}

    def sign_in(self) -> dict[str, Any]:
        """The claims about the sign-in itself; a refresh repeats them unchanged. `txn` (RFC 8417 2.2) is its reference."""
        return {"auth_time": int(self.auth_time), "acr": self.acr, "amr": list(self.amr), "sid": self.session_id, "txn": self.reference}


class Minter:
    """Authlib's token generator: makes the access token and, where the client may have it, a refresh token."""

    def __init__(self, settings: Settings, registry: Registry, keyring: Keyring) -> None:
        self._settings = settings
        self._registry = registry
        self._keyring = keyring

    def __call__(
        self,
        grant_type: str,
        client: RegisteredClient,
        scope: str,
        user: Subject | None = None,
        expires_in: int | None = None,
        include_refresh_token: bool = True,
    ) -> dict[str, Any]:
        now = clock.now()
        life = self._settings.lifetimes.access_token
        made = (self._opaque if client.opaque else self._jwt)(client, scope, user, now, now + life)
        metrics.count(metrics.TOKENS, grant_type)
        token = {"access_token": made, "token_type": "Bearer", "expires_in": life, "scope": scope}
        if include_refresh_token and user:
            refresh_token = secret.token()
            grants.add_refresh_token(secret.digest(refresh_token), user.grant_id, user.generation, now)
            token["refresh_token"] = refresh_token
        return token

    def _jwt(self, client: RegisteredClient, scope: str, user: Subject | None, now: float, expires_at: float) -> str:
        """Signed, and no row (RFC 9068)."""
        audience = self._registry.apis.audience(scope.split())
        claims = {
            "iss": self._settings.issuer,
            "aud": audience if len(audience) > 1 else audience[0],
            "sub": user.account_id if user else client.client_id,
            "client_id": client.client_id,
            "iat": int(now),
            "exp": int(expires_at),
            "jti": f"{user.grant_id if user else ''}.{secret.token(12)}",  # names the grant, with which the token dies
            "scope": scope,
            **({**user.sign_in(), **user.roles_within(scope)} if user else {}),
        }
        return self._keyring.sign(claims, ACCESS_TOKEN_ALG, access_tokens.TYPE, now)

    def _opaque(self, client: RegisteredClient, scope: str, user: Subject | None, now: float, expires_at: float) -> str:
        """Random, and a row: says nothing to whoever sees it."""
        token = secret.token()
        writing(afresh=True)
        grant_id, audience = user.grant_id if user else None, self._registry.apis.audience(scope.split())
        rows.add(secret.digest(token), grant_id, client.client_id, scope, audience, now, expires_at)
        return token


class IdToken(OpenIDToken):  # type: ignore[misc]  # Authlib is untyped
    """Authlib's extension that adds the ID token to an answer, with claims from our allow-list."""

    def __init__(self, settings: Settings, keyring: Keyring) -> None:
        self._settings = settings
        self._keyring = keyring

    def encode_id_token(self, token: dict[str, Any], request: Any) -> str:
        now, client, subject = clock.now(), request.client, request.user
        alg = client.id_token_signed_response_alg
        claims = {
            "iss": self._settings.issuer,
            "sub": subject.account_id,
            "aud": client.client_id,
            "azp": client.client_id,
            "iat": int(now),
            "exp": int(now) + self._settings.lifetimes.id_token,
            "jti": secret.token(12),
            "at_hash": create_half_hash(token["access_token"], alg).decode(),
            **subject.sign_in(),
            **subject.roles_within(token["scope"]),
        }
        if subject.nonce:
            claims["nonce"] = subject.nonce
        return self._keyring.sign(claims, alg, "JWT", now)
