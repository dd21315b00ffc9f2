"""The OpenAPI 3.1 document, made of the declared routes; and the same in the shape in which a page
shows it to people."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel

from idp.oauth.resource_servers import OWN, PATH
from idp.settings import Settings
from idp.web.api import event_shapes, shapes
from idp.web.api.contract import ROUTES, Route
from idp.web.api.examples import BODIES
from idp.web.api.problems import KINDS
from idp.web.api.schemas import problem_schema, schemas

ABOUT: Mapping[str, str] = {  # the parts of the API: first word of a path, and what it is
    "users": "People and their accounts, invitations, resets and sessions",
    "organizations": "Organizations with their members and registration codes",
    "clients": "Applications that people sign in to",
    "audit": "The audit trail",
    "events": "Events since a point in time",
    "terms": "Terms of use",
}
MADE = {  # what answers what was made, and where its id is: OpenAPI's links
    "invite": ("user_id", "$response.body#/user/id"),
    "add_organization": ("organization_id", "$response.body#/organization/id"),
    "add_client": ("client_id", "$response.body#/client/client_id"),
}
HEADERS = {
    "Idempotency-Key": "If you repeat a request with the same key within a day, you get the first answer "
    "again and nothing is done twice.",
    "If-Match": "The ETag of the resource when you last read it.",
    "If-None-Match": "The ETag you have. The answer is 304 if nothing has changed.",
}
LIMITS = {
    "RateLimit-Limit": "requests allowed in a minute",
    "RateLimit-Remaining": "requests left in this minute",
    "RateLimit-Reset": "seconds until the limit resets",
}


def of_tag(route: Route) -> str:
    """The group that a route is listed in."""
    return route.path.split("/")[1]


def document(settings: Settings) -> dict[str, Any]:
    """The whole document."""
    issuer, paths = settings.issuer, dict[str, Any]()
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    flows = {
        "authorizationCode": {
            "authorizationUrl": f"{issuer}/authorize",
            "tokenUrl": f"{issuer}/token",
            "refreshUrl": f"{issuer}/token",
            "scopes": OWN,
        },
        "clientCredentials": {"tokenUrl": f"{issuer}/token", "scopes": OWN},
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Stagedoor management API",
            "version": "1",
            "description": introduction(settings),
        },
        "servers": [{"url": f"{issuer}{PATH}"}],
        "tags": [{"name": name, "description": says} for name, says in ABOUT.items()],
        "paths": paths,
        "components": {
            "schemas": {**schemas(), "Problem": problem_schema()},
            "securitySchemes": {
                "oauth": {
                    "type": "oauth2",
                    "flows": flows,
                    "description": "Access tokens of this identity provider (RFC 9068), sent as bearer "
                    "tokens.",
                }
            },
            "headers": {
                name: {"description": says, "schema": {"type": "string"}}
                for name, says in LIMITS.items()
            },
        },
    }


def introduction(settings: Settings) -> str:
    """What a developer reads first, in Markdown."""
    wanted = settings.management
    return (
        "Send an access token of this identity provider with every request: "
        "`Authorization: Bearer <token>`. A person's token allows what the person's "
        "roles in organizations allow; everything else is answered with 404. A service "
        "client's token (client credentials) allows what its scopes "
        "allow. To change something, a person must have signed in with acr "
        f"`{wanted.acr}` at most {wanted.max_age // 60} minutes ago. Otherwise the "
        "answer is 401 `insufficient_user_authentication` (RFC 9470), and names the "
        "`acr_values` and `max_age` for a new authorization request: send the person through "
        "it. (That `max_age` is a minute less, so that there is time to come back.) "
        "Lists have `next`, which is the `cursor` of the next page. Times are in UTC."
    )


def _operation(route: Route) -> dict[str, Any]:
    said: dict[str, Any] = {
        "operationId": route.name,
        "tags": [of_tag(route)],
        "summary": route.says,
        "description": " ".join(route.more.split()),
        "security": [{"oauth": [route.scope]}],
        "parameters": parameters(route),
        "responses": _responses(route),
    }
    if route.body:
        content = {
            "application/json": {"schema": _ref(route.body), "example": BODIES[route.body.__name__]}
        }
        said["requestBody"] = {
            "required": any(one.is_required() for one in route.body.model_fields.values()),
            "content": content,
        }
    return said


def parameters(route: Route) -> list[dict[str, Any]]:
    """Of the path, the query and the headers."""
    in_path = [part[1:-1] for part in route.path.split("/") if part.startswith("{")]
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in in_path
    ]
    for name, schema in _query(route.query).items():
        shown = next((one for one in schema.get("anyOf", ()) if one.get("type") != "null"), schema)
        kept = {
            key: value
            for key, value in {**schema, **shown}.items()
            if key not in ("anyOf", "title", "description") and value is not None
        }
        found.append(
            {
                "name": name,
                "in": "query",
                "required": False,
                "description": schema.get("description", ""),
                "schema": kept,
            }
        )
    wanted = {
        "POST": ("Idempotency-Key",),
        "PATCH": ("If-Match",),
        "GET": ("If-None-Match",) if route.tagged else (),
    }.get(route.method, ())
    for name in wanted:
        schema = {
            "type": "string",
            **(
                {"minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"}
                if name == "Idempotency-Key"
                else {}
            ),
        }
        found.append(
            {
                "name": name,
                "in": "header",
                "required": name == "If-Match",
                "description": HEADERS[name],
                "schema": schema,
            }
        )
    return found


@cache
def _query(shape: type[BaseModel]) -> dict[str, Any]:
    found: dict[str, Any] = shape.model_json_schema().get("properties", {})
    return found


def kinds(route: Route) -> list[str]:
    """The problems that it may answer with."""
    found = ["invalid_token", "insufficient_scope", "invalid_request", "too_many", "unavailable"]
    found += ["insufficient_user_authentication", "not_possible"] if route.acts else []
    found += ["forbidden"] if route.acts or route.query is not shapes.Nothing else []
    found += (
        ["not_found"]
        if "{" in route.path
        or route.query in (shapes.UserQuery, event_shapes.AuditQuery)
        or route.name == "invite"
        else []
    )
    found += ["forbidden"] if "/registration-codes" in route.path and not route.acts else []
    found += ["invalid_body", "unsupported_media_type", "too_large"] if route.body else []
    found += ["key_reused"] if route.method == "POST" else []
    found += ["changed", "precondition_required"] if route.method == "PATCH" else []
    return list(dict.fromkeys(found))


def _responses(route: Route) -> dict[str, Any]:
    headers: dict[str, Any] = {name: {"$ref": f"#/components/headers/{name}"} for name in LIMITS}
    if route.tagged:
        headers["ETag"] = {
            "schema": {"type": "string"},
            "description": "ETag of this representation",
        }
    if route.status == 201 and route.name in ("invite", "add_organization", "add_client"):
        headers["Location"] = {
            "schema": {"type": "string"},
            "description": "address of the new resource",
        }
    good: dict[str, Any] = {
        "description": "Done" if route.acts else "The requested data",
        "headers": headers,
    }
    if route.answer:
        good["content"] = {"application/json": {"schema": _ref(route.answer)}}
    if route.name in MADE:
        part, where = MADE[route.name]
        good["links"] = {
            one.name: {"operationId": one.name, "parameters": {part: where}}
            for one in ROUTES
            if f"{{{part}}}" in one.path and one.path.count("{") == 1
        }
    found: dict[str, Any] = {str(route.status): good}
    if route.tagged and route.method == "GET":
        found["304"] = {"description": "Not changed"}
    for kind in kinds(route):
        status, title, _ = KINDS[kind]
        one = found.setdefault(
            str(status),
            {
                "description": "",
                "content": {
                    "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
                },
            },
        )
        one["description"] = "; ".join(filter(None, [one["description"], f"`{kind}`: {title}"]))
    return found


def _ref(shape: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{shape.__name__}"}
