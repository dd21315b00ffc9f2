"""Signing in at the identity provider and out again: code flow with PKCE, by Authlib's Flask
client; and hearing of sign-outs elsewhere."""

import logging
import secrets
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from authlib.integrations.base_client.errors import MismatchingStateError, OAuthError
from flask import Blueprint, current_app, g, redirect, request, session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import extract_compact
from requests.exceptions import RequestException
from werkzeug.wrappers import Response

from relying_party_demo import acts, forms, store
from relying_party_demo.provider import (
    ACT,
    STATE,
    TARGET,
    Answer,
    begin,
    current,
    inside,
    message,
    provider,
)

log = logging.getLogger("portal")
bp = Blueprint("sign_in", __name__)
ENDED = (
    "This sign-in has ended",
    "You already finished it, or you started it in another browser. Sign in again.",
)
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"
LEEWAY = 60  # seconds that clocks may differ
AGAIN = 60.0  # seconds between two looks for new keys
_asked: dict[str, float] = {}


class KeysUnknown(Exception):
    """Signed by a key that we do not know, and have just asked about."""


@bp.get("/login")
def login() -> Answer:
    """Begin a sign-in. Also where others send people who are to sign in here (OIDC Core 4: iss,
    target_link_uri)."""
    settings = current_app.extensions["portal"]
    if (request.args.get("iss") or settings.issuer) != settings.issuer:
        return message(
            "Unknown sign-in service",
            "The link that brought you here names a sign-in service that this portal does not use.",
            400,
        )
    target = inside(request.args.get("target_link_uri", ""), settings.base_url)
    return begin(
        target,
        **{name: request.args[name] for name in ("login_hint", "prompt") if request.args.get(name)},
    )


@bp.get("/callback")
def callback() -> Answer:
    """The redirect URI: finish the sign-in, and go on where it began."""
    settings = current_app.extensions["portal"]
    act_id = session.pop(ACT + request.args.get("state", ""), "")
    target = session.pop(TARGET + request.args.get("state", ""), "/")
    if request.args.get("error"):
        if (
            request.args.get("iss") != settings.issuer
            or session.pop(STATE + request.args.get("state", ""), None) is None
        ):
            return message(*ENDED, 400)
        if act_id:
            return acts.given_up(act_id)
        if request.args["error"] == "access_denied":
            return message(
                "You are not signed in", "The sign-in was canceled. Nothing was changed."
            )
        log.warning("the sign-in service answered: %s", request.args["error"][:60])
        return message(
            "We could not sign you in",
            "Try again. If it happens again, contact the help desk.",
            400,
        )
    try:
        # RFC 9207: no answer of another provider is taken for ours
        if request.args.get("iss") != settings.issuer:
            raise MismatchingStateError()
        token = provider().authorize_access_token()
        claims = provider().userinfo(token=token)
        id_claims = token["userinfo"]
        if claims["sub"] != id_claims["sub"]:  # OIDC Core 5.3.2
            raise OAuthError("subject_mismatch")
    except MismatchingStateError:
        return redirect("/") if current() else message(*ENDED, 400)
    except (
        OAuthError,
        RequestException,
        JoseError,
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        RuntimeError,
    ) as error:
        log.error("sign-in failed: %s", error)
        return message(
            "We could not sign you in",
            "Try again. If it happens again, contact the help desk.",
            502,
        )
    _open(claims, id_claims, token)
    return acts.go_on(act_id, id_claims) if act_id else redirect(target)


def _open(claims: Mapping[str, Any], id_claims: Mapping[str, Any], token: dict[str, Any]) -> None:
    """The portal's session begins, in the organization where the same person was, or wants to
    begin."""
    before, known = current(), store.person(claims["sub"])
    same = before if before and before["subject"] == claims["sub"] else None
    sign_in = {name: id_claims.get(name) for name in ("acr", "amr", "auth_time", "txn")}
    if before:
        store.close_session(before["digest"])
    npi, contract = (same["npi"], same["contract"]) if same else (known["npi"], "")
    session["portal"] = store.open_session(
        {**claims, "sign_in": sign_in}, id_claims.get("sid"), token, npi, contract
    )
    session["locale"] = known["locale"]
    session[forms.WHO] = claims["sub"]
    # whoever planted a cookie before knows nothing of this one
    session["csrf"] = secrets.token_urlsafe(16)
    g.pop("portal_session", None)


@bp.post("/logout")
def logout() -> Response:
    """End the portal's session, then the provider's; the provider sends the browser back to
    /signed-out."""
    settings, found = current_app.extensions["portal"], current()
    if found is None:
        return redirect("/")
    store.close_session(found["digest"])
    session.clear()
    parameters = {
        "id_token_hint": found["id_token"],
        "client_id": settings.client_id,
        "post_logout_redirect_uri": f"{settings.base_url}/signed-out",
    }
    endpoint = provider().load_server_metadata()["end_session_endpoint"]
    return redirect(f"{endpoint}?{urlencode(parameters)}")


@bp.get("/signed-out")
def signed_out() -> tuple[str, int]:
    """Where people come back to after signing out."""
    return message("You are signed out", "On a computer that others use, close the browser too.")


@bp.post("/backchannel-logout")
def told_of_logout() -> Answer:
    """The provider says that a session there has ended (OIDC Back-Channel Logout 2.5 and 2.6): so
    does ours."""
    settings = current_app.extensions["portal"]
    try:
        claims = _logout_token(request.form.get("logout_token", ""), settings)
    except KeysUnknown:
        return "come again in a minute", 503
    except (RequestException, OAuthError):
        return "the keys cannot be fetched", 503
    except Exception as error:  # whatever a library raises over a token that a stranger made
        log.warning("a logout token was refused: %s", error)
        return "the logout token is not valid", 400
    if store.use_logout_token(claims["jti"], float(claims["exp"])):
        store.close_sessions(claims.get("sub"), claims.get("sid"))
    return "", 204


def _logout_token(token: str, settings: Any) -> dict[str, Any]:
    """The claims of a logout token that is the provider's and for us. Raises JoseError or
    ValueError."""
    kid, keys = extract_compact(token.encode()).headers().get("kid"), _keys()
    # a key that we have not seen yet; made-up ones cost a question a minute
    if kid not in {key.kid for key in keys.keys}:
        if time.monotonic() - _asked.get("at", -AGAIN) <= AGAIN:
            raise KeysUnknown
        keys = _keys(force=True)
        _asked["at"] = time.monotonic()
    decoded = jwt.decode(token, keys, ["RS256", "ES256"])
    claims, now = decoded.claims, time.time()
    event = claims["events"][LOGOUT]
    if (
        decoded.header.get("typ") != "logout+jwt"
        or claims["iss"] != settings.issuer
        or not isinstance(event, dict)
        or "nonce" in claims
    ):
        raise ValueError("not a logout token of the provider")
    if settings.client_id not in (
        claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    ):
        raise ValueError("for someone else")
    if not (claims.get("sub") or claims.get("sid")) or not isinstance(claims["jti"], str):
        raise ValueError("about no one")
    if not (claims["iat"] - LEEWAY <= now < claims["exp"] + LEEWAY):
        raise ValueError("too old, or not yet valid")
    return {**claims, "exp": min(float(claims["exp"]), now + 86400)}


def _keys(force: bool = False) -> KeySet:
    return KeySet.import_key_set(provider().fetch_jwk_set(force=force))
