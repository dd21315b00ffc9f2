"""The provider's management API, asked with the token of whoever is signed in; and keeping that
token fresh."""

import json
import logging
import sqlite3
import time
from dataclasses import dataclass
from typing import Any, NoReturn

import requests
from authlib.integrations.base_client.errors import OAuthError
from flask import g, session
from requests.exceptions import RequestException
from werkzeug.datastructures import WWWAuthenticate

from relying_party_demo import store
from relying_party_demo.provider import DIRECT, current, provider

log = logging.getLogger("portal")
EARLY = 20  # seconds before its end that a token is refreshed
PATIENCE = 15.0  # seconds that another request may take to refresh it


class SignedOut(Exception):
    """The sign-in at the provider has ended, and the portal's with it."""


class Unreachable(Exception):
    """The provider does not answer."""


@dataclass(frozen=True)
class StepUp(Exception):
    """The act wants a stronger or more recent sign-in (RFC 9470): what to ask for."""

    acr_values: str
    max_age: str


@dataclass(frozen=True)
class Answer:
    """What the management API answered."""

    status: int
    body: Any
    etag: str = ""

    @property
    def well(self) -> bool:
        """Whether it did what was asked."""
        return self.status < 400

    @property
    def fields(self) -> dict[str, str]:
        """What is wrong with which field, where the service says so."""
        errors = self.body.get("errors", []) if isinstance(self.body, dict) else []
        return {
            str(one["field"]): _sentence(str(one["detail"]))
            for one in errors
            if one.get("field") and one.get("detail")
        }

    @property
    def says(self) -> str:
        """What a problem says, for the person."""
        if self.status == 412:
            return "Someone else changed this in the meantime. Check it, then save again."
        said = self.body if isinstance(self.body, dict) else {}
        text = str(said.get("detail") or said.get("title") or "The service answered with an error")
        return _sentence(text)


def ask(method: str, path: str, body: Any = None, key: str = "", etag: str = "") -> Answer:
    """One request. Raises StepUp, SignedOut or Unreachable; any other status is an answer."""
    headers = {**({"Idempotency-Key": key} if key else {}), **({"If-Match": etag} if etag else {})}
    response = _send(method, path, body, headers, fresh()["access_token"])
    if response.status_code != 401:
        return _answer(response)
    challenge = WWWAuthenticate.from_header(response.headers.get("WWW-Authenticate", ""))
    said = challenge.parameters if challenge else {}
    if said.get("error") == "insufficient_user_authentication":
        raise StepUp(said.get("acr_values") or "", said.get("max_age") or "")
    # it may have been revoked before its time
    response = _send(method, path, body, headers, fresh(force=True)["access_token"])
    if response.status_code == 401:
        _signed_out()
    return _answer(response)


def fresh(force: bool = False) -> sqlite3.Row:
    """The session at hand, with a token that is good now; claims are read again with it. Raises
    SignedOut."""
    found = current()
    if found is None:
        raise SignedOut
    if not force and found["fresh_until"] - EARLY > time.time():
        return found
    if not store.claim_refresh(found["digest"], found["refresh_token"], PATIENCE):
        return _refreshed_by_another(found)
    try:
        token = provider().fetch_access_token(
            refresh_token=found["refresh_token"], grant_type="refresh_token"
        )
    except OAuthError:
        _signed_out()
    except RequestException as error:
        store.change_session(found["digest"], refreshing_at=None)
        raise Unreachable from error
    # Kept at once: the refresh token before has been used up, whatever comes of the question that
    # follows.
    fresh_until = time.time() + token.get("expires_in", 300)
    store.change_session(
        found["digest"],
        access_token=token["access_token"],
        refresh_token=token["refresh_token"],
        fresh_until=fresh_until,
    )
    try:
        claims = {
            **provider().userinfo(token=token),
            "sign_in": json.loads(found["claims"])["sign_in"],
        }
        if claims["sub"] != found["subject"]:
            raise OAuthError("subject_mismatch")
        store.change_session(found["digest"], claims=json.dumps(claims), refreshing_at=None)
    except OAuthError:
        _signed_out()
    except RequestException:
        # what was known of the person goes on for now
        store.change_session(found["digest"], refreshing_at=None)
    return _as_it_is(found)


def _refreshed_by_another(found: sqlite3.Row) -> sqlite3.Row:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        now = store.again(found["digest"])
        if now is None:
            raise SignedOut
        if now["refreshing_at"] is None:
            g.portal_session = now
            return now
        time.sleep(0.05)
    raise Unreachable


def _as_it_is(found: sqlite3.Row) -> sqlite3.Row:
    now = store.again(found["digest"])
    if now is None:  # signed out while the token was refreshed
        raise SignedOut
    g.portal_session = now
    return now


def _signed_out() -> NoReturn:
    found = current()
    if found:
        store.close_session(found["digest"])
    session.pop("portal", None)
    g.portal_session = None
    raise SignedOut


def _send(
    method: str, path: str, body: Any, headers: dict[str, str], token: str
) -> requests.Response:
    try:
        base = provider().load_server_metadata()["protected_resources"][0]
        with requests.Session() as asking:
            asking.trust_env, asking.verify = False, DIRECT["verify"]
            headers = {**headers, "Authorization": f"Bearer {token}"}
            return asking.request(
                method, base + path, json=body, headers=headers, timeout=5, allow_redirects=False
            )
    except (RequestException, OAuthError, KeyError) as error:
        log.error("the management API cannot be reached: %s", error)
        raise Unreachable from error


def _answer(response: requests.Response) -> Answer:
    try:
        body = response.json() if response.content else None
    except ValueError:
        body = None
    return Answer(response.status_code, body, response.headers.get("ETag", ""))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")
