"""The pages of a new account, and of what is asked for by name and answered by mail."""

import re
from typing import Any

from idp import store
from idp.factors import Trouble, phone
from idp.factors.email_code import plausible
from idp.store.organizations import valid_npi
from idp.visit import Visit
from idp.web import house
from idp.web.flow.stage import Form, Stage, elsewhere, line, nothing_to_do, troubles

POSTAL = (
    "AL AK AS AZ AR CA CO CT DE DC FL GA GU HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MP MT NE NV NH NJ NM NY NC ND OH OK OR PA PR RI SC SD TN TX "
    "UT VT VA VI WA WV WI WY"
)
STATES = tuple(POSTAL.split())
USERNAME = re.compile(r"[^\s@]{3,64}")
ZIP = re.compile(r"[0-9]{5}(-?[0-9]{4})?")
PROFILE = ("username", "given_name", "family_name", "address_1", "address_2", "city", "state", "zip_code", "email", "confirm_email", "phone", "fax")


def show_organization(visit: Visit, form: Form) -> dict[str, Any]:
    over = visit.known.code_id is not None and not form  # it was given here, and works no more
    return {"npi": form.get("npi", "")[:20], "code": form.get("code", "")[:100], "over": over}


def organization(visit: Visit, form: Form) -> Trouble | None:
    npi, code = re.sub(r"[\s-]", "", line(form, "npi")), line(form, "code").replace(" ", "")
    found = [Trouble("npi_missing")] if not npi else [] if valid_npi(npi) else [Trouble("npi_malformed")]
    if wrong := troubles([*found, *([] if code else [Trouble("registration_code_missing")])]):
        return wrong
    registering = house().registering
    tried, trouble = registering.begin_code(visit, npi)
    store.commit()  # the try counts, whatever comes of it
    if trouble:
        return trouble
    store.writing()
    return registering.finish_code(visit, tried, npi, code)


def show_profile(visit: Visit, form: Form) -> dict[str, Any]:
    return {"organization": house().registering.organization(visit), "typed": {name: form.get(name, "")[:255] for name in PROFILE}, "states": STATES}


def profile(visit: Visit, form: Form) -> Trouble | None:
    typed = {name: line(form, name) for name in PROFILE}
    if wrong := troubles([Trouble(reason) for reason in _wrong(typed)]):
        return wrong
    numbers = {name: phone.read(typed[name]) or "" for name in ("phone", "fax")}
    address = {name: typed[name] for name in ("address_1", "address_2", "city", "state", "zip_code")}
    return house().registering.register(visit, typed["username"], typed["email"], typed["given_name"], typed["family_name"], **address, **numbers)


def _wrong(typed: dict[str, str]) -> list[str]:
    """Everything that is wrong with a profile, in the order of the form."""
    found = ["username_missing"] if not typed["username"] else [] if USERNAME.fullmatch(typed["username"]) else ["username_malformed"]
    found += [f"{name}_missing" for name in ("given_name", "family_name") if not typed[name]]
    found += ["state_unknown"] if typed["state"] and typed["state"] not in STATES else []
    found += ["zip_malformed"] if typed["zip_code"] and not ZIP.fullmatch(typed["zip_code"]) else []
    found += ["email_missing"] if not typed["email"] else [] if plausible(typed["email"]) else ["email_malformed"]
    if typed["email"] and typed["email"].casefold() != typed["confirm_email"].casefold():
        found += ["confirm_email_differs" if typed["confirm_email"] else "confirm_email_missing"]
    found += ["contact_phone_malformed"] if typed["phone"] and not phone.read(typed["phone"]) else []
    found += ["fax_missing"] if not typed["fax"] else [] if phone.read(typed["fax"]) else ["fax_malformed"]
    return found


def show_mail_sent(visit: Visit, form: Form) -> dict[str, Any]:
    return {"journey": visit.facts.journey, "address": visit.known.mailed_to, "minutes": house().settings.lifetimes.link // 60}


def show_username(visit: Visit, form: Form) -> dict[str, Any]:
    return {"username": form.get("username", "")[:255]}


def reset(visit: Visit, form: Form) -> Trouble | None:
    username = line(form, "username")
    if not username:
        return Trouble("username_missing")
    house().recovering.ask_reset(visit, username)
    return None


def forgot(visit: Visit, form: Form) -> Trouble | None:
    username = line(form, "username")
    if not username:
        return Trouble("username_missing")
    house().recovering.ask_forgotten(visit, username)
    return None


def show_complete(visit: Visit, form: Form) -> dict[str, Any]:
    return {"email": form.get("email", "")[:255]}


def complete(visit: Visit, form: Form) -> Trouble | None:
    email, password = line(form, "email"), form.get("password", "")
    if missing := troubles([Trouble(f"{name}_missing") for name, value in (("email", email), ("password", password)) if not value]):
        return missing
    begun = house().recovering.begin_completion(visit, email)
    store.commit()  # the try counts, whatever comes of it
    if isinstance(begun, Trouble):
        return begun
    house().recovering.finish_completion(visit, begun, password)
    return None


def show_recover(visit: Visit, form: Form) -> dict[str, Any]:
    return {"email": form.get("email", "")[:255]}


def recover(visit: Visit, form: Form) -> Trouble | None:
    """The address, and at once the code to it."""
    email = line(form, "email")
    if not email or not plausible(email):
        return Trouble("email_malformed" if email else "email_missing")
    house().recovering.name_address(visit, email)
    return elsewhere(house().proofs.send_code(house().visits.again(visit), "email_code"))


STAGES = {
    "organization": Stage("flow/organization.html", show_organization, organization),
    "profile": Stage("flow/profile.html", show_profile, profile),
    "mail-sent": Stage("flow/mail_sent.html", show_mail_sent, nothing_to_do),
    "reset": Stage("flow/reset.html", show_username, reset),
    "forgot": Stage("flow/forgot.html", show_username, forgot),
    "complete": Stage("flow/complete.html", show_complete, complete),
    "recover": Stage("flow/recover.html", show_recover, recover),
}
