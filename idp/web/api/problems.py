"""Problems (RFC 9457): what went wrong, for programs by its type and for people in words."""

import json
from collections.abc import Mapping
from typing import Any

from flask import Response

from idp.oauth.apis import PATH
from idp.web import house

KINDS: Mapping[str, tuple[int, str, str]] = {  # status, title, and what to do about it, for the documentation
    "invalid_token": (401, "A valid access token is wanted", "Refresh it, or sign the person in again."),
    "insufficient_scope": (403, "The access token lacks a scope", "Ask for the scope that WWW-Authenticate names."),
    "insufficient_user_authentication": (
        401,
        "A stronger or more recent sign-in is wanted",
        "Send the person to the authorization endpoint with acr_values and max_age as WWW-Authenticate gives them, check the acr of the "
        "ID token that comes back, and repeat the request. An acr that is still too low means that this person has no means for it: do not loop.",
    ),
    "forbidden": (403, "That is not allowed to this person", "The detail says who may."),
    "not_found": (404, "There is nothing here", "It does not exist, or it is not of this person's organizations."),
    "method_not_allowed": (405, "That cannot be done here", "The header Allow names what can."),
    "invalid_request": (400, "The request is malformed", "The detail names the parameter."),
    "unsupported_media_type": (415, "The body is not JSON", "Send Content-Type: application/json."),
    "invalid_body": (422, "The body does not fit", "`errors` names each field and what is wrong with it."),
    "not_possible": (409, "That cannot be done as things stand", "The detail says why."),
    "changed": (412, "It has changed meanwhile", "Read it again, and repeat with its ETag in If-Match."),
    "precondition_required": (428, "If-Match is wanted", "Read the resource, and send its ETag in If-Match: nobody's change is overwritten unseen."),
    "key_reused": (422, "This Idempotency-Key was used for another request", "A key is for one request and its repetitions."),
    "too_many": (429, "Too many requests", "Wait as long as Retry-After says."),
    "too_large": (413, "The body is too large", "64 KiB are enough for everything here."),
    "unavailable": (503, "Not available for a moment", "Repeat it after Retry-After, with the same Idempotency-Key."),
    "server_error": (500, "Something went wrong on our side", "Repeat it; tell the operator the reference."),
    "wrong_host": (400, "This is not the address of this API", "Use the issuer's."),
}


class Problem(Exception):
    """An answer that says what is wrong. `about` are further members of it, `headers` go beside it."""

    def __init__(self, kind: str, detail: str = "", headers: Mapping[str, str] | None = None, **about: Any) -> None:
        super().__init__(kind)
        self.kind, self.detail, self.headers, self.about = kind, detail, dict(headers or {}), about


def response(problem: Problem) -> Response:
    status, title, _ = KINDS[problem.kind]
    said = {"type": f"{house().settings.issuer}{PATH}/docs#{problem.kind}", "title": title, "status": status}
    body = {**said, **({"detail": problem.detail} if problem.detail else {}), **problem.about}
    return Response(json.dumps(body), status, content_type="application/problem+json", headers={"Cache-Control": "no-store", **problem.headers})


def challenge(error: str = "", description: str = "", **more: str) -> dict[str, str]:
    """The header WWW-Authenticate (RFC 6750 3), which leads to who issues tokens for this API (RFC 9728 5.1)."""
    said = {
        "error": error,
        "error_description": description,
        **more,
        "resource_metadata": f"{house().settings.issuer}/.well-known/oauth-protected-resource{PATH}",
    }
    return {"WWW-Authenticate": "Bearer " + ", ".join(f'{name}="{value}"' for name, value in said.items() if value)}
