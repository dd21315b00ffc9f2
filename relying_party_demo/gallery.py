"""Every page of the portal in its states, with made-up people: for designers, in the demo only.
Nothing on these pages does anything."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Blueprint, abort, g, render_template, request
from werkzeug.wrappers import Response

from relying_party_demo import casework
from relying_party_demo.desk import BRANDS
from relying_party_demo.gallery_samples import (
    CASE,
    CASES,
    CODES,
    DAISY,
    FORM,
    HOME,
    INVITE,
    MESSAGE,
    MESSAGES,
    OMAR,
    PEOPLE,
    PERSON,
    PLACE,
    PRIYA,
    SETUP,
    TYPED,
)
from relying_party_demo.home import LANGUAGES
from relying_party_demo.setup import MALFORMED

bp = Blueprint("gallery", __name__)
SCHEMES = {"light": "Light", "dark": "Dark"}
SCRIPT = re.compile(r"<script[^>]*></script>")
WIDTHS = {"320": "Phone, 320 px", "768": "Tablet, 768 px", "1280": "Desktop, 1280 px"}
PRIYA |= {
    "sign_in_address": None,
    "state": "invitation expired",
    "last_sign_in_at": None,
    "acts": ["correct_email", "invite", "revoke_invitation"],
}
SETUP |= {"typed": {}, "errors": {}}
PAGES: Mapping[str, tuple[str, dict[str, Any]]] = {
    "home": ("home.html", HOME),
    "home-empty": (
        "home.html",
        {**HOME, "counts": dict.fromkeys(casework.STATES, 0), "cases": [], "more": False, "new": 0},
    ),
    "cases": (
        "cases.html",
        {"cases": CASES, "more": True, "number": 2, "state": "", "states": casework.STATES},
    ),
    "cases-empty": (
        "cases.html",
        {"cases": [], "more": False, "number": 1, "state": "submitted", "states": casework.STATES},
    ),
    "create": ("case.html", {**FORM, "values": dict.fromkeys(casework.FIELDS, "")}),
    "create-wrong": (
        "case.html",
        {
            **FORM,
            "values": {**TYPED, "date_of_birth": "04/09/2161"},
            "errors": {"date_of_birth": casework.BORN},
        },
    ),
    "case": (
        "case.html",
        {
            **FORM,
            "values": TYPED,
            "case": CASE,
            "case_id": 17,
            "history": [{"at": 1795708500.0, "state": "not_submitted", "author": "Daisy Dunn"}],
        },
    ),
    "case-submitted": (
        "case.html",
        {**FORM, "values": TYPED, "case": {**CASE, "state": "submitted"}, "case_id": 17},
    ),
    "consumers": ("consumers.html", {"consumers": [{**CASE, "cases": 2}]}),
    "search": ("search.html", {"wanted": "Ellery", "cases": CASES, "states": casework.STATES}),
    "search-nothing": (
        "search.html",
        {"wanted": "2026-09999", "cases": [], "states": casework.STATES},
    ),
    "groups": ("setup.html", {**SETUP, "tab": "groups"}),
    "end-code": (
        "end_code.html",
        {"code": CODES[0], "called": "Code 1", "organization_id": "lakeside"},
    ),
    "users": ("setup.html", PEOPLE),
    "users-none": (
        "setup.html",
        {**PEOPLE, "search": "zoe", "only": "unregistered", "people": {"items": [], "next": None}},
    ),
    "users-not-mine": ("setup.html", {**SETUP, "tab": "users", "manages": False, "groups": []}),
    "invite": ("invite.html", INVITE),
    "invite-wrong": (
        "invite.html",
        {**INVITE, "errors": {"username": "This username is taken. Choose another one."}},
    ),
    "person": ("person.html", PERSON),
    "person-invited": ("person.html", {**PERSON, "user": PRIYA, "sessions": []}),
    "person-wrong": (
        "person.html",
        {**PERSON, "typed": {"contact_email": "omar@"}, "errors": {"contact_email": MALFORMED}},
    ),
    "reset": ("reset.html", {"user": OMAR}),
    "role": ("role.html", {"user": OMAR, "at": PLACE, "role": "administrator"}),
    "role-remove": ("role.html", {"user": OMAR, "at": PLACE, "role": "none"}),
    "messages": ("messages.html", MESSAGES),
    "messages-late": (
        "messages.html",
        {
            **MESSAGES,
            "rows": [],
            "late": "The newest messages cannot be loaded right now. Try again in a minute.",
        },
    ),
    "message": ("one_message.html", {"row": MESSAGE}),
    "reports": (
        "reports.html",
        {
            "months": [("2026-10", "Oct 2026"), ("2026-11", "Nov 2026")],
            "rows": {"Inpatient": {"2026-10": 3}, "Outpatient": {"2026-11": 5}},
            "totals": [3, 5],
        },
    ),
    "preferences": (
        "preferences.html",
        {"languages": list(LANGUAGES.items()), "kept": {"locale": "", "npi": ""}},
    ),
    "not-found": ("error.html", {"code": 404}),
    "error": ("error.html", {"code": 500}),
    "too-weak": ("too_weak.html", {"held": False, "back": "#"}),
    "signed-out": (
        "message.html",
        {
            "title": "You are signed out",
            "text": "Close the browser on a shared computer.",
            "link": "#",
            "label": "SIGN IN",
        },
    ),
}
SAID: Mapping[str, list[tuple[str, str]]] = {  # what an act says on the page that follows, and how
    "person-reset": [
        (
            "The registration was reset. We emailed a link to "
            "omar.reyes@lakeside.example. It works for 20 minutes.",
            "done",
        )
    ],
    "groups-code": [
        ("This is the registration code. Copy it now: it is shown only once.", "done"),
        ("7K3M-Q9XA-4TWP-HMLV", "code"),
    ],
    "person-refused": [
        ("Someone else changed this in the meantime. Check it, then save again.", "wrong")
    ],
}


def names() -> list[str]:
    """The names of all pages."""
    return [*PAGES, *SAID]


@bp.get("/gallery")
def index() -> str:
    """Thumbnails, which are the pages themselves, by brand, light or dark, and width."""
    chosen = {
        name: _one_of(options, name)
        for name, options in (("brand", BRANDS), ("scheme", SCHEMES), ("width", WIDTHS))
    }
    g.look = chosen["brand"]
    return render_template(
        "gallery.html", names=names(), brands=BRANDS, schemes=SCHEMES, widths=WIDTHS, **chosen
    )


def _one_of(options: Mapping[str, str], name: str) -> str:
    wanted = request.args.get(name, "")
    return wanted if wanted in options else next(iter(options))


@bp.get("/gallery/<name>")
def picture(name: str) -> str:
    """A page as Daisy sees it, whoever is signed in here; its forms do nothing."""
    if name not in names():
        abort(404)
    g.desk, g.look = DAISY, _one_of(BRANDS, "brand")
    # and not what waits for who is signed in here
    said = [(kind, text) for text, kind in SAID.get(name, ())]
    template, context = PAGES[name if name in PAGES else name.partition("-")[0]]
    html = render_template(
        template, **{"key": "", **context, "csrf": "", "get_flashed_messages": lambda **_: said}
    )
    if "still" in request.args:  # a thumbnail, of which there are many
        html = SCRIPT.sub("", html).replace(" autofocus", "")
    scheme = request.args.get("scheme")
    if scheme in SCHEMES:
        html = html.replace('content="light dark"', f'content="{scheme}"').replace(
            'href="/static/portal.css"', f'href="/gallery/style/{scheme}"'
        )
    return html


@bp.get("/gallery/style/<scheme>")
def style(scheme: str) -> Response:
    """The portal's style sheet as it is in light or dark, whatever the browser prefers."""
    if scheme not in SCHEMES:
        abort(404)
    css = (
        (Path(__file__).parent / "static" / "portal.css")
        .read_text("utf-8")
        .replace('url("', 'url("/static/')
    )
    return Response(
        css.replace(
            "(prefers-color-scheme: dark)", "all" if scheme == "dark" else "not all"
        ).replace("color-scheme: light dark", f"color-scheme: {scheme}"),
        content_type="text/css; charset=utf-8",
    )
