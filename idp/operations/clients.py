"""Registering clients and looking after them, in the words of RFC 7591."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from idp import secret
from idp.address import loopback
from idp.flow.claims import SCOPES
from idp.oauth.apis import OWN
from idp.oauth.assertions import public_keys
from idp.oauth.clients import PURPOSE
from idp.oauth.policy import PRESETS
from idp.operations import Mistake, NotFound
from idp.outbound import Outbound
from idp.secret import Vault
from idp.store import apis, audit, clients, consents, grants
from idp.store.clients import Client

LARGEST_LOGO = 64 * 1024  # bytes
RESERVED_SCHEMES = ("javascript", "data", "file", "vbscript", "blob", "about", "ftp", "ws", "wss")


@dataclass(frozen=True)
class About:
    """What people are shown of a client: on the consent page, and whom to ask."""

    client_uri: str | None = None
    policy_uri: str | None = None
    tos_uri: str | None = None
    logo: bytes | None = None


def add(
    now: float,
    actor: str,
    vault: Vault,
    name: str,
    redirect_uris: Sequence[str] = (),
    *,
    public: bool = False,
    machine: bool = False,
    third_party: bool = False,
    auth_method: str | None = None,
    jwks: Any = None,
    scopes: Sequence[str] = (),
    introspects: Sequence[str] = (),
    opaque: bool = False,
    start_url: str | None = None,
    post_logout_redirect_uris: Sequence[str] = (),
    backchannel_logout_uri: str | None = None,
    id_token_alg: str = "RS256",
    about: About | None = None,
    brand: str | None = None,
    client_id: str | None = None,
    client_secret: str | None = None,
    profile: str = "modern",
) -> dict[str, Any]:
    """Register a client; the answer is RFC 7591's and holds the secret, which is shown this once. `machine` has tokens of its
    own (client credentials), `introspects` makes it the API that asks about tokens. Raises Mistake."""
    policy, about = PRESETS[profile], about or About()
    method = auth_method or ("none" if public else "private_key_jwt" if jwks else "client_secret_basic")
    if public != (method == "none"):
        raise Mistake("a public client has no secret, and every other client has one", "use --public together with --auth-method none")
    if method not in policy.auth_methods:
        raise Mistake(f"--auth-method must be one of {', '.join(policy.auth_methods)}")
    if id_token_alg not in policy.id_token_algs:
        raise Mistake(f"--id-token-alg must be one of {', '.join(policy.id_token_algs)}")
    if not name.strip() or not name.isprintable() or len(name) > 100:
        raise Mistake("the name that people see when they sign in must have 1 to 100 printable characters")
    if not redirect_uris and not machine and not introspects:
        raise Mistake(
            "a client that people sign in to needs a redirect URI", "give --redirect-uri, or --machine for a service client, or --introspects for an API"
        )
    if public and (machine or introspects):
        raise Mistake("a service client or an API needs a secret or a key, so it cannot be public")
    if (method == "private_key_jwt") != (jwks is not None):
        raise Mistake("private_key_jwt needs the client's public keys, and only private_key_jwt uses them", "give the file with --jwks")
    for uri in redirect_uris:
        _check_redirect_uri(uri, native=public)
    for uri in post_logout_redirect_uris:
        _check_redirect_uri(uri, native=public)
    for address in (start_url, backchannel_logout_uri, about.client_uri, about.policy_uri, about.tos_uri):
        if address:
            _check_redirect_uri(address, native=False)
    _check_told(backchannel_logout_uri)
    _check_apis(machine, scopes, introspects)
    made_id = client_id or secret.plain_token(16)
    if clients.by_id(made_id):
        raise Mistake(f"the client {made_id} already exists")
    grant_types = (["authorization_code", "refresh_token"] if redirect_uris else []) + (["client_credentials"] if machine else [])
    registration = {
        "client_name": name.strip(),
        "redirect_uris": list(redirect_uris),
        "post_logout_redirect_uris": list(post_logout_redirect_uris),
        "token_endpoint_auth_method": method,
        "grant_types": grant_types,
        "response_types": list(policy.response_types) if redirect_uris else [],
        "scope": " ".join([*(SCOPES if redirect_uris else ()), *scopes]),
        "id_token_signed_response_alg": id_token_alg,
        "access_token_format": "opaque" if opaque else "jwt",
        **({"jwks": _public_keys(jwks)} if jwks is not None else {}),
        **({"introspects": list(introspects)} if introspects else {}),
        **({"initiate_login_uri": start_url} if start_url else {}),
        **({"backchannel_logout_uri": backchannel_logout_uri, "backchannel_logout_session_required": True} if backchannel_logout_uri else {}),
        **({"brand": brand} if brand else {}),
        **{name: value for name, value in vars(about).items() if value and name != "logo"},
        **({"logo_uri": f"/clients/{made_id}/logo"} if about.logo else {}),
    }
    made_secret = None if method in ("none", "private_key_jwt") else client_secret or secret.plain_token()
    digest, sealed = _kept(vault, method, made_secret)
    clients.add(made_id, now, registration, digest, profile, third_party, sealed)
    if about.logo:
        clients.set_logo(made_id, _picture_type(about.logo), about.logo)
    audit.add(now, "client_added", actor=actor, client_id=made_id, name=name)
    issued = {"client_secret": made_secret, "client_secret_expires_at": 0} if made_secret else {}
    return {"client_id": made_id, "client_id_issued_at": int(now), **issued, **registration}


def _kept(vault: Vault, method: str, made_secret: str | None) -> tuple[str | None, str | None]:
    """What is stored of a secret: its digest; for client_secret_jwt, whose signatures are made with it, the sealed secret instead."""
    if made_secret is None:
        return None, None
    return (None, vault.seal(PURPOSE, made_secret)) if method == "client_secret_jwt" else (secret.digest(made_secret), None)


def _check_apis(machine: bool, scopes: Sequence[str], introspects: Sequence[str]) -> None:
    registered = apis.listed()
    known = {scope for api in registered for scope in api.scopes} | set(OWN)
    if missing := [scope for scope in scopes if scope not in known]:
        raise Mistake(f"no API has the scope {missing[0]}", "`idp apis list` shows all APIs, and `idp apis add` registers one")
    if machine and not scopes:
        raise Mistake("a service client needs at least one scope of an API")
    if missing := [one for one in introspects if one not in {api.identifier for api in registered}]:
        raise NotFound(f"there is no API {missing[0]}", "`idp apis list` shows all APIs, and `idp apis add` registers one")


def _public_keys(jwks: Any) -> dict[str, Any]:
    try:
        return public_keys(jwks)
    except ValueError as error:
        raise Mistake(f"--jwks {error}") from None


def _picture_type(content: bytes) -> str:
    """The media type of a logo, from its first bytes. Raises Mistake."""
    if len(content) > LARGEST_LOGO:
        raise Mistake(f"--logo is larger than {LARGEST_LOGO // 1024} KiB")
    kinds = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff", "image/webp": b"RIFF"}
    found = next((kind for kind, magic in kinds.items() if content.startswith(magic)), None)
    if found is None:
        raise Mistake("--logo must be a PNG, JPEG or WebP image")
    return found


def listed() -> list[Client]:
    return clients.listed()


def found(client_id: str) -> Client:
    """The client of this id. Raises Mistake."""
    client = clients.by_id(client_id)
    if client is None:
        raise NotFound(f"there is no client {client_id}; `idp clients list` shows all clients")
    return client


def rotate_secret(now: float, actor: str, vault: Vault, client_id: str) -> str:
    """A new secret, shown this once; the old one stops working. Raises Mistake."""
    client = found(client_id)
    if client.secret_digest is None and client.sealed_secret is None:
        raise Mistake(f"{client_id} has no secret: it is public, or it authenticates with its own key")
    fresh = secret.plain_token()
    digest, sealed = _kept(vault, client.registration["token_endpoint_auth_method"], fresh)
    clients.set_secret(client_id, digest, sealed)
    audit.add(now, "client_secret_rotated", actor=actor, client_id=client_id)
    return fresh


def set_addresses(now: float, actor: str, client_id: str, **addresses: Any) -> None:
    """Change where a client lives: redirect_uris, post_logout_redirect_uris, initiate_login_uri, backchannel_logout_uri; None takes one
    away. Raises Mistake."""
    registration = found(client_id).registration
    for name, value in addresses.items():
        for uri in value if isinstance(value, list) else [value] if value else []:
            _check_redirect_uri(uri, native=name in ("redirect_uris", "post_logout_redirect_uris") and registration["token_endpoint_auth_method"] == "none")
    _check_told(addresses.get("backchannel_logout_uri"))
    if any(registration.get(name) != value for name, value in addresses.items()):
        if addresses.get("redirect_uris") and "authorization_code" not in registration["grant_types"]:
            raise Mistake("people do not sign in to this client, so it cannot have redirect URIs")
        changed = {**registration, **addresses}
        changed["backchannel_logout_session_required"] = True if changed.get("backchannel_logout_uri") else None
        changed["post_logout_redirect_uris"] = changed.get("post_logout_redirect_uris") or []
        clients.set_registration(client_id, {name: value for name, value in changed.items() if value is not None})
        audit.add(now, "client_changed", actor=actor, client_id=client_id, changed=sorted(addresses))


def set_brand(now: float, actor: str, client_id: str, brand: str | None) -> None:
    """The look of the pages on which people sign in to this client; None for the deployment's own. Raises Mistake."""
    registration = {name: value for name, value in found(client_id).registration.items() if name != "brand"}
    clients.set_registration(client_id, {**registration, **({"brand": brand} if brand else {})})
    audit.add(now, "client_changed", actor=actor, client_id=client_id, changed=["brand"])


