"""What every page of the portal has: who is here, in which organization, what may be pressed, and
that forms are really from here."""

import json
import re
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, flash, g, redirect, render_template, request, session
from jinja2 import pass_context
from markupsafe import Markup
from werkzeug.wrappers import Response

from relying_party_demo import casework, forms, messages
from relying_party_demo.how import how
from relying_party_demo.management import SignedOut, Unreachable, fresh
from relying_party_demo.moments import iso, spoken, spoken_day, when
from relying_party_demo.provider import begin, current, inside, message, reading

OPEN = {
    "sign_in.login",
    "sign_in.callback",
    "sign_in.signed_out",
    "sign_in.told_of_logout",
    "static",
    "gallery.index",
    "gallery.picture",
    "gallery.style",
}  # for who is not signed in
CONTINUES = "continue with what you typed"  # why someone whose session ended signs in again
# and where they typed nothing, by the end of the address of the form
PRESSED = {
    "/messages/read": "mark your messages as read",
    "/reset": "reset a registration",
    "/sign-out": "sign a person out",
    "/invitation": "send an invitation",
    "/invitation/withdraw": "withdraw an invitation",
    "/end": "end a registration code",
    "/role": "change a role",
}
NEWS_SECONDS = 30.0  # between two looks for news
# lower case within a title
SMALL = frozenset({"a", "and", "as", "at", "but", "by", "for", "in", "of", "on", "or", "the", "to"})
NAVIGATION = (
    ("home.home", "Home"),
    ("cases.listed", "Cases"),
    ("cases.create", "Create case"),
    ("cases.consumers", "Consumers"),
    ("setup.home", "Setup"),
    ("inbox.center", "Message center"),
    ("reports.home", "Reports"),
    ("preferences.home", "Preferences"),
)
# for people who belong to one
OF_ORGANIZATIONS = ("cases.listed", "cases.create", "cases.consumers", "setup.home", "reports.home")


@dataclass(frozen=True)
class Desk:
    """Whoever is signed in. `here` is the organization in which they work now; None for who belongs
    to none."""

    subject: str
    claims: dict[str, Any]
    organizations: list[dict[str, Any]]
    here: dict[str, Any] | None
    contract: str

    @property
    def npi(self) -> str:
        """The NPI of the organization that they work in; empty for none."""
        return str(self.here["npi"]) if self.here else ""

    @property
    def administers(self) -> list[dict[str, Any]]:
        """The organizations whose users they manage."""
        return [one for one in self.organizations if "administrator" in one["roles"]]


def desk() -> Desk:
    """Whoever is signed in, with a token that is fresh. Raises SignedOut."""
    if "desk" not in g:
        try:
            found = fresh()
        except Unreachable:  # what the portal has of its own goes on working for a while
            known = current()
            if known is None:
                raise SignedOut from None
            found = known
        claims = json.loads(found["claims"])
        organizations = claims.get("organizations", [])
        administered = [one for one in organizations if "administrator" in one["roles"]]
        here = next((one for one in organizations if one["npi"] == found["npi"]), None) or next(
            iter(administered + organizations), None
        )
        g.desk = Desk(found["subject"], claims, organizations, here, found["contract"])
    found_desk: Desk = g.desk
    return found_desk


def init(app: Flask) -> None:
    """Put the desk before every request."""
    # else Jinja works it out once, for whichever brand comes first
    app.jinja_env.filters["label"] = pass_context(lambda _, text: label(text))
    app.jinja_env.filters["number"] = casework.number
    app.jinja_env.filters["day"] = casework.shown_day
    app.jinja_env.filters["phone"] = phone
    app.jinja_env.filters["when"] = when
    app.jinja_env.filters["iso"] = iso
    app.jinja_env.filters["breakable"] = breakable
    app.jinja_env.filters["spoken"] = spoken
    app.jinja_env.filters["spoken_day"] = spoken_day
    app.jinja_env.filters["same"] = lambda texts: [(text, text) for text in texts]
    app.jinja_env.filters["pairs"] = lambda rows, value, says: [
        (row[value], row[says]) for row in rows
    ]
    app.context_processor(_shown)
    app.before_request(_door)
    app.register_error_handler(SignedOut, _signed_out)
    app.register_error_handler(Unreachable, _unreachable)


def _signed_out(_: Exception) -> Any:
    if request.method == "POST":
        forms.across_sign_in(_wanted())
        return begin(forms.shown_again(_wanted()), purpose=_purpose())
    return begin(_wanted())


