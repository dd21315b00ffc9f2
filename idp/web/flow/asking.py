"""The pages of a new account, and of what is asked for by name and answered by mail."""

from math import ceil
from typing import Any

from idp import store
from idp.factors import FieldError, phone
from idp.store import accounts
from idp.store.organizations import valid_npi
from idp.typed import LONGEST_NAME, digits, email, fits_username, fold, name
from idp.visit import Visit
from idp.web import house
from idp.web.flow import said
from idp.web.flow.stage import Form, Stage, elsewhere, line, too_long, troubles

POSTAL = (
    "AL AK AS AZ AR CA CO CT DE DC FL GA GU HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO "
    "MP MT NE NV NH NJ NM NY NC ND OH OK OR PA PR RI SC SD TN TX "
    "UT VT VA VI WA WV WI WY"
)
STATES = tuple(POSTAL.split())
PROFILE = (
    "username",
    "given_name",
    "family_name",
    "address_1",
    "address_2",
    "city",
    "state",
    "zip_code",
    "email",
    "confirm_email",
    "phone",
    "fax",
)


def show_organization(visit: Visit, form: Form) -> dict[str, Any]:
    over = visit.known.code_id is not None and not form  # it was given here, and works no more
    return {"npi": form.get("npi", ""), "code": form.get("code", ""), "over": over}


def organization(visit: Visit, form: Form) -> FieldError | None:
    npi, code = digits(line(form, "npi")), line(form, "code")
    found = (
        [FieldError("npi_missing")]
        if not line(form, "npi")
        else []
        if valid_npi(npi)
        else [FieldError("npi_malformed")]
    )
    if wrong := troubles([*found, *([] if code else [FieldError("registration_code_missing")])]):
        return wrong
    registering = house().registering
    tried, trouble = registering.begin_code(visit, npi)
    store.commit()  # the try counts, whatever comes of it
    if trouble:
        return trouble
    store.writing()
    return registering.finish_code(visit, tried, npi, code)


def show_profile(visit: Visit, form: Form) -> dict[str, Any]:
    return {
        "organization": house().registering.organization(visit),
        "typed": {name: form.get(name, "") for name in PROFILE},
        "states": STATES,
    }


def profile(visit: Visit, form: Form) -> FieldError | None:
    typed = {name: line(form, name) for name in PROFILE}
    typed |= {part: name(form.get(part, "")) for part in ("given_name", "family_name")}
    if wrong := troubles([FieldError(reason) for reason in _wrong(typed)]):
        return wrong
    numbers = {part: phone.contact(typed[part]) or "" for part in ("phone", "fax")}
    address = {part: typed[part] for part in ("address_1", "address_2", "city", "state")} | {
        "zip_code": zip_code(typed["zip_code"]) or ""
    }
    return house().registering.register(
        visit,
        typed["username"],
        email(typed["email"]) or "",
        typed["given_name"],
        typed["family_name"],
        **address,
        **numbers,
    )


def _wrong(typed: dict[str, str]) -> list[str]:
    """Everything that is wrong with a profile, in the order of the form."""
    found = (
        ["username_missing"]
        if not typed["username"]
        else []
        if fits_username(typed["username"])
        else ["username_malformed"]
    )
    if not typed["given_name"] and not typed["family_name"]:  # one is enough: not everyone has two
        found += ["given_name_missing", "family_name_missing"]
    found += [
        f"{part}_long" for part in ("given_name", "family_name") if len(typed[part]) > LONGEST_NAME
    ]
    found += [
        f"{part}_long" for part in ("address_1", "address_2", "city") if too_long(typed[part])
    ]
    found += ["state_unknown"] if typed["state"] and typed["state"] not in STATES else []
    found += ["zip_malformed"] if typed["zip_code"] and not zip_code(typed["zip_code"]) else []
    found += (
        ["email_missing"]
        if not typed["email"]
        else []
        if email(typed["email"])
        else ["email_malformed"]
    )
    if typed["email"] and fold(typed["email"]) != fold(typed["confirm_email"]):
        found += ["confirm_email_differs" if typed["confirm_email"] else "confirm_email_missing"]
    found += (
        ["contact_phone_malformed"] if typed["phone"] and not phone.contact(typed["phone"]) else []
    )
    found += (
        ["fax_missing"]
        if not typed["fax"]
        else []
        if phone.contact(typed["fax"])
        else ["fax_malformed"]
    )
    return found


