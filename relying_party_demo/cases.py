"""CASES, CREATE CASE, CONSUMERS and the search."""

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
    here = desk()
    return page("consumers.html", consumers=casework.consumers(here.npi, here.contract))


@bp.get("/cases/new")
def create() -> tuple[str, int]:
    blank = dict.fromkeys(casework.FIELDS, "") | {"contract": desk().contract}
    return _form(None, blank)


@bp.get("/cases/<int:case_id>")
def read(case_id: int) -> tuple[str, int]:
    case = casework.find(desk().npi, case_id) if case_id < 2**62 else None
    if case is None:
        abort(404)
    kept = {name: case[name] for name in casework.FIELDS}
    return _form(
        case_id, {**kept, "date_of_birth": casework.shown_day(kept["date_of_birth"])}, case=case
    )


@bp.post("/cases/new", endpoint="created")
@bp.post("/cases/<int:case_id>", endpoint="changed")
def keep(case_id: int | None = None) -> Response:
    """Keep a case: as a draft, saved, or submitted. A mistake shows the form again, with everything
    that was typed."""
    here = desk()
    typed = {name: request.form.get(name, "").strip() for name in casework.FIELDS}
    pressed = request.form.get("press", "save")
    state = BUTTONS.get(pressed, "not_submitted")
    path = f"/cases/{case_id}" if case_id is not None else "/cases/new"
    before = casework.find(here.npi, case_id) if case_id is not None and case_id < 2**62 else None
    if case_id is not None and before is None:
        abort(404)
    if here.here is None:
        return forms.again(
            path,
            typed,
            {"contract": "You do not belong to an organization, so you cannot file a case."},
        )
    errors = casework.faults(typed, complete=state != "work_in_progress")
    if errors:
        return forms.again(path, typed, errors)
    if pressed not in BUTTONS:  # Enter in a field: nothing is sent half done
        flash("Nothing is saved yet. Choose a button below the form.", "note")
        return forms.again(path, typed, {})
    forms.forget(path)
    typed["date_of_birth"] = casework.read_day(typed["date_of_birth"]) or ""
    if case_id is None:
        case_id = casework.add(here.npi, here.claims.get("name", ""), state, typed)
    elif not casework.change(here.npi, case_id, here.claims.get("name", ""), state, typed):
        flash("This case has already been submitted, so it was not changed.", "wrong")
        return redirect(f"/cases/{case_id}")
    case = casework.find(here.npi, case_id)
    assert case is not None
    said = f"Case {casework.number(case)} for {case['consumer_name']} was {SAID[state]}."
    messages.add(here.subject, said, f"/cases/{case_id}")
    if here.contract and case["contract"] != here.contract:
        said += (
            f" The list below shows only {here.contract}. To see the case, choose All contracts."
        )
    flash(said, "done")
    return redirect(f"/cases?state={state}")


def _form(case_id: int | None, values: dict[str, str], case: object = None) -> tuple[str, int]:
    waiting = forms.kept(request.path)
    typed = {name: value for name, value in waiting.typed.items() if name in casework.FIELDS}
    chosen = {"contracts": casework.CONTRACTS, "types": casework.TYPES, "states": casework.STATES}
    history = casework.history(case_id) if case_id is not None else []
    return page(
        "case.html",
        waiting.status,
        case_id=case_id,
        case=case,
        values={**values, **typed},
        errors=waiting.errors,
        history=history,
        **chosen,
    )
