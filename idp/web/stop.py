"""'This was not me': the link in the mail and the text that tell of a replaced phone. Opening it
changes nothing; the button does."""

from flask import Blueprint, Response, request

from idp import clock, secret, store
from idp.operations import resets
from idp.store import account_credentials
from idp.web import cookies, guard, pages

bp = Blueprint("stop", __name__)
bp.before_request(guard.by_a_person)
LONGEST = 64  # characters of the secret


@bp.get("/stop/<stop>")
def ask(stop: str) -> Response:
    """The page behind 'This was not me' in a message about a new phone."""
    cookies.bind_to(stop[:LONGEST])
    known = account_credentials.by_phone_stop(secret.digest(stop[:LONGEST]), clock.now())
    return pages.page(
        "stop_phone.html",
        200 if known else 410,
        state="ask" if known else "over",
        action=f"/stop/{stop[:LONGEST]}",
    )


@bp.post("/stop/<stop>")
def stop_it(stop: str) -> Response:
    """The button of that page."""
    cookies.bind_to(stop[:LONGEST])
    if not cookies.csrf_valid():
        return pages.redirect(request.path)
    store.writing()
    stopped = resets.stop_new_phone(clock.now(), stop[:LONGEST])
    store.commit()
    return pages.redirect("/stopped" if stopped else request.path)


@bp.get("/stopped")
def stopped() -> Response:
    """What was done, as often as it is opened."""
    return pages.page("stop_phone.html", state="done", action="")
