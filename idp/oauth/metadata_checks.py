"""What a field of client metadata may hold: a check a field, which gives the value that is kept."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from idp.address import loopback
from idp.flow.claims import SCOPES
from idp.oauth.assertions import public_keys
from idp.oauth.profiles import ClientPolicy
from idp.outbound import Outbound

RESERVED_SCHEMES = ("javascript", "data", "file", "vbscript", "blob", "about", "ftp", "ws", "wss")


PEOPLE, SERVICE = ["authorization_code", "refresh_token"], "client_credentials"


FORMATS = ("jwt", "reference")


Metadata = Mapping[str, Any]


class InvalidMetadata(Exception):
    """A field that cannot be what was given, in words. `cure` is what helps on the command line."""

    def __init__(self, field: str, says: str, cure: str = "") -> None:
        super().__init__(says)
        self.field = field
        self.says = says
        self.cure = cure


@dataclass(frozen=True)
class MetadataContext:
    """What a check looks at beside the client: its profile, the scopes that APIs have, the APIs,
    the brands."""

    policy: ClientPolicy
    scopes: Collection[str]
    resource_servers: Collection[str]
    brands: Collection[str] | None = None  # None: any


Check = Callable[[Any, Metadata, MetadataContext], Any]


def display_name(value: Any, draft: Metadata, context: MetadataContext) -> str:
    """The name that people see when they sign in: 1 to 100 printable characters (RFC 7591 2)."""
    if not value.strip() or not value.isprintable() or len(value) > 100:
        raise InvalidMetadata(
            "client_name",
            "the name that people see when they sign in must have 1 to 100 printable characters",
        )
    return str(value.strip())


def redirect_addresses(name: str) -> Check:
    """A check of addresses that the browser returns to, for this field (RFC 8252 7, RFC 9700 2.1)."""

    def check(value: Any, draft: Metadata, context: MetadataContext) -> list[str]:
        return [
            address(name, uri, native=draft["token_endpoint_auth_method"] == "none")
            for uri in value
        ]

    return check


def site_address(name: str) -> Check:
    """A check of one address of the client's own pages, for this field."""
    return lambda value, draft, context: address(name, value, native=False)


def logout_address(value: Any, draft: Metadata, context: MetadataContext) -> str:
    """The address that receives logout tokens (OpenID Connect Back-Channel Logout 2.2)."""
    address("backchannel_logout_uri", value, native=False)
    if why := Outbound(loopback=True).refusal(value):
        raise InvalidMetadata(
            "backchannel_logout_uri",
            f"{value}: {why}; give an address that we can send logout tokens to",
        )
    return str(value)


def auth_method(value: Any, draft: Metadata, context: MetadataContext) -> str:
    """How the client authenticates at the token endpoint (RFC 7591 2, OIDC Core 9)."""
    if value not in context.policy.auth_methods:
        says = f"the authentication method must be one of {', '.join(context.policy.auth_methods)}"
        raise InvalidMetadata("token_endpoint_auth_method", says, "give it with --auth-method")
    return str(value)


def grant_types(value: Any, draft: Metadata, context: MetadataContext) -> list[str]:
    """The grants that the client uses (RFC 7591 2)."""
    if wrong := [one for one in value if one not in context.policy.grant_types]:
        raise InvalidMetadata("grant_types", f"{wrong[0]} is not a grant type of this provider")
    return list(value)


def granted_scope(value: Any, draft: Metadata, context: MetadataContext) -> str:
    """API scopes as given; those of OpenID Connect come with signing people in."""
    asked = [scope for scope in dict.fromkeys(value.split()) if scope not in SCOPES]
    if missing := [scope for scope in asked if scope not in context.scopes]:
        raise InvalidMetadata(
            "scope",
            f"no API has the scope {missing[0]}",
            "`idp resource-servers list` shows all APIs, and `idp resource-servers add` registers one",
        )
    if SERVICE in draft["grant_types"] and not asked:
        raise InvalidMetadata("scope", "a service client needs at least one scope of an API")
    return " ".join([*(SCOPES if draft["redirect_uris"] else ()), *asked])


def introspected(value: Any, draft: Metadata, context: MetadataContext) -> list[str]:
    """The resource servers whose tokens the client introspects (RFC 7662)."""
    if missing := [one for one in value if one not in context.resource_servers]:
        raise InvalidMetadata(
            "introspects",
            f"there is no API {missing[0]}",
            "`idp resource-servers list` shows all APIs, and `idp resource-servers add` registers one",
        )
    return list(value)


def key_set(value: Any, draft: Metadata, context: MetadataContext) -> dict[str, Any]:
    """The client's public keys, for private_key_jwt (RFC 7523, RFC 7517)."""
    try:
        return public_keys(value)
    except ValueError as error:
        raise InvalidMetadata("jwks", f"--jwks {error}") from None


def id_token_alg(value: Any, draft: Metadata, context: MetadataContext) -> str:
    """The algorithm that signs its ID tokens (OIDC Registration 2)."""
    if value not in context.policy.id_token_algs:
        says = (
            f"the algorithm of ID tokens must be one of {', '.join(context.policy.id_token_algs)}"
        )
        raise InvalidMetadata("id_token_signed_response_alg", says, "give it with --id-token-alg")
    return str(value)


def token_format(value: Any, draft: Metadata, context: MetadataContext) -> str:
    """The format of its access tokens: jwt (RFC 9068) or reference."""
    value = "reference" if value == "opaque" else value  # its old name, until the next release
    if value not in FORMATS:
        raise InvalidMetadata(
            "access_token_format", f"the format of access tokens must be {' or '.join(FORMATS)}"
        )
    return str(value)


def known_brand(value: Any, draft: Metadata, context: MetadataContext) -> str:
    """A brand that the deployment has."""
    if context.brands is not None and value not in context.brands:
        known = ", ".join(sorted(context.brands))
        raise InvalidMetadata(
            "brand", f"there is no brand {value}; the known brands are {known} (setting: brands)"
        )
    return str(value)


def as_it_is(value: Any, draft: Metadata, context: MetadataContext) -> Any:
    """Anything: what may be here, the caller has seen to."""
    return value


def address(name: str, uri: str, native: bool) -> str:
    """An address that browsers are sent to (RFC 6749 3.1.2); `native` allows a scheme of an app's
    own (RFC 8252 7.1)."""
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise InvalidMetadata(name, f"{uri} is not a valid address") from None
    if parts.username is not None or parts.password is not None:
        raise InvalidMetadata(name, f"{uri}: the address must not contain a username or password")
    if parts.fragment or "#" in uri:
        raise InvalidMetadata(
            name, f"{uri}: the address must not have a fragment (RFC 6749 section 3.1.2)"
        )
    if not uri.isascii() or not uri.isprintable() or any(char in uri for char in " \\*"):
        says = (
            "write the address exactly as the client sends it, in printable ASCII without "
            "spaces; wildcards are not supported"
        )
        raise InvalidMetadata(name, f"{uri}: {says}")
    if (parts.scheme == "https" and host) or (parts.scheme == "http" and loopback(host)):
        return uri
    if parts.scheme == "http":
        raise InvalidMetadata(name, f"{uri}: http is allowed for localhost only; use https")
    if (
        not native
        or not parts.scheme
        or parts.scheme in RESERVED_SCHEMES
        or "." not in parts.scheme
    ):
        raise InvalidMetadata(
            name,
            f"{uri}: use https, or for an app on a device (--public) a scheme such as "
            "com.example.app:/callback",
        )
    return uri
