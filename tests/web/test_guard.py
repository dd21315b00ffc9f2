"""What holds for every request: host, headers, cookies, forms of other sites, hostile input."""

import random
import socket
from dataclasses import replace

import pytest
import requests

from tests.support.clients import metadata
from tests.support.person import Person
from tests.support.stories import sign_in, to_code_page
from tests.support.world import provider, settings_for

HOSTILE = [
    "",
    "\x00",
    "☃" * 50,
    "'; DROP TABLE accounts; --",
    "<script>alert(1)</script>",
    "{{7*7}}",
    "%00%0d%0aSet-Cookie:x=1",
    "../../etc/passwd",
    "\ud83d",
    "a" * 3000,
    "-1",
    "null",
    "\r\n\r\n",
]


def test_pages_carry_the_headers_of_a_careful_provider(person, client):
    client.sends(person)
    headers = person.response.headers
    policy = headers["Content-Security-Policy"]
    assert (
        "default-src 'none'" in policy
        and "unsafe-inline" not in policy
        and "frame-ancestors 'none'" in policy
    )
    assert "form-action" not in policy, "Chromium would stop the redirect to the client"
    nonce = policy.split("'nonce-")[1].split("'")[0]
    assert f'nonce="{nonce}"' in person.page.html
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "onclick" not in person.page.html and "style=" not in person.page.html
    assert person.page.html.count("http://") == 0, "nothing of a page comes from elsewhere"


def test_cookies_are_named_after_the_port_and_kept_from_scripts(world, person, client):
    client.sends(person)
    port = world.issuer.rpartition(":")[2]
    (interaction,) = person.cookies
    assert interaction.startswith(f"idp_{port}_i_")
    sign_in(world, person)
    assert set(person.cookies) == {interaction, f"idp_{port}_session", f"idp_{port}_known"}
    for one in person.http.cookies:
        assert (
            one.has_nonstandard_attr("HttpOnly")
            and one.get_nonstandard_attr("SameSite") == "Lax"
            and one.path == "/"
        )


def test_two_first_tabs_at_once_do_not_disturb_each_other(world, client):
    first, second = Person(world.issuer), Person(world.issuer)
    client.sends(first)
    kept = client.verifier, client.state
    client.sends(second)
    # two tabs of one browser, whose requests crossed
    first.http.cookies.update(second.http.cookies)
    to_code_page(first)
    sign_in(world, second)
    assert client.tokens(second)
    client.verifier, client.state = kept
    first.press("Send verification code")
    first.fill("Verification Code", world.newest_code()).press("Verify code").press("Continue")
    assert client.tokens(first)


def test_a_browser_holds_a_few_interactions_and_gives_up_the_oldest(world, person, client):
    pages = []
    for _ in range(12):
        client.sends(person)
        pages.append(person.url)
    assert len(person.cookies) == 8
    assert person.open(pages[-8]).heading == "LOGIN OPTIONS"
    assert person.open(pages[0]).status == 403


def test_a_sign_in_gives_the_browser_a_new_session_secret_each_time(world, person, client):
    client.sends(person)
    sign_in(world, person)
    name = next(name for name in person.cookies if name.endswith("session"))
    first = person.cookies[name]
    world.time.passes(minutes=1)
    client.sends(person, prompt="login")
    sign_in(world, person)
    assert person.cookies[name] != first
    stale = Person(world.issuer)
    stale.http.cookies.set(name, first)
    client.sends(stale)
    assert stale.heading == "LOGIN OPTIONS", "the old cookie is void"


def test_a_form_without_the_token_of_this_browser_does_nothing(world, person, client):
    client.sends(person)
    for forged in ("", "x", "0" * 64):
        person._go("post", person.url, data={"option": "email", "csrf": forged})
        assert (person.status, person.heading) == (200, "LOGIN OPTIONS")
    other = Person(world.issuer)
    client.sends(other)
    person._go(
        "post", person.url, data={"option": "email", "csrf": other.page.forms[0].fields["csrf"]}
    )
    assert person.heading == "LOGIN OPTIONS"
    person.press("LOGIN WITH EMAIL")
    assert person.heading == "Sign in with your email address"


def test_a_browser_without_cookies_is_told_so(world, person, client):
    client.sends(person)
    page = person.url
    person.http.cookies.clear()
    person.open(page)
    assert "must accept cookies" in person.page.text


def test_another_host_name_is_answered_with_the_right_one(world):
    port = world.issuer.rpartition(":")[2]
    response = requests.get(f"http://127.0.0.1:{port}/authorize", timeout=9)
    assert response.status_code == 400 and f"answers only at {world.issuer}" in response.text
    response = requests.get(
        f"http://127.0.0.1:{port}/.well-known/openid-configuration",
        headers={"Host": "evil.example"},
        timeout=9,
    )
    assert response.status_code == 400 and response.json()["error"] == "wrong_host"


