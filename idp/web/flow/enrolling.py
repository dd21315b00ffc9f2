"""The pages of registering for multi-factor sign-in: who, how, address, password, phone."""

from dataclasses import replace
from typing import Any

from idp import store
from idp.factors import FieldError, phone
from idp.factors.password import LONGEST, SHORTEST
from idp.flow.proofs import satisfied
from idp.flow.steps import may_set_up
from idp.store import accounts
from idp.texts import mark
from idp.typed import email
from idp.visit import Visit
from idp.web import house, pages
from idp.web.flow.codes import asked_by, shown_address
from idp.web.flow.signing_in import try_password
from idp.web.flow.stage import (
    Form,
    Stage,
    elsewhere,
    line,
    no_address,
    nothing_to_show,
    troubles,
    who,
)

COUNTRIES = {
    "US": mark("United States"),
    "CA": mark("Canada"),
    "PR": mark("Puerto Rico"),
    "VI": mark("U.S. Virgin Islands"),
    "GU": mark("Guam"),
    "MX": mark("Mexico"),
}


# what the page may look at while someone types; the server looks at all
CHECKS = {"shortest": SHORTEST, "longest": LONGEST}


def show_login(visit: Visit, form: Form) -> dict[str, Any]:
    """The fields for the portal username and password."""
    return {"username": form.get("username", "")[:255]}


def login(visit: Visit, form: Form) -> FieldError | None:
    """Try the portal password, to register."""
    username, password = line(form, "username"), form.get("password", "")
    if missing := troubles(
        [
            FieldError(f"{name}_missing")
            for name, value in (("username", username), ("password", password))
            if not value
        ]
    ):
        return missing
    if "@" in username:
        return FieldError("login_address")  # nothing is looked up: no username has one
    return try_password(visit, username, accounts.by_username(username), password, "login_wrong")


def show_current_password(visit: Visit, form: Form) -> dict[str, Any]:
    """Whose current password is asked for, to register again."""
    account = who(visit)
    return {
        "username": account.username,
        "registered": account.sign_in_address is not None,
        "never_registered": accounts.never_registered(account),
    }


def current_password(visit: Visit, form: Form) -> FieldError | None:
    """Try the current password."""
    account = who(visit)
    if not form.get("password"):
        return FieldError("password_missing")
    return try_password(visit, account.username, account, form["password"], "current_wrong")


def show_method(visit: Visit, form: Form) -> dict[str, Any]:
    """The sign-in options that can be registered."""
    return {"account": who(visit), "options": visit.facts.options}


def choose_method(visit: Visit, form: Form) -> FieldError | None:
    """Choose phone or email."""
    return house().enrolling.choose_method(visit, who(visit), form.get("method", ""))


def show_address(visit: Visit, form: Form) -> dict[str, Any]:
    """The field for the address to sign in with."""
    return {
        "email": form.get("email", ""),
        "phone_instead": "phone" in visit.facts.options,
        "mail_instead": "email" in visit.facts.options,
        "method": visit.known.enrolment and visit.known.enrolment.method,
    }


def address(visit: Visit, form: Form) -> FieldError | None:
    """Take an address and send a code to it."""
    # the other method, as long as this one is not proven
    if form.get("action") in ("phone", "email"):
        return house().enrolling.choose_method(visit, who(visit), form["action"])
    given = email(line(form, "email"))
    if given is None:
        return FieldError(no_address(line(form, "email")) or "email_malformed")
    house().enrolling.give_address(visit, given)
    return elsewhere(house().proofs.send_code(house().visits.again(visit), "email_code"))


def show_password(visit: Visit, form: Form) -> dict[str, Any]:
    """The fields for a new password, and the rules that can be checked while it is typed."""
    recovering = visit.facts.journey == "recover"
    change = not recovering and not accounts.on_file(who(visit))
    row = visit.known.enrolment
    # they have just shown that it is theirs
    own = (row.address if row else None) or visit.known.named or accounts.on_file(who(visit))
    return {
        "address": shown_address(visit),
        "own_address": own,
        "recovering": recovering,
        "change": change,
        "checks": CHECKS,
    }


