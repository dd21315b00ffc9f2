"""Requests to try: a body for each shape that is sent, and each route as a curl command for a
shell."""

import json
import re
from collections.abc import Mapping
from typing import Any

from idp.web.api.contract import Route

HERE = "ORGANIZATION_ID"  # in a body: the id of the reader's own
BODIES: Mapping[str, dict[str, Any]] = {  # by the name of the shape
    "Invitation": {
        **{
            "username": "jrivera",
            "email": "jo.rivera@example.org",
            "given_name": "Jo",
            "family_name": "Rivera",
        },
        **{"organization_id": HERE, "role": "user"},
    },
    "UserChange": {"contact_email": "alex.morgan@example.org"},
    "ResetOrder": {"password_lost": False},
    "OrganizationOrder": {"identifier": "1234567893", "name": "Example"},
    "OrganizationChange": {"name": "Example Organization"},
    "RoleOrder": {"role": "administrator"},
    "CodeOrder": {"name": "Front desk", "uses": 20, "days": 30},
    "ClientOrder": {
        "client_name": "Service desk",
        "redirect_uris": ["https://desk.example/callback"],
        "initiate_login_uri": "https://desk.example/login",
        "scope": "users:read",
    },
    "ClientChange": {
        "redirect_uris": ["https://desk.example/callback", "https://desk.example/callback2"]
    },
}


def curl(route: Route, base: str) -> str:
    """The request as a command. It reads the access token and the ids of the path from variables of
    the shell."""
    address = base + re.sub(r"\{(\w+)\}", lambda part: "$" + part[1].upper(), route.path)
    headers = ['"Authorization: Bearer $TOKEN"']
    if route.method == "POST":
        headers.append('"Idempotency-Key: $RANDOM-$RANDOM-$RANDOM"')
    if route.method == "PATCH":
        headers.append('"If-Match: $ETAG"')
    if route.body:
        headers.append("'Content-Type: application/json'")
    # -i shows the ETag
    reading = "-i " if route.tagged else ""
    method = reading if route.method == "GET" else f"-X {route.method} "
    lines = [f'curl {method}"{address}"', *(f"-H {header}" for header in headers)]
    if route.body:
        # out of the quotes, where the shell puts it in
        body = json.dumps(BODIES[route.body.__name__]).replace(HERE, f"'\"${HERE}\"'")
        lines.append(f"-d '{body}'")
    return " \\\n  ".join(lines)
