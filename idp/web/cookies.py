"""The cookies, and the token that ties a form to one of them.

Each interaction is bound to its browser by a cookie of its own, so that two tabs that begin at once
do not disturb each other; another cookie carries the session. Cookies ignore ports: on loopback
their names end in the port; on https they are `__Host-` and Secure.
"""

from urllib.parse import urlsplit

from flask import Response, g, request

from idp import secret
from idp.flow.methods import SIGN_IN_OPTIONS
from idp.settings import Settings
from idp.visit import Browser, Outcome, Visit
from idp.web import house

LONGEST = 128  # characters of a cookie value that is looked at
# seconds from an emailed link, or a page outside of any sign-in, to the sign-in that it leads to
NEXT_LIFE = 600
LONGEST_SIGNED = 400  # characters of one that we have signed
MOST_LINKS = 4  # emailed links that a browser holds at once; opening one more gives up the oldest
KNOWN_DAYS = 400  # the longest that browsers keep a cookie
# that a browser holds at once; beginning one more gives up the oldest
MAX_INTERACTIONS = 8


def name(settings: Settings, purpose: str) -> str:
    """The name of the cookie for this purpose in this deployment."""
    port = urlsplit(settings.issuer).port
    return (
        ("__Host-" if settings.secure else "")
        + "idp"
        + (f"_{port}" if port else "")
        + f"_{purpose}"
    )


def browser(interaction_id: str | None = None) -> Browser:
    """Whose browser it is: for an interaction, or to begin one, with a fresh secret to be set by
    `remember`."""
    cookie = (
        request.cookies.get(_interaction(interaction_id), "")[:LONGEST]
        if interaction_id
        else secret.token()
    )
    bind_to(cookie)
    return Browser(
        cookie,
        session_secret(),
        request.remote_addr,
        "en",
        trusted_devices(),
        _read("known") or None,
        request.headers.get("User-Agent", "")[:300],
    )


def trusted_devices() -> tuple[str, ...]:
    """By what this browser is remembered, one secret an option."""
    return tuple(held for option in SIGN_IN_OPTIONS if (held := _read(f"remembered_{option}")))


def holds(interaction_id: str) -> str:
    """What this browser holds of an interaction; empty where it is another's."""
    return request.cookies.get(_interaction(interaction_id), "")[:LONGEST]


def session_secret() -> str | None:
    """The secret of this browser's session; None where it has none."""
    return request.cookies.get(name(house().settings, "session"), "")[:LONGEST] or None


def remember(response: Response, visit: Visit) -> Response:
    """Bind a new interaction to this browser."""
    prefix = _interaction("")
    held = [cookie for cookie in request.cookies if cookie.startswith(prefix)]
    # browsers send the oldest first (RFC 6265 5.4)
    for cookie in held[: max(0, len(held) - MAX_INTERACTIONS + 1)]:
        _forget(response, cookie)
    _set(response, _interaction(visit.interaction.id), visit.browser.secret)
    return response


def start_session(response: Response, fresh: str | None) -> Response:
    """Give the browser the secret of its session, where it needs a new one."""
    if fresh:
        _set(response, name(house().settings, "session"), fresh)
    return response


def keep(response: Response, outcome: Outcome) -> Response:
    """Give the browser what a sign-in left it with: its session, and by what it is remembered and
    known."""
    start_session(response, outcome.session_secret)
    if outcome.trusted_device:
        option, fresh = outcome.trusted_device
        _set(response, name(house().settings, f"remembered_{option}"), fresh)
    if outcome.known:
        _set(response, name(house().settings, "known"), outcome.known, 86400 * KNOWN_DAYS)
    return response


def forget_remembered(response: Response) -> Response:
    """Forget here for which options this browser is trusted."""
    for option in SIGN_IN_OPTIONS:
        if _read(f"remembered_{option}"):
            _forget(response, name(house().settings, f"remembered_{option}"))
    return response


def link(link_id: str) -> tuple[str, str]:
    """The signed address of an emailed link that this browser has opened, and what tells it from
    other browsers."""
    signed, _, browser = _read(f"l_{link_id[:12]}", LONGEST_SIGNED).rpartition("~")
    return signed, browser


def remember_link(response: Response, link_id: str, signed: str) -> Response:
    """Keep the link's secret here, so that it leaves the address bar; a browser that opens it again
    stays the same one."""
    before, browser = link(link_id)
    prefix, this = name(house().settings, "l_"), name(house().settings, f"l_{link_id[:12]}")
    for cookie in [one for one in request.cookies if one.startswith(prefix) and one != this][
        : -MOST_LINKS + 1
    ]:
        _forget(response, cookie)
    _set(response, this, f"{signed}~{browser if before == signed else secret.token(16)}")
    return response


def begins() -> list[str] | None:
    """What the next sign-in of this browser begins with: `link`, its id and its browser, or
    `journey`, its name and nothing; and the client at which, empty for any."""
    value = _read("next", LONGEST_SIGNED)
    found = house().vault.read("next", value, NEXT_LIFE) if value else None
    return (
        found
        if isinstance(found, list)
        and len(found) == 4
        and all(isinstance(part, str) for part in found)
        else None
    )


def send_on(response: Response, *what: str) -> Response:
    """Let the next sign-in of this browser begin with this, if it begins soon."""
    _set(
        response, name(house().settings, "next"), house().vault.sign("next", list(what)), NEXT_LIFE
    )
    return response


def forget_next(response: Response) -> Response:
    """What the browser was to do next is done."""
    if _read("next"):
        _forget(response, name(house().settings, "next"))
    return response


def forget_session(response: Response) -> Response:
    """The browser holds no session any more."""
    if session_secret():
        _forget(response, name(house().settings, "session"))
    return response


def bind_to(key: str) -> None:
    """From now on this request's forms are tied to this cookie's value."""
    g.form_key = key


def csrf_token() -> str:
    """What a form of this browser carries: it cannot be made without the cookie, nor by another
    site."""
    return house().vault.fingerprint("csrf", g.form_key)


def csrf_valid() -> bool:
    """Whether the form came from a page that this browser was given."""
    return bool(g.form_key) and secret.same(request.form.get("csrf", ""), csrf_token())


def _interaction(interaction_id: str) -> str:
    return name(house().settings, f"i_{interaction_id[:12]}")


def _read(purpose: str, longest: int = LONGEST) -> str:
    return request.cookies.get(name(house().settings, purpose), "")[:longest]


def _set(response: Response, cookie: str, value: str, seconds: int | None = None) -> None:
    """Until the browser is closed, or for so many seconds."""
    response.set_cookie(
        cookie,
        value,
        seconds,
        secure=house().settings.secure,
        httponly=True,
        samesite="Lax",
        path="/",
    )


def _forget(response: Response, cookie: str) -> None:
    response.delete_cookie(
        cookie, secure=house().settings.secure, httponly=True, samesite="Lax", path="/"
    )
