"""The same text means the same by every way in: a person's name by page, API and command, a
client's addresses by API and command, and a client's secret in header and form."""

from collections.abc import Callable
from subprocess import CompletedProcess

import pytest
import requests

from idp.cli.init import write_settings
from idp.oauth.registration import BY_NAME, FIELDS
from idp.operations import employees
from tests.support import management
from tests.support.client import Client
from tests.support.commands import idp
from tests.support.person import Person
from tests.support.registering import give_code, register
from tests.support.world import DEMO_BRANDS, ROOT_SECRET

PERSIAN, LONGEST, REFUSED = "می\u200cنا", 100, "refused"
# given and family name as typed, and as they are kept
NAMES = {
    "a joiner inside": ("Mina", PERSIAN, ("Mina", PERSIAN)),
    "a joiner at the end": ("Mina", f"{PERSIAN}\u200c", ("Mina", PERSIAN)),
    "a zero width space": ("Mi\u200bna", "Va\u200ble", ("Mina", "Vale")),
    "nothing but one": ("\u200b", "Vale", ("", "Vale")),
    "nothing at all": ("\u200b", " ", REFUSED),
    "as long as may be, but for what is not seen": (
        "x" * LONGEST + "\u200b",
        "Vale",
        ("x" * LONGEST, "Vale"),
    ),
    "as long as may be": ("x" * LONGEST, "Vale", ("x" * LONGEST, "Vale")),
    "too long": ("Mina", "x" * (LONGEST + 1), REFUSED),
    "the other too long": ("x" * (LONGEST + 1), "Vale", REFUSED),
}
USERNAME, ADDRESS = "mvale2026", "mira.vale@lakeside.example"
WITH_A_NAME_IN_IT = "https://user@app.example/cb"
ADDRESSES = sorted(field.name for field in FIELDS if field.kind in ("uri", "uris"))


@pytest.fixture
def command(world, tmp_path) -> Callable[..., CompletedProcess]:
    """`idp`, on the database of this world."""
    path = tmp_path / "by-command" / "idp.toml"
    path.parent.mkdir()
    write_settings(path, world.issuer, "", "", brand=str(DEMO_BRANDS / "kepro.toml"))
    own = {"DATABASE_URL": world.settings.database.url, "IDP_SECRET": ROOT_SECRET.reveal()}
    return lambda *arguments, **more: idp(path, *arguments, **own, **more)


@pytest.fixture
def chief(world):
    """The API, for Daisy, who manages everything here."""
    client = management.desk(world)
    with world.inside():
        employees.set_roles(world.time.now, "test", "ddunn2020", ["portal-administrator"])
    return management.by_phone(world, client)[1]


def kept(world):
    """What became of the name; "refused" where there is no account."""
    from idp.store import accounts

    with world.inside():
        found = accounts.by_username(USERNAME)
        return (found.given_name, found.family_name) if found else REFUSED


@pytest.mark.parametrize(("given", "family", "expected"), NAMES.values(), ids=NAMES)
def test_a_name_by_page(world, client, given, family, expected):
    person = client.sends(Person(world.issuer))
    register(world, person, give_code(world), **{"FIRST NAME *": given, "LAST NAME *": family})
    assert kept(world) == expected
    assert (person.status, bool(person.page.errors)) == (
        (422, True) if expected == REFUSED else (200, False)
    )


@pytest.mark.parametrize(("given", "family", "expected"), NAMES.values(), ids=NAMES)
def test_a_name_by_the_api(world, chief, given, family, expected):
    order = {
        "username": USERNAME,
        "email": ADDRESS,
        "given_name": given,
        "family_name": family,
        "organization_id": chief.organization("Lakeside Clinic")["id"],
    }
    answer = chief("POST", "/users", order)
    assert kept(world) == expected
    assert answer.status_code == (201 if expected != REFUSED else answer.status_code) < 500
    if expected == REFUSED:
        assert answer.status_code in (400, 409, 422) and "name" in answer.text, answer.text
    else:
        user = answer.json()["user"]
        assert (user["given_name"], user["family_name"]) == expected


