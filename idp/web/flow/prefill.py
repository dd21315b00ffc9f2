"""What the page that is due is filled in with, of what was entered on other pages: entered once is
enough, and a mistake is corrected, not typed again."""

from collections.abc import Callable, Mapping

from idp.phone_numbers import apart
from idp.visit import Visit
from idp.web.flow import last_form
from idp.web.flow.asking import PROFILE
from idp.web.flow.stage import Form


def _forgotten(before: Visit, form: Form) -> Mapping[str, str]:
    return {"email": form.get("email") or before.known.named or ""}


def _asked_for(before: Visit, form: Form) -> Mapping[str, str]:
    """By which name a mail was asked for, and when: so that it can be sent again."""
    typed = {name: form.get(name, "").strip() for name in PROFILE}
    return {**typed, "at": str(before.now)}


def _profile(before: Visit, form: Form) -> Mapping[str, str]:
    return last_form.of(before, "mail-sent").form


def _address(before: Visit, form: Form) -> Mapping[str, str]:
    row = before.known.enrolment
    return {"email": (row and row.address) or ""}


def _number(before: Visit, form: Form) -> Mapping[str, str]:
    row = before.known.enrolment
    country, number = apart(row.phone) if row and row.phone else ("", "")
    return {"country": country, "number": number}


def _options(before: Visit, form: Form) -> Mapping[str, str]:
    """What the login options confirm: a person who was forgotten, a link that still works."""
    facts = before.facts
    over = facts.link_over or facts.link_moved or (facts.enrolment and facts.enrolment.kept)
    left = facts.link and not over and form.get("action") == "cancel"
    return {"forgotten": form.get("forget", ""), "link_left": "yes" if left else ""}


def _asked_for_again(before: Visit, form: Form) -> Mapping[str, str]:
    """The name that a mail was asked for by, to be corrected."""
    asked = last_form.of(before, "mail-sent").form
    return {
        "email": form.get("email") or asked.get("email", ""),
        "username": asked.get("username", ""),
    }


BY_PAGE: Mapping[str, Callable[[Visit, Form], Mapping[str, str]]] = {
    "options": _options,
    "recover": _forgotten,
    "complete": _asked_for_again,
    "reset": _asked_for_again,
    "forgot": _asked_for_again,
    "mail-sent": _asked_for,
    "profile": _profile,
    "address": _address,
    "number": _number,
}


def fill_in_next(before: Visit, stage: str, due: str, form: Form) -> None:
    """Keep what the page `due` is filled in with, by what was known `before` the form of `stage`
    was sent; what the form before was answered with is over."""
    if stage == due == "mail-sent":
        return  # it keeps what the mail was asked for by
    typed = BY_PAGE[due](before, form) if due in BY_PAGE else {}
    if any(typed.values()):
        last_form.fill_in(before, due, typed)
    else:
        last_form.forget(before)
