"""The claims of a person who signed in at their company: recent enough, and whole."""

from typing import Any

from idp.factors.upstream.provider import Provider
from idp.factors.upstream.reading import UpstreamError
from idp.flow.rules import ENTRY_SECONDS
from idp.settings import UpstreamSettings


def recent_enough(
    upstream: UpstreamSettings,
    claims: dict[str, Any],
    again: bool,
    max_age: int | None,
    since: float,
    now: float,
) -> None:
    """Check that the sign-in was as recent as we asked. Raises UpstreamError."""
    signed_in_at = claims.get("auth_time")
    if signed_in_at is None and (again or max_age is not None):
        raise UpstreamError(
            "undated",
            "the ID token has no auth_time: where the provider cannot give it, set max_age = 0",
        )
    if signed_in_at is not None and signed_in_at > now + upstream.leeway:
        raise UpstreamError(
            "clock",
            f"it says that the person signed in there in {signed_in_at - now:.0f} seconds",
        )
    if signed_in_at is not None and again and signed_in_at < since - upstream.leeway:
        raise UpstreamError("too_old", "the person was to sign in again, and did not")
    # the same seconds to enter something as the rule max_age gives
    if (
        signed_in_at is not None
        and max_age is not None
        and signed_in_at < now - max(max_age, ENTRY_SECONDS)
    ):
        raise UpstreamError("too_old", f"the sign-in there is {now - signed_in_at:.0f} seconds old")


def with_userinfo(
    upstream: UpstreamSettings, provider: Provider, claims: dict[str, Any], access_token: str
) -> dict[str, Any]:
    """The claims with those of userinfo, which are read where something is missing; what the ID
    token says counts."""
    needed = {
        "email",
        "email_verified",
        "given_name",
        "family_name",
        *upstream.required,
        *([upstream.roles_claim] if upstream.roles else []),
    }
    if needed <= set(claims):
        return claims
    more = provider.userinfo(access_token)
    if more and more.get("sub") != claims["sub"]:  # OIDC Core 5.3.2
        raise UpstreamError("wrong_token", "userinfo is about someone else")
    # what is verified is the address beside it, no other
    if "email" in more and not {"email", "email_verified"} <= set(claims):
        claims = {
            name: value for name, value in claims.items() if name not in ("email", "email_verified")
        }
    elif "email" in claims:
        more = {name: value for name, value in more.items() if name != "email_verified"}
    return {
        **{name: value for name, value in more.items() if name in needed | {"preferred_username"}},
        **claims,
    }
