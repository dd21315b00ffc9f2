"""Registering clients and looking after them, in the words of RFC 7591."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from idp import secret
from idp.flow.claims import SCOPES
from idp.oauth.policy import PRESETS
from idp.operations import Mistake
from idp.settings import LOOPBACK
from idp.store import audit, clients
from idp.store.clients import Client

RESERVED_SCHEMES = ("javascript", "data", "file", "vbscript", "blob", "about", "ftp", "ws", "wss")


def add(
    now: float,
    actor: str,
    name: str,
    redirect_uris: Sequence[str],
    *,
    public: bool = False,
    third_party: bool = False,
    auth_method: str | None = None,
    start_url: str | None = None,
    post_logout_redirect_uris: Sequence[str] = (),
    id_token_alg: str = "RS256",
    client_id: str | None = None,
    client_secret: str | None = None,
    profile: str = "modern",
) -> dict[str, Any]:
    """Register a client; the answer is RFC 7591's and holds the secret, which is shown this once. Raises Mistake."""
    policy = PRESETS[profile]
    method = auth_method or ("none" if public else "client_secret_basic")
    if public != (method == "none"):
        raise Mistake("a public client has no secret: --public goes with --auth-method none, and no other")
    if method not in policy.auth_methods:
        raise Mistake(f"--auth-method is one of {', '.join(policy.auth_methods)}")
    if id_token_alg not in policy.id_token_algs:
        raise Mistake(f"--id-token-alg is one of {', '.join(policy.id_token_algs)}")
    if not name.strip() or not name.isprintable() or len(name) > 100:
        raise Mistake("the name is what people read when they sign in: 1 to 100 printable characters")
    if not redirect_uris:
        raise Mistake("give at least one --redirect-uri")
    for uri in redirect_uris:
        _check_redirect_uri(uri, native=public)
    for uri in (*post_logout_redirect_uris, *([start_url] if start_url else [])):
        _check_redirect_uri(uri, native=False)
    made_id = client_id or secret.token(12)
    if clients.by_id(made_id):
        raise Mistake(f"there is a client {made_id} already")
    registration = {
        "client_name": name.strip(),
        "redirect_uris": list(redirect_uris),
        "post_logout_redirect_uris": list(post_logout_redirect_uris),
        "token_endpoint_auth_method": method,
        "grant_types": list(policy.grant_types),
        "response_types": list(policy.response_types),
        "scope": " ".join(SCOPES),
        "id_token_signed_response_alg": id_token_alg,
        **({"initiate_login_uri": start_url} if start_url else {}),
    }
    made_secret = None if public else client_secret or secret.token()
    clients.add(made_id, now, registration, secret.digest(made_secret) if made_secret else None, profile, third_party)
    audit.add(now, "client_added", actor=actor, client_id=made_id, name=name)
    issued = {"client_secret": made_secret, "client_secret_expires_at": 0} if made_secret else {}
    return {"client_id": made_id, "client_id_issued_at": int(now), **issued, **registration}


def listed() -> list[Client]:
    return clients.listed()


def found(client_id: str) -> Client:
    """The client of this id. Raises Mistake."""
    client = clients.by_id(client_id)
    if client is None:
        raise Mistake(f"there is no client {client_id}; `idp clients list` shows them")
    return client


def rotate_secret(now: float, actor: str, client_id: str) -> str:
    """A new secret, shown this once; the old one stops working. Raises Mistake."""
    if found(client_id).secret_digest is None:
        raise Mistake(f"{client_id} is a public client: it has no secret")
    fresh = secret.token()
    clients.set_secret(client_id, secret.digest(fresh))
    audit.add(now, "client_secret_rotated", actor=actor, client_id=client_id)
    return fresh


def set_addresses(now: float, actor: str, client_id: str, **addresses: Any) -> None:
    """Change where a client lives: redirect_uris, post_logout_redirect_uris, initiate_login_uri. Raises Mistake."""
    registration = found(client_id).registration
    if any(registration.get(name) != value for name, value in addresses.items()):
        clients.set_registration(client_id, {**registration, **addresses})
        audit.add(now, "client_changed", actor=actor, client_id=client_id, changed=sorted(addresses))


def remove(now: float, actor: str, client_id: str) -> None:
    """Nobody signs in to it any more, and its refresh tokens stop working. Raises Mistake."""
    found(client_id)
    clients.remove(client_id)
    audit.add(now, "client_removed", actor=actor, client_id=client_id)


def _check_redirect_uri(uri: str, native: bool) -> None:
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise Mistake(f"{uri} is not an address") from None
    if parts.fragment or "#" in uri:
        raise Mistake(f"{uri}: an address here has no fragment (RFC 6749 3.1.2)")
    if not uri.isascii() or any(char in uri for char in " \\*"):
        raise Mistake(f"{uri}: write it exactly as the client sends it; there are no wildcards")
    if parts.scheme == "https" and host:
        return
    if parts.scheme == "http" and host in LOOPBACK:
        return
    if parts.scheme == "http":
        raise Mistake(f"{uri}: http is for localhost only; use https")
    if not native or not parts.scheme or parts.scheme in RESERVED_SCHEMES or "." not in parts.scheme:
        raise Mistake(f"{uri}: use https, or for an app on a device (--public) a scheme like com.example.app:/callback")
