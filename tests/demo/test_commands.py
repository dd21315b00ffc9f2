"""The `idp` command as an operator uses it: tables for people, JSON for programs, sentences for
mistakes."""

import json
import re
import subprocess
import sys

import pytest
from click.testing import CliRunner

from idp.cli import group
from idp.flow.journeys import SIGN_IN
from idp.store import migrate
from tests.support.client import Client
from tests.support.person import Person
from tests.support.registering import enrol, to_method
from tests.support.stories import sign_in, to_code_page


@pytest.fixture
def idp(tmp_path):
    """Run a command on a deployment of its own; its output."""
    settings = tmp_path / "idp.toml"

    def run(*arguments: str, **options) -> str:
        result = CliRunner().invoke(
            group, ["--settings", str(settings), *arguments], catch_exceptions=False, **options
        )
        assert result.exit_code == 0, result.output
        return result.output

    run("init")
    return run


@pytest.fixture
def at_world(world):
    """Run a command on the rows of a world that is being served."""
    path = world.folder / "world.toml"
    (world.folder / "world.secret").write_text(world.settings.root.reveal())
    path.write_text(
        f'issuer = "{world.issuer}"\nmode = "development"\ninbox = true\nsecret_file = '
        f'"world.secret"\n[database]\nurl = "{world.settings.database.url}"\n'
    )

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(
            group, ["--settings", str(path), *arguments], catch_exceptions=False
        )
        assert result.exit_code == 0, result.output
        return result.output

    return run


def test_init_asks_nothing_and_may_be_run_again(idp, tmp_path):
    first = (tmp_path / "idp.toml").read_text()
    assert "Kept the existing" in idp("init") and (tmp_path / "idp.toml").read_text() == first
    assert idp("db", "current").startswith(f"The database is at version {migrate.head()}")
    assert [key["state"] for key in json.loads(idp("keys", "list", "--json"))] == [
        "signing",
        "signing",
    ]


@pytest.mark.parametrize(
    "method",
    ["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none"],
)
@pytest.mark.parametrize("kind", ["portal", "service", "api"])
def test_every_kind_of_client_is_printed_with_its_own_method(idp, tmp_path, kind, method):
    from joserfc.jwk import ECKey

    if method == "none" and kind != "portal":
        return
    (tmp_path / "keys.json").write_text(
        json.dumps(ECKey.generate_key("P-256").as_dict(private=False))
    )
    idp(
        "resource-servers",
        "add",
        "https://cases.example",
        "--name",
        "Cases",
        "--scope",
        "cases:read=read cases",
    )
    options = {
        "portal": ["--redirect-uri", "https://x.example/cb"],
        "service": ["--service", "--scope", "cases:read"],
        "api": ["--introspects", "https://cases.example"],
    }
    auth = (
        ["--jwks", str(tmp_path / "keys.json")]
        if method == "private_key_jwt"
        else ["--public"]
        if method == "none"
        else ["--auth-method", method]
    )
    said = idp("clients", "add", "X", *options[kind], *auth)
    assert method in said and "None" not in said.replace("client.None()", "").replace(
        "client_secret=None", ""
    )
    others = {
        "client_secret_basic",
        "client_secret_post",
        "client_secret_jwt",
        "private_key_jwt",
    } - {method}
    assert not any(other in said for other in others)


