"""The inbox of demo and development: every message that would have left, and a phone that rings, on
a page that updates by itself."""

import re
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, abort, make_response, request

from idp import clock, store
from idp.store import aging, inbox
from idp.texts import mark
from idp.web import house, pages

bp = Blueprint("inbox", __name__)

# seconds, by the value of the button
PASSES = {"60": 60.0, "300": 300.0, "1200": 1200.0, "14400": 14400.0, "172800": 172800.0}
DONE = {
    "60": mark("1 minute has passed."),
    "300": mark("5 minutes have passed."),
    "1200": mark("20 minutes have passed."),
    "14400": mark("4 hours have passed."),
    "172800": mark("2 days have passed."),
    "sessions": mark("All sessions have ended. The portal learns of it within a few seconds."),
    "clear": mark("The inbox is empty."),
    "confirmed": mark("The voice says: Thank you. You can hang up."),
    "refused": mark("The voice says: Nothing was confirmed. You can hang up."),
    "wrong": mark(
        "The voice says: That number is not right. Enter the number on the page, then press the pound key."
    ),
    "over": mark("The voice says: Nothing was confirmed. You can hang up."),
}
CALL = re.compile(r"[A-Za-z0-9_-]{1,40}")
STATES = {
    "ringing": mark("ringing"),
    "confirmed": mark("confirmed"),
    "refused": mark("refused: not me"),
    "no_answer": mark("no answer"),
    "busy": mark("busy"),
    "machine": mark("answering machine"),
    "wrong": mark("wrong number keyed"),
    "cancelled": mark("ended"),
    "over": mark("over"),
}


@bp.get("/inbox")
def page() -> Response:
    """All messages, one of them open."""
    messages = list(reversed(_messages()))
    wanted = request.args.get("message", "")
    opened = next(
        (one for one in messages if str(one["id"]) == wanted), messages[0] if messages else None
    )
    done = DONE.get(request.args.get("done", ""))
    states = {state: pages.text(text) for state, text in STATES.items()}
    shown = f"{len(messages)}:" + ",".join(message["call"] or "" for message in messages)
    ringing = any(message["call"] == "ringing" for message in messages)
    here = f"/inbox?message={opened['id']}" if opened and wanted else "/inbox"
    response = pages.page(
        "inbox.html",
        messages=messages,
        open=opened,
        states=states,
        shown=shown,
        ringing=ringing,
        here=here,
        done=done and pages.text(done),
        not_well=request.args.get("done") in ("wrong", "refused", "over"),
    )
    response.headers["Content-Security-Policy"] += "; frame-src 'self'"
    return response


@bp.get("/inbox/<int:message_id>/html")
def html(message_id: int) -> Response:
    """A mail as a mail program shows it, for the frame on the page: nothing in it runs, and nothing
    comes from elsewhere."""
    found = next((one for one in _messages() if one["id"] == message_id and one["html"]), None)
    if found is None:
        abort(404)
    response = make_response(found["html"])
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'self'; sandbox"
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/inbox/time")
def time() -> Response:
    """Let time pass for everything that is kept: `pass` is the seconds of PASSES, or
    `sessions` to end them, or `clear` for the messages."""
    _ours()
    what = request.form.get("pass", "")
    store.writing()
    if what in PASSES:
        aging.let_pass(PASSES[what])
    elif what == "sessions":
        aging.end_every_session(clock.now())
    elif what == "clear":
        inbox.clear()
    store.commit()
    return pages.redirect(f"/inbox?done={what}" if what in DONE else "/inbox")


@bp.get("/inbox.json")
def as_json() -> Response:
    """Every message, oldest first."""
    return pages.json_response(
        [{name: value for name, value in one.items() if name != "html"} for one in _messages()]
    )


@bp.post("/inbox/calls/<call_id>")
def answer(call_id: str) -> Response:
    """What the person at the phone does: `digits` pressed, or `outcome` no_answer, busy or
    machine."""
    _ours()
    if not CALL.fullmatch(call_id):
        return pages.redirect("/inbox")
    pressed, outcome = "".join(request.form.getlist("digits"))[:40], request.form.get("outcome", "")
    calls, now = house().calls, clock.now()
    store.writing()
    if outcome:
        calls.ended(call_id, outcome, now)
    elif found := calls.begin(call_id, pressed, now):
        store.commit()  # the try counts before the number is compared
        call, tried = found
        said = calls.finish(call, pressed, tried, now)
        store.commit()
        return pages.redirect(f"/inbox?done={said}" if said in DONE else "/inbox")
    store.commit()
    return pages.redirect("/inbox")


def _ours() -> None:
    """No other site presses the buttons of this page."""
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        abort(403)


def _messages() -> list[dict[str, Any]]:
    now = clock.now()
    return [
        {
            "id": message.id,
            "channel": message.channel,
            "to": message.recipient,
            "subject": message.subject,
            "text": message.text,
            "html": message.html,
            "code": message.code,
            "links": message.links,
            "call_id": message.call_id,
            "keyed": house().calls.keyed(message.call_id) if message.call_id else False,
            "call": house().calls.state(message.call_id, now) if message.call_id else None,
            "at": datetime.fromtimestamp(message.at, UTC)
            .isoformat(timespec="seconds")
            .replace("+00:00", "Z"),
        }
        for message in inbox.listed()
    ]
