"""Addresses are read once, at the door: whoever comes through a proxy counts for themselves, and a
host is a host however it is written."""

import pytest
import requests

from idp.address import UNKNOWN, Authority, authority, loopback, network, origin, peer
from idp.oauth.clients import same_uri
from idp.settings import RateLimits, Server
from idp.store import audit
from tests.support.person import Person
from tests.support.stories import sign_in


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("203.0.113.9:40000", "203.0.113.9"),  # Azure Application Gateway
        (" 203.0.113.9 ", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("[::ffff:203.0.113.9]:443", "203.0.113.9"),
        ("[2001:DB8::1]:40000", "2001:db8::1"),
        ('"[2001:db8::1]:40000"', "2001:db8::1"),  # as RFC 7239 quotes it
        ("2001:db8:0:0::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("", UNKNOWN),
        (None, UNKNOWN),
        ("localhost", UNKNOWN),
        ("203.0.113.999", UNKNOWN),
        ("x" * 5000, UNKNOWN),
        ("é\x00", UNKNOWN),
    ],
)
def test_a_peer_is_read_however_it_is_written(written, read):
    assert peer(written) == read


def test_a_site_of_ipv6_counts_as_one_and_a_mapped_address_as_itself():
    assert network(peer("2001:db8::1")) == network(peer("[2001:db8::ffff]:1")) == "2001:db8::/64"
    assert network(peer("::ffff:203.0.113.9")) == "203.0.113.9"


@pytest.mark.parametrize(
    "written",
    ["login.example.org", "LOGIN.example.org", "login.example.org:443", "login.example.org."],
)
def test_one_authority_in_four_spellings(written):
    assert authority("https", written) == Authority("login.example.org", 443)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "a b",
        "a@b",
        "login.example.org/x",
        "login.example.org:x",
        "login.example.org:99999",
        "é.example",
        "[::1",
        "a?b",
        "a#b",
    ],
)
def test_what_is_no_authority(written):
    assert authority("https", written) is None


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("https://App.example:443/cb?x", "https://app.example"),
        ("http://[0:0:0:0:0:0:0:1]:8080/", "http://[::1]:8080"),
        ("com.example.app:/cb", ""),
        ("https://", ""),
        ("http://[::1", ""),
    ],
)
def test_the_origin_of_an_address(uri, said):
    assert origin(uri) == said


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST",
        "portal.localhost",
        "a.b.localhost.",
        "127.0.0.1",
        "127.8.8.8",
        "::1",
        "[::1]",
        "0:0:0:0:0:0:0:1",
    ],
)
def test_what_is_this_machine(host):
    assert loopback(host)


@pytest.mark.parametrize(
    "host", ["localhost.example", "notlocalhost", "10.0.0.1", "", None, "0.0.0.0"]
)
def test_what_is_another_machine(host):
    assert not loopback(host)


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1:5/c\nb",
        " http://127.0.0.1:5/cb",
        "http://127.0.0.1:5/cb#",
        "http://127.0.0.1:5/cb?",
        "http://x@127.0.0.1:5/cb",
        "http://127.0.0.1:5\t/cb",
    ],
)
def test_a_loopback_redirect_uri_is_matched_to_the_letter_but_for_its_port(uri):
    assert same_uri("http://127.0.0.1/cb", "http://127.0.0.1:5/cb")
    assert not same_uri("http://127.0.0.1/cb", uri)


@pytest.mark.settings(server=Server(proxy_hops=1), rate_limits=RateLimits(failures=10))
def test_behind_a_proxy_that_adds_ports_each_visitor_has_a_count_of_their_own(world):
    def guess(address: str) -> int:
        return requests.post(
            f"{world.issuer}/token",
            data={"grant_type": "authorization_code"},
            headers={"X-Forwarded-For": address},
            timeout=9,
        ).status_code

    assert [guess(f"203.0.113.{n}:4{n:04}") for n in range(1, 14)] == [401] * 13
    assert [guess(f"[2001:db8:{n:x}::1]:40000") for n in range(1, 14)] == [401] * 13
    assert [guess(f"198.51.100.1:{port}") for port in range(1, 12)] == [401] * 10 + [429], (
        "another port is the same visitor"
    )


@pytest.mark.settings(server=Server(proxy_hops=1))
def test_the_audit_trail_has_the_address_alone(world, client):
    person = Person(world.issuer)
    person.http.headers["X-Forwarded-For"] = "203.0.113.7:51234"
    sign_in(world, client.sends(person))
    with world.inside():
        assert {row.address for row in audit.listed() if row.action == "sign_in"} == {"203.0.113.7"}


def test_a_host_is_compared_as_an_authority(world):
    port = world.issuer.rpartition(":")[2]
    for host, status in (
        (f"LOCALHOST:{port}", 200),
        (f"localhost.:{port}", 200),
        (f"127.0.0.1:{port}", 400),
        ("localhost", 400),
        (f"x@localhost:{port}", 400),
    ):
        answer = requests.get(
            f"{world.issuer}/.well-known/openid-configuration", headers={"Host": host}, timeout=9
        )
        assert answer.status_code == status, host