def make_password(visit: Visit, form: Form) -> FieldError | None:
    """Create the password; it is hashed while no transaction is open."""
    account, typed, again = (
        who(visit),
        form.get("new_password", ""),
        form.get("confirm_password", ""),
    )
    if form.get("action") == "change" and visit.facts.journey == "enrol":
        house().enrolling.forget_address(visit, account)
        return None
    if form.get("action") != "create":
        return None
    if not typed:
        return FieldError("new_missing")
    if error := house().enrolling.unfit(visit, account, typed):
        return error
    if typed != again:
        return FieldError("confirm_differs" if again else "confirm_missing")
    store.commit()  # nothing waits while it is hashed
    made = house().enrolling.hashed(account, typed)
    store.writing()
    if made is None:
        return FieldError("password_same")
    store.lock(f"account:{account.id}")
    visit = house().visits.again(visit)  # someone may have been quicker in another tab
    if visit.identified is None or visit.identified.id != account.id:
        return None
    if visit.facts.journey == "recover":
        house().recovering.change_password(visit, visit.identified, made)
    else:
        house().enrolling.make_password(visit, made)
    return None


def show_set_up(visit: Visit, form: Form) -> dict[str, Any]:
    """What the person could set up, and whether they may leave it for now."""
    return {
        "asked_by": asked_by(visit),
        "buttons": house().proofs.set_ups(visit),
        "skippable": satisfied(visit.facts),
        # as it will be once setting up has begun
        "signs_in_first": not may_set_up(replace(visit.facts, set_up=True)),
    }


def set_up(visit: Visit, form: Form) -> None:
    """Begin to set it up, or not now."""
    if form.get("set-up"):
        house().setting_up.begin(visit, who(visit), form["set-up"])
    elif form.get("action") == "not-now":
        house().setting_up.refuse(visit, who(visit))


def show_number(visit: Visit, form: Form) -> dict[str, Any]:
    """The fields for country and phone number."""
    offered = [
        code
        for code in (*COUNTRIES, *house().settings.phone.countries)
        if code in house().settings.phone.countries
    ]
    named = [
        (code, pages.text(COUNTRIES[code]) if code in COUNTRIES else code, phone.prefix(code))
        for code in dict.fromkeys(offered)
    ]
    return {
        "number": form.get("number", "")[:60],
        "country": form.get("country", ""),
        "countries": named,
        "email_offered": "email" in visit.facts.options,
        "setting_up": visit.facts.journey == "sign-in",
    }


def number(visit: Visit, form: Form) -> FieldError | None:
    """The number, and at once the code or the call to it."""
    action, account = form.get("action"), who(visit)
    if action == "email" and visit.facts.journey == "enrol":
        return house().enrolling.choose_method(visit, account, "email")
    if action == "not-now" and visit.facts.journey == "sign-in":
        house().setting_up.refuse(visit, who(visit))
    if action not in ("send", "call"):
        return None
    country = form.get("country", "")
    if country not in house().settings.phone.countries:
        return FieldError("country_unknown")
    if error := house().enrolling.give_number(visit, line(form, "number"), country):
        return error
    visit = house().visits.again(visit)
    return elsewhere(
        house().proofs.call_me(visit)
        if action == "call"
        else house().proofs.send_code(visit, "sms_code")
    )


STAGES = {
    "login": Stage("flow/login.html", show_login, login),
    "current-password": Stage(
        "flow/current_password.html", show_current_password, current_password
    ),
    "login-method": Stage("flow/login_method.html", show_method, choose_method),
    "address": Stage("flow/address.html", show_address, address),
    "new-password": Stage("flow/new_password.html", show_password, make_password),
    "set-up": Stage("flow/set_up.html", show_set_up, set_up),
    "number": Stage("flow/number.html", show_number, number),
    "help": Stage("flow/help.html", nothing_to_show, lambda visit, form: None),
}
