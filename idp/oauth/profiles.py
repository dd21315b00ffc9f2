"""What a client may do, by its profile: one row a profile, one policy object a client."""

from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class ClientPolicy:
    """The rules for a client. Discovery announces the union of all presets."""

    response_types: tuple[str, ...]
    response_modes: tuple[str, ...]
    grant_types: tuple[str, ...]
    pkce_required: bool
    auth_methods: tuple[str, ...]
    id_token_algs: tuple[str, ...]

    def assertion_audiences(self, issuer: str) -> tuple[str, ...]:
        """What a client assertion's `aud` may be: this issuer, and nothing else beside it (RFC
        7523, as revised in 2025)."""
        return (issuer,)


# OAuth 2.1 in spirit (RFC 9700): code only, PKCE S256 for every client, rotating refresh tokens.
MODERN = ClientPolicy(
    response_types=("code",),
    response_modes=("query",),
    grant_types=("authorization_code", "refresh_token", "client_credentials"),
    pkce_required=True,
    auth_methods=(
        "client_secret_basic",
        "client_secret_post",
        "private_key_jwt",
        "client_secret_jwt",
        "none",
    ),
    id_token_algs=("RS256", "ES256"),
)
PRESETS: Mapping[str, ClientPolicy] = {
    "modern": MODERN,
    # For libraries from before PKCE: a client with a secret may leave it out. A public one may not.
    "classic": replace(MODERN, pkce_required=False),
}
