"""Signing in at the identity provider and out again: code flow with PKCE, by Authlib's Flask client."""

import logging
import sqlite3
from typing import Any
from urllib.parse import urlencode, urlsplit

from authlib.integrations.base_client.errors import MismatchingStateError, OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Blueprint, Flask, current_app, g, redirect, render_template, request, session
from joserfc.errors import JoseError
from requests.exceptions import RequestException
from werkzeug.wrappers import Response

from relying_party_demo import store

log = logging.getLogger("portal")
bp = Blueprint("sign_in", __name__)
STATE = "_state_provider_"  # what Authlib's names of begun sign-ins start with
MOST_BEGUN = 8  # sign-ins that one browser may have begun and not finished
SCOPE = "openid profile email phone organizations roles"


def init(app: Flask, settings: Any) -> None:
    OAuth(app).register(
        "provider",
        client_id=settings.client_id,
        client_secret=settings.client_secret,
        server_metadata_url=f"{settings.issuer}/.well-known/openid-configuration",
        client_kwargs={"scope": SCOPE, "code_challenge_method": "S256", "timeout": 5},
    )


def provider() -> Any:
    """Authlib's client of the identity provider."""
    return current_app.extensions["authlib.integrations.flask_client"].provider


def current() -> sqlite3.Row | None:
    """The portal's session of this browser, or None."""
    if "portal_session" not in g:
        settings, secret = current_app.extensions["portal"], session.get("portal")
        g.portal_session = store.find_session(secret, settings.idle, settings.absolute) if secret else None
    found: sqlite3.Row | None = g.portal_session
    return found


@bp.get("/login")
def login() -> Response | tuple[str, int]:
    """Begin a sign-in. Also where others send people who are to sign in here (OIDC Core 4: iss, target_link_uri)."""
    settings = current_app.extensions["portal"]
    if request.args.get("iss", settings.issuer) != settings.issuer:
        return _message("Unknown identity provider", "The link that brought you here names a sign-in service that this portal does not use.", 400)
    session["target"] = _inside(request.args.get("target_link_uri", ""), settings.base_url)
    for begun in [key for key in session if key.startswith(STATE)][: -MOST_BEGUN + 1]:
        session.pop(begun)  # the cookie that holds them has an end
    hints = {name: request.args[name] for name in ("login_hint", "prompt") if name in request.args}
    try:
        answer: Response = provider().authorize_redirect(f"{settings.base_url}/callback", **hints)
    except (RequestException, OAuthError) as error:
        log.error("the provider cannot be reached: %s", error)
        return _message("The sign-in service does not answer", "Wait a moment, then try again.", 502)
    return answer


@bp.get("/callback")
def callback() -> Response | tuple[str, int]:
    settings = current_app.extensions["portal"]
    if "error" in request.args:
        if request.args.get("iss") != settings.issuer or session.pop(STATE + request.args.get("state", ""), None) is None:
            return _message("This sign-in is over", "It was completed or begun in another place. Sign in again.", 400)
        if request.args["error"] == "access_denied":
            return _message("You are not signed in", "The sign-in was cancelled. Nothing was changed.")
        return _message("The sign-in did not succeed", f"The sign-in service answered: {request.args['error'][:60]}.", 400)
    try:
        if request.args.get("iss") != settings.issuer:  # RFC 9207: no answer of another provider is taken for ours
            raise MismatchingStateError()
        token = provider().authorize_access_token()
        claims = provider().userinfo(token=token)
        id_claims = token["userinfo"]
        if claims["sub"] != id_claims["sub"]:  # OIDC Core 5.3.2
            raise OAuthError("subject_mismatch")
    except MismatchingStateError:
        return redirect("/") if current() else _message("This sign-in is over", "It was completed or begun in another place. Sign in again.", 400)
    except (OAuthError, RequestException, JoseError, KeyError) as error:
        log.error("sign-in failed: %s", error)
        return _message("The sign-in did not succeed", "Please try once more.", 502)
    sign_in = {name: id_claims.get(name) for name in ("acr", "amr", "auth_time", "txn")}
    target = session.pop("target", "/")
    session["portal"] = store.open_session(claims["sub"], id_claims.get("sid"), {**claims, "sign_in": sign_in}, token["id_token"])
    return redirect(target)


@bp.post("/logout")
def logout() -> Response:
    """End the portal's session, then the provider's; the provider sends the browser back to /signed-out."""
    settings, found = current_app.extensions["portal"], current()
    if found is None or request.form.get("csrf") != session.get("csrf"):
        return redirect("/")
    store.close_session(session["portal"])
    session.clear()
    parameters = {"id_token_hint": found["id_token"], "client_id": settings.client_id, "post_logout_redirect_uri": f"{settings.base_url}/signed-out"}
    endpoint = provider().load_server_metadata()["end_session_endpoint"]
    return redirect(f"{endpoint}?{urlencode(parameters)}")


@bp.get("/signed-out")
def signed_out() -> tuple[str, int]:
    return _message("You are signed out", "On a computer that others use, close the browser too.")


def reading() -> dict[str, str]:
    """Where help and terms are read, as the provider's discovery names them; nothing where it has not answered."""
    try:
        known = provider().load_server_metadata() if current() else provider().server_metadata
    except (RequestException, OAuthError):
        known = {}
    client_id = urlencode({"client_id": current_app.extensions["portal"].client_id})
    return {name: f"{known[key]}?{client_id}" for name, key in (("Help", "help_uri"), ("Terms of use", "op_tos_uri")) if known.get(key)}


def _inside(uri: str, base_url: str) -> str:
    """The path and query of an address of this portal; the home page for any other."""
    try:
        target, own = urlsplit(uri), urlsplit(base_url)
    except ValueError:
        return "/"
    here = (target.scheme, target.netloc) in (("", ""), (own.scheme, own.netloc)) and target.path.startswith("/")
    return "/" + target.path.lstrip("/") + (f"?{target.query}" if target.query else "") if here else "/"


def _message(title: str, text: str, status: int = 200) -> tuple[str, int]:
    return render_template("message.html", title=title, text=text, link="/login", label="SIGN IN"), status
