"""The nginx of deploy/ in front, over https: cookies are __Host-, addresses are the visitors', and
the doctor is content."""

import json
import subprocess
import sys

import pytest
import requests

from tests.demo.test_running import sign_in
from tests.support.client import Client
from tests.support.commands import ENVIRON, done
from tests.support.nginx import in_front, program
from tests.support.person import Person


@pytest.fixture
def behind_nginx(tmp_path):
    """A provider in development mode, whose inbox shows the codes."""
    if program() is None:
        pytest.skip("no nginx on this machine")
    with in_front(tmp_path) as front:
        yield front


def test_a_person_signs_in_over_https_through_nginx(behind_nginx, monkeypatch):
    folder, issuer, trusted, plain = (
        behind_nginx.folder,
        behind_nginx.issuer,
        behind_nginx.trusted,
        behind_nginx.plain,
    )
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", trusted)
    done(
        folder,
        "accounts",
        "add",
        "ddunn2020",
        "--email",
        "daisy@lakeside.example",
        "--given-name",
        "D",
        "--family-name",
        "D",
        "--enrolled",
        IDP_NEW_PASSWORD="correct-horse-lakeside",
    )
    registered = json.loads(
        done(
            folder,
            "clients",
            "add",
            "Desk",
            "--redirect-uri",
            "https://desk.example/callback",
            "--json",
        )
    )
    client, person = Client(issuer, registered), Person(issuer)
    client.sends(person)
    assert all(
        cookie.name.startswith("__Host-idp_") and cookie.secure for cookie in person.http.cookies
    )
    assert person.response.headers["Strict-Transport-Security"].startswith("max-age=63072000")
    sign_in(person, issuer)
    assert client.claims(client.tokens(person)["id_token"])["iss"] == issuer
    assert requests.get(f"{issuer}/healthz", timeout=5).text == "ok\n"
    assert (
        requests.get(f"http://localhost:{plain}/x?y=z", timeout=5, allow_redirects=False)
        .headers["Location"]
        .startswith("https://localhost")
    )
    forged = requests.get(
        f"{issuer}/authorize?client_id=x", headers={"X-Forwarded-For": "203.0.113.9"}, timeout=5
    )
    assert forged.status_code == 400
    said = json.loads(done(folder, "doctor", "--json", REQUESTS_CA_BUNDLE=trusted))
    looked_at = ("issuer", "proxies", "cookies")
    assert {
        one["about"]: one["state"] for one in said if one["about"] in looked_at
    } == dict.fromkeys(looked_at, "ok")
    assert "code=" not in (folder / "stagedoor.log").read_text(), "the log keeps no queries"


def test_the_doctor_finds_a_certificate_that_nobody_trusts(behind_nginx):
    folder = behind_nginx.folder
    result = subprocess.run(
        [sys.executable, "-m", "idp", "--settings", str(folder / "idp.toml"), "doctor", "--json"],
        capture_output=True,
        text=True,
        timeout=180,
        env=ENVIRON,
    )
    (found,) = [one for one in json.loads(result.stdout) if one["about"] == "issuer"]
    assert found["state"] == "problem" and "certificate" in found["says"] and result.returncode == 1
