"""CASES, CREATE CASE, CONSUMERS and the search."""

import secrets
import sqlite3
import unicodedata

from flask import Blueprint, abort, flash, redirect, request
from werkzeug.wrappers import Response

from relying_party_demo import casework, forms, messages
from relying_party_demo.desk import desk, page

bp = Blueprint("cases", __name__)
BUTTONS = {"draft": "work_in_progress", "save": "not_submitted", "submit": "submitted"}
SAID = {"work_in_progress": "saved as a draft", "not_submitted": "saved", "submitted": "submitted"}


@bp.before_request
def for_an_organization() -> Response | None:
    """People who belong to none are told so at HOME, before they type anything."""
    return redirect("/") if request.method == "GET" and desk().here is None else None


@bp.get("/cases")
def listed() -> tuple[str, int]:
    """CASES."""
    here, state = desk(), request.args.get("state", "")
    number = min(max(1, request.args.get("page", 1, type=int)), 10_000)
    rows, more = casework.listed(
        here.npi, here.contract, state if state in casework.STATES else "", number
    )
    return page(
        "cases.html", cases=rows, more=more, number=number, state=state, states=casework.STATES
    )


@bp.get("/search")
def search() -> Response | tuple[str, int]:
    """By case number, program number, or the consumer's name or ID: one that is found is opened."""
    here, wanted = desk(), unicodedata.normalize("NFKC", request.args.get("q", "")).strip()[:80]
    found = casework.search(here.npi, wanted) if wanted else []
    if len(found) == 1:
        return redirect(f"/cases/{found[0]['id']}")
    return page("search.html", wanted=wanted, cases=found, states=casework.STATES)


@bp.get("/consumers")
def consumers() -> tuple[str, int]:
    """CONSUMERS."""
    here = desk()
    return page("consumers.html", consumers=casework.consumers(here.npi, here.contract))


@bp.get("/cases/new")
def create() -> tuple[str, int]:
    """CREATE CASE."""
    blank = dict.fromkeys(casework.FIELDS, "") | {"contract": desk().contract}
    return _form(None, blank)


@bp.get("/cases/<int:case_id>")
def read(case_id: int) -> tuple[str, int]:
    """A case of any of the person's organizations: a form that waited across a sign-in may be of
    another one than they work in now."""
    case = casework.find(_mine(), case_id)
    if case is None:
        abort(404)
    kept = {name: case[name] for name in casework.FIELDS}
    return _form(
        case_id, {**kept, "date_of_birth": casework.shown_day(kept["date_of_birth"])}, case=case
    )


@bp.post("/cases/new", endpoint="created")
@bp.post("/cases/<int:case_id>", endpoint="changed")
def keep(case_id: int | None = None) -> Response:
    """Keep a case of the organization that the form named: as a draft, saved, or submitted. A
    mistake shows the form again, with everything that was typed."""
    here = desk()
    typed = {name: request.form.get(name, "").strip() for name in casework.FIELDS}
    pressed = request.form.get("press", "save")
    state = BUTTONS.get(pressed, "not_submitted")
    path = f"/cases/{case_id}" if case_id is not None else "/cases/new"
    before = casework.find(_mine(), case_id) if case_id is not None else None
    if case_id is not None and before is None:
        abort(404)
    if here.here is None:  # HOME says so
        return redirect("/")
    npi = before["npi"] if before else request.form.get("npi", here.npi)
    if npi not in _mine():
        flash(
            "You no longer belong to the organization that this form was for, so nothing was "
            f"saved. It is now for {here.here['name']}. To file it there, choose a button again.",
            "wrong",
        )
        return forms.again(path, typed, {})
    waits = {**typed, "npi": npi, "seen": request.form.get("seen", "")}
    errors = casework.faults(typed, complete=state != "work_in_progress")
    if errors:
        return forms.again(path, waits, errors)
    if pressed not in BUTTONS:  # Enter in a field: nothing is sent half done
        flash("Nothing is saved yet. Choose a button below the form.", "note")
        return forms.again(path, waits, {})
    stored = {**typed, "date_of_birth": casework.read_day(typed["date_of_birth"]) or ""}
    author = here.claims.get("name", "")
    if before is None:
        form = request.form.get("key", "")[:60] or secrets.token_urlsafe(16)
        made = casework.add(npi, author, state, stored, f"{here.subject} {form}")
        case = casework.made_by(f"{here.subject} {form}")
        assert case is not None
        if not made and (npi, state, stored) != _as_sent(case):
            flash(
                f"This form has already been saved as case {casework.number(case)}. Nothing more "
                "was saved. To file another case with what is below, choose a button again.",
                "note",
            )
            return forms.again(path, {**typed, "npi": npi}, {})
    else:
        seen = min(request.form.get("seen", 0, type=int), 2**62)
        made = casework.change(npi, before["id"], author, state, stored, seen)
        case = casework.find(_mine(), before["id"])
        assert case is not None
        if not made and (npi, state, stored) != _as_sent(case):
            return _not_changed(path, {**typed, "npi": npi}, stored, case, seen)
    forms.forget(path)
    _told(case, state, made)
    return redirect(f"/cases?state={state}")


