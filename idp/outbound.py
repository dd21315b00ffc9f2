"""The one HTTP client for addresses that others name: public networks only, no redirects, small,
quick.

Every address is looked at when it is connected to, so that a name cannot lead to another one
in the meantime. Nothing of the environment counts, no proxy and no .netrc; each request has a connection
of its own."""

import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from idp import clock
from idp.address import loopback as is_here

SECONDS = 5.0  # for all of a request, from the first byte out to the last byte in
LARGEST = 64 * 1024  # bytes of an answer
NAT64 = ip_network("64:ff9b::/96")
# all that IANA has given out; whatever else there is leads inside, or nowhere
PUBLIC_V6 = ip_network("2000::/3")
RELAYS = ip_network("192.88.99.0/24")  # of 6to4


class OutboundError(Exception):
    """No answer that can be used. `reason` is not_allowed, unreachable, slow, certificate or
    too_large."""

    def __init__(self, reason: str, says: str) -> None:
        super().__init__(f"{reason}: {says}")
        self.reason = reason
        self.says = says


@dataclass(frozen=True)
class Reply:
    """What an address answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class NotAllowed(OSError):
    """An address that no one may be sent to from here."""


class Outbound:
    """One for a process. `allow` names networks and hosts that are reached though they are not
    public; `loopback` adds this machine, by http too, for development; `ca_file` holds the
    certificates to trust instead of the usual ones."""

    def __init__(
        self, allow: tuple[str, ...] = (), loopback: bool = False, ca_file: str = ""
    ) -> None:
        self._networks = [ip_network(one, strict=False) for one in allow if is_network(one)]
        self._hosts = {one.casefold() for one in allow if not is_network(one)}
        self._loopback = loopback
        self._trusted: str | bool = ca_file or True

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Reply:
        """Fetch. Raises OutboundError; a status is an answer, whatever it says."""
        return self._send("GET", url, headers or {}, None, None)

    def post(
        self, url: str, form: Mapping[str, str], basic: tuple[str, str] | None = None
    ) -> Reply:
        """Send a form, with HTTP Basic credentials where they are given. Raises OutboundError."""
        return self._send("POST", url, {}, form, basic)

    def refusal(self, url: str) -> str:
        """Why this address is not one to connect to, by how it is written; empty where it may be
        one."""
        try:
            parts = urlsplit(url)
            host = (parts.hostname or "").casefold()
            if parts.port == 0:
                return "it has no port"
        except ValueError:
            return "it cannot be read"
        if (
            not host
            or parts.username is not None
            or parts.fragment
            or not url.isascii()
            or not url.isprintable()
            or " " in url
        ):
            return "it is not the address of a server"
        here = self._loopback and is_here(host)
        return (
            ""
            if parts.scheme == "https" or (parts.scheme == "http" and here)
            else "it is not https"
        )

    def permitted(self, host: str, address: str) -> bool:
        """Whether this address, to which a host's name leads now, may be connected to."""
        found = _plain(address)
        if host.casefold() in self._hosts or any(found in network for network in self._networks):
            return True
        if found.is_loopback:
            return self._loopback
        public = found in PUBLIC_V6 if isinstance(found, IPv6Address) else found not in RELAYS
        return public and found.is_global and not found.is_multicast

    def _send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        form: Mapping[str, str] | None,
        basic: tuple[str, str] | None,
    ) -> Reply:
        if why := self.refusal(url):
            raise OutboundError("not_allowed", why)
        attempt = _Attempt(self, clock.ticks() + SECONDS)
        try:
            return attempt.send(
                method,
                url,
                {"Accept": "application/json", "Accept-Encoding": "identity", **headers},
                form,
                basic,
                self._trusted,
            )
        except OutboundError:
            raise
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            if attempt.refused:
                raise OutboundError(
                    "not_allowed",
                    f"{urlsplit(url).hostname} leads to {attempt.refused}: name it in "
                    "outbound.allow if that is meant",
                ) from error
            if attempt.over.is_set() or isinstance(error, requests.Timeout):
                raise OutboundError(
                    "slow", f"no whole answer within {SECONDS:.0f} seconds"
                ) from error
            if isinstance(error, requests.exceptions.SSLError):
                raise OutboundError(
                    "certificate", (str(error).splitlines() or ["TLS"])[0][-200:]
                ) from error
            raise OutboundError("unreachable", f"{urlsplit(url).netloc} does not answer") from error
        finally:
            attempt.close()


