"""Problems (RFC 9457): what went wrong, for programs by its type and for people in words."""

import json
from collections.abc import Mapping
from typing import Any

from flask import Response

from idp.oauth.resource_servers import PATH
from idp.web import house

# status, title, and what to do about it, for the documentation
KINDS: Mapping[str, tuple[int, str, str]] = {
    "invalid_token": (
        401,
        "A valid access token is required",
        "Refresh it, or sign the person in again.",
    ),
    "insufficient_scope": (
        403,
        "The access token lacks a scope",
        "Request the scope named in WWW-Authenticate.",
    ),
    "insufficient_user_authentication": (
        401,
        "A stronger or more recent sign-in is required",
        "Send the person to the authorization endpoint with the acr_values and max_age "
        "from WWW-Authenticate, check the acr of the new ID token, "
        "and repeat the request. If the acr is still too low, the person has not set up "
        "a strong enough sign-in: do not loop.",
    ),
    "forbidden": (
        403,
        "This person is not allowed to do that",
        "The detail says who is allowed to.",
    ),
    "not_found": (
        404,
        "Not found",
        "It does not exist, or it does not belong to this person's organizations.",
    ),
    "method_not_allowed": (
        405,
        "The method is not allowed",
        "Use a method named in the Allow header.",
    ),
    "invalid_request": (
        400,
        "The request is malformed",
        "The detail names the parameter or header.",
    ),
    "unsupported_media_type": (415, "The body is not JSON", "Send Content-Type: application/json."),
    "invalid_body": (
        422,
        "The body is not valid",
        "`errors` lists each field and what is wrong with it.",
    ),
    "not_possible": (409, "That cannot be done in the current state", "The detail says why."),
    "changed": (
        412,
        "The resource has changed",
        "Read it again, and repeat the request with its new ETag in If-Match.",
    ),
    "precondition_required": (
        428,
        "If-Match is required",
        "Read the resource, and send its ETag in If-Match, so that no one's change is "
        "overwritten unseen.",
    ),
    "key_reused": (
        422,
        "This Idempotency-Key was used for another request",
        "Use a key for one request and its repetitions only.",
    ),
    "too_many": (429, "Too many requests", "Wait for the number of seconds in Retry-After."),
    "too_large": (413, "The body is too large", "The limit is 64 KiB."),
    "unavailable": (
        503,
        "Temporarily unavailable",
        "Repeat the request after Retry-After, with the same Idempotency-Key.",
    ),
    "server_error": (
        500,
        "Something went wrong on our side",
        "Repeat the request. If it fails again, contact the operator.",
    ),
    "wrong_host": (400, "This is not the address of this API", "Use the address of the issuer."),
}


class Problem(Exception):
    """An answer that says what is wrong. `about` are further members of it, `headers` go beside
    it."""

    def __init__(
        self, kind: str, detail: str = "", headers: Mapping[str, str] | None = None, **about: Any
    ) -> None:
        super().__init__(kind)
        self.kind, self.detail, self.headers, self.about = kind, detail, dict(headers or {}), about


def response(problem: Problem) -> Response:
    """The HTTP response of a problem (RFC 9457)."""
    status, title, _ = KINDS[problem.kind]
    said = {
        "type": f"{house().settings.issuer}{PATH}/docs#{problem.kind}",
        "title": title,
        "status": status,
    }
    body = {**said, **({"detail": problem.detail} if problem.detail else {}), **problem.about}
    return Response(
        json.dumps(body),
        status,
        content_type="application/problem+json",
        headers={"Cache-Control": "no-store", **problem.headers},
    )


def challenge(error: str = "", description: str = "", **more: str) -> dict[str, str]:
    """The header WWW-Authenticate (RFC 6750 3), which leads to who issues tokens for this API (RFC
    9728 5.1)."""
    said = {
        "error": error,
        "error_description": description,
        **more,
        "resource_metadata": f"{house().settings.issuer}/.well-known/oauth-protected-resource{PATH}",
    }
    return {
        "WWW-Authenticate": "Bearer "
        + ", ".join(f'{name}="{value}"' for name, value in said.items() if value)
    }
