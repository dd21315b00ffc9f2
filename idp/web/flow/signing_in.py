"""The pages of signing in: login options, choosing an account, address and password."""

from typing import Any

from idp import secret, store
from idp.factors import FieldError
from idp.factors.email_code import masked
from idp.flow.methods import CUSTOMER_OPTIONS, EMPLOYEE
from idp.flow.proofs import too_late, trusted_device_event
from idp.store import accounts, trusted_devices
from idp.visit import Departure, Visit
from idp.visit.recovering import Unfinished
from idp.web import house
from idp.web.flow.stage import Form, Stage, line, no_address, troubles
from idp.web.flow.upstream import depart

TRUSTED_DEVICE = frozenset({"trusted_device"})


def show_options(visit: Visit, form: Form) -> dict[str, Any]:
    """The sign-in options, and whom this browser remembers at which."""
    known = visit.browser.known
    last = trusted_devices.last_option(secret.digest(known)) if known else None
    customers = [option for option in visit.facts.options if option in CUSTOMER_OPTIONS]
    held, only = visit.facts.trusted_devices, house().employees.upstreams.only()
    return {
        "company": only.config.name if only else "",
        "options": visit.facts.options,
        "recommended": last if last in visit.facts.options else (*customers, EMPLOYEE)[0],
        "asked_again": _asked_again(visit),
        "remembered_as": [
            (option, _trusted_as(visit, option)) for option in customers if option in held
        ],
        "employee_remembered_as": _trusted_as(visit, EMPLOYEE) if EMPLOYEE in held else "",
        "client_name": visit.client.name,
        "forgotten": form.get("forgotten") in visit.facts.options,
        "link_left": form.get("link_left") == "yes",
        "remembered": [
            column
            for column in (EMPLOYEE, "customer")
            if (visit.known.remember and (visit.known.remember == EMPLOYEE) is (column == EMPLOYEE))
            or form.get("remember") == "yes"
            or _trusted(visit, column == EMPLOYEE)
        ],
        "remember_offered": TRUSTED_DEVICE in visit.facts.accepted,
        "remember_employees": TRUSTED_DEVICE in visit.facts.accepted
        and visit.brand.remember_employees,
    }


def _trusted_as(visit: Visit, option: str) -> str:
    """The masked address of the person whom this browser is remembered for at this button."""
    person = visit.people.get(visit.facts.trusted_devices[option].account)
    return masked(accounts.on_file(person) or person.contact_email or "") if person else ""


def _asked_again(visit: Visit) -> bool:
    """Whether a client asks for a sign-in in a browser in which someone has signed in before: it
    has more in mind than to let them in."""
    asked = visit.facts.asked
    return visit.browser.known is not None and (
        bool(asked.acr_values) or asked.max_age is not None or "login" in asked.prompt
    )


def _trusted(visit: Visit, employees: bool) -> bool:
    """Whether this browser is remembered for a button of this column."""
    return any((option == EMPLOYEE) is employees for option in visit.facts.trusted_devices)


def choose_option(visit: Visit, form: Form) -> Departure | FieldError | None:
    """Choose an option, or forget a remembered person."""
    if form.get("forget") in visit.facts.options:
        held = [secret.digest(one) for one in visit.browser.trusted_devices]
        trusted_devices.end_option(held, form["forget"], visit.now)
        return None
    option, ticked = (
        form.get("option", ""),
        form.get("remember") == "yes" and TRUSTED_DEVICE in visit.facts.accepted,
    )
    if option != EMPLOYEE:
        return house().choices.choose_option(visit, option, ticked)
    wrong = house().choices.choose_option(
        visit, option, ticked if visit.brand.remember_employees else None
    )
    only = house().employees.upstreams.only()
    if wrong or only is None or trusted_device_event(house().visits.again(visit).facts):
        return wrong
    return depart(visit, only)


def show_account(visit: Visit, form: Form) -> dict[str, Any]:
    """Who is signed in here."""
    account = visit.people.get(visit.session.account_id) if visit.session else None
    assert account is not None  # the stage is due only while a session is there
    return {"account": account, "address": masked(accounts.on_file(account))}


def choose_account(visit: Visit, form: Form) -> FieldError | None:
    """Go on as the person who is signed in, or as another one."""
    return house().choices.choose_account(visit, form.get("choice", ""))


def show_sign_in(visit: Visit, form: Form) -> dict[str, Any]:
    """The fields for address and password."""
    hint, late = visit.request.login_hint, visit.people.get(too_late(visit.facts) or "")
    known = (late and late.sign_in_address) or (hint if "@" in hint else "")
    return {
        "email": form.get("email", known),
        "too_late": late is not None,
        "options": visit.facts.options,
        "asked_again": _asked_again(visit),
        "client_name": visit.client.name,
    }


def sign_in(visit: Visit, form: Form) -> FieldError | None:
    """Try a password, for an account or an unfinished registration alike."""
    email, password = line(form, "email"), form.get("password", "")
    wrong = (no_address(email), "" if password else "password_missing")
    if found := troubles([FieldError(reason) for reason in wrong if reason]):
        return found  # nothing is looked up, and no try is counted
    # both are looked for, for everyone: that takes its time
    account, unfinished = accounts.by_address(email), house().recovering.unfinished(email)
    return (
        try_password(visit, email, account, password, "password_wrong")
        if account
        else try_unfinished(visit, email, unfinished, password)
    )


def try_unfinished(
    visit: Visit, email: str, unfinished: Unfinished | None, password: str
) -> FieldError | None:
    """An address that no one signs in with. Who knows the password of a registration that was not
    finished, or was reset, is told so, and mailed the link; everyone else reads what strangers
    read."""
    begun = house().proofs.begin_password(visit, email, unfinished.account if unfinished else None)
    store.commit()  # the try counts, whatever comes of it
    return (
        begun
        if isinstance(begun, FieldError)
        else house().recovering.finish_unfinished(visit, email, unfinished, begun.try_id, password)
    )


def try_password(
    visit: Visit, name: str, account: accounts.Account | None, password: str, wrong: str
) -> FieldError | None:
    """A try at a password; `wrong` is what to say when it is."""
    tried = house().proofs.begin_password(visit, name, account)
    store.commit()  # the try counts, whatever comes of it
    return (
        tried
        if isinstance(tried, FieldError)
        else house().proofs.finish_password(visit, tried, password, wrong)
    )


STAGES = {
    "options": Stage("flow/options.html", show_options, choose_option),
    "choose-account": Stage("flow/choose_account.html", show_account, choose_account),
    "sign-in": Stage("flow/sign_in.html", show_sign_in, sign_in),
}
