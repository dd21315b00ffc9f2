"""Minting: JWT access tokens (RFC 9068), reference tokens, refresh tokens, ID tokens (OIDC Core
2)."""

from typing import Any

from authlib.oidc.core.util import create_half_hash

from idp import metrics, secret
from idp.oauth import access_tokens
from idp.oauth.clients import RegisteredClient, Registry
from idp.oauth.granted import LiveGrant
from idp.oauth.grants.grant import Award
from idp.oauth.keys import Keyring
from idp.oauth.subjects import subject
from idp.settings import Settings
from idp.store import access_tokens as rows
from idp.store import grants, writing

ACCESS_TOKEN_ALG = "ES256"


class Minter:
    """One for a process: makes the tokens of an answer."""

    def __init__(self, settings: Settings, registry: Registry, keyring: Keyring) -> None:
        self._settings = settings
        self._registry = registry
        self._keyring = keyring

    def mint(self, grant_type: str, award: Award, now: float) -> dict[str, Any]:
        """The members of the answer (RFC 6749 5.1, OIDC Core 3.1.3.3)."""
        life = self._settings.lifetimes.access_token
        access_token = (self._reference if award.client.by_reference else self._jwt)(
            award, now, now + life
        )
        metrics.count(metrics.TOKENS, grant_type)
        answer = {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": life,
            "scope": award.scope,
        }
        if award.grant is not None:
            if award.generation is not None:
                answer["refresh_token"] = _refresh_token(award.grant, award.generation, now)
            if "openid" in award.scope.split():
                # OIDC Core 12.2: a refresh has none
                nonce = award.grant.granted.nonce if grant_type == "authorization_code" else None
                answer["id_token"] = self.id_token(
                    award.client, award.grant, award.scope, access_token, nonce, now
                )
        return answer

    def id_token(
        self,
        client: RegisteredClient,
        grant: LiveGrant,
        scope: str,
        access_token: str,
        nonce: str | None,
        now: float,
    ) -> str:
        """The ID token that comes with this access token, with claims from our allow-list."""
        alg = client.id_token_signed_response_alg
        claims = {
            "iss": self._settings.issuer,
            "sub": subject(grant.account_id, client),
            "aud": client.client_id,
            "azp": client.client_id,
            "iat": int(now),
            "exp": int(now) + self._settings.lifetimes.id_token,
            "jti": secret.token(12),
            "at_hash": create_half_hash(access_token, alg).decode(),
            **grant.granted.sign_in.claims(),
            **grant.roles_within(scope),
        }
        if nonce:
            claims["nonce"] = nonce
        return self._keyring.sign(claims, alg, "JWT", now)

    def _jwt(self, award: Award, now: float, expires_at: float) -> str:
        """Signed, and no row (RFC 9068)."""
        audience, grant = self._registry.resource_servers.audience(award.scope.split()), award.grant
        claims = {
            "iss": self._settings.issuer,
            "aud": audience if len(audience) > 1 else audience[0],
            "sub": subject(grant.account_id, award.client) if grant else award.client.client_id,
            "client_id": award.client.client_id,
            "iat": int(now),
            "exp": int(expires_at),
            # names the grant, with which the token dies
            "jti": f"{grant.id if grant else ''}.{secret.token(12)}",
            "scope": award.scope,
        }
        if grant:
            claims |= {**grant.granted.sign_in.claims(), **grant.roles_within(award.scope)}
        return self._keyring.sign(claims, ACCESS_TOKEN_ALG, access_tokens.TYPE, now)

    def _reference(self, award: Award, now: float, expires_at: float) -> str:
        """Random, and a row: says nothing to those who see it."""
        token = secret.token()
        writing(afresh=True)
        grant_id = award.grant.id if award.grant else None
        audience = self._registry.resource_servers.audience(award.scope.split())
        rows.add(
            secret.digest(token),
            grant_id,
            award.client.client_id,
            award.scope,
            audience,
            now,
            expires_at,
        )
        return token


def _refresh_token(grant: LiveGrant, generation: int, now: float) -> str:
    token = secret.token()
    grants.add_refresh_token(secret.digest(token), grant.id, generation, now)
    return token
