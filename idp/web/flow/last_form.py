"""What a form was answered with, kept with the interaction: the browser is sent back to the page
(303), which shows it as often as it is opened. So Back and Reload repeat nothing, and nothing that
was typed is lost but what is secret."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from idp.factors import FieldError
from idp.store import interactions
from idp.visit import Visit
from idp.web import house

PURPOSE = "form"
# fields that are never kept
SECRET = ("csrf", "action", "password", "new_password", "confirm_password")
CODES = ("organization",)  # pages whose field `code` is no one-time code, and long
LONGEST, MAX_FIELDS = 300, 30  # characters of a value that is kept, and fields


@dataclass(frozen=True)
class LastForm:
    """The trouble with the form that was sent last, and what was typed into it."""

    error: FieldError | None = None
    form: Mapping[str, str] = field(default_factory=dict)


NOTHING = LastForm()


def keep_error(visit: Visit, stage: str, error: FieldError, form: Mapping[str, str]) -> None:
    """Keep it for the page `stage`, sealed: it is personal."""
    secret = SECRET if stage in CODES else (*SECRET, "code")
    typed = {
        name: value[:LONGEST]
        for name, value in list(form.items())[:MAX_FIELDS]
        if name not in secret
    }
    all_of_it = [[one.reason, one.seconds] for one in (error, *error.also)]
    about = {"stage": stage, "at": visit.now, "troubles": all_of_it, "form": typed}
    interactions.keep_form(visit.interaction.id, house().vault.seal(PURPOSE, json.dumps(about)))


def fill_in(visit: Visit, stage: str, form: Mapping[str, str]) -> None:
    """Take along to another page what was typed on this one."""
    about = {
        "stage": stage,
        "at": visit.now,
        "troubles": [],
        "form": {name: value[:LONGEST] for name, value in form.items()},
    }
    interactions.keep_form(visit.interaction.id, house().vault.seal(PURPOSE, json.dumps(about)))


def forget(visit: Visit) -> None:
    """Another form was sent and was right: what it was answered with is over."""
    if visit.interaction.last_form is not None:
        interactions.keep_form(visit.interaction.id, None)


def of(visit: Visit, stage: str) -> LastForm:
    """What this page shows of it. A wait gets shorter, and is over when its time has come."""
    if visit.interaction.last_form is None:
        return NOTHING
    about: dict[str, Any] = json.loads(house().vault.unseal(PURPOSE, visit.interaction.last_form))
    if about["stage"] != stage:
        return NOTHING
    passed = visit.now - about["at"]
    found = [
        FieldError(reason, math.ceil(seconds - passed) if seconds else 0)
        for reason, seconds in about["troubles"]
        if not seconds or seconds > passed
    ]
    return LastForm(
        FieldError(found[0].reason, found[0].seconds, tuple(found[1:])) if found else None,
        about["form"],
    )
