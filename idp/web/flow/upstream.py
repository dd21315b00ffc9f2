"""The pages of employees: on to the company's own sign-in, and what to do where that did not
work."""

from collections.abc import Mapping
from typing import Any

from idp import store
from idp.factors import FieldError
from idp.factors.upstream import Upstream, UpstreamError
from idp.flow.methods import EMPLOYEE
from idp.visit import Departure, Visit
from idp.web import house
from idp.web.flow.stage import Form, Stage, line

# pages where an employee's address is pointed to the company, and the field it is typed into
POINTING: Mapping[str, str] = {
    **dict.fromkeys(("sign-in", "recover", "complete", "profile", "address"), "email"),
    **dict.fromkeys(("login", "reset", "forgot"), "username"),
}
KINDS: Mapping[str, str] = {  # what a person is told, by why it did not work
    "cancelled": "cancelled",
    "unreachable": "silent",
    "slow": "silent",
    "bad_answer": "silent",
    "busy": "silent",
    "too_old": "again",
    "upstream_error": "unusable",
    "token_refused": "unusable",
    "not_allowed": "unusable",
    "discovery": "unusable",
    "clock": "unusable",
    "bad_signature": "unusable",
    "wrong_issuer": "unusable",
    "wrong_audience": "unusable",
    "wrong_nonce": "unusable",
    "wrong_token": "unusable",
    "mix_up": "unusable",
    "undated": "unusable",
    "no_email": "stranger",
    "unverified_email": "stranger",
    "foreign_domain": "stranger",
    "wrong_tenant": "stranger",
    "other_subject": "mistaken",
    "other_issuer": "mistaken",
    "switched_off": "mistaken",
    "other_person": "mistaken",
    "address_taken": "mistaken",
    "ambiguous": "mistaken",
}


def depart(
    visit: Visit, upstream: Upstream, hint: str = "", other_account: bool = False
) -> Departure | None:
    """Send the person to their company. Where its provider does not answer, the page that is due
    next says so."""
    employees = house().employees
    store.commit()  # what was chosen counts; nothing is held while someone else's server is asked
    try:
        metadata = upstream.look()
    except UpstreamError as error:
        store.writing()
        employees.not_left(visit, upstream, error)
        return None
    store.writing()
    return employees.leave(visit, upstream, metadata, hint, other_account)


def pointed(visit: Visit, stage: str, form: Form) -> Departure | FieldError | None:
    """An employee's address on a customers' page: said so, which tells nothing but whose domain it
    is; and by the button that comes with it on to the company, nothing retyped."""
    field = POINTING.get(stage)
    address = line(form, field) if field else ""
    upstream = house().employees.upstreams.of_address(address)
    if upstream is None:
        return None
    if form.get("action") != "company":
        return FieldError(f"employee_{field}")
    house().choices.choose_option(visit, EMPLOYEE)
    return depart(visit, upstream, address)


def show_upstream(visit: Visit, form: Form) -> dict[str, Any]:
    """The company whose sign-in page comes next, or the field that tells which one."""
    upstream = house().employees.upstream(visit)
    hint = visit.request.login_hint
    known = hint if house().employees.upstreams.of_address(hint) else ""
    return {
        "company": upstream.config.name if upstream else "",
        "email": form.get("email", known)[:255],
    }


def go_on(visit: Visit, form: Form) -> Departure | FieldError | None:
    """Leave for the company's own sign-in."""
    upstream, email = house().employees.upstream(visit), ""
    if upstream is None:
        email = line(form, "email")
        upstream = house().employees.upstreams.of_address(email)
        if upstream is None:
            return FieldError("upstream_unknown" if email else "email_missing")
    if visit.facts.option != EMPLOYEE or visit.facts.journey != "sign-in":
        house().choices.choose_option(visit, EMPLOYEE)
    return depart(visit, upstream, email)


def show_failed(visit: Visit, form: Form) -> dict[str, Any]:
    """Why the company's answer is no sign-in, in words for its people."""
    upstream = house().employees.upstreams.get(visit.facts.upstream)
    return {
        "company": upstream.config.name if upstream else visit.brand.name,
        "kind": KINDS.get(visit.facts.upstream_error or "", "unusable"),
    }


def again(visit: Visit, form: Form) -> Departure | None:
    """Leave for the company once more."""
    upstream = house().employees.upstreams.get(visit.facts.upstream)
    # who is signed in there is not the person to come
    stranger = KINDS.get(visit.facts.upstream_error or "") == "stranger"
    return (
        depart(visit, upstream, other_account=stranger)
        if upstream and form.get("action") == "again"
        else None
    )


STAGES = {
    "upstream": Stage("flow/upstream.html", show_upstream, go_on),
    "upstream-failed": Stage("flow/upstream_failed.html", show_failed, again),
}
