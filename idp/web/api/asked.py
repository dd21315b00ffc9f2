"""What a request of the management API asks: its query, its body, and what is wrong with them."""

import json
import math
from typing import Any

from flask import request
from pydantic import BaseModel, ValidationError

from idp.web.api.problems import Problem

FORMS = {
    "email": "must be an email address, like name@example.com",
    "contact_email": "must be an email address, like name@example.com",
    "username": "must not contain spaces or @",
}


def read_query(shape: type[BaseModel]) -> BaseModel:
    """The query in its shape. Raises Problem for one that does not fit."""
    given = request.args.to_dict(flat=False)
    if repeated := next((name for name, values in given.items() if len(values) > 1), None):
        raise Problem("invalid_request", f"{repeated[:50]}: send this parameter only once")
    try:
        return shape.model_validate_strings(
            {name: values[0] for name, values in given.items()}, strict=False
        )
    except ValidationError as error:
        raise Problem(
            "invalid_request",
            "; ".join(f"{_where(one)}: {one['msg']}" for one in error.errors())[:1000],
        ) from None


def read_body(shape: type[BaseModel], raw: bytes) -> BaseModel:
    """The JSON body in its shape. Raises Problem for one that does not fit."""
    if (raw or request.mimetype) and request.mimetype not in (
        "application/json",
        "application/merge-patch+json",
    ):
        raise Problem("unsupported_media_type", "Send JSON: Content-Type: application/json")
    try:
        json.loads(raw or b"{}", parse_constant=_number, parse_float=_number)
        return shape.model_validate_json(raw or b"{}", strict=True)
    except (ValueError, RecursionError) as error:
        if not isinstance(error, ValidationError) or any(
            one["type"] == "json_invalid" for one in error.errors()
        ):
            raise Problem("invalid_request", "The body is not JSON.") from None
        found = [{"field": _where(one), "detail": _in_words(one)} for one in error.errors()]
        raise Problem(
            "invalid_body",
            "; ".join(f"{one['field']}: {one['detail']}" for one in found)[:1000],
            errors=found[:50],
        ) from None


def _number(text: str) -> float:
    """A number of JSON; what Python reads beside (NaN, infinities) is none. Raises ValueError."""
    if not math.isfinite(found := float(text)):
        raise ValueError(f"{text[:20]} is not a supported number")
    return found


def _in_words(error: Any) -> str:
    """What is wrong with a field; no patterns, which are for programs."""
    if error["type"] != "string_pattern_mismatch":
        return str(error["msg"])
    return FORMS.get(str(error["loc"][-1]), "contains characters that are not allowed")


def _where(error: Any) -> str:
    return ".".join(str(part) for part in error["loc"])[:100] or "body"
