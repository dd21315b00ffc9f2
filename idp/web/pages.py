"""Rendering: every page in the deployment's brand, in the reader's language, with the headers a
page keeps."""

import json
import logging
import re
from datetime import date, timedelta
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_timedelta
from flask import Flask, Response, g, make_response, render_template, request
from flask_babel import Babel, get_locale
from jinja2 import StrictUndefined
from markupsafe import Markup, escape

from idp import secret, texts
from idp.web import cookies, house

log = logging.getLogger("idp.web")

STATIC = Path(__file__).parent.parent / "static"
STAR = re.compile(r"\S+ \*$")
COMMAND = re.compile(r"`([^`]+)`")
POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self'; "
    "font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def init(app: Flask) -> None:
    """Give the templates their functions and filters."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(texts.FOLDER)
    Babel(app, locale_selector=_locale)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.install_gettext_callables(_text, _texts, newstyle=True)  # type: ignore[attr-defined]  # by the extension
    app.jinja_env.filters["unbroken"] = texts.unbroken
    app.jinja_env.filters["starred"] = starred
    app.jinja_env.filters["commands"] = commands
    app.jinja_env.globals.update(
        csrf_token=cookies.csrf_token,
        nonce=nonce,
        asset=asset,
        duration=duration,
        day=day,
        language=_language,
    )


def use_brand(brand_id: str | None) -> None:
    """From now on this request's pages are in this brand."""
    g.brand = brand_id


def nonce() -> str:
    """The nonce of this page's scripts (CSP)."""
    if "nonce" not in g:
        g.nonce = secret.token(16)
    return str(g.nonce)


@lru_cache(maxsize=100)
def starred(label: str) -> Markup:
    """HTML in which the star of a required field stays on the line of its last word."""
    return Markup(STAR.sub(r'<span class="unbroken">\g<0></span>', str(escape(label))))  # noqa: S704  # escaped before


def commands(text: str) -> Markup:
    """HTML in which what stands between backticks looks like what is typed."""
    return Markup(COMMAND.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704  # escaped before


def asset(path: str) -> str:
    """The address of a file under static/."""
    return f"/static/{path}"


def duration(seconds: int) -> str:
    """A time span in the reader's words: '25 seconds', '9 minutes'."""
    return format_timedelta(timedelta(seconds=max(1, seconds)), threshold=2, locale=_language())


def day(day: date) -> str:
    """A day as the reader writes it: 'Mar 1, 2026'."""
    return format_date(day, locale=_language())


def page(template: str, status: int = 200, **context: Any) -> Response:
    """A page of ours. Nothing on it may be kept by a cache."""
    settings = house().settings
    shown = {
        "errors": {},
        "waits": {},
        "action": "",
        "reference": None,
        "brand": settings.brand_of(g.get("brand")),
        "settings": settings,
        **context,
    }
    response = make_response(render_template(template, **shown), status)
    headers = response.headers
    headers["Content-Security-Policy"] = POLICY.format(nonce=nonce())
    headers["Cache-Control"] = "no-store"
    # no-referrer would make Chromium send `Origin: null` with our own forms
    headers["Referrer-Policy"] = "same-origin"
    return response


def json_response(body: Any, status: int = 200) -> Response:
    """JSON that no one may keep."""
    return Response(
        json.dumps(body), status, mimetype="application/json", headers={"Cache-Control": "no-store"}
    )


def redirect(location: str) -> Response:
    """303 See Other: what follows is a GET, whatever came before; no page, nothing cached."""
    headers = {"Location": location, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return Response(status=303, headers=headers)


def problem(
    kind: str, status: int, reference: str | None = None, start_url: str | None = None, **about: Any
) -> Response:
    """An error page: what happened, whether to try again, the reference, whom to ask. Without an
    interaction the reference is one of the log, where the operator finds what was sent."""
    if status >= HTTPStatus.BAD_REQUEST and reference is None:
        reference = secret.reference()
        log.info("page %s, reference %s: %s", kind, reference, about)
    portal = house().settings.portal_url
    # then loading it again would send the form again
    about.setdefault("sent", request.method == "POST")
    client = (
        house().registry.get(about["client"])
        if about.get("client") and start_url and not (portal and start_url.startswith(portal))
        else None
    )
    return page(
        "problem.html",
        status,
        kind=kind,
        reference=reference,
        start_url=start_url or portal,
        start_name=client.name if client else "",
        about=about,
    )


def text(message: str, **values: object) -> str:
    """A text in the reader's language."""
    found = _text(message)
    return found % values if values else found


def _text(message: str) -> str:
    return texts.catalogue(_language()).ugettext(message)


def _texts(one: str, many: str, number: int) -> str:
    return texts.catalogue(_language()).ungettext(one, many, number)


def _language() -> str:
    """The locale that Flask-Babel chose, once a request."""
    if "language" not in g:
        g.language = str(get_locale() or "en")
    return str(g.language)


def _locale() -> str:
    wanted = request.args.get("ui_locales", "").split()
    return (
        next((tag for tag in wanted if tag in texts.LOCALES), None)
        or request.accept_languages.best_match(texts.LOCALES)
        or "en"
    )
