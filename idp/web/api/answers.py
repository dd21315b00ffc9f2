"""Answers of the management API: kept for a repeated request, with their ETags."""

import hashlib
import json
import re

from flask import Response, request
from pydantic import BaseModel

from idp import secret
from idp.oauth.access_tokens import AccessToken
from idp.store import idempotency
from idp.web import house
from idp.web.api.contract import Call, Reply, Route
from idp.web.api.problems import Problem

PURPOSE = "kept answer"


PASSING = ("last_sign_in_at",)  # parts of a representation that change without anybody changing it


KEY = re.compile(r"[!-~]{1,255}")


def idempotency_key(token: AccessToken, raw: bytes) -> tuple[str, str] | None:
    """By which key an answer is kept, and the digest of what is asked; None for a request without
    Idempotency-Key."""
    key = request.headers.get("Idempotency-Key")
    if key is None or request.method != "POST":
        return None
    if not KEY.fullmatch(key):
        raise Problem(
            "invalid_request", "Idempotency-Key must have 1 to 255 visible ASCII characters"
        )
    asked = hashlib.sha256(
        b"\n".join([request.path.encode("utf-8", "surrogatepass"), raw])
    ).hexdigest()
    return secret.digest("\n".join([token.actor, token.client_id, key])), asked


def repeated(before: idempotency.KeptAnswer, asked: str) -> Response:
    """The answer that was given to this key. Raises Problem where something else was asked then."""
    if before.request != asked:
        raise Problem("key_reused")
    try:
        status, body, headers = json.loads(house().vault.unseal(PURPOSE, before.sealed))
    except ValueError:
        # sealed with another root secret: what was answered cannot be told, and is not done twice
        raise Problem("key_reused") from None
    return Response(body, status, headers={**headers, "Idempotency-Replayed": "true"})


def response_of(route: Route, reply: Reply) -> Response:
    """The HTTP response of what a handler returned, with its ETag where it has one."""
    if reply.body is None:
        return Response(status=reply.status, headers={"Cache-Control": "no-store", **reply.headers})
    text = reply.body.model_dump_json()
    headers = {"Cache-Control": "no-store", **reply.headers}
    if route.tagged:
        headers["ETag"] = tag(reply.body)
        if route.method == "GET" and headers["ETag"] in _tags(
            request.headers.get("If-None-Match", "")
        ):
            return Response(status=304, headers=headers)
    return Response(text, reply.status, content_type="application/json", headers=headers)


def tag(body: BaseModel) -> str:
    """The ETag of a representation (RFC 9110 8.8.3): a digest of it. Where it tells what happens by
    itself, such as a sign-in, another one for that follows a dot: see `unchanged`."""
    passing = {name for name in PASSING if name in type(body).model_fields}
    parts = [
        body.model_dump_json(exclude=passing),
        *([body.model_dump_json(include=passing)] if passing else []),
    ]
    return '"' + ".".join(hashlib.sha256(part.encode()).hexdigest()[:32] for part in parts) + '"'


def unchanged(call: Call, as_it_is: BaseModel) -> None:
    """Whether the caller has seen the resource as it is now, but for what happens by itself. Raises
    Problem."""
    if call.if_match is None:
        raise Problem("precondition_required")
    if call.if_match.strip() != "*" and _lasting(tag(as_it_is)) not in map(
        _lasting, _tags(call.if_match)
    ):
        raise Problem("changed")


def _lasting(one: str) -> str:
    return one.strip('"').partition(".")[0] if one.startswith('"') else one


def _tags(header: str) -> list[str]:
    return [one.strip() for one in header.split(",")]
