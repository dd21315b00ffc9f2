"""What a client may do: one small policy object a client, with named presets (its profile)."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Policy:
    """The rules for a client. Discovery announces the union of all presets."""

    response_types: tuple[str, ...]
    response_modes: tuple[str, ...]
    grant_types: tuple[str, ...]
    pkce_required: bool
    auth_methods: tuple[str, ...]
    id_token_algs: tuple[str, ...]

    def assertion_audiences(self, issuer: str) -> tuple[str, ...]:
        """What a client assertion's `aud` may be: this issuer, and nothing else beside it (RFC 7523, as revised in 2025)."""
        return (issuer,)


PRESETS: Mapping[str, Policy] = {
    # OAuth 2.1 in spirit (RFC 9700): code only, PKCE S256 for everybody, rotating refresh tokens.
    "modern": Policy(
        response_types=("code",),
        response_modes=("query",),
        grant_types=("authorization_code", "refresh_token", "client_credentials"),
        pkce_required=True,
        auth_methods=("client_secret_basic", "client_secret_post", "private_key_jwt", "client_secret_jwt", "none"),
        id_token_algs=("RS256", "ES256"),
    ),
}
