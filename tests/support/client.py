"""A relying party of the tests: asks, redeems and refreshes as a careful client does, or as a
careless one."""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.support.person import Person


class Client:
    def __init__(self, issuer: str, registration: Mapping[str, Any]) -> None:
        self.issuer = issuer
        self.registration = registration
        self.id = registration["client_id"]
        self.secret = registration.get("client_secret")
        self.redirect_uri = registration["redirect_uris"][0]
        self.http = requests.Session()
        self.verifier = self.state = self.nonce = ""

    def address(self, **changes: Any) -> str:
        """An authorization request; None as a value leaves a parameter out."""
        self.verifier, self.state, self.nonce = (
            secrets.token_urlsafe(48),
            secrets.token_urlsafe(12),
            secrets.token_urlsafe(12),
        )
        challenge = (
            base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest())
            .rstrip(b"=")
            .decode()
        )
        parameters = {
            "response_type": "code",
            "client_id": self.id,
            "redirect_uri": self.redirect_uri,
            "scope": "openid profile email organizations",
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        } | changes
        return f"{self.issuer}/authorize?" + urlencode(
            {name: value for name, value in parameters.items() if value is not None}
        )

    def sends(self, person: Person, **changes: Any) -> Person:
        return person.open(self.address(**changes))

    def answer(self, person: Person) -> dict[str, str]:
        """What came back at the redirect URI."""
        assert person.left_for.startswith(self.redirect_uri), (
            person.url,
            person.status,
            person.heading,
        )
        return {
            name: values[0]
            for name, values in parse_qs(
                urlsplit(person.left_for).query, keep_blank_values=True
            ).items()
        }

    def token(self, **form: Any) -> requests.Response:
        auth = None
        if self.registration["token_endpoint_auth_method"] == "client_secret_basic":
            auth = (self.id, self.secret)
        elif self.registration["token_endpoint_auth_method"] == "client_secret_post":
            form = {"client_id": self.id, "client_secret": self.secret, **form}
        else:
            form = {"client_id": self.id, **form}
        return self.http.post(
            f"{self.issuer}/token",
            data={k: v for k, v in form.items() if v is not None},
            auth=auth,
            timeout=30,
        )

    def redeem(self, code: str, **changes: Any) -> requests.Response:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": self.verifier,
        } | changes
        return self.token(**form)

    def tokens(self, person: Person) -> dict[str, Any]:
        """Redeem the code that the person brought."""
        answer = self.answer(person)
        assert answer["state"] == self.state
        response = self.redeem(answer["code"])
        assert response.status_code == 200, response.text
        return response.json()

    def refresh(self, refresh_token: str, **changes: Any) -> requests.Response:
        return self.token(grant_type="refresh_token", refresh_token=refresh_token, **changes)

    def claims(self, id_token: str) -> dict[str, Any]:
        """The claims of an ID token whose signature is right by the published keys."""
        keys = KeySet.import_key_set(self.http.get(f"{self.issuer}/jwks", timeout=30).json())
        return jwt.decode(id_token, keys, ["RS256", "ES256"]).claims

    def userinfo(self, access_token: str) -> requests.Response:
        return self.http.get(
            f"{self.issuer}/userinfo",
            headers={"Authorization": f"Bearer {access_token}"},
            timeout=30,
        )
