"""The authorization request as an interaction keeps it: resolved, so that no page reads it again.

What it refers to may change or expire in the meantime: a hint, the documents of a client, one day a
request object."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True)
class AuthorizationRequest:
    """A request that passed every check. `subject` is the `sub` of a valid id_token_hint;
    `redirect_uri_sent` says whether the token request must repeat the redirect URI (RFC 6749
    4.1.3)."""

    client_id: str
    redirect_uri: str
    response_type: str
    response_mode: str
    scopes: tuple[str, ...]
    state: str | None = None
    nonce: str | None = None
    code_challenge: str | None = None
    prompt: frozenset[str] = frozenset()
    max_age: int | None = None
    acr_values: tuple[str, ...] = ()
    subject: str | None = None
    login_hint: str = ""
    ui_locales: str = ""
    purpose: str = ""
    redirect_uri_sent: bool = True

    def kept(self) -> dict[str, Any]:
        """The request as JSON holds it."""
        there = {
            name: value
            for name, value in vars(self).items()
            if value not in (None, "", (), frozenset())
        }
        return {
            name: sorted(value) if isinstance(value, frozenset) else value
            for name, value in there.items()
        }

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "AuthorizationRequest":
        """The request that was kept. A field that an older program knew is passed over."""
        values = {field.name: kept[field.name] for field in fields(cls) if field.name in kept}
        for name in ("scopes", "acr_values"):
            values[name] = tuple(values.get(name, ()))
        return cls(**{**values, "prompt": frozenset(values.get("prompt", ()))})
