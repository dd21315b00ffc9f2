"""Companies of the tests: a provider that no one of us wrote, which can be made to answer anything;
and this program once more."""

import json
import secrets
import threading
import time
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, redirect, request
from joserfc import jws
from joserfc.jwk import ECKey, Key, RSAKey

from idp import clock
from idp.brand import load_brand
from idp.operations import accounts, employees
from idp.secret import Secret
from idp.settings import SignIn, UpstreamSettings
from tests.support.person import Person
from tests.support.world import World, settings_for

SAM = {
    "sub": "sam-1",
    "email": "sam.kim@atrezzo.example",
    "email_verified": True,
    "given_name": "Sam",
    "family_name": "Kim",
    "roles": ["care-managers"],
}
SAM_PASSWORD = "company-front-door"
CLIENT, SECRET = "portal-at-work", "a secret: of/the company+portal"
ROLES = {"care-managers": "reviewer"}


def upstream(issuer: str, upstream_id: str = "acme", **changes: Any) -> UpstreamSettings:
    """The table [[upstreams]] of a company."""
    about: dict[str, Any] = {
        "name": "Acme Health",
        "domains": ("atrezzo.example",),
        "client_id": CLIENT,
        "client_secret": Secret(SECRET),
        "roles": ROLES,
    }
    return UpstreamSettings(id=upstream_id, issuer=issuer, **{**about, **changes})


@cache
def first_key() -> Key:
    """Made once: it is the company's from before the story, and making one takes long."""
    return RSAKey.generate_key(2048, {"kid": "first"})