def test_a_registered_client_is_printed_with_settings_to_paste_and_its_secret_once(idp):
    said = idp("clients", "add", "Clinic desk", "--redirect-uri", "https://desk.example/callback")
    for framework in (
        "Flask with Authlib",
        "Node with openid-client",
        "Apache with mod_auth_openidc",
        "Spring Security",
    ):
        assert framework in said
    registration = json.loads(
        idp("clients", "add", "Second", "--redirect-uri", "https://two.example/callback", "--json")
    )
    assert {
        "client_id",
        "client_secret",
        "client_secret_expires_at",
        "client_id_issued_at",
        "redirect_uris",
        "grant_types",
    } <= set(registration)
    shown = idp("clients", "show", registration["client_id"], "--json")
    assert registration["client_secret"] not in shown
    assert "Clinic desk" in idp("clients", "list")
    fresh = json.loads(
        idp("clients", "rotate-secret", registration["client_id"], "--yes", "--json")
    )["client_secret"]
    assert fresh != registration["client_secret"]
    idp("clients", "remove", registration["client_id"], "--yes")
    assert "Second" not in idp("clients", "list")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["clients", "show", "nobody"], "there is no client nobody"),
        (
            ["clients", "add", "X", "--redirect-uri", "http://desk.example/cb"],
            "http is allowed for localhost only",
        ),
        (
            ["clients", "add", "X", "--redirect-uri", "https://desk.example/cb#f"],
            "must not have a fragment",
        ),
        (
            ["clients", "add", "X", "--redirect-uri", "https://*.example/cb"],
            "wildcards are not supported",
        ),
        (["clients", "add", "X", "--redirect-uri", "javascript:alert(1)", "--public"], "use https"),
        (["clients", "add", "X", "--redirect-uri", "https://[::bad/"], "is not a valid address"),
        (
            [
                "clients",
                "add",
                "X",
                "--redirect-uri",
                "https://a.example/",
                "--public",
                "--auth-method",
                "client_secret_basic",
            ],
            "a public client has no secret",
        ),
        (
            [
                "clients",
                "add",
                "X",
                "--redirect-uri",
                "https://a.example/",
                "--auth-method",
                "magic",
            ],
            "the authentication method must be one of",
        ),
        (["accounts", "show", "nobody"], "there is no account nobody"),
        (["organizations", "add", "1", "X", "Y"], "give an identifier and a name"),
        (["explain", "ABCDEFGH"], "no sign-in at this provider has the reference ABCDEFGH"),
    ],
)
def test_a_mistake_is_one_sentence_and_an_exit_code(idp, tmp_path, arguments, says):
    command = [sys.executable, "-m", "idp", "--settings", str(tmp_path / "idp.toml"), *arguments]
    result = subprocess.run(command, capture_output=True, text=True, timeout=180)
    assert result.returncode == (3 if says.startswith(("there is no", "no sign-in")) else 2)
    assert says in result.stderr and "Traceback" not in result.stderr


