"""An operator at night: every command answers in words or JSON, takes nothing away by default, and
says what to do."""

import json
import re
from pathlib import Path

import pytest

from idp.cli import COMMANDS, OLD_NAMES, group
from idp.settings import renamed
from tests.support.commands import idp, told
from tests.support.world import DEMO_BRANDS

ROOT = Path(__file__).parent.parent.parent
SILENT = {"serve", "outbox", "audit export"}  # they print no facts


def commands(found=group, path: tuple[str, ...] = ()):
    """Every command, with its words."""
    import click

    context = click.Context(found)
    for name in found.list_commands(context):
        one = found.get_command(context, name)
        if isinstance(one, click.Group):
            yield from commands(one, (*path, name))
        else:
            yield " ".join((*path, name)), one


def test_every_command_that_prints_takes_json():
    found = dict(commands())
    assert len(found) > 40 and set(COMMANDS) <= {name.split()[0] for name in found}
    without = {
        name
        for name, one in found.items()
        if "--json" not in {option for parameter in one.params for option in parameter.opts}
    }
    assert without == SILENT


def test_every_command_that_the_documents_name_is_there():
    found = {name for name, _ in commands()} | set(COMMANDS)
    text = "\n".join(
        path.read_text() for path in [*(ROOT / "docs").glob("*.md"), ROOT / "README.md"]
    )
    for words in set(re.findall(r"`idp ((?:[a-z-]+ ?){1,3})", text)):
        parts = [word for word in words.split() if not word.startswith("-")]
        if not parts:
            continue
        assert any(" ".join(parts[:n]) in found for n in (1, 2, 3)), words


def test_no_document_names_what_the_program_calls_old():
    hidden = {
        name
        for _, command in commands()
        for option in command.params
        if getattr(option, "hidden", False)
        for name in option.opts
    }
    old = {f"--{name}" for name in OLD_NAMES} | hidden | {f"idp {name}" for name in OLD_NAMES}
    old |= {f"[{section}]" for section in renamed.SECTIONS} | {f'"{m}"' for m in renamed.METHODS}
    old |= {f"{section}.{key}" for section, keys in renamed.KEYS.items() for key in keys}
    old |= {f"IDP_{section.upper()}_" for section in renamed.SECTIONS}
    assert len(old) > 8 and "--opaque" in hidden
    texts = [*(ROOT / "docs").glob("*.md"), ROOT / "README.md", ROOT / "config" / "idp.toml"]
    texts += [*(ROOT / "idp" / "templates").rglob("*.html"), *(ROOT / "deploy").rglob("*.*")]
    for path in texts:
        text = path.read_text()
        named = [name for name in old if re.search(rf"{re.escape(name)}(?![\w-])", text)]
        assert not named, (path.name, named)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["clients", "show", "nobody"], 3),
        (["accounts", "show", "nobody"], 3),
        (["accounts", "roles", "show", "nobody"], 3),
        (["organizations", "code", "1234567893"], 3),
        (["explain", "ABCDEFGH"], 3),
        (["clients", "brand", "nobody"], 2),
        (["clients", "nonsense"], 2),
        (["organizations", "add", "123", "X", "Y"], 2),
    ],
)
def test_exit_codes_and_errors_as_json(deployment, arguments, code):
    said = idp(deployment.settings, *arguments)
    assert said.returncode == code and said.stderr.strip() and not said.stdout
    as_json = idp(deployment.settings, *arguments, "--json")
    assert as_json.returncode == code
    error = json.loads(as_json.stderr)
    assert error["exit_code"] == code and error["error"]


def test_a_database_that_is_not_there_is_exit_code_4(deployment):
    said = idp(
        deployment.settings, "clients", "list", DATABASE_URL="postgresql://idp@127.0.0.1:1/idp"
    )
    assert said.returncode == 4 and "the database did not answer" in said.stderr


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "mysql://x/y",
        "sqlite://",
        "postgresql://[::1/x",
        "postgresql://x:notaport/y",
        "sqlite:///",
    ],
)
def test_an_odd_address_of_the_database_is_a_sentence(deployment, url):
    said = idp(deployment.settings, "clients", "list", DATABASE_URL=url)
    assert said.returncode == 2 and "database.url" in said.stderr


def test_odd_settings_files_are_sentences(tmp_path):
    folder = tmp_path / "folder.toml"
    folder.mkdir()
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    for path in (folder, binary, tmp_path / "none.toml", tmp_path / "binary.toml" / "below.toml"):
        for arguments in (["clients", "list"], ["doctor"], ["serve"], ["db", "current"], ["init"]):
            if arguments == ["init"] and path.name == "none.toml":
                continue
            said = idp(path, *arguments)
            assert said.returncode in (1, 2) and (said.stderr or said.stdout).strip(), (
                path,
                arguments,
            )


def test_a_mark_at_the_beginning_of_a_file_is_no_mistake(deployment):
    for file in (deployment.settings, deployment.folder / "idp.secret"):
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert idp(deployment.settings, "keys", "list").returncode == 0


def test_roles_are_shown_set_added_and_removed_and_never_by_default(deployment):
    idp(
        deployment.settings,
        "accounts",
        "add",
        "jdoe26",
        "--email",
        "j@x.example",
        "--given-name",
        "J",
        "--family-name",
        "D",
        IDP_NEW_PASSWORD="quiet-river-boat",
    )

    def roles(*arguments: str) -> list[str]:
        said = idp(deployment.settings, "accounts", "roles", *arguments, "--json")
        return (
            json.loads(said.stdout)["roles"]
            if said.returncode == 0
            else [f"exit {said.returncode}"]
        )

    assert roles("set", "jdoe26", "reviewer", "auditor") == ["reviewer", "auditor"]
    assert roles("set", "jdoe26") == ["exit 2"] and roles("show", "jdoe26") == [
        "reviewer",
        "auditor",
    ]
    assert roles("add", "jdoe26", "clerk") == ["reviewer", "auditor", "clerk"]
    assert roles("remove", "jdoe26", "auditor") == ["reviewer", "clerk"]
    assert roles("remove", "jdoe26", "auditor") == ["exit 3"]
    assert roles("set", "jdoe26", "--none") == []


