"""Every page in every brand and state, and every mail, with made-up people: for designers, in
development and the demo only."""

import re
from typing import Any

from babel import Locale
from flask import Blueprint, Response, abort, make_response, request

from idp import clock, texts
from idp.brand import Brand
from idp.delivery import rendering
from idp.factors import FieldError
from idp.web import cookies, house, pages
from idp.web.flow.scopes import scope_in_words
from idp.web.flow.stages import STAGES
from idp.web.flow.words import field_and_text
from idp.web.gallery.letters import CONSENTED, MAILS, OUTSIDE
from idp.web.gallery.states import KINDS_OF_PICTURE, names, states

bp = Blueprint("gallery", __name__)
REFERENCE = "7K3MQ9XA"
SCHEMES = ("light", "dark")
WIDTHS = ("320", "768", "1280")
SCRIPT = re.compile(r"<script[^>]*></script>")
DARK = "(prefers-color-scheme: dark)"
SHEETS = {str(path.relative_to(pages.STATIC)): path for path in pages.STATIC.rglob("*.css")}


@bp.get("/gallery")
def index() -> Response:
    """Thumbnails, which are the pages themselves, by brand, light or dark, width and language."""
    settings, looks = house().settings, _looks()
    brand, scheme, width, language = (
        _one_of(choices, name)
        for choices, name in (
            (tuple(looks), "brand"),
            (SCHEMES, "scheme"),
            (WIDTHS, "width"),
            (texts.LOCALES, "language"),
        )
    )
    kinds = {kind: [name for one, name in names() if one == kind] for kind in KINDS_OF_PICTURE}
    portal = settings.portal_url if settings.mode == "demo" else ""
    chosen: dict[str, Any] = {
        "brand_shown": brand,
        "scheme": scheme,
        "width": width,
        "language_shown": language,
        "query": f"scheme={scheme}&ui_locales={language}",
    }
    offered: dict[str, Any] = {
        "brands": [(one.id, one.name) for one in looks.values()],
        "languages": [(tag, _named(tag)) for tag in texts.LOCALES],
    }
    response = pages.page("gallery.html", **chosen, **offered, kinds=kinds, portal=portal)
    response.headers["Content-Security-Policy"] += "; frame-src 'self'"
    return response


def _looks() -> dict[str, Brand]:
    """The brands of this deployment, its own first."""
    settings = house().settings
    return {
        settings.look.id: settings.look,
        **{name: look for name, look in settings.looks.items() if name != settings.look.id},
    }


def _named(tag: str) -> str:
    return str(Locale.parse(tag, sep="-").get_display_name() or tag)


def _one_of(choices: tuple[str, ...], name: str) -> str:
    wanted = request.args.get(name, "")
    return wanted if wanted in choices else choices[0]


@bp.get("/gallery/style/<scheme>/<path:name>")
def style(scheme: str, name: str) -> Response:
    """A style sheet as it is in light or dark, whatever the browser prefers."""
    look = _looks().get(name.removeprefix("brands/").partition("/")[0])
    sheet = look.file(look.style) if look and name.startswith("brands/") else SHEETS.get(name)
    if scheme not in SCHEMES or sheet is None:
        abort(404)
    css = (
        sheet.read_text("utf-8")
        .replace(DARK, "all" if scheme == "dark" else "not all")
        .replace('url("', 'url("/static/')
    )
    return Response(css, content_type="text/css; charset=utf-8")


@bp.get("/gallery/<brand_id>/<kind>/<name>")
def picture(brand_id: str, kind: str, name: str) -> Response:
    """One page in one state, as a person sees it."""
    looks = _looks()
    if brand_id not in looks or (kind, name) not in set(names()):
        abort(404)
    pages.use_brand(brand_id)
    cookies.bind_to("gallery")
    response = _drawn(looks[brand_id], kind, name)
    scheme, html = request.args.get("scheme"), response.get_data(as_text=True)
    if "still" in request.args:  # a thumbnail, of which there are many: nothing ticks or asks
        html = SCRIPT.sub("", html).replace(" autofocus", "")
    if scheme in SCHEMES:
        html = html.replace('content="light dark"', f'content="{scheme}"')
        html = html.replace(
            'rel="stylesheet" href="/static/', f'rel="stylesheet" href="/gallery/style/{scheme}/'
        ).replace(
            'rel="stylesheet" href="/brands/',
            f'rel="stylesheet" href="/gallery/style/{scheme}/brands/',
        )
    response.set_data(html)
    policy = response.headers["Content-Security-Policy"]
    # the index shows it small
    response.headers["Content-Security-Policy"] = policy.replace(
        "frame-ancestors 'none'", "frame-ancestors 'self'"
    )
    return response


def _drawn(brand: Brand, kind: str, name: str) -> Response:
    if kind == "problems":
        return pages.problem(
            name,
            200,
            reference=REFERENCE,
            start_url="#",
            client="example-app",
            uri="https://elsewhere.example/",
        )
    if kind == "mails":
        return _mail(brand, name)
    if kind == "outside":
        template, shown = OUTSIDE[name]
        return pages.page(
            template,
            **{"action": "#", "client_name": "Example app", "terms": _terms(brand), **shown},
        )
    stage, shown = states()[name]
    said, waits, reason = shown.get("said", ()), shown.get("waits", ()), shown.get("reason", "")
    context = {
        key: value
        for key, value in shown.items()
        if key not in ("said", "waits", "reason", "purpose")
    }
    if stage == "terms":
        context["terms"] = _terms(brand)
    if stage == "consent":
        context["gets"] = [scope_in_words(scope) for scope in CONSENTED]
    errors, told = (
        dict(field_and_text(FieldError(one, 12)) for one in some) for some in (said, waits)
    )
    context["to_company"] = any(one.startswith("employee_") for one in said)
    shared: dict[str, Any] = {
        "action": "#",
        "status_url": "/gallery",
        "reference": REFERENCE,
        "journeys_offered": brand.journeys,
        "purpose": shown.get("purpose", ""),
    }
    shared["purpose"] = shown.get("purpose", "")
    return pages.page(
        STAGES[stage].template, **shared, reason=reason, errors=errors, waits=told, **context
    )


def _terms(brand: Brand) -> Any:
    """Those of the brand; where it has none, another one's."""
    return next(
        terms for one in (brand, *_looks().values()) if (terms := one.terms_at(clock.now()))
    )


def _mail(brand: Brand, name: str) -> Response:
    settings = house().settings
    about = {
        "name": "Alex",
        "username": "amorgan",
        "reference": REFERENCE,
        "at": clock.now(),
        "link": f"{settings.issuer}/link/made-up",
        **MAILS[name],
    }
    response = make_response(
        rendering.render(
            "email", name, about, _one_of(texts.LOCALES, "ui_locales"), brand, settings.issuer
        ).page()
        or ""
    )
    # a mail has inline styles and carries its picture
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
    )
    return response
