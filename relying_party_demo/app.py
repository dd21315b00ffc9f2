"""create_portal(settings): the portal as a WSGI application."""

import hashlib
import os
import tomllib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, g, render_template, request
from flask.sessions import SecureCookieSessionInterface
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from relying_party_demo import (
    cases,
    desk,
    gallery,
    home,
    provider,
    reports,
    setup,
    setup_codes,
    setup_new,
    sign_in,
    store,
)
from relying_party_demo.desk import BRANDS
from relying_party_demo.management import SignedOut, Unreachable


@dataclass(frozen=True)
class Settings:
    """What the provider's operator handed over, and where the portal itself lives."""

    issuer: str
    client_id: str
    client_secret: str
    base_url: str  # scheme, host and port of this portal
    cookie_secret: str
    database: str  # path of its SQLite file
    idle: int = 900  # seconds a session lives without activity
    absolute: int = 14400  # seconds a session lives in all
    brand: str = "kepro"  # one of BRANDS
    gallery: bool = False  # every page with made-up people, at /gallery


POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src "
    "'self'; connect-src 'self'; "
    "base-uri 'none'; frame-ancestors {frames}; frame-src {frames}"
)


class Cookies(SecureCookieSessionInterface):
    """Flask's sessions, signed by HMAC-SHA256."""

    digest_method = staticmethod(hashlib.sha256)


def application() -> Flask:
    """The portal of the settings file that PORTAL_SETTINGS names."""
    return create_portal(
        Settings(**tomllib.loads(Path(os.environ["PORTAL_SETTINGS"]).read_text("utf-8-sig")))
    )


def create_portal(settings: Settings) -> Flask:
    """The portal as a WSGI application. Raises ValueError for a brand that it does not have."""
    if settings.brand not in BRANDS:
        raise ValueError(f"there is no brand {settings.brand}; choose from {', '.join(BRANDS)}")
    app = Flask("relying_party_demo")
    port = urlsplit(settings.base_url).port or 443
    app.config.update(
        SECRET_KEY=settings.cookie_secret,
        # cookies ignore ports: the provider on the same host has its own
        SESSION_COOKIE_NAME=f"portal_{port}",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.base_url.startswith("https:"),
        MAX_CONTENT_LENGTH=65536,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.session_interface = Cookies()
    app.extensions["portal"] = settings
    store.prepare(settings.database)
    provider.init(app, settings)

    @app.before_request
    def by_a_person() -> tuple[str, int] | None:
        """Pages here begin sign-ins, count as activity and mark messages as read: what fetches
        ahead, or only asks, gets none, before anything is looked at."""
        ahead = ",".join(
            request.headers.get(name, "")
            for name in ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
        ).lower()
        fetched = any(word in ahead for word in ("prefetch", "prerender", "preview"))
        if request.endpoint != "static" and (fetched or request.method == "HEAD"):
            return "Nothing is shown to what only looks ahead.", 403 if fetched else 405
        return None

    desk.init(app)
    for bp in (
        sign_in.bp,
        home.bp,
        home.inbox,
        home.preferences,
        cases.bp,
        reports.bp,
        setup.bp,
        setup_codes.bp,
        setup_new.bp,
    ):
        app.register_blueprint(bp)
    if settings.gallery:
        app.register_blueprint(gallery.bp)

    @app.after_request
    def harden(response: AnyResponse) -> AnyResponse:
        frames = "'self'" if request.blueprint == "gallery" else "'none'"
        response.headers.setdefault("Content-Security-Policy", POLICY.format(frames=frames))
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    @app.errorhandler(HTTPException)
    def plain_error(error: HTTPException) -> tuple[str, int]:
        code = error.code or 500
        if provider.current():
            with suppress(SignedOut, Unreachable):
                desk.desk()
        if "desk" in g:  # who is signed in stays within the portal
            return render_template("error.html", code=code), code
        return provider.message(
            "Page not found" if code == 404 else "That did not work",
            "Check the address, or go back to the home page.",
            code,
            "/",
            "Home",
        )

    return app
