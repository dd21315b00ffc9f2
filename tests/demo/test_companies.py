"""An operator adds a company to a running deployment, by the document alone."""

import re

import requests

from tests.employees.conftest import other
from tests.support.client import Client
from tests.support.commands import done, wait_for
from tests.support.company import CLIENT, SECRET, Other
from tests.support.deployment import Deployment
from tests.support.person import Person
from tests.web.test_upstream_settings import eight_lines

__all__ = ["other"]


def add(deployment: Deployment, other: Other, **instead: str) -> None:
    """The eight lines, with what the company has handed over."""
    table = (
        eight_lines()
        .replace("https://login.acme.example", other.issuer)
        .replace('"portal"', f'"{CLIENT}"')
        .replace("acme.example", "atrezzo.example")
    )
    for line, other_line in instead.items():
        table = re.sub(rf"(?m)^{line} = .*$", other_line, table)
    secret = deployment.folder / "acme.secret"
    secret.write_text(SECRET + "\n")
    secret.chmod(0o600)
    deployment.settings.write_text(deployment.settings.read_text() + "\n" + table)


def test_eight_lines_and_the_first_employee_comes_in(deployment, other):
    add(deployment, other)
    import json

    listed = json.loads(done(deployment.folder, "upstreams", "list", "--json"))
    issuer = f"http://localhost:{deployment.port}"
    assert listed[0]["redirect_uri"] == f"{issuer}/upstream/acme/callback" and listed[0][
        "backchannel_logout_uri"
    ].endswith("/backchannel-logout")
    assert "Acme Health" in done(deployment.folder, "upstreams", "list")
    registered = json.loads(
        done(
            deployment.folder,
            "clients",
            "add",
            "Desk",
            "--redirect-uri",
            "http://localhost:1/callback",
            "--json",
        )
    )
    deployment.serve()
    wait_for(f"{issuer}/readyz", deployment.process)
    client, sam = Client(issuer, registered), Person(issuer, also=(other.issuer,))
    client.sends(sam, scope="openid roles").press("LOGIN")
    tokens = client.tokens(sam)
    assert client.claims(tokens["id_token"])["roles"] == ["reviewer"]
    shown = json.loads(done(deployment.folder, "accounts", "show", "sam.kim", "--json"))
    assert (shown["upstream"], shown["subject_there"], shown["roles"], shown["state"]) == (
        other.issuer,
        "sam-1",
        ["reviewer"],
        "signs in through a company",
    )
    assert "sam.kim@atrezzo.example" in done(deployment.folder, "accounts", "list")
    assert (
        "acme"
        in requests.get(
            f"{issuer}/metrics",
            headers={
                "Authorization": f"Bearer {(deployment.folder / 'idp.metrics').read_text().strip()}"
            },
            timeout=9,
        ).text
    )
    assert "is linked to it" in done(deployment.folder, "accounts", "unlink", "sam.kim")
    assert "has the roles admin" in done(
        deployment.folder, "accounts", "roles", "set", "sam.kim", "admin"
    )


def finding(deployment: Deployment) -> dict:
    return next(one for one in deployment.doctor()[1] if one["about"] == "upstream acme")


def test_the_doctor_reads_the_company_as_a_sign_in_would(deployment, other):
    add(deployment, other)
    assert finding(deployment)["state"] == "ok" and "Keys: 1" in finding(deployment)["says"]
    other.metadata = {"issuer": f"{other.issuer}/"}
    wrong = finding(deployment)
    assert wrong["state"] == "problem" and "Set issuer" in wrong["cure"]
    other.metadata, other.published = {}, []
    assert "no key" in finding(deployment)["says"]
    other.statuses = {"discovery": 503}
    assert "status 503" in finding(deployment)["says"]


def test_the_doctor_says_how_a_provider_inside_is_reached(deployment, other):
    add(deployment, other, issuer='issuer = "https://localhost:1"')
    deployment.set("mode", '"production"')
    deployment.set("inbox", "false")
    deployment.set("options", '["email"]', "sign_in")
    deployment.set("host", '"127.0.0.1"', "mail")
    wrong = finding(deployment)
    assert wrong["state"] == "problem" and "outbound.allow" in wrong["cure"]


def test_the_secret_of_a_company_is_for_its_owner_alone(deployment, other):
    add(deployment, other)
    (deployment.folder / "acme.secret").chmod(0o644)
    assert "acme.secret" in deployment.wrong()["secrets"]["says"]
