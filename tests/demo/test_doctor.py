"""`idp doctor` finds what was planted, and its advice repairs it: each by the command alone, as an
operator would."""

import sqlite3
import subprocess
import sys
import time

import pytest

from idp.cli.init import make_secret
from tests.support.commands import ENVIRON, done
from tests.support.deployment import Deployment
from tests.support.postgres import free_port


def test_a_fresh_deployment_has_nothing_but_hints(deployment):
    for file in deployment.folder.iterdir():
        file.unlink()
    # and no worker yet
    done(deployment.folder, "init", "--issuer", f"http://localhost:{deployment.port}")
    assert deployment.wrong() == {}
    deployment.serve()
    code, findings = deployment.doctor()
    assert code == 0 and {one["about"] for one in findings if one["state"] == "warning"} == {
        "mode",
        "clients",
    }
    assert {
        "settings",
        "secrets",
        "cookies",
        "host",
        "migrations",
        "database",
        "clock",
        "keys",
        "outbox",
        "phone",
        "issuer",
        "proxies",
        "mail",
    } <= {one["about"] for one in findings}
    said = subprocess.run(
        [sys.executable, "-m", "idp", "--settings", str(deployment.settings), "doctor"],
        capture_output=True,
        text=True,
        timeout=180,
        env=ENVIRON,
    )
    assert (
        "idp clients add NAME --redirect-uri URL" in said.stdout
        and "2 findings need attention." in said.stdout
    )


def test_a_setting_that_does_not_exist(deployment):
    deployment.settings.write_text("isuer = 'x'\n" + deployment.settings.read_text())
    assert "isuer: there is no such setting" in deployment.wrong()["settings"]["says"]
    deployment.settings.write_text(deployment.settings.read_text().partition("\n")[2])
    assert deployment.wrong() == {}


def test_a_lost_token_of_the_metrics_is_made_anew_and_a_lost_root_secret_is_not(deployment):
    (deployment.folder / "idp.metrics").unlink()
    assert "idp init" in deployment.wrong()["settings"]["says"]
    done(deployment.folder, "init")
    assert deployment.wrong() == {}
    (deployment.folder / "idp.secret").unlink()
    command = [sys.executable, "-m", "idp", "--settings", str(deployment.settings), "init"]
    refused = subprocess.run(command, capture_output=True, text=True, timeout=180, env=ENVIRON)
    assert (
        refused.returncode == 2
        and "restore your copy of the root secret" in refused.stderr
        and not (deployment.folder / "idp.secret").exists()
    )


def test_an_issuer_given_to_a_deployment_that_has_another_is_not_passed_over(deployment):
    command = [
        sys.executable,
        "-m",
        "idp",
        "--settings",
        str(deployment.settings),
        "init",
        "--issuer",
        "http://localhost:1234",
    ]
    refused = subprocess.run(command, capture_output=True, text=True, timeout=180, env=ENVIRON)
    assert refused.returncode == 2 and "--issuer does not change it" in refused.stderr


def test_an_inbox_in_production(deployment):
    deployment.set("mode", '"production"')
    found = deployment.wrong()["settings"]
    assert "real emails" in found["says"] or "only to the inbox" in found["says"]
    deployment.set("mode", '"development"')
    assert deployment.wrong() == {}


def test_http_in_public(deployment):
    deployment.set("issuer", '"http://login.example.org"')
    found = deployment.wrong()["settings"]
    assert found["cure"].startswith("Change ")
    deployment.set("issuer", f'"http://localhost:{deployment.port}"')
    assert deployment.wrong() == {}


def test_a_weak_root_secret(deployment):
    kept = (deployment.folder / "idp.secret").read_text()
    (deployment.folder / "idp.secret").write_text("password")
    assert "the root secret is too weak" in deployment.wrong()["settings"]["says"]
    (deployment.folder / "idp.secret").write_text(kept)
    assert deployment.wrong() == {}


def test_a_lost_root_secret(deployment):
    (deployment.folder / "idp.secret").rename(deployment.folder / "kept")
    assert "cannot be read" in deployment.wrong()["settings"]["says"]
    (deployment.folder / "kept").rename(deployment.folder / "idp.secret")
    assert deployment.wrong() == {}


def test_another_deployments_root_secret(deployment):
    (deployment.folder / "idp.secret").rename(deployment.folder / "kept")
    make_secret(deployment.folder / "idp.secret")
    found = deployment.wrong()["keys"]
    assert "another root secret" in found["says"] and "secret_file" in found["cure"]
    serving = [sys.executable, "-m", "idp", "--settings", str(deployment.settings), "serve"]
    refused = subprocess.run(serving, capture_output=True, text=True, timeout=180, env=ENVIRON)
    assert refused.returncode == 2 and "another root secret" in refused.stderr
    (deployment.folder / "kept").rename(deployment.folder / "idp.secret")
    assert deployment.wrong() == {}


