"""An operator installs, upgrades and starts it: `idp init`, the age of the database, the server, and
the files that run it."""

import re
import subprocess
from pathlib import Path

import pytest

from idp.store import migrate
from tests.support.commands import idp

ROOT = Path(__file__).parent.parent.parent


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
