"""The inbox of demo and development: every message that would have left, and a phone that rings, on a page that updates by itself."""

import re
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, abort, request

from idp import clock, store
from idp.store import inbox
from idp.texts import mark
from idp.web import house, pages
from idp.web.flow.routes import redirect

bp = Blueprint("inbox", __name__)

CALL = re.compile(r"[A-Za-z0-9_-]{1,40}")
STATES = {
    "ringing": mark("ringing"),
    "confirmed": mark("confirmed"),
    "refused": mark("refused: not me"),
    "no_answer": mark("nobody answered"),
    "busy": mark("busy"),
    "machine": mark("answering machine"),
    "wrong": mark("wrong number keyed"),
    "cancelled": mark("cancelled on the page"),
    "over": mark("over"),
}


@bp.get("/inbox")
def page() -> Response:
    messages = list(reversed(_messages()))
    states = {state: pages.text(text) for state, text in STATES.items()}
    shown = f"{len(messages)}:" + ",".join(message["call"] or "" for message in messages)
    ringing = any(message["call"] == "ringing" for message in messages)
    return pages.page("inbox.html", messages=messages, states=states, shown=shown, ringing=ringing)


@bp.get("/inbox.json")
def as_json() -> Response:
    """Every message, oldest first."""
    return pages.json_response(_messages())


@bp.post("/inbox/calls/<call_id>")
def answer(call_id: str) -> Response:
    """What the person at the phone does: `digits` pressed, or `outcome` no_answer, busy or machine."""
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        abort(403)
    if not CALL.fullmatch(call_id):
        return redirect("/inbox")
    pressed, outcome = "".join(request.form.getlist("digits"))[:40], request.form.get("outcome", "")
    calls, now = house().calls, clock.now()
    store.writing()
    if outcome:
        calls.ended(call_id, outcome, now)
    elif found := calls.begin(call_id, pressed, now):
        store.commit()  # the try counts before the number is compared
        call, tried = found
        calls.finish(call, pressed, tried, now)
    store.commit()
    return redirect("/inbox")


def _messages() -> list[dict[str, Any]]:
    now = clock.now()
    return [
        {
            "id": message.id,
            "channel": message.channel,
            "to": message.recipient,
            "subject": message.subject,
            "text": message.text,
            "code": message.code,
            "links": message.links,
            "call_id": message.call_id,
            "keyed": house().calls.keyed(message.call_id) if message.call_id else False,
            "call": house().calls.state(message.call_id, now) if message.call_id else None,
            "at": datetime.fromtimestamp(message.at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        }
        for message in inbox.listed()
    ]