def _mine() -> list[str]:
    return [one["npi"] for one in desk().organizations]


def _as_sent(case: sqlite3.Row) -> tuple[str, str, dict[str, str]]:
    """What sending the form once more would have kept."""
    return case["npi"], case["state"], {name: case[name] for name in casework.FIELDS}


def _not_changed(
    path: str, typed: dict[str, str], stored: dict[str, str], case: sqlite3.Row, seen: int
) -> Response:
    """Someone was quicker: what they saved is said beside what was typed."""
    if case["state"] == "submitted":
        flash("This case has already been submitted, so it was not changed.", "wrong")
        return redirect(path)
    author = casework.history(case["id"])[0]["author"]
    flash(
        (
            "You changed this case in another window after you opened it here."
            if author in ("", desk().claims.get("name", ""))
            else f"{author} changed this case after you opened it."
        )
        + " Your changes are not saved. Check them below, then choose the button again.",
        "wrong",
    )
    opened = casework.as_seen(case["id"], seen)
    other = {
        name: f"Saved now: {_shown(name, case[name])}" if case[name] else "Saved now: nothing"
        for name in casework.FIELDS
        if case[name] not in (stored[name], opened.get(name))
    }
    return forms.again(path, typed, other)


def _shown(name: str, value: str) -> str:
    return casework.shown_day(value) if name == "date_of_birth" else value


def _told(case: sqlite3.Row, state: str, made: bool) -> None:
    """Say what was saved, where, and how to see it."""
    here = desk()
    name = next(one["name"] for one in here.organizations if one["npi"] == case["npi"])
    at = f" at {name}" if len(here.organizations) > 1 else ""
    said = f"Case {casework.number(case)} for {case['consumer_name']} was {SAID[state]}{at}."
    if made:
        messages.add(here.subject, said, f"/cases/{case['id']}")
    if case["npi"] != here.npi and here.here:
        said += f" The list below is of {here.here['name']}. To see the case, change to {name}."
    elif here.contract and case["contract"] != here.contract:
        said += (
            f" The list below shows only {here.contract}. To see the case, choose All contracts."
        )
    flash(said, "done")


def _form(
    case_id: int | None, values: dict[str, str], case: sqlite3.Row | None = None
) -> tuple[str, int]:
    here, waiting = desk(), forms.kept(request.path)
    typed = {name: value for name, value in waiting.typed.items() if name in casework.FIELDS}
    chosen = {"contracts": casework.CONTRACTS, "types": casework.TYPES, "states": casework.STATES}
    history = casework.history(case_id) if case_id is not None else []
    npi = case["npi"] if case else waiting.typed.get("npi", here.npi)
    place = next((one for one in here.organizations if one["npi"] == npi), here.here)
    return page(
        "case.html",
        waiting.status,
        case_id=case_id,
        case=case,
        values={**values, **typed},
        errors=waiting.errors,
        history=history,
        place=place,
        key=secrets.token_urlsafe(16),
        # a form that waited is of the version that was typed into
        seen=waiting.typed.get("seen") or (casework.version(case_id) if case_id else 0),
        **chosen,
    )
