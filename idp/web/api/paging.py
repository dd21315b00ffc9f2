"""Where a resource is found, and where its next page begins.

Cursors are signed, so that a made-up one is told from an old one; rights are looked at each
time."""

from typing import Any
from urllib.parse import urlencode

from flask import request

from idp.oauth.resource_servers import PATH
from idp.web import house
from idp.web.api.problems import Problem

PURPOSE = "cursor"


def cursor(*place: str) -> str:
    """Where the next page begins, signed, so that it fits this list alone."""
    return house().vault.sign(PURPOSE, [request.path, *place])


def place(given: str, parts: int) -> list[str]:
    """The parts of a cursor of this address, all empty for none. Raises Problem."""
    if not given:
        return [""] * parts
    found: Any = house().vault.read(PURPOSE, given)
    if not isinstance(found, list) or len(found) != parts + 1 or found[0] != request.path:
        raise Problem(
            "invalid_request",
            "cursor must be the unchanged `next` of an earlier answer from this address",
        )
    return [str(part) for part in found[1:]]


def link(following: str | None) -> dict[str, str]:
    """The header Link (RFC 8288) to the next page."""
    if following is None:
        return {}
    query = urlencode({**request.args.to_dict(), "cursor": following})
    return {"Link": f'<{house().settings.issuer}{request.path}?{query}>; rel="next"'}


def address(path: str) -> str:
    """Where a resource of this API is found."""
    return f"{house().settings.issuer}{PATH}{path}"