class _Attempt:
    """One request: its sockets, and the moment at which it is over whatever the other side does."""

    def __init__(self, outbound: Outbound, until: float) -> None:
        self._outbound = outbound
        self._until = until
        self._sockets: list[socket.socket] = []
        self.refused = ""
        self.over = threading.Event()
        self._timer = threading.Timer(SECONDS, self._end)
        self._timer.daemon = True

    def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        form: Mapping[str, str] | None,
        basic: tuple[str, str] | None,
        trusted: str | bool,
    ) -> Reply:
        self._timer.start()
        with requests.Session() as session:
            session.trust_env = False
            adapter = _Adapter(self)
            session.mount("https://", adapter)
            session.mount("http://", adapter)
            with session.request(
                method,
                url,
                headers=dict(headers),
                data=form,
                auth=basic,
                timeout=SECONDS,
                allow_redirects=False,
                stream=True,
                verify=trusted,
            ) as answer:
                body = answer.raw.read(LARGEST + 1)
                if self.over.is_set():
                    raise OutboundError("slow", f"no whole answer within {SECONDS:.0f} seconds")
                if len(body) > LARGEST:
                    raise OutboundError(
                        "too_large", f"the answer has more than {LARGEST // 1024} KiB"
                    )
                return Reply(answer.status_code, answer.headers, body)

    def connect(self, connection: HTTPConnection) -> socket.socket:
        """A socket to the first permitted address of the connection's host."""
        host, problem = connection.host.strip("[]"), None
        for family, kind, protocol, _, address in socket.getaddrinfo(
            host, connection.port, type=socket.SOCK_STREAM
        ):
            if not self._outbound.permitted(host, str(address[0])):
                self.refused = str(address[0])
                continue
            # looking the name up is the system's business, and may have taken all of it
            left = self._until - clock.ticks()
            if left <= 0:
                self.over.set()
                raise TimeoutError(host)
            made = socket.socket(family, kind, protocol)
            made.settimeout(left)
            try:
                made.connect(address)
            except OSError as error:
                made.close()
                problem = error
                continue
            self.refused = ""
            # by which the timer ends it, also once TLS has taken over the other
            self._sockets.append(made.dup())
            if self.over.is_set():
                self._end()
            return made
        if problem:
            self.refused = ""
            raise problem
        raise NotAllowed(host)

    def _end(self) -> None:
        self.over.set()
        for one in list(self._sockets):
            with suppress(OSError):  # it has ended by now
                one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._timer.cancel()
        for one in self._sockets:
            one.close()


class _Adapter(HTTPAdapter):
    """Connects by the attempt's own sockets."""

    def __init__(self, attempt: _Attempt) -> None:
        self._attempt = attempt
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        super().init_poolmanager(*args, **more)
        attempt = self._attempt

        class Plain(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                return attempt.connect(self)

        class Tls(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                return attempt.connect(self)

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class TlsPool(HTTPSConnectionPool):
            ConnectionCls = Tls

        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": TlsPool}


def is_network(name: str) -> bool:
    """Whether an entry of `outbound.allow` is a network or an address, and not a host's name."""
    try:
        ip_network(name, strict=False)
    except ValueError:
        return False
    return True


def _plain(address: str) -> IPv4Address | IPv6Address:
    """The address that is really meant: an IPv4 one also where it is written as IPv6 (mapped, 6to4,
    NAT64)."""
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        if found in NAT64:
            return IPv4Address(int(found) & 0xFFFFFFFF)
        return found.ipv4_mapped or found.sixtofour or found
    return found
