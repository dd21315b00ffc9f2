"""The management API as a program of someone's uses it: with a token, and no knowledge but the
documents."""

import secrets
from typing import Any

import requests

from tests.support.client import Client
from tests.support.person import Person
from tests.support.stories import sign_in, to_phone_page
from tests.support.world import DAISY, DAISY_PASSWORD, MFA

SCOPES = (
    "users:read",
    "users:manage",
    "organizations:read",
    "organizations:manage",
    "clients:read",
    "clients:manage",
    "audit:read",
)
ASKED = "openid profile email organizations " + " ".join(SCOPES)


def desk(world, name: str = "Help desk") -> Client:
    """A client that may ask for every scope of the API."""
    return Client(
        world.issuer, world.add_client(name, scopes=SCOPES, start_url="http://localhost:1/login")
    )


class ResourceServer:
    """Requests with one token."""

    def __init__(self, issuer: str, token: str) -> None:
        self.base, self.token = f"{issuer}/api/v1", token

    def __call__(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> requests.Response:
        said = {
            "Authorization": f"Bearer {self.token}",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        return requests.request(
            method, self.base + path, json=body, headers=said, timeout=30, allow_redirects=False
        )

    def get(self, path: str, status: int = 200) -> Any:
        response = self("GET", path)
        assert response.status_code == status, response.text
        return response.json()

    def user(self, username: str) -> dict[str, Any]:
        found = [
            one
            for one in self.get(f"/users?search={username}")["items"]
            if one["username"] == username
        ]
        assert len(found) == 1, found
        return found[0]

    def organization(self, name: str) -> dict[str, Any]:
        return next(one for one in self.get("/organizations")["items"] if one["name"] == name)


def by_phone(
    world,
    client: Client,
    email: str = DAISY,
    password: str = DAISY_PASSWORD,
    person: Person | None = None,
    **asked: str,
) -> tuple[Person, ResourceServer]:
    """Someone signs in with a call and its number, which reaches mfa; and their token."""
    person = person or Person(world.issuer)
    client.sends(person, scope=ASKED, acr_values=MFA, **asked)
    to_phone_page(person, email, password).press("Send Code")
    person.fill("Verification Code", world.newest_code()).press("Verify Code")
    return person, ResourceServer(world.issuer, client.tokens(person)["access_token"])


def by_mail(
    world, client: Client, email: str = DAISY, password: str = DAISY_PASSWORD, scope: str = ASKED
) -> tuple[Person, ResourceServer]:
    """Someone signs in by email, which reaches two-step."""
    person = Person(world.issuer)
    client.sends(person, scope=scope)
    sign_in(world, person, email, password)
    return person, ResourceServer(world.issuer, client.tokens(person)["access_token"])


def machine(world, *scopes: str) -> ResourceServer:
    """A program without people."""
    made = world.add_client("Nightly job", redirect_uris=[], machine=True, scopes=scopes or SCOPES)
    form = {"grant_type": "client_credentials", "scope": " ".join(scopes or SCOPES)}
    answer = requests.post(
        f"{world.issuer}/token",
        data=form,
        auth=(made["client_id"], made["client_secret"]),
        timeout=30,
    )
    assert answer.status_code == 200, answer.text
    return ResourceServer(world.issuer, answer.json()["access_token"])


def kind(response: requests.Response) -> str:
    """Which problem an answer is."""
    assert response.headers["Content-Type"] == "application/problem+json", (
        response.status_code,
        response.text,
    )
    return response.json()["type"].partition("#")[2]


def key() -> str:
    return secrets.token_urlsafe(12)
