"""The two cookies, and the token that ties a form to them.

One cookie binds interactions to a browser, the other carries a session. Cookies ignore ports, so on
loopback their names end in the port; on https they are `__Host-` and Secure.
"""

from urllib.parse import urlsplit

from flask import Response, g, request

from idp import secret
from idp.settings import Settings
from idp.visit import Browser
from idp.web import house

LONGEST = 128  # characters of a cookie value that is looked at


def name(settings: Settings, purpose: str = "") -> str:
    port = urlsplit(settings.issuer).port
    return ("__Host-" if settings.secure else "") + "idp" + (f"_{port}" if port else "") + (f"_{purpose}" if purpose else "")


def browser() -> Browser:
    """Who is at the door. A browser without a cookie gets a fresh secret, to be set by `remember`."""
    if "browser" not in g:
        settings = house().settings
        known = request.cookies.get(name(settings), "")[:LONGEST]
        g.new_browser = not known
        session_secret = request.cookies.get(name(settings, "session"), "")[:LONGEST] or None
        g.browser = Browser(known or secret.token(), session_secret, request.remote_addr, "en")
    found: Browser = g.browser
    return found


def remember(response: Response, session_secret: str | None = None) -> Response:
    """Set what the browser does not have yet."""
    settings, who = house().settings, browser()
    if g.new_browser:
        _set(response, name(settings), who.secret)
    if session_secret:
        _set(response, name(settings, "session"), session_secret)
    return response


def forget_session(response: Response) -> Response:
    settings = house().settings
    response.delete_cookie(name(settings, "session"), secure=settings.secure, httponly=True, samesite="Lax")
    return response


def csrf_token() -> str:
    """What a form of this browser carries: it cannot be made without the cookie, nor by another site."""
    return house().vault.fingerprint("csrf", browser().secret)


def csrf_valid() -> bool:
    return secret.same(request.form.get("csrf", ""), csrf_token())


def _set(response: Response, cookie: str, value: str) -> None:
    response.set_cookie(cookie, value, secure=house().settings.secure, httponly=True, samesite="Lax", path="/")
