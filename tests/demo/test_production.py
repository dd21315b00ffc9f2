"""A deployment in production, by `idp init --mail-host` and the files of deploy/: https through
nginx, mail by SMTP, no inbox."""

import json
import re
import socket
import ssl
import time
from urllib.parse import urlsplit

import pytest
import requests

from tests.support.client import Client
from tests.support.commands import done
from tests.support.nginx import in_front, program
from tests.support.person import Person
from tests.support.smtp import mailbox

PASSWORD = "four tall birds singing"


@pytest.fixture(scope="module")
def mail():
    with mailbox() as box:
        yield box


@pytest.fixture(scope="module")
def front(tmp_path_factory, mail):
    if program() is None:
        pytest.skip("no nginx on this machine")
    with in_front(
        tmp_path_factory.mktemp("production"),
        "--mail-host",
        "127.0.0.1",
        port=str(mail.port),
        starttls="false",
    ) as front:
        yield front


@pytest.fixture
def trusting(front, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", front.trusted)
    return front


@pytest.fixture(scope="module")
def registration(front):
    out = "https://desk.example/out"
    return json.loads(
        done(
            front.folder,
            "clients",
            "add",
            "Desk",
            "--redirect-uri",
            "https://desk.example/cb",
            "--post-logout-redirect-uri",
            out,
            "--json",
        )
    )


@pytest.fixture
def client(trusting, registration):
    return Client(trusting.issuer, registration)


def mailed(mail, address: str, after: int, wanted: str) -> str:
    """What stands in the next mail to this address that has it: other mails may be under way, such
    as the news of a registration."""
    for _ in range(400):
        for message in mail.messages[after:]:
            text = message.get_body(("plain",)).get_content()
            if message["To"] == address and (found := re.search(wanted, text)):
                return found[found.lastindex or 0]
        time.sleep(0.05)
    raise AssertionError(f"no mail to {address} with {wanted}")


def by_code(person, mail, address: str) -> Person:
    after = len(mail.messages)
    person.press("Send verification code")
    code = mailed(mail, address, after, r"(?m)^\s*(\d{6})\s*$")
    return person.fill("Verification Code", code).press("Verify code")


def kept_safely(person) -> None:
    """Every cookie is for https, this host and the server alone."""
    assert person.http.cookies
    for cookie in person.http.cookies:
        assert cookie.name.startswith("__Host-idp_") and cookie.secure and cookie.path == "/", (
            cookie.name
        )
        assert cookie.has_nonstandard_attr("HttpOnly") and not cookie.domain_specified, cookie.name
        assert cookie.get_nonstandard_attr("SameSite") == "Lax", cookie.name


def test_an_invited_person_registers_signs_in_is_remembered_and_signs_out(trusting, mail, client):
    issuer, address = trusting.issuer, "ivo@lakeside.example"
    after = len(mail.messages)
    done(
        trusting.folder,
        "accounts",
        "invite",
        "iberg",
        "--email",
        address,
        "--given-name",
        "Ivo",
        "--family-name",
        "Berg",
    )
    link = mailed(mail, address, after, rf"{re.escape(issuer)}/link/\S+")
    person = Person(issuer)
    client.sends(person)
    person.open(link).press("Continue")
    assert person.heading == "Open the application now", "nobody said where the portal is"
    client.sends(person)
    if person.heading == "LOGIN METHOD":
        person.press("EMAIL")
    by_code(person, mail, address)
    person.fill("New Password", PASSWORD).fill("Confirm New Password", PASSWORD).press("Create")
    tokens = client.tokens(person)
    assert client.claims(tokens["id_token"])["iss"] == issuer
    kept_safely(person)

    other = Person(issuer)
    client.sends(other)
    other.tick("Remember Me").press("LOGIN WITH EMAIL")
    other.fill("Email Address", address).fill("Password", PASSWORD).press("Sign in")
    by_code(other, mail, address)
    tokens = client.tokens(other.press("Continue"))
    kept_safely(other)
    other.open(
        f"{issuer}/logout?id_token_hint={tokens['id_token']}&post_logout_redirect_uri=https://desk.example/out"
    )
    assert other.left_for == "https://desk.example/out"
    client.sends(other)
    assert other.heading == "LOGIN OPTIONS", "signing out here forgets what was remembered here"


@pytest.mark.parametrize(
    "path", ["/inbox", "/inbox.json", "/gallery", "/gallery/stagedoor/pages/options"]
)
def test_what_is_for_the_demo_is_not_there(trusting, path):
    assert requests.get(trusting.issuer + path, timeout=9).status_code == 404


@pytest.mark.parametrize(
    "state", ["s" * 3800, "s" * 4096, "ü" * 2048, "\U0001f511" * 1024, "%" * 4096]
)
def test_a_long_state_comes_back_through_nginx(client, trusting, state):
    person = Person(trusting.issuer)
    client.sends(person, prompt="none", state=state)
    answer = client.answer(person)
    assert (answer["error"], answer["state"], answer["iss"]) == (
        "login_required",
        state,
        trusting.issuer,
    )


@pytest.mark.parametrize("fill", ["s", "%", "ü", "\U0001f511"])
@pytest.mark.parametrize("size", [5_000, 14_000, 16_380, 17_000, 40_000])
def test_however_long_a_request_is_it_gets_an_answer(client, trusting, fill, size):
    query = dict(one.split("=", 1) for one in urlsplit(client.address()).query.split("&"))
    form = {
        **{name: requests.utils.unquote(value.replace("+", " ")) for name, value in query.items()},
        "state": (fill * size)[:size],
    }
    for path in ("/authorize", "/logout"):
        answer = requests.post(trusting.issuer + path, data=form, timeout=9, allow_redirects=False)
        assert answer.status_code in (303, 400, 413), answer.status_code
        if answer.status_code == 303:
            assert requests.get(
                trusting.issuer + answer.headers["Location"], timeout=9, allow_redirects=False
            ).status_code in (303, 400, 422)
        raw = form["state"].encode()[:16_000]
        head = (
            b"GET "
            + path.encode()
            + b"?client_id="
            + client.id.encode()
            + b"&redirect_uri=https://desk.example/cb&state="
            + raw.replace(b"%", b"%25")
        )
        assert (
            spoken(
                trusting,
                head[:19_900]
                + b" HTTP/1.1\r\nHost: localhost:%d\r\nConnection: close\r\n\r\n" % trusting.public,
            )[0]
            < 500
        )


def spoken(front, words: bytes, inner: bool = False) -> list[int]:
    """The statuses of the answers to these bytes, of nginx or of the provider itself."""
    with socket.create_connection(
        ("127.0.0.1", front.inner if inner else front.public), timeout=5
    ) as plain:
        connection = plain
        if not inner:
            connection = ssl.create_default_context(cafile=front.trusted).wrap_socket(
                plain, server_hostname="localhost"
            )
        with connection:
            connection.sendall(words)
            connection.settimeout(2)
            heard = b""
            try:
                while part := connection.recv(65536):
                    heard += part
            except (TimeoutError, OSError):
                pass
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", heard)]


# would be answered, as a request of its own
PREFIX = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
AMBIGUOUS = {
    "CL.TE": b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    % (5 + len(PREFIX))
    + PREFIX,
    "TE.CL": b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n%x\r\n" % len(PREFIX)
    + PREFIX
    + b"\r\n0\r\n\r\n",
    "two lengths": b"Content-Length: 0\r\nContent-Length: %d\r\n\r\n" % len(PREFIX) + PREFIX,
    "a list of lengths": b"Content-Length: 0, %d\r\n\r\n" % len(PREFIX) + PREFIX,
    "a signed length": b"Content-Length: +%d\r\n\r\n" % len(PREFIX) + PREFIX,
    "two encodings": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n"
    + PREFIX,
    "an odd encoding": b"Transfer-Encoding: xchunked\r\nContent-Length: 0\r\n\r\n" + PREFIX,
    "a space before the colon": b"Transfer-Encoding : chunked\r\nContent-Length: 0\r\n\r\n"
    + PREFIX,
    "a folded header": b"X: y\r\n Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n" + PREFIX,
    "a bare line feed": b"X: y\nTransfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n" + PREFIX,
    "a tab in the encoding": b"Transfer-Encoding:\tchunked\r\nContent-Length: %d\r\n\r\n0\r\n\r\n"
    % (5 + len(PREFIX))
    + PREFIX,
    "a chunk size that overflows": b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n"
    + PREFIX,
    "a chunk extension": b"Transfer-Encoding: chunked\r\n\r\n1;a\nb\r\nx\r\n0\r\n\r\n" + PREFIX,
}


@pytest.mark.parametrize("inner", [False, True], ids=["through nginx", "the provider alone"])
@pytest.mark.parametrize("how", AMBIGUOUS)
def test_no_request_is_smuggled_behind_another_one(trusting, how, inner):
    """What stands behind a request that two servers could cut differently is no request: there is
    one answer, and the connection ends. No one else gets it as the answer to theirs."""
    host = b"Host: localhost:%d\r\n" % trusting.public
    for _ in range(3):
        got = spoken(
            trusting,
            b"POST /token HTTP/1.1\r\n"
            + host
            + b"Content-Type: application/x-www-form-urlencoded\r\n"
            + AMBIGUOUS[how],
            inner,
        )
        assert len(got) == 1 and got[0] in (400, 501), got
        own = requests.Session()
        for _ in range(4):
            answer = own.get(f"{trusting.issuer}/jwks", timeout=9)
            assert answer.status_code == 200 and answer.json()["keys"]


def test_the_cookie_of_another_host_or_of_http_is_not_taken(trusting, client):
    """A neighbor under the same domain, or a page over http, can set cookies, but none with the
    prefix __Host-."""
    person = Person(trusting.issuer)
    client.sends(person)
    fixed = {cookie.name.removeprefix("__Host-"): cookie.value for cookie in person.http.cookies}
    other = requests.get(person.url, cookies=fixed, timeout=9)
    assert other.status_code == 403