def test_settings_that_are_missing_are_said_so(tmp_path):
    result = subprocess.run(
        [sys.executable, "-m", "idp", "--settings", str(tmp_path / "no.toml"), "keys", "list"],
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert result.returncode == 2 and "`idp init` makes one" in result.stderr


def test_accounts_and_organizations(idp):
    code = json.loads(idp("organizations", "add", "1234567893", "Lakeside Clinic", "--json"))[
        "registration_code"
    ]
    assert len(code) >= 12 and "Lakeside Clinic" in idp("organizations", "list")
    idp(
        "accounts",
        "add",
        "ddunn2020",
        "--email",
        "d@x.example",
        "--given-name",
        "Daisy",
        "--family-name",
        "Dunn",
        "--npi",
        "1234567893",
        env={"IDP_NEW_PASSWORD": "long-enough-1"},
    )
    shown = json.loads(idp("accounts", "show", "DDunn2020", "--json"))
    assert shown["state"] == "not registered yet" and shown["organizations"][0]["roles"] == ["user"]
    assert [one["kind"] for one in shown["credentials"]] == ["password"]
    shown = idp("accounts", "show", "DDunn2020")
    assert "password since " in shown
    times = re.findall(r"[0-9]{2}:[0-9]{2}:[0-9]{2}(?: UTC)?", shown)
    assert times and all(one.endswith("UTC") for one in times), "with their zone"
    idp("accounts", "disable", "ddunn2020")
    assert "disabled" in idp("accounts", "list")
    idp("accounts", "enable", "ddunn2020")
    assert "disabled" not in idp("accounts", "list")


def test_flow_prints_the_table_that_the_code_runs(idp):
    printed = json.loads(idp("flow", "--json"))["journeys"]["sign-in"]
    assert [row[0] for row in printed] == [question.__name__ for question in SIGN_IN]
    assert all(row[1] for row in printed)
    for question in SIGN_IN:
        assert question.__name__ in idp("flow")


def test_a_rotated_key_waits_for_its_turn(idp):
    idp("keys", "rotate")
    assert sorted(key["state"] for key in json.loads(idp("keys", "list", "--json"))) == [
        "next",
        "next",
        "signing",
        "signing",
    ]


def test_explain_tells_the_story_of_a_visit(world, client, at_world):
    person = Person(world.issuer)
    client.sends(person)
    person.press("LOGIN WITH EMAIL")
    person.fill("Email Address", "daisy.dunn@lakeside.example").fill("Password", "wrong").press(
        "Sign in"
    )
    reference = person.page.html.split('class="reference">')[1].split("<")[0]
    person.fill("Email Address", "daisy.dunn@lakeside.example").fill(
        "Password", "correct-horse-lakeside"
    ).press("Sign in")
    person.press("Send verification code")
    person.fill("Verification Code", world.newest_code()).press("Verify code").press("Continue")
    told = " ".join(at_world("explain", f" {reference[:4].lower()}-{reference[4:]} ").split())
    for part in (
        "Person: ddunn2020",
        "Came from Clinic desk. We showed the LOGIN OPTIONS page.",
        "Was told on the page for email address and password: That email address and "
        "password do not match",
        "Asked for a code. We showed the page for the emailed code.",
        "Pressed Continue. ddunn2020 is signed in with the password and the code sent by email.",
    ):
        assert part in told, told
    story = " ".join(at_world("explain", reference, "--rows").split())
    for part in (
        "the page options is shown, because option_not_chosen",
        "sign-in:password_wrong",
        "ddunn2020 gave password",
        "the page email-code is shown, because proof_too_weak",
        "a code is issued for ddunn2020, acr urn:stagedoor:acr:two-step, amr pwd otp",
        "password_wrong ddunn2020: failure",
        "sign_in ddunn2020: success",
    ):
        assert part in story, story
    steps = json.loads(at_world("explain", reference, "--json"))["steps"]
    assert steps[-1]["answer"]["kind"] == "issue"


def test_a_client_of_another_process_is_known_at_once_and_a_removed_one_soon_forgotten(
    world, at_world
):
    registration = json.loads(
        at_world(
            "clients", "add", "Desk", "--redirect-uri", "http://localhost:1/callback", "--json"
        )
    )
    client = Client(world.issuer, registration)
    person = Person(world.issuer)
    client.sends(person)
    sign_in(world, person)
    assert client.tokens(person)
    at_world("clients", "remove", client.id, "--yes")
    import time

    time.sleep(1.1)
    client.sends(person)
    assert person.heading == "This application is not known here"


def test_a_disabled_account_loses_everything_at_once(world, client, at_world):
    person = Person(world.issuer)
    client.sends(person)
    sign_in(world, person)
    tokens = client.tokens(person)
    at_world("accounts", "disable", "daisy.dunn@lakeside.example")
    assert client.userinfo(tokens["access_token"]).status_code == 401
    assert client.refresh(tokens["refresh_token"]).status_code == 400
    at_world("accounts", "enable", "ddunn2020")
    assert client.userinfo(tokens["access_token"]).status_code == 401, "what was ended stays ended"
    client.sends(person)
    assert to_code_page(person).heading == "Verification is necessary"


def test_a_registration_is_told_by_what_the_person_did(world, client, at_world):
    """What was due and done at a press of a button stands below it, not above."""
    person = client.sends(Person(world.issuer))
    reference = person.page.html.split('class="reference">')[1].split("<")[0]
    enrol(world, to_method(person))
    told = " ".join(at_world("explain", reference).split())
    assert (
        "Agreed to the terms of use. The registration is saved. The new password works from now on. "
        "pnair2019 is signed in" in told
    )
    assert "missing" not in told.partition("Agreed")[2]
    rows = " ".join(at_world("explain", reference, "--rows").split())
    assert rows.count("so: keep, because") == 1