@pytest.mark.parametrize("name", ["idp.secret", "idp.metrics", "idp.toml", "idp.sqlite"])
def test_a_secret_that_everybody_can_read(deployment, name):
    (deployment.folder / name).chmod(0o644)
    found = deployment.wrong()["secrets"]
    command = found["cure"].split()
    assert command[:2] == ["chmod", "600"]
    subprocess.run(command, check=True)
    assert deployment.wrong() == {}


def test_an_empty_database(deployment):
    for file in deployment.folder.glob("idp.sqlite*"):
        file.unlink()
    assert (
        "does not exist" in deployment.wrong()["database"]["says"]
        and not (deployment.folder / "idp.sqlite").exists()
    )
    done(deployment.folder, "init")
    assert deployment.wrong() == {}


def test_a_database_of_an_older_version(tmp_path):
    from idp.app import create_app
    from idp.settings import load
    from idp.store import migrate

    deployment = Deployment(tmp_path)
    for file in deployment.folder.glob("idp.sqlite*"):
        file.unlink()
    with create_app(load(deployment.settings, {})).app_context():
        migrate.upgrade("0001")
    for file in deployment.folder.glob("idp.sqlite*"):
        file.chmod(0o600)  # as the commands make it, whose umask this process does not have
    found = deployment.wrong()["migrations"]
    assert "idp db upgrade" in found["cure"]
    done(deployment.folder, "db", "upgrade")
    done(deployment.folder, "init")
    assert deployment.wrong() == {}


def test_a_database_server_that_does_not_answer(deployment):
    text = deployment.settings.read_text()
    deployment.set("url", f'"postgresql://idp@127.0.0.1:{free_port()}/idp"', "database")
    found = deployment.wrong()["database"]
    assert "does not answer" in found["says"] and "database.url" in found["cure"]
    deployment.settings.write_text(text)
    assert deployment.wrong() == {}


def test_a_database_whose_write_lock_somebody_holds(deployment):
    holder = sqlite3.connect(deployment.folder / "idp.sqlite", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    found = deployment.wrong()["database"]
    assert "cannot be written" in found["says"] and "write lock" in found["cure"]
    holder.execute("ROLLBACK")
    holder.close()
    assert deployment.wrong() == {}


def test_no_signing_keys(deployment):
    deployment.sql("DELETE FROM signing_keys")
    assert "Run idp init" in deployment.wrong()["keys"]["cure"]
    done(deployment.folder, "init")
    assert deployment.wrong() == {}


def test_old_signing_keys(deployment):
    deployment.sql(f"UPDATE signing_keys SET active_from = {time.time() - 400 * 86400}")
    _, findings = deployment.doctor()
    (found, _) = [one for one in findings if one["about"] == "keys"]
    assert found["state"] == "warning" and "idp keys rotate" in found["cure"]
    done(deployment.folder, "keys", "rotate")
    _, findings = deployment.doctor()
    assert {one["state"] for one in findings if one["about"] == "keys"} == {"ok"}


def test_messages_that_nobody_sends(deployment):
    then = time.time() - 600
    deployment.sql(
        "INSERT INTO outbox (channel, recipient, kind, sealed, created_at, not_after, "
        "next_at, attempts)"
        f" VALUES ('email', 'x@y.example', 'sign_in_code', '00', {then}, {then + 300}, {then}, 0)"
    )
    found = deployment.wrong()["outbox"]
    assert "No worker is sending them" in found["says"] and "idp serve" in found["cure"]
    deployment.serve()
    until = time.monotonic() + 20
    while time.monotonic() < until and deployment.wrong():
        time.sleep(0.3)
    assert deployment.wrong() == {}


def test_a_trail_that_nobody_ties_up(deployment):
    """A message that has just come says nothing about the worker."""
    now = time.time()
    deployment.sql(
        f"INSERT INTO audit (at, action, outcome, detail) VALUES ({now - 600}, 'x', "
        f"'success', '{{}}')"
    )
    deployment.sql(
        "INSERT INTO outbox (channel, recipient, kind, sealed, created_at, not_after, "
        "next_at, attempts)"
        f" VALUES ('email', 'x@y.example', 'sign_in_code', '00', {now}, {now + 300}, {now}, 0)"
    )
    found = deployment.wrong()["outbox"]
    assert (
        found["says"].startswith("Audit records have been waiting to be chained for ")
        and "idp serve" in found["cure"]
    )


def test_a_clock_that_was_set_back(deployment):
    deployment.sql(
        f"INSERT INTO audit (at, action, outcome, detail) VALUES ({time.time() + 7200}, "
        f"'x', 'success', '{{}}')"
    )
    found = deployment.wrong()["clock"]
    assert "behind" in found["says"] and "NTP" in found["cure"]
