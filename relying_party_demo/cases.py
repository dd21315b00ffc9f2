"""CASES, CREATE CASE, CONSUMERS and the search."""

import secrets
import sqlite3
import unicodedata
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Sent:
    """A form of a case as it came: for which organization, and what its button makes of it."""

    path: str
    npi: str
    state: str
    typed: dict[str, str]

    @property
    def stored(self) -> dict[str, str]:
        """The fields as the case keeps them."""
        day = casework.read_day(self.typed["date_of_birth"]) or ""
        return {**self.typed, "date_of_birth": day}

    @property
    def waiting(self) -> dict[str, str]:
        """What the form is shown with again."""
        return {**self.typed, "npi": self.npi}

    def is_in(self, case: sqlite3.Row) -> bool:
        """Whether the case already is what sending the form once more would make of it."""
        kept = {name: case[name] for name in casework.FIELDS}
        return (self.npi, self.state, self.stored) == (case["npi"], case["state"], kept)


@bp.post("/cases/new", endpoint="created")
@bp.post("/cases/<int:case_id>", endpoint="changed")
def keep(case_id: int | None = None) -> Response:
    """Keep a case of the organization that the form named: as a draft, saved, or submitted. A
    mistake shows the form again, with everything that was typed."""
    here, pressed = desk(), request.form.get("press", "save")
    before = casework.find(_mine(), case_id) if case_id is not None else None
    if case_id is not None and before is None:
        abort(404)
    if here.here is None:  # HOME says so
        return redirect("/")
    form = Sent(
        path=f"/cases/{case_id}" if case_id is not None else "/cases/new",
        npi=before["npi"] if before else request.form.get("npi", here.npi),
        state=BUTTONS.get(pressed, "not_submitted"),
        typed={name: request.form.get(name, "").strip() for name in casework.FIELDS},
    )
    if form.npi not in _mine():
        flash(
            "You no longer belong to the organization that this form was for, so nothing was "
            f"saved. It is now for {here.here['name']}. To file it there, choose a button again.",
            "wrong",
        )
        return forms.again(form.path, form.typed, {})
    waits = {**form.waiting, "seen": request.form.get("seen", "")}
    if errors := casework.faults(form.typed, complete=form.state != "work_in_progress"):
        return forms.again(form.path, waits, errors)
    if pressed not in BUTTONS:  # Enter in a field: nothing is sent half done
        flash("Nothing is saved yet. Choose a button below the form.", "note")
        return forms.again(form.path, waits, {})
    return _create(form) if before is None else _change(form, before["id"])


def _create(form: Sent) -> Response:
    """A new case, once for each form."""
    here = desk()
    key = f"{here.subject} {request.form.get('key', '')[:60] or secrets.token_urlsafe(16)}"
    made = casework.add(form.npi, here.claims.get("name", ""), form.state, form.stored, key)
    case = casework.made_by(key)
    assert case is not None
    if made or form.is_in(case):
        return _done(form, case, made)
    flash(
        f"This form has already been saved as case {casework.number(case)}. Nothing more "
        "was saved. To file another case with what is below, choose a button again.",
        "note",
    )
    return forms.again(form.path, form.waiting, {})


def _change(form: Sent, case_id: int) -> Response:
    """A case that someone has changed since it was opened is not written over."""
    seen = min(request.form.get("seen", 0, type=int), 2**62)
    author = desk().claims.get("name", "")
    made = casework.change(form.npi, case_id, author, form.state, form.stored, seen)
    case = casework.find(_mine(), case_id)
    assert case is not None
    return _done(form, case, made) if made or form.is_in(case) else _not_changed(form, case, seen)


def _done(form: Sent, case: sqlite3.Row, made: bool) -> Response:
    forms.forget(form.path)
    _told(case, form.state, made)
    return redirect(f"/cases?state={form.state}")


def _mine() -> list[str]:
    return [one["npi"] for one in desk().organizations]


def _not_changed(form: Sent, case: sqlite3.Row, seen: int) -> Response:
    """Someone was quicker: what they saved is said beside what was typed."""
    if case["state"] == "submitted":
        flash("This case has already been submitted, so it was not changed.", "wrong")
        return redirect(form.path)
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
        if case[name] not in (form.stored[name], opened.get(name))
    }
    return forms.again(form.path, form.waiting, other)


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
