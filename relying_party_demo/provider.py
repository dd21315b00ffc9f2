"""The identity provider, as a relying party sees it: who is signed in here, and sending someone to
sign in."""

import logging
import os
import sqlite3
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Flask, current_app, g, render_template, request, session
from requests.exceptions import RequestException
from werkzeug.wrappers import Response

from relying_party_demo import store

log = logging.getLogger("portal")
STATE = "_state_provider_"  # what Authlib's names of begun sign-ins start with
ACT = "act_of_"  # and ours, of the acts that wait for them
TARGET = "to:"  # with the state: the page that this sign-in is for
MOST_BEGUN = 8  # sign-ins that one browser may have begun and not finished
SCOPE = (
    "openid profile email phone organizations roles users:read users:manage "
    "organizations:read organizations:manage audit:read"
)
# The provider is asked past any proxy and password file of the environment; its certificates may be
# a private authority's.
DIRECT = {"trust_env": False, "verify": os.environ.get("REQUESTS_CA_BUNDLE") or True}
Answer = Response | tuple[str, int]


def init(app: Flask, settings: Any) -> None:
    """Register the identity provider, which is known by its discovery document."""
    OAuth(app).register(
        "provider",
        client_id=settings.client_id,
        client_secret=settings.client_secret,
        server_metadata_url=f"{settings.issuer}/.well-known/openid-configuration",
        client_kwargs={"scope": SCOPE, "code_challenge_method": "S256", "timeout": 5, **DIRECT},
    )


def provider() -> Any:
    """Authlib's client of the identity provider."""
    return current_app.extensions["authlib.integrations.flask_client"].provider


def current() -> sqlite3.Row | None:
    """The portal's session of this browser, or None."""
    if "portal_session" not in g:
        settings, secret = current_app.extensions["portal"], session.get("portal")
        g.portal_session = (
            store.find_session(secret, settings.idle, settings.absolute) if secret else None
        )
    found: sqlite3.Row | None = g.portal_session
    return found


def begin(target: str, act_id: str = "", **asked: str) -> Answer:
    """Send the person to sign in, and afterwards to this page of ours; an act may wait for their
    return."""
    settings = current_app.extensions["portal"]
    begun = [key for key in session if key.startswith(STATE)]
    for key in begun[: -MOST_BEGUN + 1]:  # the cookie that holds them has an end
        session.pop(key)
        session.pop(ACT + key.removeprefix(STATE), None)
        session.pop(TARGET + key.removeprefix(STATE), None)
    if locale := session.get("locale"):
        asked.setdefault("ui_locales", locale)
    try:
        answer: Response = provider().authorize_redirect(f"{settings.base_url}/callback", **asked)
    except (RequestException, OAuthError) as error:
        log.error("the provider cannot be reached: %s", error)
        return message(
            "The sign-in service is not responding", "Wait a moment, then try again.", 502
        )
    state = parse_qs(urlsplit(answer.headers["Location"]).query)["state"][0]
    session[TARGET + state] = target
    if act_id:
        session[ACT + state] = act_id
    return answer


def reading() -> dict[str, str]:
    """Where help and terms are read, as the provider's discovery names them; nothing where it has
    not answered."""
    try:
        known = provider().load_server_metadata() if current() else provider().server_metadata
    except (RequestException, OAuthError):
        known = {}
    settings = current_app.extensions["portal"]
    about = {"client_id": settings.client_id}
    # so that BACK leads back to this page; its query stays here, which may name a consumer
    if request.method == "GET" and current():
        about["target_link_uri"] = settings.base_url + request.path
    return {
        name: f"{known[key]}?{urlencode(about)}"
        for name, key in (("Help", "help_uri"), ("Terms of use", "op_tos_uri"))
        if known.get(key)
    }


def inside(uri: str, base_url: str) -> str:
    """The path and query of an address of this portal; the home page for any other."""
    try:
        target, own = urlsplit(uri), urlsplit(base_url)
    except ValueError:
        return "/"
    here = (target.scheme, target.netloc.lower()) in (
        ("", ""),
        (own.scheme, own.netloc),
    ) and target.path.startswith("/")
    query = f"?{target.query}" if target.query else ""
    return "/" + target.path.lstrip("/") + query if here else "/"


def message(
    title: str, text: str, status: int = 200, link: str = "/login", label: str = "Sign in"
) -> tuple[str, int]:
    """A page with a message and one link."""
    return render_template("message.html", title=title, text=text, link=link, label=label), status
