"""The commands on the API's page are run: each is a request that the API takes."""

import html
import os
import re
import shlex
import subprocess

import pytest
import requests

from idp.operations import employees
from idp.web.api.contract import ROUTES
from idp.web.api.examples import BODIES, curl
from tests.support.management import by_phone, machine


@pytest.mark.parametrize("route", [one for one in ROUTES if one.body], ids=lambda one: one.name)
def test_every_body_has_an_example_that_fits(route):
    assert route.body.model_validate(BODIES[route.body.__name__])


def run(command: str, variables: dict[str, str]) -> requests.Response:
    """What curl does with it, after the shell has put the variables in."""
    said = subprocess.run(
        ["bash", "-c", f"curl() {{ printf '%s\\0' \"$@\"; }}; {command}"],
        env={**os.environ, **variables},
        capture_output=True,
        check=True,
    )
    words = said.stdout.decode().split("\0")[:-1]
    options = {
        name: [words[n + 1] for n, word in enumerate(words) if word == name]
        for name in ("-X", "-H", "-d")
    }
    (address,) = [word for word in words if word.startswith("http")]
    headers = dict(one.split(": ", 1) for one in options["-H"])
    return requests.request(
        (options["-X"] or ["GET"])[0],
        address,
        data=(options["-d"] or [None])[0],
        headers=headers,
        timeout=30,
    )


def test_every_command_is_a_request_that_the_api_takes(world, clinic):
    with world.inside():
        employees.set_roles(world.time.now, "test", "ddunn2020", ["portal-administrator"])
    api = by_phone(world, clinic)[1]
    omar, lakeside = api.user("oreyes2021"), api.organization("Lakeside Clinic")
    code = api("POST", f"/organizations/{lakeside['id']}/registration-codes", {}).json()["id"]
    ids = {
        "USER_ID": omar["id"],
        "ORGANIZATION_ID": lakeside["id"],
        "CLIENT_ID": clinic.id,
        "CODE_ID": code,
        "SESSION_ID": "none",
        "TOKEN": api.token,
    }
    told = {
        "PATCH": {200},
        "GET": {200},
        "PUT": {200},
        "POST": {200, 201, 409},
        "DELETE": {204, 404, 409},
    }
    for route in sorted(ROUTES, key=lambda one: (one.method == "DELETE", one.method == "POST")):
        path = re.sub(r"\{(\w+)\}", lambda part: ids[part[1].upper()], route.path)
        etag = api("GET", path).headers["ETag"] if route.method == "PATCH" else ""
        answer = run(curl(route, f"{world.issuer}/api/v1"), {**ids, "ETAG": etag})
        assert answer.status_code in told[route.method], (
            route.name,
            answer.status_code,
            answer.text,
        )


def test_the_page_shows_them_and_how_to_get_a_token(world, clinic):
    page = html.unescape(requests.get(f"{world.issuer}/api/v1/docs", timeout=30).text)
    assert all(curl(route, f"{world.issuer}/api/v1") in page for route in ROUTES)
    (command,) = re.findall(r'id="curl-token">(.+?)</pre>', page, re.DOTALL)
    words = shlex.split(command.removeprefix("TOKEN=$(").removesuffix(")"))
    assert (
        words[:2] == ["curl", "-s"]
        and f"{world.issuer}/token" in words
        and "grant_type=client_credentials" in words
    )
    assert machine(world, "users:read").get("/users?limit=1")["items"], "such a token reads people"
    example = requests.get(f"{world.issuer}/api/v1/openapi.json", timeout=30).json()["paths"][
        "/users"
    ]["post"]["requestBody"]["content"]["application/json"]["example"]
    assert example["username"] == "jrivera"