def _purpose() -> str:
    """Why someone signs in again whose session ended before they sent a form."""
    return next((why for end, why in PRESSED.items() if request.path.endswith(end)), CONTINUES)


def _unreachable(_: Exception) -> Any:
    if request.method == "POST":
        forms.keep(_wanted(), forms.sent(), {})
        flash(
            "The sign-in service is not responding. Nothing was changed, and what you "
            "typed is still here. Wait a moment, then try again.",
            "wrong",
        )
        return redirect(forms.shown_again(_wanted()))
    return message(
        "The sign-in service is not responding",
        "Nothing was changed. Wait a moment, then try again.",
        502,
        "/",
        "Home",
    )


def breakable(address: str) -> Markup:
    """HTML in which a long email address breaks after its parts, not within a word."""
    return Markup("<wbr>").join(re.split(r"(?<=[@.])", address))


def phone(number: str | None) -> str:
    """A number as people here write it: +13035550144 is 303-555-0144."""
    found = re.fullmatch(r"\+1(\d{3})(\d{3})(\d{4})(.*)", number or "")
    return f"{found[1]}-{found[2]}-{found[3]}{found[4]}" if found else number or ""


def label(text: str) -> str:
    """Words of navigation, headings and buttons, as the brand writes them."""
    if look() != "acentra":
        return text.upper()
    first, *rest = text.split()
    return " ".join(
        [
            first[:1].upper() + first[1:],
            *(
                word if word in SMALL or word.isupper() else word[:1].upper() + word[1:]
                for word in rest
            ),
        ]
    )


BRANDS = {"kepro": "Kepro", "acentra": "Acentra"}


def look() -> str:
    """The brand that the portal wears; in the gallery the one that was chosen."""
    return str(g.get("look") or current_app.extensions["portal"].brand)


def ends_in() -> int:
    """Seconds until the session of this browser ends when nothing more is done."""
    found, settings = current(), current_app.extensions["portal"]
    return (
        int(min(settings.idle, found["created_at"] + settings.absolute - time.time()))
        if found
        else 0
    )


def wanted_page(default: str) -> str:
    """The page that a form says it came from, if it is one of ours."""
    return inside(request.form.get("back", default), current_app.extensions["portal"].base_url)


def _door() -> Response | tuple[str, int] | None:
    """No one gets in who is not signed in; a form counts only with the token of this browser's own
    pages."""
    if request.endpoint is None or request.endpoint in OPEN:
        return None
    if current() is None:
        if request.method == "POST" and request.endpoint != "sign_in.logout":
            forms.across_sign_in(_wanted())
            return begin(forms.shown_again(_wanted()), purpose=_purpose())
        return begin(_wanted()) if request.endpoint != "sign_in.logout" else redirect("/")
    if request.method == "POST" and not secrets.compare_digest(
        request.form.get("csrf", "").encode(), session.get("csrf", "none").encode()
    ):
        flash(
            "This page was open for too long. Nothing was changed, and what you typed is "
            "still here. Check it, then choose the button again.",
            "note",
        )
        return forms.again(_wanted(), forms.sent(), {})
    return forms.returned(_wanted()) if request.method == "GET" else None


def _wanted() -> str:
    """Where a person goes after signing in: the page they asked for, or the one that their form was
    on."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    return wanted_page("/")


def _shown() -> dict[str, Any]:
    if "csrf" not in session:
        session["csrf"] = secrets.token_urlsafe(16)
    shown: dict[str, Any] = {
        "reading": reading(),
        "csrf": session["csrf"],
        "brand": look(),
        "desk": None,
    }
    if "desk" not in g:
        return shown
    found: Desk = g.desk
    badge = messages.unread(found.subject)
    return {
        **shown,
        "desk": found,
        "navigation": [
            (endpoint, name)
            for endpoint, name in NAVIGATION
            if found.here or endpoint not in OF_ORGANIZATIONS
        ],
        "badge": badge,
        "how": how(found.claims["sign_in"]),
        "ends_in": ends_in(),
        "contracts": casework.CONTRACTS,
        "here_now": request.full_path.rstrip("?"),
    }


def page(template: str, status: int = 200, **context: Any) -> tuple[str, int]:
    """A page of whoever is signed in, with news of the last half minute in its badge."""
    here, now = desk(), time.time()
    if now - session.get("news", 0) > NEWS_SECONDS:
        session["news"] = now
        with suppress(Unreachable):
            messages.read_events(here.subject)
    return render_template(template, **context), status