def add_scopes(now: float, actor: str, client_id: str, scopes: Sequence[str]) -> None:
    """Let a client ask for further scopes. Raises Mistake."""
    registration = found(client_id).registration
    _check_apis(False, scopes, ())
    wanted = list(dict.fromkeys([*registration["scope"].split(), *scopes]))
    if wanted != registration["scope"].split():
        clients.set_registration(client_id, {**registration, "scope": " ".join(wanted)})
        audit.add(now, "client_changed", actor=actor, client_id=client_id, changed=["scope"])


def people_signed_in(client_id: str, now: float) -> int:
    """How many people have tokens of this client that work."""
    return grants.count_people(client_id, now)


def remove(now: float, actor: str, client_id: str) -> None:
    """Nobody signs in to it any more, and its refresh tokens stop working. Raises Mistake."""
    found(client_id)
    clients.remove(client_id)
    consents.forget_client(client_id)  # whoever gets this id later must ask anew
    audit.add(now, "client_removed", actor=actor, client_id=client_id)


def _check_told(uri: str | None) -> None:
    if uri and (why := Outbound(loopback=True).refusal(uri)):
        raise Mistake(f"{uri}: {why}; give an address that we can send logout tokens to")


def _check_redirect_uri(uri: str, native: bool) -> None:
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise Mistake(f"{uri} is not a valid address") from None
    if parts.username is not None or parts.password is not None:
        raise Mistake(f"{uri}: the address must not contain a username or password")
    if parts.fragment or "#" in uri:
        raise Mistake(f"{uri}: the address must not have a fragment (RFC 6749 section 3.1.2)")
    if not uri.isascii() or not uri.isprintable() or any(char in uri for char in " \\*"):
        raise Mistake(f"{uri}: write the address exactly as the client sends it, in printable ASCII without spaces; wildcards are not supported")
    if parts.scheme == "https" and host:
        return
    if parts.scheme == "http" and loopback(host):
        return
    if parts.scheme == "http":
        raise Mistake(f"{uri}: http is allowed for localhost only; use https")
    if not native or not parts.scheme or parts.scheme in RESERVED_SCHEMES or "." not in parts.scheme:
        raise Mistake(f"{uri}: use https, or for an app on a device (--public) a scheme such as com.example.app:/callback")
