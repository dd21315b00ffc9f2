"""The pages of a new account, and of what is asked for by name and answered by mail."""

import re
from math import ceil
from typing import Any

from idp import store
from idp.factors import FieldError
from idp.profiles import PROFILES, Field, Profile
from idp.store import accounts
from idp.texts import mark
from idp.typed import LONGEST_NAME, email, fits_username, fold, name
from idp.visit import Visit
from idp.web import house, pages
from idp.web.flow import last_form
from idp.web.flow.stage import Form, Stage, elsewhere, line, no_address, troubles

COMMON = ("username", "given_name", "family_name", "email", "confirm_email")
# every field that some profile's form has
PROFILE = (*COMMON, *(one.name for kind in PROFILES.values() for one in kind.fields))


def show_organization(visit: Visit, form: Form) -> dict[str, Any]:
    """The fields for the organization and its registration code."""
    over = visit.known.code_id is not None and not form  # it was given here, and works no more
    kind = house().settings.registration.identifier
    return {
        "identifier": kind.field if kind else None,
        "known_by": form.get(kind.name, "") if kind else "",
        "code": form.get("code", ""),
        "over": over,
    }


def organization(visit: Visit, form: Form) -> FieldError | None:
    """Try a registration code, which counts before it is compared."""
    kind, code = house().settings.registration.identifier, line(form, "code")
    typed = line(form, kind.name) if kind else ""
    found = [why] if kind and (why := _refused(kind.field, typed)) else []
    if wrong := troubles([*found, *([] if code else [FieldError("registration_code_missing")])]):
        return wrong
    known_by = (kind.field.read(typed) or "") if kind else ""
    registering = house().registering
    tried, error = registering.begin_code(visit, known_by)
    store.commit()  # the try counts, whatever comes of it
    if error:
        return error
    store.writing()
    return registering.finish_code(visit, tried, known_by, code)


def _refused(field: Field, typed: str) -> FieldError | None:
    """Why what was typed into a field of the profile cannot be taken."""
    reason = field.reason(typed)
    return FieldError(reason) if reason else None


def show_profile(visit: Visit, form: Form) -> dict[str, Any]:
    """The form of the deployment's registration profile, with what was typed."""
    own = house().settings.registration
    return {
        "organization": house().registering.organization(visit),
        "typed": {name: form.get(name, "") for name in PROFILE},
        "profile": own,
        "labels": {name: pages.text(label) for name, label in labels(own).items()},
    }


def labels(own: Profile) -> dict[str, str]:
    """By field, in the order of the form, what stands above it, to be translated."""
    return {
        "username": mark("USERNAME *"),
        "given_name": mark("FIRST NAME *"),
        "family_name": mark("LAST NAME *"),
        **{one.name: one.label for one in own.before},
        "email": mark("EMAIL *"),
        "confirm_email": mark("CONFIRM EMAIL *"),
        **{one.name: one.label for one in own.after},
    }


def profile(visit: Visit, form: Form) -> FieldError | None:
    """Make the account and mail its link; FieldError with every field that is wrong."""
    fields = house().settings.registration.fields
    typed = {one: line(form, one) for one in (*COMMON, *(field.name for field in fields))}
    typed |= {part: name(form.get(part, "")) for part in ("given_name", "family_name")}
    if wrong := troubles([FieldError(reason) for reason in _wrong(typed)]):
        return wrong
    return house().registering.register(
        visit,
        typed["username"],
        email(typed["email"]) or "",
        typed["given_name"],
        typed["family_name"],
        **{field.name: field.read(typed[field.name]) or "" for field in fields},
    )


def _wrong(typed: dict[str, str]) -> list[str]:
    """Everything that is wrong with a profile, in the order of the form."""
    profile = house().settings.registration
    found = [] if fits_username(typed["username"]) else ["username_malformed"]
    found = found if typed["username"] else ["username_missing"]
    if not typed["given_name"] and not typed["family_name"]:  # one is enough: not everyone has two
        found += ["given_name_missing", "family_name_missing"]
    found += [
        f"{part}_long" for part in ("given_name", "family_name") if len(typed[part]) > LONGEST_NAME
    ]
    found += _reasons(profile.before, typed)
    if not email(typed["email"]):
        found.append("email_malformed" if typed["email"] else "email_missing")
    if typed["email"] and fold(typed["email"]) != fold(typed["confirm_email"]):
        found += ["confirm_email_differs" if typed["confirm_email"] else "confirm_email_missing"]
    return found + _reasons(profile.after, typed)


def _reasons(fields: tuple[Field, ...], typed: dict[str, str]) -> list[str]:
    """What is wrong with these fields of the profile."""
    return [reason for one in fields if (reason := one.reason(typed[one.name]))]


def show_mail_sent(visit: Visit, form: Form) -> dict[str, Any]:
    """To which address a mail went, and when another one may be sent."""
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
    return max(
        0, ceil(_number(form.get("at", "")) + house().settings.limits.send_pause - visit.now)
    )


def _number(text: str) -> float:
    """What was carried along as a number; 0 for what is none."""
    return float(text) if re.fullmatch(r"[0-9]{1,12}(\.[0-9]+)?", text) else 0.0


def mail_again(visit: Visit, form: Form) -> FieldError | None:
    """The same mail once more, as who asked for it is known here."""
    asked = last_form.of(visit, "mail-sent").form
    if form.get("action") == "again" and asked.get("username") and not _again_in(visit, asked):
        house().recovering.mail_again(visit, asked["username"])
        last_form.fill_in(visit, "mail-sent", {**asked, "at": str(visit.now), "sent_again": "yes"})
    return None


def show_username(visit: Visit, form: Form) -> dict[str, Any]:
    """The field for the username."""
    return {"username": form.get("username", "")[:255]}


def reset(visit: Visit, form: Form) -> FieldError | None:
    """Ask to register again, by username; the answer is by mail."""
    username = line(form, "username")
    if not username:
        return FieldError("username_missing")
    house().recovering.ask_reset(visit, username)
    return None


def forgot(visit: Visit, form: Form) -> FieldError | None:
    """Ask for a link instead of the portal password, by username; the answer is by mail."""
    username = line(form, "username")
    if not username:
        return FieldError("username_missing")
    house().recovering.ask_forgotten(visit, username)
    return None


def show_complete(visit: Visit, form: Form) -> dict[str, Any]:
    """The fields for the address and password of an unfinished registration."""
    return {"email": form.get("email", "")[:255]}


def complete(visit: Visit, form: Form) -> FieldError | None:
    """Ask to finish a registration; the answer is by mail."""
    address, password = line(form, "email"), form.get("password", "")
    wrong = (no_address(address), "" if password else "password_missing")
    if found := troubles([FieldError(reason) for reason in wrong if reason]):
        return found
    begun = house().recovering.begin_completion(visit, address)
    store.commit()  # the try counts, whatever comes of it
    if isinstance(begun, FieldError):
        return begun
    house().recovering.finish_completion(visit, begun, password)
    return None


def show_recover(visit: Visit, form: Form) -> dict[str, Any]:
    """The field for the address whose password is forgotten."""
    return {"email": form.get("email", "")[:255]}


def recover(visit: Visit, form: Form) -> FieldError | None:
    """The address, and at once the code to it."""
    address = email(line(form, "email"))
    if address is None:
        return FieldError(no_address(line(form, "email")) or "email_malformed")
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
