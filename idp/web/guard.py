"""What holds for every request: the right host, small bodies, headers, and errors that tell a
stranger nothing."""

import logging
import re
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

from flask import Flask, Response, abort, current_app, g, request
from sqlalchemy.exc import DataError, InterfaceError, OperationalError, TimeoutError
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from idp import clock, metrics, secret, store
from idp.address import authority
from idp.factors import Busy
from idp.oauth.authorization import PageError
from idp.settings import Settings
from idp.web import pages, running
from idp.web.api import routes as api
from idp.web.door import Door, Turnstile

log = logging.getLogger("idp.web")

# characters: a request of 16 KiB with each byte in three; the nginx of deploy/ lets as much through
LONGEST_QUERY = 52_000
# answered in JSON, errors too
MACHINES = ("/token", "/userinfo", "/revoke", "/introspect", "/jwks", "/.well-known/", "/api/")
LOGGED = ("authorize.authorize", "flow.show", "flow.submit", "logout.sign_out", "logout.confirmed")
# Sec-Fetch-Dest
PARTS_OF_PAGES = (
    "audio",
    "font",
    "image",
    "manifest",
    "script",
    "style",
    "track",
    "video",
    "worker",
    "sharedworker",
    "serviceworker",
)
# headers by which browsers say that they fetch ahead
PURPOSES = ("HTTP_SEC_PURPOSE", "HTTP_PURPOSE", "HTTP_X_PURPOSE", "HTTP_X_MOZ")
NO_PURPOSE = "," * (len(PURPOSES) - 1)
AHEAD = re.compile(r"prefetch|prerender|preview")
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


def init(app: Flask, settings: Settings) -> None:
    """Put the guards before and after every request."""
    app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_FORM_MEMORY_SIZE"] = settings.limits.body
    app.config["MAX_FORM_PARTS"] = settings.limits.form_fields
    app.wsgi_app = Door(Turnstile(app.wsgi_app, settings.server, settings.limits.body))  # type: ignore[method-assign]  # as Flask has it wrapped
    if settings.server.proxy_hops:
        hops = settings.server.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0, x_port=0)  # type: ignore[method-assign]
    written, scheme = urlsplit(settings.issuer).netloc, urlsplit(settings.issuer).scheme
    ours = authority(scheme, written)

    @app.before_request
    def right_host() -> Response | None:
        g.begun = clock.ticks()
        host = request.environ.get("HTTP_HOST", "")
        if (
            host == written
            or authority(scheme, host) == ours
            or request.path.startswith(("/static/", "/brands/"))
            or request.path in running.PATHS
        ):
            return None
        return _json("wrong_host", 400) if _machine() else pages.problem("wrong_host", 400)

    @app.after_request
    def harden(response: Response) -> Response:
        response.headers.update(HEADERS)
        if settings.secure:
            response.headers["Strict-Transport-Security"] = "max-age=63072000"
        _tell(response.status_code)
        return response

    app.register_error_handler(
        PageError, lambda error: pages.problem(error.reason, 400, **error.about)
    )
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Busy, lambda _: _unavailable())
    for lost in (OperationalError, InterfaceError, TimeoutError):
        app.register_error_handler(lost, _database_error)
    app.register_error_handler(DataError, _unfit)
    app.register_error_handler(Exception, _crash)


def _tell(status: int) -> None:
    """Count the request, and log it where a person or a fault is behind it: what clients' machines
    do all day is only counted."""
    endpoint, seconds = request.endpoint or "none", clock.ticks() - g.get("begun", clock.ticks())
    metrics.request(endpoint, status, seconds)
    if status >= HTTPStatus.BAD_REQUEST or endpoint in LOGGED:
        about = {
            "method": request.method,
            "endpoint": endpoint,
            "status": status,
            "ms": round(1000 * seconds, 1),
            "address": request.remote_addr,
        }
        log.info("request", extra={"about": about})


def too_many_fields() -> bool:
    """Whether the form or the query has more fields than we read (security: 100)."""
    most: int = current_app.config["MAX_FORM_PARTS"]
    return sum(1 for _ in request.values.items(multi=True)) > most


def sent_by_get(path: str) -> Response:
    """What another site sent by POST, asked again by GET: its POST carries no Lax cookie, the GET
    after it does."""
    if too_many_fields():
        return pages.problem("too_many_fields", 400)
    query = urlencode(list(request.form.items(multi=True)))
    if len(query) > LONGEST_QUERY:
        return pages.problem("request_too_long", 400)
    return pages.redirect(f"{path}?{query}")


def by_a_person() -> None:
    """Before a page that starts or ends something, also by GET: it is opened by a person who goes
    there. A browser that fetches ahead, a picture or script of another page, and HEAD, which only
    asks, change nothing."""
    sent = request.environ
    ahead = ",".join([sent.get(name, "") for name in PURPOSES]).lower()
    if (ahead != NO_PURPOSE and AHEAD.search(ahead)) or sent.get(
        "HTTP_SEC_FETCH_DEST"
    ) in PARTS_OF_PAGES:
        abort(403)
    if request.method == "HEAD":
        abort(405, response=Response(status=405, headers={"Allow": "GET"}))


def a_form_by_a_person() -> None:
    """Only people's own requests, of a size that a form has."""
    by_a_person()
    if too_many_fields():
        abort(413)


def in_a_window() -> None:
    """Before what ends something by GET: a frame or a script of another page cannot ask for it."""
    if request.headers.get("Sec-Fetch-Dest", "document") != "document":
        abort(403)


def _machine() -> bool:
    return request.path.startswith(MACHINES)


def _json(error: str, status: int) -> Response:
    if api.asked():
        return api.went_wrong(status, "wrong_host" if error == "wrong_host" else "")
    return pages.json_response({"error": error}, status)


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if _machine():
        response = _json(
            "temporarily_unavailable"
            if status == HTTPStatus.TOO_MANY_REQUESTS
            else "invalid_request",
            status,
        )
    else:
        kind = {404: "not_found", 405: "not_found", 413: "too_large", 429: "too_many"}.get(
            status, "bad_request"
        )
        response = pages.problem(kind, status)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        response.headers["Retry-After"] = "60"
    for name, value in error.get_headers():
        if name == "Allow":
            response.headers[name] = value
    return response


def _unavailable() -> Response:
    store.rollback()
    response = _json("temporarily_unavailable", 503) if _machine() else pages.problem("busy", 503)
    response.headers["Retry-After"] = "5"
    return response


def _database_error(error: Exception) -> Response:
    log.error("the database did not answer: %s", type(error).__name__, exc_info=error)
    return _unavailable()


def _unfit(error: Exception) -> Response:
    """What someone sent does not fit into the database: longer than anything that belongs
    there."""
    log.info("a value did not fit: %s", type(error).__name__)
    store.rollback()
    return _json("invalid_request", 400) if _machine() else pages.problem("bad_request", 400)


def _crash(error: Exception) -> Response:
    reference = secret.reference()
    log.error("unexpected error, reference %s", reference, exc_info=error)
    store.rollback()
    return (
        _json("server_error", 500)
        if _machine()
        else pages.problem("crash", 500, reference=reference)
    )