def test_prefetching_a_page_is_refused(person, client):
    client.sends(person)
    person.open(person.url, headers={"Sec-Purpose": "prefetch;prerender"})
    assert person.status == 403


def test_over_https_cookies_are_secure_host_cookies(tmp_path, filled_sqlite, time):
    import shutil

    shutil.copy(filled_sqlite, tmp_path / "idp.sqlite")
    settings = replace(
        settings_for(1, f"sqlite:///{tmp_path / 'idp.sqlite'}"),
        issuer="https://login.lakeside.example",
        inbox=False,
        mode="production",
    )
    app = provider(settings)
    from idp import store
    from idp.operations import clients

    with app.app_context():
        store.writing()
        made = clients.add(
            time.now,
            "test",
            app.extensions["stagedoor"].vault,
            metadata("Desk", ["https://desk.example/callback"]),
        )
        store.commit()
    http = app.test_client()
    from tests.support.client import Client

    address = Client("https://login.lakeside.example", made).address()
    response = http.get(
        address.removeprefix("https://login.lakeside.example"),
        base_url="https://login.lakeside.example",
    )
    assert response.status_code == 303
    cookie = response.headers["Set-Cookie"]
    assert (
        cookie.startswith("__Host-idp_i_")
        and "Secure" in cookie
        and "HttpOnly" in cookie
        and "Path=/" in cookie
        and "Domain" not in cookie
    )
    assert response.headers["Strict-Transport-Security"].startswith("max-age=")
    assert http.get("/inbox", base_url="https://login.lakeside.example").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/authorize",
        "/token",
        "/userinfo",
        "/revoke",
        "/jwks",
        "/logout",
        "/logout/confirmed",
        "/inbox",
        "/inbox.json",
        "/flow/x/options",
        "/flow/%00/sign-in",
        "/flow/a/status",
        "/nope",
        "/static/../settings.py",
        "/.well-known/openid-configuration",
    ],
)
def test_hostile_input_never_breaks_anything(world, path):
    rng = random.Random(path)
    names = [
        "client_id",
        "redirect_uri",
        "scope",
        "state",
        "prompt",
        "max_age",
        "id_token_hint",
        "code",
        "grant_type",
        "token",
        "kept",
        "csrf",
        "option",
        "action",
        "refresh_token",
        "post_logout_redirect_uri",
        "ui_locales",
        "access_token",
        "response_type",
    ]
    session = requests.Session()
    for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD"):
        for _ in range(6):
            fields = {
                name: rng.choice(HOSTILE).encode("utf-8", "surrogatepass")
                for name in rng.sample(names, 5)
            }
            headers = {
                "Authorization": rng.choice(
                    ["Basic " + "A" * 50, "Bearer \xff", "Basic Og==", "Bearer " + "." * 40, ""]
                ).encode("latin-1"),
                "Cookie": rng.choice(["idp=%00", "x" * 300, 'idp="; =', "idp_session=\xff"]).encode(
                    "latin-1"
                ),
            }
            response = session.request(
                method,
                world.issuer + path,
                params=fields if method == "GET" else None,
                data=fields,
                headers=headers,
                timeout=20,
                allow_redirects=False,
            )
            assert response.status_code < 500, (method, path, fields, response.text[:500])


def test_a_broken_content_type_and_a_lying_length_are_survived(world):
    for headers in (
        {"Content-Type": "multipart/form-data"},
        {"Content-Type": "multipart/form-data; boundary="},
        {"Content-Type": "application/x-www-form-urlencoded; charset=utf-999"},
        {"Content-Type": "application/json"},
    ):
        assert requests.post(
            f"{world.issuer}/token", data=b"\xff\xfe{", headers=headers, timeout=9
        ).status_code in (400, 401, 415)
    host, port = "127.0.0.1", int(world.issuer.rpartition(":")[2])
    with socket.create_connection((host, port), 5) as raw:
        raw.sendall(
            b"POST /token HTTP/1.1\r\nHost: localhost:%d\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: 99999999\r\n\r\nx=1" % port
        )
        assert b" 413 " in raw.recv(200)


def test_nothing_secret_is_in_the_database_in_clear(world, person, client):
    client.sends(person)
    to_code_page(person).press("Send verification code")
    import sqlite3

    path = world.settings.database.url.removeprefix("sqlite:///")
    before = "\n".join(sqlite3.connect(path).iterdump())
    code = world.newest_code()
    person.fill("Verification Code", code).press("Verify code").press("Continue")
    tokens = client.tokens(person)
    everything = "\n".join(
        line for line in sqlite3.connect(path).iterdump() if 'INTO "inbox"' not in line
    )
    assert f"'{code}'" not in before and code not in [
        line for line in before.splitlines() if "codes" in line
    ]
    for secret in (
        tokens["access_token"],
        tokens["refresh_token"],
        client.secret,
        *person.cookies.values(),
        "correct-horse",
    ):
        assert secret not in everything