@dataclass
class Other:
    """A company's OpenID provider. It signs in at once whoever `person` is. What it answers is in
    the test's hand."""

    issuer: str
    person: dict[str, Any] = field(default_factory=lambda: dict(SAM))
    # of the ID token, instead of what they should be; None leaves one out
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, Any] = field(default_factory=dict)  # at our callback
    statuses: dict[str, int] = field(default_factory=dict)  # by endpoint
    bodies: dict[str, bytes] = field(default_factory=dict)
    # an endpoint answers when that is set
    held: dict[str, threading.Event] = field(default_factory=dict)
    delays: dict[str, float] = field(default_factory=dict)
    gone: bool = False  # the person has left: refresh tokens are refused
    rotates: bool = True
    gives_refresh_tokens: bool = True
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    key: Key = field(default_factory=first_key)
    published: list[Key] | None = None
    alg: str = "RS256"
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.codes: dict[str, dict[str, Any]] = {}
        self.refresh_tokens: dict[str, str] = {}
        self.signed_in_at: float | None = None
        self.app = Flask("other")
        for path, name in (
            ("/.well-known/openid-configuration", "discovery"),
            ("/jwks", "jwks"),
            ("/authorize", "authorize"),
            ("/token", "token"),
            ("/userinfo", "userinfo"),
            ("/logout", "logout"),
        ):
            self.app.add_url_rule(path, name, self._endpoint(name), methods=["GET", "POST"])

    def _endpoint(self, name: str):
        def serve() -> Response:
            self.asked.append((name, {**request.args.to_dict(), **request.form.to_dict()}))
            if name in self.held:
                self.held[name].wait(60)
            time.sleep(self.delays.get(name, 0))
            if name in self.bodies or name in self.statuses:
                return Response(
                    self.bodies.get(name, b"{}"),
                    self.statuses.get(name, 200),
                    mimetype="application/json",
                )
            return getattr(self, f"_{name}")()

        return serve

    def last(self, name: str) -> dict[str, str]:
        """What was asked of an endpoint last."""
        return [parameters for one, parameters in self.asked if one == name][-1]

    def count(self, name: str) -> int:
        return sum(1 for one, _ in self.asked if one == name)

    def _json(self, body: Any, status: int = 200) -> Response:
        return Response(json.dumps(body), status, mimetype="application/json")

    def _discovery(self) -> Response:
        said = {
            "issuer": self.issuer,
            **{
                name: f"{self.issuer}/{path}"
                for name, path in (
                    ("authorization_endpoint", "authorize"),
                    ("token_endpoint", "token"),
                    ("jwks_uri", "jwks"),
                )
            },
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "end_session_endpoint": f"{self.issuer}/logout",
            "authorization_response_iss_parameter_supported": True,
            **self.metadata,
        }
        return self._json({name: value for name, value in said.items() if value is not None})

    def _jwks(self) -> Response:
        keys = self.published if self.published is not None else [self.key]
        return self._json({"keys": [{**key.as_dict(private=False), "use": "sig"} for key in keys]})

    def _authorize(self) -> Response:
        asked = request.args.to_dict()
        if (
            self.signed_in_at is None
            or asked.get("prompt") == "login"
            or ("max_age" in asked and clock.now() - self.signed_in_at > int(asked["max_age"]))
        ):
            self.signed_in_at = clock.now()
        code = secrets.token_hex(8)
        self.codes[code] = {**asked, "person": dict(self.person)}
        said = {"code": code, "state": asked["state"], "iss": self.issuer, **self.answer}
        return redirect(
            f"{asked['redirect_uri']}?{urlencode({name: value for name, value in said.items() if value is not None})}"
        )

    def id_token(self, **changes: Any) -> str:
        now = int(clock.now())
        said = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "sid": "theirs-1",
            **self.person,
            **changes,
            **self.claims,
        }
        header = {"alg": self.alg, "kid": self.key.kid, **self.header}
        return self._signed(header, said)

    def _signed(self, header: dict[str, Any], said: dict[str, Any]) -> str:
        """A JWT of whatever JSON can say, which is more than text."""
        claims = {name: value for name, value in said.items() if value is not None}
        return jws.serialize_compact(header, json.dumps(claims).encode(), self.key, [header["alg"]])

    def _token(self) -> Response:
        form = request.form.to_dict()
        if form.get("grant_type") == "refresh_token":
            with self.lock:
                known = (
                    self.refresh_tokens.pop(form["refresh_token"], None)
                    if self.rotates
                    else self.refresh_tokens.get(form["refresh_token"])
                )
            if known is None or self.gone:
                return self._json({"error": "invalid_grant"}, 400)
            return self._json(
                {
                    "access_token": "an access token",
                    "token_type": "Bearer",
                    "refresh_token": self._refresh_token() if self.rotates else None,
                }
            )
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None:
            return self._json({"error": "invalid_grant"}, 400)
        made = self.id_token(
            nonce=asked.get("nonce"),
            auth_time=int(self.signed_in_at or clock.now()),
            **asked["person"],
        )
        refresh = {"refresh_token": self._refresh_token()} if self.gives_refresh_tokens else {}
        return self._json(
            {"access_token": "an access token", "token_type": "Bearer", "id_token": made, **refresh}
        )

    def _refresh_token(self) -> str:
        made = secrets.token_hex(8)
        self.refresh_tokens[made] = self.person["sub"]
        return made

    def _userinfo(self) -> Response:
        return self._json(self.userinfo if self.userinfo is not None else self.person)

    def _logout(self) -> Response:
        asked = request.args.to_dict()
        return redirect(
            f"{asked['post_logout_redirect_uri']}?{urlencode({'state': asked['state']})}"
        )

    def logout_token(self, **changes: Any) -> str:
        now = int(clock.now())
        events = {"http://schemas.openid.net/event/backchannel-logout": {}}
        said = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 120,
            "jti": secrets.token_hex(8),
            "events": events,
            "sid": "theirs-1",
            **changes,
        }
        header = {"alg": self.alg, "typ": "logout+jwt", "kid": self.key.kid}
        return self._signed(header, said)

    def new_key(self, kid: str = "second") -> None:
        """From now on another key signs, and the first is gone."""
        self.key = RSAKey.generate_key(2048, {"kid": kid})


def ec_key(kid: str = "curve") -> Key:
    return ECKey.generate_key("P-256", {"kid": kid})


def company_settings(port: int, folder: Path):
    """The company's own provider, when it is this program: one way, and nothing to remember."""
    accepted = (("password", "email_code"), ("email_code", "recovery"))
    look = {"brand": "stagedoor", "look": load_brand("stagedoor")}
    return settings_for(
        port,
        f"sqlite:///{folder / 'company.sqlite'}",
        sign_in=SignIn(options=("email",), accepted=accepted),
        **look,
    )


def hire(
    company: World,
    username: str = "skim",
    email: str = SAM["email"],
    given_name: str = "Sam",
    family_name: str = "Kim",
    roles=("care-managers",),
) -> None:
    """Someone works there from now on."""
    with company.inside():
        accounts.add(
            company.time.now,
            "test",
            username,
            email,
            given_name,
            family_name,
            new_password=SAM_PASSWORD,
            enrolled=True,
        )
        account = company.account(username)
        employees.set_roles(company.time.now, "test", account.username, roles)


def sign_in_at(company: World, person: Person, email: str = SAM["email"]) -> Person:
    """From the company's sign-in page back to where the person came from."""
    person.fill("Email Address", email).fill("Password", SAM_PASSWORD).press("Sign in").press(
        "Send verification code"
    )
    return (
        person.fill("Verification Code", company.newest_code())
        .press("Verify code")
        .press("Continue")
    )
