"""The inbox of demo and development: every message that would have left, on a page that updates by itself."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response

from idp.store import inbox
from idp.web import pages

bp = Blueprint("inbox", __name__)


@bp.get("/inbox")
def page() -> Response:
    return pages.page("inbox.html", messages=list(reversed(_messages())))


@bp.get("/inbox.json")
def as_json() -> Response:
    """Every message, oldest first."""
    return pages.json_response(_messages())


def _messages() -> list[dict[str, Any]]:
    return [
        {
            "id": message.id,
            "channel": message.channel,
            "to": message.recipient,
            "subject": message.subject,
            "text": message.text,
            "code": message.code,
            "links": message.links,
            "at": datetime.fromtimestamp(message.at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        }
        for message in inbox.listed()
    ]
