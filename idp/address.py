"""Addresses as they are written, read once: the authority of a URL (RFC 3986 3.2, RFC 9110 4.2.3)
and the address of a peer."""

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

PORTS = {"http": 80, "https": 443}
UNKNOWN = "unknown"  # a peer whose address cannot be read


@dataclass(frozen=True)
class Authority:
    """Host, in small letters and without the root's dot, and port, be it written or the scheme's
    own."""

    host: str
    port: int


def authority(scheme: str, written: str) -> Authority | None:
    """What `HOST`, `HOST:PORT` or `[IPv6]:PORT` names for this scheme; None for what is no
    authority, or holds user information."""
    try:
        parts = urlsplit(f"//{written}")
        port = parts.port
    except ValueError:
        return None
    if (
        not parts.hostname
        or "@" in written
        or parts.netloc != written
        or not written.isascii()
        or not written.isprintable()
        or " " in written
    ):
        return None
    return Authority(_host(parts.hostname), PORTS.get(scheme, 0) if port is None else port)


def origin(url: str) -> str:
    """The origin of a URL as browsers write it (RFC 6454 6.2); empty for what has none."""
    scheme = url.partition(":")[0].lower()
    try:
        found = (
            authority(scheme, urlsplit(url).netloc.rpartition("@")[2]) if scheme in PORTS else None
        )
    except ValueError:
        return ""
    if found is None:
        return ""
    host = f"[{found.host}]" if ":" in found.host else found.host
    return (
        f"{scheme}://{host}" if found.port == PORTS[scheme] else f"{scheme}://{host}:{found.port}"
    )


@lru_cache(4096)  # the same ones come again and again
def peer(written: str | None) -> str:
    """The address of a peer however a server or a proxy writes it: without port, brackets and zone,
    an IPv4 address inside IPv6 as itself; `unknown` for what is no address."""
    text = (written or "").strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return UNKNOWN
    return str(_plain(found))


def network(address: str) -> str:
    """Who counts as one where crowds are counted: an IPv4 address, or the /64 that a site has of
    IPv6."""
    if address == UNKNOWN:
        return UNKNOWN
    found = ip_address(address)
    return address if found.version == 4 else str(ip_network((found, 64), strict=False))


def loopback(host: str | None) -> bool:
    """Whether this host name or address is the machine itself; all names under localhost are (RFC
    6761 6.3)."""
    name = _host((host or "").strip("[]"))
    try:
        return _plain(ip_address(name)).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def listening(host: str) -> str | None:
    """The IP address that a server listens on; None for a name that is none."""
    try:
        return "127.0.0.1" if host.lower() == "localhost" else str(ip_address(host.strip("[]")))
    except ValueError:
        return None


def _host(name: str) -> str:
    name = name.lower().rstrip(".")
    try:
        return str(ip_address(name))
    except ValueError:
        return name


def _plain(found: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found
