"""Which claims a scope gives (OIDC Core 5.4, and our own `organizations` and `roles`), from an
allow-list."""

from collections.abc import Collection, Mapping
from typing import Any

SCOPE_CLAIMS: Mapping[str, tuple[str, ...]] = {
    "openid": ("sub",),
    "profile": ("name", "given_name", "family_name", "preferred_username", "updated_at"),
    "email": ("email", "email_verified"),
    "phone": ("phone_number", "phone_number_verified"),
    "organizations": ("organizations",),
    "roles": ("roles",),
}

SCOPES: tuple[str, ...] = tuple(SCOPE_CLAIMS)
CLAIMS: tuple[str, ...] = tuple(
    dict.fromkeys(name for names in SCOPE_CLAIMS.values() for name in names)
)


def granted(scopes: Collection[str], known: Mapping[str, Any]) -> dict[str, Any]:
    """The claims that these scopes give, of what is known; what is not known is left out (OIDC Core
    5.3.2)."""
    names = dict.fromkeys(name for scope in scopes for name in SCOPE_CLAIMS.get(scope, ()))
    return {name: known[name] for name in names if known.get(name) is not None}
