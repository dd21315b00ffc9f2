"""The cookies, and the token that ties a form to one of them.

Each interaction is bound to its browser by a cookie of its own, so that two tabs that begin at once
do not disturb each other; another cookie carries the session. Cookies ignore ports: on loopback
their names end in the port; on https they are `__Host-` and Secure.
"""

from urllib.parse import urlsplit

from flask import Response, g, request

from idp import secret
from idp.settings import Settings
from idp.visit import Browser, Visit
from idp.web import house

LONGEST = 128  # characters of a cookie value that is looked at
MOST = 8  # interactions that a browser holds at once; beginning one more gives up the oldest


def name(settings: Settings, purpose: str) -> str:
    port = urlsplit(settings.issuer).port
    return ("__Host-" if settings.secure else "") + "idp" + (f"_{port}" if port else "") + f"_{purpose}"


def browser(interaction_id: str | None = None) -> Browser:
    """Who is at the door: for an interaction, or to begin one, with a fresh secret to be set by `remember`."""
    cookie = request.cookies.get(_interaction(interaction_id), "")[:LONGEST] if interaction_id else secret.token()
    tie(cookie)
    return Browser(cookie, session_secret(), request.remote_addr, "en")


def session_secret() -> str | None:
    return request.cookies.get(name(house().settings, "session"), "")[:LONGEST] or None


def remember(response: Response, visit: Visit) -> Response:
    """Bind a new interaction to this browser."""
    prefix = _interaction("")
    held = [cookie for cookie in request.cookies if cookie.startswith(prefix)]
    for cookie in held[: max(0, len(held) - MOST + 1)]:  # browsers send the oldest first (RFC 6265 5.4)
        _forget(response, cookie)
    _set(response, _interaction(visit.interaction.id), visit.browser.secret)
    return response


def start_session(response: Response, fresh: str | None) -> Response:
    """Give the browser the secret of its session, where it needs a new one."""
    if fresh:
        _set(response, name(house().settings, "session"), fresh)
    return response


def forget_session(response: Response) -> Response:
    if session_secret():
        _forget(response, name(house().settings, "session"))
    return response


def tie(key: str) -> None:
    """From now on this request's forms are tied to this cookie's value."""
    g.form_key = key


def csrf_token() -> str:
    """What a form of this browser carries: it cannot be made without the cookie, nor by another site."""
    return house().vault.fingerprint("csrf", g.form_key)


def csrf_valid() -> bool:
    return bool(g.form_key) and secret.same(request.form.get("csrf", ""), csrf_token())


def _interaction(interaction_id: str) -> str:
    return name(house().settings, f"i_{interaction_id[:12]}")


def _set(response: Response, cookie: str, value: str) -> None:
    response.set_cookie(cookie, value, secure=house().settings.secure, httponly=True, samesite="Lax", path="/")


def _forget(response: Response, cookie: str) -> None:
    response.delete_cookie(cookie, secure=house().settings.secure, httponly=True, samesite="Lax", path="/")
