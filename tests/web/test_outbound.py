"""The guarded client: it goes to public addresses by https, and elsewhere only where it is told
to."""

import socket
import threading
import time

import pytest

from idp.outbound import LARGEST, Outbound, OutboundError
from tests.support.postgres import free_port
from tests.support.tls import certificate, serving
from tests.support.world import served


@pytest.fixture
def answers():
    """A server on this machine that answers with these bytes, in pieces with pauses; its port."""
    servers = []

    def serve(*pieces: bytes, pause: float = 0.0) -> int:
        server = socket.create_server(("127.0.0.1", 0))
        servers.append(server)

        def run() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)
                    try:
                        for piece in pieces:
                            connection.sendall(piece)
                            time.sleep(pause)
                    except OSError:
                        pass

        threading.Thread(target=run, daemon=True).start()
        return server.getsockname()[1]

    yield serve
    for server in servers:
        server.close()


OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def why(outbound: Outbound, url: str) -> OutboundError:
    with pytest.raises(OutboundError) as raised:
        outbound.get(url)
    return raised.value


PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.9",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "192.88.99.1",
]
MAPPED = [
    "::ffff:10.1.2.3",
    "::ffff:127.0.0.1",
    "::ffff:0:10.1.2.3",
    "::10.1.2.3",
    "64:ff9b::a01:203",
    "64:ff9b:1::a01:203",
    "2002:a01:203::1",
]
INSIDE_V6 = [
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fec0::1",
    "ff02::1",
    "5f00::1",
    "2001:db8::1",
]


@pytest.mark.parametrize("address", [*PRIVATE, *MAPPED, *INSIDE_V6])
def test_addresses_inside_are_not_connected_to(address):
    assert not Outbound().permitted("login.example", address)


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:4700::1111", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]
)
def test_public_addresses_are(address):
    assert Outbound().permitted("login.example", address)


def test_what_the_settings_name_is_connected_to_and_nothing_beside_it():
    outbound = Outbound(("10.2.0.0/16", "Login.Corp.example", "192.168.7.7"))
    assert outbound.permitted("x.example", "10.2.9.9") and outbound.permitted(
        "x.example", "::ffff:10.2.9.9"
    )
    assert outbound.permitted("login.corp.example", "10.9.9.9") and outbound.permitted(
        "x.example", "192.168.7.7"
    )
    assert not outbound.permitted("x.example", "10.3.0.1") and not outbound.permitted(
        "other.corp.example", "10.9.9.9"
    )
    assert not outbound.permitted("x.example", "127.0.0.1") and Outbound(loopback=True).permitted(
        "x.example", "127.0.0.1"
    )


@pytest.mark.parametrize(
    "url",
    [
        "http://93.184.216.34/",
        "ftp://x.example/",
        "https:///x",
        "https://u:p@x.example/",
        "https://x.example/#f",
        "https://x.example:99999/",
        "x",
        "https://x.example/a b",
        "https://x.example:0/",
        "https://[::1/",
    ],
)
def test_addresses_that_are_none(url):
    assert why(Outbound(loopback=True), url).reason == "not_allowed"


def test_this_machine_is_reached_in_development_alone(answers):
    url = (
        f"http://127.0.0.1:{answers(OK + b'Content-Length: 2' + bytes([13, 10, 13, 10]) + b'{}')}/"
    )
    assert Outbound(loopback=True).get(url).body == b"{}"
    assert why(Outbound(), url).reason == "not_allowed"
    assert why(Outbound(("127.0.0.1",)), url).reason == "not_allowed", "and never by http otherwise"


def test_a_name_that_leads_inside_is_told_with_its_cure():
    failed = why(Outbound(), f"https://localhost:{free_port()}/")
    assert failed.reason == "not_allowed" and "outbound.allow" in failed.says


def test_redirects_are_not_followed(answers):
    there = answers(OK + b"Content-Length: 0\r\n\r\n")
    here = answers(
        f"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{there}/\r\nContent-Length: 0\r\n\r\n".encode()
    )
    assert Outbound(loopback=True).get(f"http://127.0.0.1:{here}/").status == 302


