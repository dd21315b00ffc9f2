"""Schemas of the OpenAPI document, and how the page shows them."""

from functools import cache
from typing import Any

from pydantic.json_schema import models_json_schema

from idp.web.api.contract import ROUTES
from idp.web.api.problems import KINDS


@cache
def schemas() -> dict[str, Any]:
    """The schema of every shape that a route takes or answers with, by name."""
    used = {(one.body, "validation") for one in ROUTES if one.body} | {
        (one.answer, "serialization") for one in ROUTES if one.answer
    }
    ordered: Any = sorted(used, key=lambda one: one[0].__name__)
    _, made = models_json_schema(ordered, ref_template="#/components/schemas/{model}")
    found: dict[str, Any] = made["$defs"]
    return found


def problem_schema() -> dict[str, Any]:
    """The schema of a problem."""
    return {
        "type": "object",
        "description": "A problem (RFC 9457)",
        "required": ["type", "title", "status"],
        "properties": {
            "type": {
                "type": "string",
                "description": "ends in # and the kind of problem: " + ", ".join(KINDS),
            },
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string", "description": "what went wrong, in words"},
            "errors": {
                "type": "array",
                "description": "for invalid_body, and for not_possible where one field is at fault: the "
                "fields with errors",
                "items": {
                    "type": "object",
                    "properties": {"field": {"type": "string"}, "detail": {"type": "string"}},
                },
            },
            "acr_values": {
                "type": "string",
                "description": "for insufficient_user_authentication: the acr to ask for",
            },
            "max_age": {
                "type": "integer",
                "description": "for insufficient_user_authentication: the max_age to ask for, in seconds",
            },
        },
    }
