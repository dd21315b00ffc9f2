"""`idp doctor` looks from outside: the issuer, the proxies in front, the mail server."""

import re
import shutil
import threading

import pytest
import requests
from werkzeug.serving import make_server

from idp.brand import SHIPPED
from tests.support.deployment import Deployment
from tests.support.postgres import free_port


@pytest.fixture
def proxy(deployment):
    """A reverse proxy in front of the issuer's port, that may be set up wrongly."""
    opened = []

    def start(listen: int, to: int, host: str | None, forwarded: bool) -> None:
        def application(environ, start_response):
            headers = {"Host": host or environ["HTTP_HOST"]}
            if "HTTP_AUTHORIZATION" in environ:
                headers["Authorization"] = environ["HTTP_AUTHORIZATION"]
            if forwarded:
                headers |= {"X-Forwarded-For": environ["REMOTE_ADDR"], "X-Forwarded-Proto": "http"}
            answer = requests.get(
                f"http://127.0.0.1:{to}{environ['PATH_INFO']}", headers=headers, timeout=10
            )
            start_response(
                f"{answer.status_code} x", [("Content-Type", answer.headers["Content-Type"])]
            )
            return [answer.content]

        server = make_server("127.0.0.1", listen, application, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        opened.append(server)

    yield start
    for server in opened:
        server.shutdown()
        server.server_close()


def test_the_servers_port_is_not_the_issuers(deployment):
    deployment.set("port", str(free_port()), "server")
    found = deployment.wrong()["settings"]
    assert found["cure"].startswith(f"Set server.port to {deployment.port}")
    deployment.set("port", str(deployment.port), "server")
    assert deployment.wrong() == {}


def test_a_mail_server_that_is_not_there(deployment):
    deployment.set("host", '"127.0.0.1"', "mail")
    deployment.set("port", str(free_port()), "mail")
    found = deployment.wrong()["mail"]
    assert "cannot be reached" in found["says"] and "mail.host" in found["cure"]
    deployment.set("host", '""', "mail")
    assert deployment.wrong() == {}


def test_a_mail_server_without_starttls(deployment):
    from aiosmtpd.controller import Controller

    controller = Controller(object(), hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        deployment.set("host", '"127.0.0.1"', "mail")
        deployment.set("port", str(controller.port), "mail")
        assert "mail.starttls" in deployment.wrong()["mail"]["cure"]
        deployment.set("starttls", "false", "mail")
        assert deployment.wrong() == {}
    finally:
        controller.stop()


def test_nothing_at_the_issuer(deployment):
    _, findings = deployment.doctor()
    (found,) = [one for one in findings if one["about"] == "issuer"]
    assert found["state"] == "warning" and "Run idp serve" in found["cure"]


def test_a_proxy_that_is_not_in_the_settings(deployment, proxy):
    public = deployment.port
    deployment.port = free_port()
    deployment.set("port", str(deployment.port), "server")
    deployment.serve()
    proxy(public, deployment.port, None, forwarded=True)
    found = deployment.wrong()["proxies"]
    assert found["cure"] == "Set server.proxy_hops to 1 and restart."
    deployment.stop()
    deployment.set("proxy_hops", "1", "server")
    deployment.serve()
    assert deployment.wrong() == {}


def test_a_proxy_in_the_settings_that_is_not_there(deployment):
    deployment.set("proxy_hops", "1", "server")
    deployment.serve()
    found = deployment.wrong()["proxies"]
    assert (
        "anyone can fake the address" in found["says"]
        and "Set server.proxy_hops to 0" in found["cure"]
    )
    deployment.stop()
    deployment.set("proxy_hops", "0", "server")
    deployment.serve()
    assert deployment.wrong() == {}


def test_a_proxy_that_changes_the_host(deployment, proxy):
    public = deployment.port
    deployment.port = free_port()
    deployment.set("port", str(deployment.port), "server")
    deployment.serve()
    proxy(public, deployment.port, f"127.0.0.1:{deployment.port}", forwarded=False)
    found = deployment.wrong()["issuer"]
    assert "proxy_set_header Host" in found["cure"]


def test_somebody_else_at_the_issuer(deployment, proxy):
    other = deployment.folder / "other"
    other.mkdir()
    another = Deployment(other)
    another.serve()
    try:
        proxy(deployment.port, another.port, f"localhost:{another.port}", forwarded=False)
        assert "Another server or deployment answers" in deployment.wrong()["issuer"]["says"]
    finally:
        another.stop()


def test_a_sender_that_mail_servers_reject_and_a_port_that_is_open_to_everyone(deployment):
    """What `idp init` would not have written; each is said with what to do, and gone when it was
    done."""
    deployment.set("issuer", '"https://login.example.org"')
    deployment.set("host", '"127.0.0.1"', "mail")
    deployment.set("mode", '"production"')
    deployment.set("inbox", "false")
    deployment.set("options", '["email"]', "sign_in")
    deployment.set("sender", '""', "mail")
    shutil.copytree(SHIPPED, deployment.folder, dirs_exist_ok=True)
    ours = (SHIPPED / "stagedoor.toml").read_text()
    deployment.set("brand", '"ours.toml"')
    for address, refused in (
        ("no-reply@localhost", True),
        ("no-reply@intranet", True),
        ("no-reply@example.org", False),
    ):
        (deployment.folder / "ours.toml").write_text(
            re.sub(r"(?m)^sender = .*$", f'sender = "Ours <{address}>"', ours)
        )
        says = [one["says"] for one in deployment.doctor()[1] if one["about"] == "mail"]
        assert (
            any(f"Emails come from {address}, which mail servers reject." in one for one in says)
            == refused
        ), (address, deployment.doctor())
    for host, hops, warned in (
        ('"0.0.0.0"', "0", True),
        ('"::"', "0", True),
        ('"0.0.0.0"', "1", False),
        ('"127.0.0.1"', "0", False),
    ):
        deployment.set("host", host, "server")
        deployment.set("proxy_hops", hops, "server")
        found = [one for one in deployment.doctor()[1] if "slow senders" in one["says"]]
        assert [one["state"] for one in found] == (["warning"] if warned else []), (host, hops)
        assert all("nginx" in one["cure"] for one in found)
