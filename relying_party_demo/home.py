"""HOME: what waits for the person; changing the organization and the contract; messages and
preferences."""

from contextlib import suppress

from flask import Blueprint, abort, flash, redirect, request, session
from werkzeug.wrappers import Response

from relying_party_demo import casework, forms, messages, store
from relying_party_demo.desk import desk, ends_in, page, wanted_page
from relying_party_demo.management import Unreachable
from relying_party_demo.provider import current, provider

bp = Blueprint("home", __name__)
inbox = Blueprint("inbox", __name__)
preferences = Blueprint("preferences", __name__)
LANGUAGES = {"en": "English", "es": "Español"}


@bp.get("/")
def home() -> tuple[str, int]:
    """HOME: the cards, and what was saved but not submitted."""
    here = desk()
    with suppress(Unreachable):
        messages.read_events(here.subject)
    saved, more = casework.listed(here.npi, here.contract, "not_submitted")
    return page(
        "home.html",
        counts=casework.counts(here.npi, here.contract),
        cases=saved,
        more=more,
        new=messages.unread(here.subject),
    )


@bp.post("/context")
def change_context() -> Response:
    """Work in another of one's organizations."""
    found, wanted = current(), request.form.get("npi", "")
    if found and wanted in {one["npi"] for one in desk().organizations}:
        store.change_session(found["digest"], npi=wanted)
    return redirect("/")


@bp.post("/contract")
def choose_contract() -> Response:
    """See the cases of one contract only, or of all."""
    found, wanted = current(), request.form.get("only", "")
    if found and wanted in (*casework.CONTRACTS, ""):
        store.change_session(found["digest"], contract=wanted)
    return redirect(wanted_page("/"))


@inbox.get("/messages")
def center() -> tuple[str, int]:
    """MESSAGE CENTER."""
    here = desk()
    late = ""
    try:
        messages.read_events(here.subject)
    except Unreachable:
        late = "The newest messages cannot be loaded right now. Try again in a minute."
    number = max(1, request.args.get("page", 1, type=int))
    rows, more = messages.listed(here.subject, min(number, 1000))
    return page("messages.html", rows=rows, more=more, number=number, late=late)


@inbox.get("/messages/<int:message_id>")
def one_message(message_id: int) -> tuple[str, int]:
    """A message, which is read then."""
    here = desk()
    row = messages.read(here.subject, message_id) if message_id < 2**62 else None
    if row is None:
        abort(404)
    return page("one_message.html", row=row)


@inbox.post("/messages/read")
def read_all() -> Response:
    """Mark all messages as read."""
    messages.read_all(desk().subject)
    return redirect("/messages")


@bp.get("/stay")
def stay() -> dict[str, int]:
    """Someone is still here; the seconds until the session ends without another sign of it."""
    desk()
    return {"ends_in": ends_in()}


@preferences.get("/preferences", endpoint="home")
def preferences_page() -> tuple[str, int]:
    """PREFERENCES."""
    here = desk()
    known = provider().load_server_metadata().get("ui_locales_supported", ["en"])
    languages = [(tag, LANGUAGES.get(tag, tag)) for tag in known]
    return page(
        "preferences.html",
        languages=languages,
        kept={**store.person(here.subject), **forms.kept("/preferences").typed},
    )


@preferences.post("/preferences")
def keep_preferences() -> Response:
    """Save the preferences."""
    here, locale, npi = desk(), request.form.get("locale", ""), request.form.get("npi", "")
    store.keep_person(
        here.subject,
        locale=locale if locale in LANGUAGES else "",
        npi=npi if npi in {one["npi"] for one in here.organizations} else "",
    )
    session["locale"] = locale if locale in LANGUAGES else ""
    flash("Your preferences were saved.", "done")
    return redirect("/preferences")
