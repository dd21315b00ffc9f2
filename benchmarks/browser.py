"""The smallest browser that can sign in: one connection, a few cookies, forms."""

import base64
import hashlib
import http.client
import json
import re
import secrets
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from benchmarks.deployment import PASSWORD, Deployment

CSRF = re.compile(rb'name="csrf" value="([^"]+)"')


class Browser:
    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self.connection = http.client.HTTPConnection("127.0.0.1", deployment.port, timeout=60)
        self.cookies: dict[str, str] = {}
        self.csrf = ""
        self.retry_after: str | None = None

    def send(
        self,
        method: str,
        path: str,
        form: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, str, bytes]:
        """Status, Location and body of the answer."""
        sent = {"Host": f"localhost:{self.deployment.port}", **(headers or {})}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        body = urlencode(form) if form is not None else None
        if body is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, sent)
        response = self.connection.getresponse()
        data = response.read()
        self.retry_after = response.headers.get("Retry-After")
        for line in response.headers.get_all("Set-Cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        if found := CSRF.search(data):
            self.csrf = found[1].decode()
        return response.status, response.headers.get("Location") or "", data

    def post(self, path: str, **form: str) -> str:
        """Send a page's form and load the page that is due then; its path."""
        status, location, data = self.send("POST", path, {"csrf": self.csrf, **form})
        if status != 303:
            raise RuntimeError(f"{path}: {status} {data[:300]!r}")
        if location.startswith("/"):
            self.send("GET", location)
        return location

    def sign_in(self, number: int, client: dict[str, Any], option: str = "email") -> dict[str, Any]:
        """All of it by this way, from the client's redirect to its tokens."""
        person, phone = f"person{number}@bench.example", f"+1303{2000000 + number}"
        verifier = secrets.token_urlsafe(48)
        challenge = (
            base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
            .rstrip(b"=")
            .decode()
        )
        page = self.to_password(client, option, challenge)
        page = self.post(page, email=person, password=PASSWORD)
        before = self.deployment.last_message()
        page = self.post(page, action="send")
        page = self.post(
            page,
            action="verify",
            code=self.deployment.newest_code(person if option == "email" else phone, before),
        )
        answer = parse_qs(
            urlsplit(self.post(page, action="continue") if option == "email" else page).query
        )
        form = {
            "grant_type": "authorization_code",
            "code": answer["code"][0],
            "redirect_uri": client["redirect_uris"][0],
            "code_verifier": verifier,
        }
        return self.token(client, form)

    def to_password(self, client: dict[str, Any], option: str, challenge: str) -> str:
        """From the client's redirect to the page for address and password; its path."""
        parameters = {
            "response_type": "code",
            "client_id": client["client_id"],
            "redirect_uri": client["redirect_uris"][0],
            "scope": "openid profile email",
        }
        parameters |= {
            "state": "s",
            "nonce": "n",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        self.cookies.clear()
        _, page, _ = self.send("GET", "/authorize?" + urlencode(parameters))
        self.send("GET", page)
        return self.post(page, option=option)

    def token(self, client: dict[str, Any], form: dict[str, str]) -> dict[str, Any]:
        basic = base64.b64encode(
            f"{client['client_id']}:{client['client_secret']}".encode()
        ).decode()
        status, _, data = self.send("POST", "/token", form, {"Authorization": f"Basic {basic}"})
        if status != 200:
            raise RuntimeError(f"/token: {status} {data!r}")
        found: dict[str, Any] = json.loads(data)
        return found

    def code(self, client: dict[str, Any]) -> dict[str, str]:
        """A fresh code by single sign-on, as the form that redeems it."""
        verifier = secrets.token_urlsafe(48)
        challenge = (
            base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
            .rstrip(b"=")
            .decode()
        )
        parameters = {
            "response_type": "code",
            "client_id": client["client_id"],
            "redirect_uri": client["redirect_uris"][0],
            "scope": "openid profile email",
        }
        parameters |= {"code_challenge": challenge, "code_challenge_method": "S256"}
        for name in [name for name in self.cookies if "_i_" in name]:
            del self.cookies[name]
        _, location, _ = self.send("GET", "/authorize?" + urlencode(parameters))
        answer = parse_qs(urlsplit(location).query)
        return {
            "grant_type": "authorization_code",
            "code": answer["code"][0],
            "redirect_uri": client["redirect_uris"][0],
            "code_verifier": verifier,
        }
