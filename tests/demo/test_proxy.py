"""The nginx of deploy/ in front, over https: cookies are __Host-, addresses are the visitors', and the doctor is content."""

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from tests.demo.test_running import ENVIRON, idp, sign_in, wait_for
from tests.support.client import Client
from tests.support.person import Person
from tests.support.postgres import find, free_port
from tests.support.tls import certificate

CONF = Path(__file__).parent.parent.parent / "deploy" / "nginx.conf"


@pytest.fixture
def behind_nginx(tmp_path):
    """A provider whose issuer is https, served through the nginx of deploy/; its folder, issuer and certificate."""
    nginx = find("nginx") or next((str(path) for path in (Path("/usr/sbin/nginx"),) if path.exists()), None)
    if nginx is None:
        pytest.skip("no nginx on this machine")
    trusted, inner, public, plain = certificate(tmp_path), free_port(), free_port(), free_port()
    issuer = f"https://localhost:{public}"
    idp(tmp_path, "init", "--issuer", issuer)
    text = (tmp_path / "idp.toml").read_text()
    text = re.sub(r"(?m)^port = .*$", f"port = {inner}", text, count=1)
    (tmp_path / "idp.toml").write_text(re.sub(r"(?m)^# proxy_hops = .*$", "proxy_hops = 1", text))
    site = CONF.read_text().replace("127.0.0.1:9000", f"127.0.0.1:{inner}").replace("login.example.org", "localhost")
    site = re.sub(r"listen (\[::\]:)?443 ssl;", f"listen 127.0.0.1:{public} ssl;", site, count=1)
    site = re.sub(r"listen (\[::\]:)?80;", f"listen 127.0.0.1:{plain};", site, count=1)
    site = re.sub(r".*listen \[::\].*\n", "", site).replace("/etc/ssl/stagedoor", str(tmp_path)).replace("/var/log/nginx", str(tmp_path))
    version = subprocess.run([nginx, "-v"], capture_output=True, text=True, check=True).stderr
    if tuple(map(int, re.findall(r"[0-9]+", version)[:3])) < (1, 25, 1):
        site = site.replace("    http2 on;\n", "")  # its older spelling is part of `listen`
    temporary = "".join(f"{name}_temp_path {tmp_path}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (tmp_path / "nginx.conf").write_text(
        f"daemon off;\nerror_log {tmp_path}/error.log;\npid {tmp_path}/nginx.pid;\nevents {{}}\nhttp {{\n{temporary}{site}}}\n"
    )
    servers = [
        subprocess.Popen([sys.executable, "-m", "idp", "--settings", str(tmp_path / "idp.toml"), "serve"], env=ENVIRON, stdout=subprocess.DEVNULL),
        subprocess.Popen([nginx, "-c", str(tmp_path / "nginx.conf"), "-p", str(tmp_path), "-e", str(tmp_path / "error.log")]),
    ]
    wait_for(f"http://127.0.0.1:{inner}/healthz", servers[0])
    for _ in range(100):
        try:
            requests.get(f"{issuer}/healthz", timeout=2, verify=str(trusted))
            break
        except requests.ConnectionError:
            assert servers[1].poll() is None, (tmp_path / "error.log").read_text()
            time.sleep(0.05)
    yield tmp_path, issuer, str(trusted), plain
    for server in servers:
        server.terminate()
        server.wait(30)


def test_a_person_signs_in_over_https_through_nginx(behind_nginx, monkeypatch):
    folder, issuer, trusted, plain = behind_nginx
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", trusted)
    idp(
        folder,
        "accounts",
        "add",
        "ddunn2020",
        "--email",
        "daisy@lakeside.example",
        "--given-name",
        "D",
        "--family-name",
        "D",
        "--enrolled",
        IDP_NEW_PASSWORD="correct-horse-lakeside",
    )
    registered = json.loads(idp(folder, "clients", "add", "Desk", "--redirect-uri", "https://desk.example/callback", "--json"))
    client, person = Client(issuer, registered), Person(issuer)
    client.sends(person)
    assert all(cookie.name.startswith("__Host-idp_") and cookie.secure for cookie in person.http.cookies)
    assert person.response.headers["Strict-Transport-Security"].startswith("max-age=63072000")
    sign_in(person, issuer)
    assert client.claims(client.tokens(person)["id_token"])["iss"] == issuer
    assert requests.get(f"{issuer}/healthz", timeout=5).text == "ok\n"
    assert requests.get(f"http://localhost:{plain}/x?y=z", timeout=5, allow_redirects=False).headers["Location"].startswith("https://localhost")
    forged = requests.get(f"{issuer}/authorize?client_id=x", headers={"X-Forwarded-For": "203.0.113.9"}, timeout=5)
    assert forged.status_code == 400
    said = json.loads(idp(folder, "doctor", "--json", REQUESTS_CA_BUNDLE=trusted))
    looked_at = ("issuer", "proxies", "cookies")
    assert {one["about"]: one["state"] for one in said if one["about"] in looked_at} == dict.fromkeys(looked_at, "ok")
    assert "code=" not in (folder / "stagedoor.log").read_text(), "the log keeps no queries"


def test_the_doctor_finds_a_certificate_that_nobody_trusts(behind_nginx):
    folder, *_ = behind_nginx
    result = subprocess.run(
        [sys.executable, "-m", "idp", "--settings", str(folder / "idp.toml"), "doctor", "--json"], capture_output=True, text=True, timeout=180, env=ENVIRON
    )
    (found,) = [one for one in json.loads(result.stdout) if one["about"] == "issuer"]
    assert found["state"] == "problem" and "certificate" in found["says"] and result.returncode == 1
