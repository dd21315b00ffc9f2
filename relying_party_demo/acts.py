"""Acts of an administrator: asked of the provider's API and, where that wants a stronger sign-in,
kept until the person is back with one."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from flask import flash, redirect, render_template

from relying_party_demo import forms, management, store
from relying_party_demo.management import Answer, StepUp
from relying_party_demo.provider import Answer as Page
from relying_party_demo.provider import begin, current, message


@dataclass(frozen=True)
class Act:
    """One request to the API, and what is said when it is done. `back` is the page from which it
    came, `on` the one that follows; `wanted` are the acr values that it wants, once that is
    known."""

    method: str
    path: str
    done: str
    back: str
    on: str
    body: Mapping[str, Any] | None = None
    key: str = ""
    etag: str = ""
    shows: str = ""  # the field of the answer that is shown once
    wanted: str = ""


PHONE = frozenset({"sms", "tel"})  # amr values of a phone (RFC 8176)
# by what the path is about, and by method: why someone is asked to confirm that it is them
PURPOSES: Mapping[str, Mapping[str, str]] = {
    "resets": {"POST": "reset a registration"},
    "users": {"POST": "invite a person", "PATCH": "correct an email address"},
    "sessions": {"DELETE": "sign a person out"},
    "invitations": {"POST": "send an invitation", "DELETE": "withdraw an invitation"},
    "registration-codes": {
        "POST": "create a registration code",
        "DELETE": "end a registration code",
    },
    "members": {"PUT": "change a role", "DELETE": "remove a person from the organization"},
}


def purpose(act: Act) -> str:
    """What the act is for, as it follows 'to'."""
    for part in reversed(act.path.split("/")):
        if part in PURPOSES:
            return PURPOSES[part].get(act.method, "change an account")
    return "change an account"


def perform(act: Act) -> Page:
    """Do it, or send the person to sign in more strongly first."""
    try:
        return _done(act, management.ask(act.method, act.path, act.body, act.key, act.etag))
    except StepUp as step_up:
        found = current()
        assert found is not None
        kept = store.keep_act(found["subject"], {**asdict(act), "wanted": step_up.acr_values})
        asked = {
            "acr_values": step_up.acr_values,
            "max_age": step_up.max_age,
            "purpose": purpose(act),
        }
        return begin(act.back, kept, login_hint=_address(found["claims"]), **asked)


def go_on(act_id: str, id_claims: Mapping[str, Any]) -> Page:
    """Back from the sign-in: finish what was begun, with the same click. Where the sign-in is still
    too weak, no one is sent again."""
    taken = store.take_act(act_id)
    if taken is None:
        return redirect("/")
    subject, act = taken[0], Act(**taken[1])
    if subject != id_claims["sub"]:
        return message(
            "A different person signed in",
            "You signed in as a different person, so the change that was started was not made.",
            403,
            "/",
            "Home",
        )
    if id_claims.get("acr") not in act.wanted.split():
        return _too_weak(act, held=not PHONE.isdisjoint(id_claims.get("amr", [])))
    try:
        return _done(act, management.ask(act.method, act.path, act.body, act.key, act.etag))
    except StepUp:
        return _too_weak(act)


def given_up(act_id: str) -> Page:
    """The person left the sign-in: nothing is done."""
    taken = store.take_act(act_id)
    flash("Nothing was changed, because you did not confirm that it is you.", "note")
    if taken is None:
        return redirect("/")
    act = Act(**taken[1])
    _keep(act)
    return redirect(forms.shown_again(act.back) if act.body else act.back)


def _done(act: Act, answer: Answer) -> Page:
    if answer.well:
        forms.forget(act.back)
        said = act.done.format(
            **{name: value for name, value in answer.body.items() if isinstance(value, str)}
            if isinstance(answer.body, dict)
            else {}
        )
        flash(said, "done")
        if act.shows:
            flash(answer.body[act.shows], "code")
        return redirect(act.on)
    if not answer.fields:  # nothing at which it could be said
        flash(answer.says, "wrong")
    return forms.again(
        act.back, {name: str(value) for name, value in (act.body or {}).items()}, answer.fields
    )


def _address(claims: str) -> str:
    """Whose proof is asked for: the page of the provider need not ask who they are."""
    return str(json.loads(claims).get("email", ""))


def _keep(act: Act) -> None:
    """What was typed waits on its page."""
    if act.body:
        forms.keep(act.back, {name: str(value) for name, value in act.body.items()}, {})


def _too_weak(act: Act, held: bool = False) -> tuple[str, int]:
    """`held` says that a phone was used, and counts for less because it is new."""
    _keep(act)
    return render_template(
        "too_weak.html", held=held, back=forms.shown_again(act.back) if act.body else act.back
    ), 403
