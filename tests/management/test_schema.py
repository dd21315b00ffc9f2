"""The OpenAPI document and the API agree: schemathesis sends what it allows and what it does not,
as people of three roles and a machine."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from idp.operations import employees
from idp.settings import RateLimits
from tests.support.management import by_mail, by_phone, desk, machine
from tests.support.world import OMAR, OMAR_PASSWORD

ROOT = Path(__file__).parent.parent.parent
MANY = RateLimits(visits=1_000_000, forms=1_000_000, failures=1_000_000, management=1_000_000)
EXPECTED = """
[checks]
positive_data_acceptance.expected-statuses = ["2xx", "304", "401", "403", "404", "409", "412"]
missing_required_header.expected-statuses = ["400", "401", "403", "404", "428"]

[[operations]]  # a cursor is opaque: a made-up one is no cursor
include-operation-id = ["list_users", "list_organizations", "list_clients", "read_audit"]
checks.positive_data_acceptance.expected-statuses = ["2xx", "400", "403", "404"]

[[operations]]  # a key that was used for another request
include-method = "POST"
checks.positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "422"]
"""
# coverage takes minutes
PHASES = {
    "user": "fuzzing",
    "administrator": "coverage,fuzzing",
    "portal-administrator": "fuzzing",
    "machine": "fuzzing",
}


def token_of(world, role: str) -> str:
    if role == "machine":
        return machine(world).token
    if role == "user":
        return by_mail(world, desk(world), OMAR, OMAR_PASSWORD)[1].token
    if role == "portal-administrator":
        with world.inside():
            employees.set_roles(world.time.now, "test", "ddunn2020", ["portal-administrator"])
    return by_phone(world, desk(world))[1].token


@pytest.mark.settings(rate_limits=MANY)
@pytest.mark.parametrize("role", PHASES)
def test_schemathesis_finds_nothing(world, role, tmp_path):
    token = token_of(world, role)
    (tmp_path / "schemathesis.toml").write_text(EXPECTED)
    program = Path(sys.executable).with_name("schemathesis")
    command = [
        str(program),
        "run",
        f"{world.issuer}/api/v1/openapi.json",
        "--header",
        f"Authorization: Bearer {token}",
        "--seed",
        "20261122",
    ]
    command += [
        "--max-examples",
        os.environ.get("EXAMPLES", "4"),
        "--phases",
        os.environ.get("PHASES", PHASES[role]),
    ]
    command += [
        "--checks",
        "all",
        "--exclude-checks",
        "ignored_auth",
        "--no-color",
        "--continue-on-failure",
    ]
    found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=600)
    assert found.returncode == 0, found.stdout[-12000:] + found.stderr[-2000:]


def test_the_document_is_there_for_whoever_looks(world):
    found = requests.get(f"{world.issuer}/api/v1/openapi.json", timeout=30)
    assert (
        found.json()["openapi"] == "3.1.0" and found.headers["Access-Control-Allow-Origin"] == "*"
    )
    page = requests.get(f"{world.issuer}/api/v1", timeout=30)
    assert page.url.endswith("/api/v1/docs") and "Reset a registration" in page.text
    for name in found.json()["components"]["schemas"]:
        assert f'id="shape-{name}"' in page.text or name == "Problem"
    resource = requests.get(
        f"{world.issuer}/.well-known/oauth-protected-resource/api/v1", timeout=30
    ).json()
    discovery = requests.get(f"{world.issuer}/.well-known/openid-configuration", timeout=30).json()
    assert resource["authorization_servers"] == [world.issuer] and discovery[
        "protected_resources"
    ] == [resource["resource"]]
    assert set(resource["scopes_supported"]) <= set(discovery["scopes_supported"])
