"""An operator at night: every command answers in words or JSON, takes nothing away by default, and
says what to do."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from idp.cli import COMMANDS, group
from idp.store import migrate
from tests.demo.test_running import ENVIRON
from tests.support.deployment import Deployment
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


def idp(settings: Path | str, *arguments: str, **environ: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "idp", "--settings", str(settings), *arguments]
    result = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=120,
        env={**ENVIRON, **environ},
        stdin=subprocess.DEVNULL,
    )
    assert "Traceback" not in result.stderr, result.stderr
    return result


@pytest.fixture
def deployment(tmp_path):
    made = Deployment(tmp_path / "deployment")
    yield made
    made.stop()


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
        (["organizations", "add", "123", "X"], 2),
    ],
)
def test_exit_codes_and_errors_as_json(deployment, arguments, code):
    said = idp(deployment.settings, *arguments)
    assert said.returncode == code and said.stderr.strip() and not said.stdout
    told = idp(deployment.settings, *arguments, "--json")
    assert told.returncode == code
    error = json.loads(told.stderr)
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
    made = json.loads(
        idp(
            deployment.settings,
            "clients",
            "add",
            "App",
            "--redirect-uri",
            "https://a.example/cb",
            "--json",
        ).stdout
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
    shown = json.loads(
        idp(deployment.settings, "clients", "show", made["client_id"], "--json").stdout
    )
    assert (
        shown["redirect_uris"] == ["https://a.example/cb", "https://b.example/cb"]
        and shown["initiate_login_uri"] == "https://a.example/"
    )
    update("--clear", "initiate_login_uri")
    shown = json.loads(
        idp(deployment.settings, "clients", "show", made["client_id"], "--json").stdout
    )
    assert "initiate_login_uri" not in shown and len(shown["redirect_uris"]) == 2, (
        "nothing else changed"
    )
    assert update("--profile", "classic", "--access-token-format", "opaque")["profile"] == "classic"
    assert update("--profile", "modern", "--clear", "access_token_format")["profile"] == "modern"
    assert update("--brand", "kepro", "--clear", "brand")["exit"] == 2
    assert (
        update()["exit"] == 2
        and update("--clear", "redirect_uris")["exit"] == 2
        and update("--clear", "nonsense")["exit"] == 2
    )
    assert update("--redirect-uri", "http://a.example/cb")["exit"] == 2
    assert (
        json.loads(idp(deployment.settings, "clients", "show", made["client_id"], "--json").stdout)
        == shown
    ), "and what was refused changed nothing"


def test_what_cannot_be_taken_back_is_asked_first(deployment):
    made = json.loads(
        idp(
            deployment.settings,
            "clients",
            "add",
            "App",
            "--redirect-uri",
            "https://a.example/cb",
            "--json",
        ).stdout
    )
    asked = idp(deployment.settings, "clients", "rotate-secret", made["client_id"])
    assert asked.returncode == 2 and "Replace the secret of App" in asked.stderr
    fresh = json.loads(
        idp(
            deployment.settings, "clients", "rotate-secret", made["client_id"], "--yes", "--json"
        ).stdout
    )
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
    assert json.loads(idp(deployment.settings, "apis", "list", "--json").stdout) == []


def test_a_client_is_removed_after_a_question_and_its_brand_changed_by_name(deployment):
    made = json.loads(
        idp(
            deployment.settings,
            "clients",
            "add",
            "App",
            "--redirect-uri",
            "https://a.example/cb",
            "--json",
        ).stdout
    )
    asked = idp(deployment.settings, "clients", "remove", made["client_id"])
    assert asked.returncode == 2 and "Remove App" in asked.stderr
    assert idp(deployment.settings, "clients", "show", made["client_id"]).returncode == 0
    assert idp(deployment.settings, "clients", "brand", made["client_id"]).returncode == 2
    deployment.set("brands", f'["{DEMO_BRANDS / "acentra.toml"}"]')
    assert (
        json.loads(
            idp(
                deployment.settings, "clients", "brand", made["client_id"], "acentra", "--json"
            ).stdout
        )["brand"]
        == "acentra"
    )
    assert (
        json.loads(
            idp(
                deployment.settings, "clients", "brand", made["client_id"], "--default", "--json"
            ).stdout
        )["brand"]
        == "stagedoor"
    )
    assert (
        json.loads(
            idp(
                deployment.settings, "clients", "remove", made["client_id"], "--yes", "--json"
            ).stdout
        )["people_signed_in"]
        == 0
    )
    assert idp(deployment.settings, "clients", "show", made["client_id"]).returncode == 3


@pytest.mark.parametrize(
    "arguments",
    [
        ["--issuer", "login.example.org"],
        ["--issuer", "https://login.example.org:99999"],
        ["--issuer", "http://[::1"],
        ["--issuer", "https://login.example.org"],  # without a mail server
        [
            "--issuer",
            "https://login.example.org",
            "--mail-host",
            "smtp.example.org",
            "--mail-from",
            "nobody",
        ],
        ["--database-url", "postgresql://idp@127.0.0.1:1/idp"],
        ["--database-url", "oracle://x"],
        ["--database-url", "postgresql://idp@127.0.0.1:1/idp", "--data-dir", "data"],
        ["--data-dir", "/proc/nothing"],
    ],
)
def test_init_writes_nothing_that_it_then_refuses(tmp_path, arguments):
    folder = tmp_path / "new"
    folder.mkdir()
    said = idp(folder / "idp.toml", "init", *arguments)
    assert said.returncode in (2, 4) and said.stderr.strip()
    assert list(folder.iterdir()) == [], said.stderr
    assert idp(folder / "idp.toml", "init").returncode == 0, "the corrected command works"


def test_init_into_a_folder_that_cannot_be_written_is_a_sentence():
    said = idp("/proc/etc/idp.toml", "init")
    assert said.returncode == 2 and "/proc" in said.stderr


def test_the_data_lies_where_it_is_told_and_mail_comes_from_the_issuers_host(tmp_path):
    data = tmp_path / "var" / "lib"
    said = idp(
        tmp_path / "etc" / "idp.toml",
        "init",
        "--issuer",
        "https://login.example.org",
        "--mail-host",
        "smtp.example.org",
        "--data-dir",
        str(data),
    )
    assert said.returncode == 0, said.stderr
    assert (data / "idp.sqlite").is_file() and not list((tmp_path / "etc").glob("*.sqlite*"))
    text = (tmp_path / "etc" / "idp.toml").read_text()
    assert 'sender = "no-reply@login.example.org"' in text
    again = idp(
        tmp_path / "etc" / "idp.toml",
        "init",
        "--issuer",
        "https://login.example.org",
        "--data-dir",
        str(data),
    )
    assert again.returncode == 0 and "Kept the existing" in again.stdout
    other = idp(tmp_path / "etc" / "idp.toml", "init", "--data-dir", str(tmp_path / "elsewhere"))
    assert other.returncode == 2 and "--data-dir does not change it" in other.stderr


def test_a_database_of_a_newer_program_is_said_in_a_sentence(deployment):
    deployment.sql("UPDATE alembic_version SET version_num = '9999'")
    deployment.sql("DELETE FROM versions WHERE name = 'oldest_program'")
    for arguments in (["db", "upgrade"], ["clients", "list"], ["init"], ["serve"]):
        said = idp(deployment.settings, *arguments)
        assert said.returncode == 2 and "newer program" in said.stderr, (arguments, said.stderr)
    found = deployment.wrong()
    assert "newer" in found["migrations"]["says"]


def test_a_server_stays_ready_while_a_newer_version_upgrades_its_database(deployment):
    import requests

    deployment.serve()
    address = f"http://127.0.0.1:{deployment.port}/readyz"
    assert requests.get(address, timeout=10).status_code == 200
    mine = int(migrate.head())
    deployment.sql(f"UPDATE alembic_version SET version_num = '{mine + 1:04d}'")
    deployment.sql(f"UPDATE versions SET number = {mine} WHERE name = 'oldest_program'")
    assert requests.get(address, timeout=10).status_code == 200
    deployment.sql(f"UPDATE versions SET number = {mine + 1} WHERE name = 'oldest_program'")
    assert requests.get(address, timeout=10).status_code == 503


def test_each_metric_is_there_once_under_two_workers(deployment):
    import requests

    deployment.set("workers", "2", "server")
    deployment.serve()
    token = (deployment.folder / "idp.metrics").read_text().strip()
    for _ in range(12):  # of both workers
        text = requests.get(
            f"http://127.0.0.1:{deployment.port}/metrics",
            headers={"Authorization": f"Bearer {token}"},
            timeout=10,
        ).text
        lines = [
            line.rpartition(" ")[0]
            for line in text.splitlines()
            if line and not line.startswith("#")
        ]
        assert len(lines) == len(set(lines)), sorted(
            line for line in lines if lines.count(line) > 1
        )
        assert sum(line.startswith("stagedoor_outbox_oldest_seconds") for line in lines) == 1


def test_a_host_name_to_listen_on(deployment):
    deployment.set("host", '"localhost"', "server")
    deployment.serve()
    deployment.stop()
    deployment.set("host", '"not-an-address"', "server")
    said = idp(deployment.settings, "serve")
    assert said.returncode == 2 and "server.host" in said.stderr
    assert "server.host" in deployment.wrong()["settings"]["says"]


def test_the_units_and_images_name_what_is_there():
    """What systemd, podman and compose are not here to try: the commands that they run, and the
    folders that they may write."""
    unit = (ROOT / "deploy" / "stagedoor.service").read_text()
    assert (
        "ProtectSystem=strict" in unit
        and "StateDirectory=stagedoor" in unit
        and "--data-dir /var/lib/stagedoor" in unit
    )
    for file in (ROOT / "deploy").iterdir():
        for words in re.findall(
            r"\bidp(?: --settings \S+)? ((?:init|db|serve|backup)[a-z ]*)", file.read_text()
        ):
            assert any(name in words for name in ("init", "db upgrade", "serve", "backup")), (
                file.name,
                words,
            )
    image = (ROOT / "deploy" / "Containerfile").read_text()
    assert (
        "install -d -o stagedoor -g stagedoor -m 0700 /etc/stagedoor" in image
        and "db upgrade" in image
    )
    compose = (ROOT / "deploy" / "compose.yaml").read_text()
    assert "idp init" in compose and "idp db upgrade" in compose
    assert '"settings:/etc/stagedoor"' in compose, "init writes there"


@pytest.mark.parametrize(
    "unit", ["stagedoor.service", "stagedoor-backup.service", "stagedoor-backup.timer"]
)
def test_systemd_finds_nothing_wrong(unit, tmp_path):
    from tests.support.postgres import find

    analyze = find("systemd-analyze")
    if analyze is None:
        pytest.skip("no systemd on this machine")
    text = (
        (ROOT / "deploy" / unit)
        .read_text()
        .replace("/opt/stagedoor/bin/idp", "/bin/true")
        .replace("User=stagedoor", "User=root")
        .replace("Group=stagedoor", "Group=root")
    )
    (tmp_path / unit).write_text(text)
    result = subprocess.run(
        [analyze, "verify", "--man=no", str(tmp_path / unit)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    complaints = [line for line in result.stderr.splitlines() if unit in line]
    assert not complaints, complaints