def test_a_client_is_changed_by_the_options_that_registered_it(deployment):
    made = told(
        deployment.settings, "clients", "add", "App", "--redirect-uri", "https://a.example/cb"
    )

    def update(*options: str) -> dict:
        said = idp(deployment.settings, "clients", "update", made["client_id"], *options, "--json")
        return (
            json.loads(said.stdout)
            if said.returncode == 0
            else {"exit": said.returncode, "says": said.stdout + said.stderr}
        )

    now = update(
        "--name",
        "Our app",
        "--redirect-uri",
        "https://a.example/cb",
        "--redirect-uri",
        "https://b.example/cb",
        "--start-url",
        "https://a.example/",
    )
    assert now["client_name"] == "Our app"
    shown = told(deployment.settings, "clients", "show", made["client_id"])
    assert (
        shown["redirect_uris"] == ["https://a.example/cb", "https://b.example/cb"]
        and shown["initiate_login_uri"] == "https://a.example/"
    )
    update("--clear", "initiate_login_uri")
    shown = told(deployment.settings, "clients", "show", made["client_id"])
    assert "initiate_login_uri" not in shown and len(shown["redirect_uris"]) == 2, (
        "nothing else changed"
    )
    assert (
        update("--profile", "classic", "--access-token-format", "reference")["profile"] == "classic"
    )
    assert update("--profile", "modern", "--clear", "access_token_format")["profile"] == "modern"
    assert update("--brand", "kepro", "--clear", "brand")["exit"] == 2
    assert (
        update()["exit"] == 2
        and update("--clear", "redirect_uris")["exit"] == 2
        and update("--clear", "nonsense")["exit"] == 2
    )
    assert update("--redirect-uri", "http://a.example/cb")["exit"] == 2
    assert told(deployment.settings, "clients", "show", made["client_id"]) == shown, (
        "and what was refused changed nothing"
    )


def test_what_cannot_be_taken_back_is_asked_first(deployment):
    made = told(
        deployment.settings, "clients", "add", "App", "--redirect-uri", "https://a.example/cb"
    )
    asked = idp(deployment.settings, "clients", "rotate-secret", made["client_id"])
    assert asked.returncode == 2 and "Replace the secret of App" in asked.stderr
    fresh = told(deployment.settings, "clients", "rotate-secret", made["client_id"], "--yes")
    assert fresh["client_secret"] != made["client_secret"]
    idp(
        deployment.settings,
        "apis",
        "add",
        "https://cases.example",
        "--name",
        "Cases",
        "--scope",
        "cases:read=read your cases",
    )
    asked = idp(deployment.settings, "apis", "remove", "https://cases.example")
    assert asked.returncode == 2 and "Remove Cases" in asked.stderr
    assert idp(deployment.settings, "apis", "remove", "https://other.example").returncode == 3
    assert (
        idp(deployment.settings, "apis", "remove", "https://cases.example", "--yes").returncode == 0
    )
    assert told(deployment.settings, "apis", "list") == []


def test_a_client_is_removed_after_a_question_and_its_brand_changed_by_name(deployment):
    made = told(
        deployment.settings, "clients", "add", "App", "--redirect-uri", "https://a.example/cb"
    )
    asked = idp(deployment.settings, "clients", "remove", made["client_id"])
    assert asked.returncode == 2 and "Remove App" in asked.stderr
    assert idp(deployment.settings, "clients", "show", made["client_id"]).returncode == 0
    assert idp(deployment.settings, "clients", "brand", made["client_id"]).returncode == 2
    deployment.set("brands", f'["{DEMO_BRANDS / "acentra.toml"}"]')
    assert (
        told(deployment.settings, "clients", "brand", made["client_id"], "acentra")["brand"]
        == "acentra"
    )
    assert (
        told(deployment.settings, "clients", "brand", made["client_id"], "--default")["brand"]
        == "stagedoor"
    )
    assert (
        told(deployment.settings, "clients", "remove", made["client_id"], "--yes")[
            "people_signed_in"
        ]
        == 0
    )
    assert idp(deployment.settings, "clients", "show", made["client_id"]).returncode == 3


def test_commands_and_options_by_their_old_names_say_the_new_ones(deployment):
    def run(*arguments: str):
        said = idp(deployment.settings, *arguments, "--json")
        assert said.returncode == 0, said.stderr
        return json.loads(said.stdout), said.stderr

    added = ("https://cases.example", "--name", "Cases", "--scope", "cases:read=read your cases")
    found, said = run("apis", "add", *added)
    assert found["identifier"] == "https://cases.example"
    assert "apis is now resource-servers" in said and "until the next release" in said
    client, said = run("clients", "add", "Job", "--machine", "--opaque", "--scope", "cases:read")
    assert "--machine is now --service" in said
    assert "--opaque is now --access-token-format reference" in said
    shown, said = run("clients", "show", client["client_id"])
    assert shown["grant_types"] == ["client_credentials"] and not said
    assert shown["access_token_format"] == "reference"
    assert run("resource-servers", "list")[0][0]["identifier"] == "https://cases.example"
