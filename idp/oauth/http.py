"""Requests and answers as this package sees them."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import unquote_plus, urlencode

Pairs = Sequence[tuple[str, str]]


class Headers(Protocol):
    """Headers by name, whatever the framework calls them."""

    def get(self, key: str, default: str, /) -> str:
        """The value of a header."""


@dataclass(frozen=True)
class Request:
    """An HTTP request at a protocol endpoint. `parameters` are those that the endpoint may read: of
    the query at the authorization endpoint's GET, of the form elsewhere; never both."""

    method: str
    path: str
    parameters: Pairs
    headers: Headers = field(default_factory=dict[str, str])


@dataclass
class Answer:
    """What to answer: a body, or a redirect by its Location."""

    status: int
    body: bytes
    headers: list[tuple[str, str]]

    @property
    def location(self) -> str | None:
        """Where it redirects to; None where it does not."""
        return next((value for name, value in self.headers if name == "Location"), None)


def present(parameters: Pairs) -> list[tuple[str, str]]:
    """The parameters that are there: one sent without a value counts as left out (RFC 6749 3.1,
    3.2)."""
    return [(name, value) for name, value in parameters if value]


def repeated(parameters: Pairs) -> str | None:
    """The first parameter that is there twice (RFC 6749 3.1, 3.2); `resource` may be (RFC 8707)."""
    seen: set[str] = set()
    for name, _ in present(parameters):
        if name in seen and name != "resource":
            return name
        seen.add(name)
    return None


def basic_credentials(headers: Headers) -> tuple[str, str] | None:
    """Client id and secret of an Authorization header (RFC 6749 2.3.1), whatever bytes it holds."""
    scheme, _, encoded = headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, value = (
            base64.b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")
        )
    except (binascii.Error, ValueError):
        return None
    return (unquote_plus(name), unquote_plus(value)) if colon else None


def bearer(headers: Headers) -> str | None:
    """The token of an Authorization header (RFC 6750 2.1)."""
    scheme, _, credentials = headers.get("Authorization", "").partition(" ")
    return credentials.strip() if scheme.lower() == "bearer" and credentials.strip() else None


def with_parameters(uri: str, parameters: Pairs) -> str:
    """The URI, which has no fragment, with these added to its query; what stood there before stays
    to the letter."""
    added = urlencode(list(parameters))
    joint = "&" if "?" in uri else "?"
    return f"{uri}{joint}{added}" if added else uri
