"""How the page of the management API shows its routes and shapes."""

from collections.abc import Mapping
from typing import Any

from idp.oauth.resource_servers import PATH
from idp.settings import Settings
from idp.web.api.contract import ROUTES, Route
from idp.web.api.examples import curl
from idp.web.api.openapi import ABOUT, introduction, kinds, of_tag, parameters
from idp.web.api.schemas import schemas


def described(settings: Settings) -> dict[str, Any]:
    """What the page shows: the routes of each part with their parameters, bodies and answers,
    fields one by one."""
    return {
        "introduction": introduction(settings),
        "routes": {
            tag: [_shown(route, settings.issuer + PATH) for route in ROUTES if of_tag(route) == tag]
            for tag in ABOUT
        },
        "shapes": {name: _fields(schema) for name, schema in sorted(schemas().items())},
    }


def _shown(route: Route, base: str) -> dict[str, Any]:
    return {
        "route": route,
        "curl": curl(route, base),
        "parameters": parameters(route),
        "problems": kinds(route),
    }


def _fields(schema: Mapping[str, Any]) -> dict[str, Any]:
    wanted = schema.get("required", ())
    rows = [
        (name, _type(one), name in wanted, one.get("description", ""), one.get("default"))
        for name, one in schema.get("properties", {}).items()
    ]
    return {"says": schema.get("description", ""), "rows": rows}


def _type(schema: Mapping[str, Any]) -> str:
    """A type in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " or ".join(f'"{one}"' for one in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type") or "anything")
