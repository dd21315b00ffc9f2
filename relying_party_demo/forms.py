"""What was typed into a form, kept until it is right: across a mistake, so that Back and Reload
repeat nothing, and across a sign-in when the session has ended meanwhile, so that no one types
twice."""

import re
from dataclasses import dataclass, field

from flask import current_app, flash, redirect, request, session
from werkzeug.wrappers import Response

from relying_party_demo import store

FORM = "forms"  # in the cookie: which kept forms are this browser's, by page
WHO = "who"  # and who was signed in here last
WAITS = "waits"  # the pages whose forms wait for their person to sign in again
MOST_FORMS = 6  # the cookie that names them has an end
# in the address of a page that shows what was kept: a form that is opened again is empty
BACK = "kept"
NO_FORMS = ("/contract", "/context", "/messages/read")  # choices, which no one types twice
UNKEPT = ("csrf", "key", "etag", "back", "sure", "called")
NEWS = (
    "You were signed out. Nothing was changed, and what you typed is still here. Check it, "
    "then choose the button again."
)


@dataclass(frozen=True)
class Form:
    """What was typed, and what is wrong with it, by field."""

    typed: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """The status of the page that shows it."""
        return 422 if self.errors else 200


def sent() -> dict[str, str]:
    """The fields of the form that was sent, as far as they are someone's typing."""
    return {name: value.strip() for name, value in request.form.items() if name not in UNKEPT}


def again(path: str, typed: dict[str, str], errors: dict[str, str]) -> Response:
    """Back to the page of the form, which shows what is wrong and everything that was typed."""
    keep(path, typed, errors)
    return redirect(shown_again(path))


def shown_again(path: str) -> str:
    """The address of this page with what was kept for it."""
    plain = without_mark(path)
    return f"{plain}{'&' if '?' in plain else '?'}{BACK}=1"


def without_mark(path: str) -> str:
    """The path without the mark of a form that was answered."""
    return re.sub(rf"[?&]{BACK}=1$", "", path)


def keep(path: str, typed: dict[str, str], errors: dict[str, str]) -> None:
    """Keep what was typed for the page of the form, and what is wrong with it, by field."""
    page = without_mark(path)
    others = {name: one for name, one in session.get(FORM, {}).items() if name != page}
    for name in list(others)[: -MOST_FORMS + 1]:
        store.forget_form(others.pop(name))
    session[FORM] = {**others, page: store.keep_form(session.get(WHO, ""), page, typed, errors)}


def across_sign_in(path: str) -> None:
    """The session has ended: keep what was typed for the same person's return to this page."""
    typed = request.path not in NO_FORMS and any(sent().values())
    if typed and (session.get(WHO) or _from_here()):
        keep(path, sent(), {})
        # said on that page, and on no other
        session[WAITS] = [*session.get(WAITS, []), without_mark(path)][-MOST_FORMS:]
    else:
        flash("You were signed out. Nothing was changed. Try again.", "note")


def _from_here() -> bool:
    """Without a cookie no one knows who it is: then the form counts only when one of our own pages
    has sent it."""
    base = current_app.extensions["portal"].base_url
    return (
        request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
        and request.headers.get("Origin", base) == base
    )


def kept(path: str) -> Form:
    """What waits for this page, for whoever typed it and was sent back; an empty form where nothing
    does."""
    if BACK not in request.args:
        return Form()
    found = store.kept_form(session.get(FORM, {}).get(path, ""), session.get(WHO, ""), path)
    return Form(*found) if found else Form()


def returned(path: str) -> Response | None:
    """Where a form waits on this page since its person was signed out: the page that shows it,
    once, whichever way they come back."""
    page = without_mark(path)
    if page not in session.get(WAITS, []):
        return None
    session[WAITS] = [one for one in session[WAITS] if one != page]
    if store.kept_form(session.get(FORM, {}).get(page, ""), session.get(WHO, ""), page):
        flash(NEWS, "note")
        return None if BACK in request.args else redirect(shown_again(page))
    return None


def forget(path: str) -> None:
    """It was sent and was right."""
    forms = dict(session.get(FORM, {}))
    if found := forms.pop(without_mark(path), None):
        store.forget_form(found)
        session[FORM] = forms