@pytest.mark.parametrize(("given", "family", "expected"), NAMES.values(), ids=NAMES)
def test_a_name_by_command(world, command, given, family, expected):
    names = ("--given-name", given, "--family-name", family)
    added = command("accounts", "add", USERNAME, *names, IDP_NEW_PASSWORD="quiet-river-calm")
    assert kept(world) == expected
    assert added.returncode == (2 if expected == REFUSED else 0), added.stderr
    if expected == REFUSED:
        assert "name" in added.stderr, "which says what is wrong"


@pytest.mark.parametrize("field", ADDRESSES)
def test_an_address_with_a_name_in_it_is_refused(world, command, chief, field):
    many = BY_NAME[field].kind == "uris"
    order = {"client_name": "Desk", "redirect_uris": ["https://app.example/cb"]}
    wrong = {field: [WITH_A_NAME_IN_IT] if many else WITH_A_NAME_IN_IT}
    made = chief("POST", "/clients", order)
    assert made.status_code == 201, made.text
    known = f"/clients/{made.json()['client']['client_id']}"
    for answer in (
        chief("POST", "/clients", {**order, **wrong}),
        chief("PATCH", known, wrong, If_Match="*"),
    ):
        assert management.kind(answer) == "not_possible", answer.text
        assert [one["field"] for one in answer.json()["errors"]] == [field]
        assert "must not contain a username or password" in answer.text
    options = ["--redirect-uri", "https://app.example/cb"] if field != "redirect_uris" else []
    options += [BY_NAME[field].option, WITH_A_NAME_IN_IT]
    for words in (
        ("clients", "add", "Desk", *options),
        ("clients", "update", known.rpartition("/")[2], *options),
    ):
        said = command(*words)
        assert said.returncode == 2 and "must not contain a username" in said.stderr, said.stderr
    assert [one["client_name"] for one in chief.get("/clients")["items"]].count("Desk") == 1


def test_every_address_of_a_client_has_an_option():
    assert len(ADDRESSES) >= 7 and all(BY_NAME[name].option for name in ADDRESSES)


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
@pytest.mark.parametrize(
    "form",
    [
        {"grant_type": "authorization_code", "code": "x", "redirect_uri": "http://localhost:1/cb"},
        {"grant_type": "refresh_token", "refresh_token": "x"},
        {"grant_type": "client_credentials"},
    ],
    ids=["code", "refresh", "service"],
)
def test_a_stranger_does_not_learn_which_clients_there_are(world, method, form):
    """An unknown client, a wrong secret, and a client that authenticates in another way are
    answered the same, to the byte."""
    made = world.add_client(auth_method=method)
    other = world.add_client(
        "Other", auth_method=({"client_secret_basic", "client_secret_post"} - {method}).pop()
    )
    public = world.add_client("App", public=True)

    def answer(client_id: str, secret: str) -> tuple:
        if method == "client_secret_basic":
            more = {"data": form, "auth": (client_id, secret)}
        else:
            more = {"data": {**form, "client_id": client_id, "client_secret": secret}}
        said = requests.post(f"{world.issuer}/token", timeout=30, **more)
        headers = {name: said.headers[name] for name in said.headers if name != "Date"}
        return said.status_code, said.content, headers

    right = answer(made["client_id"], made["client_secret"])
    wrong = {
        answer(client_id, "a-wrong-secret")[:2]
        for client_id in ("nobody", made["client_id"], other["client_id"], public["client_id"])
    }
    assert len(wrong) == 1 and wrong.pop()[0] == 401 and right[0] != 401
    nobody, known = answer("nobody", "x"), answer(made["client_id"], "x")
    assert nobody == known, "the headers too"


def test_with_the_secret_it_goes_on(world, client):
    """So that the refusals above are about the secret."""
    said = Client(world.issuer, client.registration).redeem("no-code")
    assert (said.status_code, said.json()["error"]) == (400, "invalid_grant")