def test_an_answer_without_end_is_cut(answers):
    port = answers(OK + b"\r\n", *[b" " * 65536] * 4)
    failed = why(Outbound(loopback=True), f"http://127.0.0.1:{port}/")
    assert failed.reason == "too_large" and str(LARGEST // 1024) in failed.says


@pytest.mark.parametrize(
    "pieces",
    [[b"HTTP/1.1 200 OK\r\n", *[b"X-Y: z\r\n"] * 40], [OK + b"\r\n", *[b"{"] * 40]],
    ids=["headers", "body"],
)
def test_an_answer_that_drips_is_ended(answers, pieces):
    before = time.monotonic()
    assert (
        why(Outbound(loopback=True), f"http://127.0.0.1:{answers(*pieces, pause=0.5)}/").reason
        == "slow"
    )
    assert time.monotonic() - before < 7


def test_a_name_that_is_looked_up_for_long_leaves_no_time_for_the_rest(answers, monkeypatch):
    """The system's resolver is slow: what is changed here is not ours."""
    port, look = answers(OK + b"\r\n", *[b"{"] * 40, pause=0.5), socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda *given, **more: (time.sleep(5.2), look(*given, **more))[1]
    )
    before = time.monotonic()
    assert why(Outbound(loopback=True), f"http://127.0.0.1:{port}/").reason == "slow"
    assert time.monotonic() - before < 6.5


def test_nobody_there(answers):
    assert why(Outbound(loopback=True), f"http://127.0.0.1:{free_port()}/").reason == "unreachable"
    assert (
        why(Outbound(loopback=True), f"http://127.0.0.1:{answers(b'nonsense')}/").reason
        == "unreachable"
    )


def test_nothing_of_the_environment_counts(answers, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password secret\n")
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("NETRC", str(netrc))
    assert (
        Outbound(loopback=True)
        .get(
            f"http://127.0.0.1:{answers(OK + b'Content-Length: 2' + bytes([13, 10, 13, 10]) + b'{}')}/"
        )
        .status
        == 200
    )


def test_a_provider_inside_by_https_is_reached_where_it_is_allowed_and_trusted(tmp_path):
    """`outbound.allow` and `outbound.ca_file`, and nothing else."""
    trusted, port = certificate(tmp_path), free_port()
    url = f"https://localhost:{port}/"
    with served(lambda environ, start: (start("200 OK", []), [b"{}"])[1], port, serving(tmp_path)):
        assert why(Outbound(), url).reason == "not_allowed"
        assert why(Outbound(("127.0.0.0/8", "::1")), url).reason == "certificate"
        assert Outbound(("127.0.0.0/8", "::1"), ca_file=str(trusted)).get(url).body == b"{}"
        assert Outbound(("localhost",), ca_file=str(trusted)).get(url).body == b"{}"
        wrong = why(Outbound(("127.0.0.0/8",), ca_file=str(trusted)), f"https://127.0.0.1:{port}/")
        assert wrong.reason == "certificate", "the name is checked too"


def test_a_name_that_leads_elsewhere_a_moment_later_is_connected_to_where_it_was_looked_up(
    answers, monkeypatch
):
    """DNS rebinding: the address that was allowed is the one that is used, and the name is looked
    up once for it."""
    port, looked = answers(OK + b"Content-Length: 2" + bytes([13, 10, 13, 10]) + b"{}"), []

    def look(host, port, **more):
        looked.append(host)
        return [
            (
                socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                ("127.0.0.1" if len(looked) == 1 else "169.254.169.254", port),
            )
        ]

    monkeypatch.setattr(socket, "getaddrinfo", look)
    assert (
        Outbound(loopback=True).get(f"http://127.0.0.1:{port}/").status == 200 and len(looked) == 1
    )
    refused = why(Outbound(loopback=True), f"http://127.0.0.1:{port}/")
    assert refused.reason == "not_allowed" and len(looked) == 2, "each request looks again"