def zip_code(text: str) -> str | None:
    """A ZIP code with or without its last four digits, as it is written; None for what is none."""
    found = digits(text)
    if any(char.isalpha() for char in text) or len(found) not in (5, 9):
        return None
    return found if len(found) == 5 else f"{found[:5]}-{found[5:]}"


def show_mail_sent(visit: Visit, form: Form) -> dict[str, Any]:
    asked = form.get("username", "")
    made = accounts.by_id(visit.known.made_here)
    registered = made is not None and made.sign_in_address is not None
    return {
        "registered": registered,
        "journey": visit.facts.journey,
        "address": visit.known.mailed_to,
        "minutes": house().settings.lifetimes.link // 60,
        "can_send_again": bool(asked) and visit.facts.journey != "complete" and not registered,
        "again_in": _again_in(visit, form),
        "sent_again": form.get("sent_again") == "yes",
    }


def _again_in(visit: Visit, form: Form) -> int:
    """Seconds until the mail may be asked for once more."""
    return max(0, ceil(float(form.get("at") or 0) + house().settings.limits.send_pause - visit.now))


def mail_again(visit: Visit, form: Form) -> FieldError | None:
    """The same mail once more, as who asked for it is known here."""
    asked = said.of(visit, "mail-sent").form
    if form.get("action") == "again" and asked.get("username") and not _again_in(visit, asked):
        house().recovering.mail_again(visit, asked["username"])
        said.carry(visit, "mail-sent", {**asked, "at": str(visit.now), "sent_again": "yes"})
    return None


def show_username(visit: Visit, form: Form) -> dict[str, Any]:
    return {"username": form.get("username", "")[:255]}


def reset(visit: Visit, form: Form) -> FieldError | None:
    username = line(form, "username")
    if not username:
        return FieldError("username_missing")
    house().recovering.ask_reset(visit, username)
    return None


def forgot(visit: Visit, form: Form) -> FieldError | None:
    username = line(form, "username")
    if not username:
        return FieldError("username_missing")
    house().recovering.ask_forgotten(visit, username)
    return None


def show_complete(visit: Visit, form: Form) -> dict[str, Any]:
    return {"email": form.get("email", "")[:255]}


def complete(visit: Visit, form: Form) -> FieldError | None:
    address, password = line(form, "email"), form.get("password", "")
    if missing := troubles(
        [
            FieldError(f"{part}_missing")
            for part, value in (("email", address), ("password", password))
            if not value
        ]
    ):
        return missing
    begun = house().recovering.begin_completion(visit, address)
    store.commit()  # the try counts, whatever comes of it
    if isinstance(begun, FieldError):
        return begun
    house().recovering.finish_completion(visit, begun, password)
    return None


def show_recover(visit: Visit, form: Form) -> dict[str, Any]:
    return {"email": form.get("email", "")[:255]}


def recover(visit: Visit, form: Form) -> FieldError | None:
    """The address, and at once the code to it."""
    address = email(line(form, "email"))
    if address is None:
        return FieldError("email_malformed" if line(form, "email") else "email_missing")
    house().recovering.name_address(visit, address)
    return elsewhere(house().proofs.send_code(house().visits.again(visit), "email_code"))


STAGES = {
    "organization": Stage("flow/organization.html", show_organization, organization),
    "profile": Stage("flow/profile.html", show_profile, profile),
    "mail-sent": Stage("flow/mail_sent.html", show_mail_sent, mail_again),
    "reset": Stage("flow/reset.html", show_username, reset),
    "forgot": Stage("flow/forgot.html", show_username, forgot),
    "complete": Stage("flow/complete.html", show_complete, complete),
    "recover": Stage("flow/recover.html", show_recover, recover),
}
