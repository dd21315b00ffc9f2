"""What a stage is: a page that answers a question of a journey."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from idp import typed
from idp.factors import FieldError
from idp.store.accounts import Account
from idp.typed import fold
from idp.visit import Departure, Visit

Form = Mapping[str, str]


@dataclass(frozen=True)
class Stage:
    """`show` gives the template's context; `submit` does what the form asks, or says what the
    trouble is, or where the browser leaves for."""

    template: str
    show: Callable[[Visit, Form], dict[str, Any]]
    submit: Callable[[Visit, Form], Departure | FieldError | None]


def nothing_to_show(visit: Visit, form: Form) -> dict[str, Any]:
    """The context of a page that is the same for everyone."""
    return {}


def nothing_to_do(visit: Visit, form: Form) -> FieldError | None:
    """The deed of a page whose buttons all lead elsewhere."""
    return None


def who(visit: Visit) -> Account:
    """The person whom this page is about; the flow asks for no such page before that is known."""
    account = visit.identified
    assert account is not None
    return account


def line(form: Form, name: str) -> str:
    """What was typed into a field, on one line, without what cannot be seen."""
    return typed.line(form.get(name, ""))


# what any version of this program has kept as an address
ADDRESS = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


def no_address(address: str) -> str:
    """Why this is no email address that anyone could sign in with; empty where it may be one."""
    if not address:
        return "email_missing"
    compared = fold(address)  # as it would be looked up
    if "@" not in compared:
        return "email_is_username"
    return "" if ADDRESS.fullmatch(compared) else "email_malformed"


def troubles(found: list[FieldError]) -> FieldError | None:
    """Everything that is wrong with a form, as one."""
    return FieldError(found[0].reason, found[0].seconds, tuple(found[1:])) if found else None


def elsewhere(error: FieldError | None) -> FieldError | None:
    """The same, said on the page that is due then: what was typed is taken, and what should follow
    at once is not possible."""
    return replace(error, elsewhere=True) if error else None
