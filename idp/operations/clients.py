"""Registering clients and looking after them, in the words of RFC 7591."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from idp import secret
from idp.oauth import metadata_checks, registration
from idp.oauth.clients import PURPOSE
from idp.oauth.profiles import PRESETS
from idp.oauth.resource_servers import OWN
from idp.operations import NotFound, OperatorError
from idp.secret import Vault
from idp.store import audit, clients, consents, grants, lock, resource_servers
from idp.store.clients import Client

LARGEST_LOGO = 64 * 1024  # bytes


def add(
    now: float,
    actor: str,
    vault: Vault,
    metadata: Mapping[str, Any],
    *,
    third_party: bool = False,
    logo: bytes | None = None,
    client_id: str | None = None,
    client_secret: str | None = None,
    profile: str = "modern",
    brands: Collection[str] | None = None,
) -> dict[str, Any]:
    """Register a client with this metadata (oauth.registration.FIELDS); the answer is RFC 7591's
    and holds the secret, which is shown this once. `third_party` is run by another organization, so
    that people are asked for consent. `brands` are those that it may have; None for any. Raises
    OperatorError."""
    made_id = client_id or secret.plain_token(16)
    served = {"logo_uri": f"/clients/{made_id}/logo"} if logo else {}
    registered = _registered({**metadata, **served}, None, profile, brands)
    if clients.by_id(made_id):
        raise OperatorError(f"the client {made_id} already exists")
    method, name = registered["token_endpoint_auth_method"], registered["client_name"]
    made_secret = (
        None if method in ("none", "private_key_jwt") else client_secret or secret.plain_token()
    )
    digest, sealed = _kept(vault, method, made_secret)
    clients.add(made_id, now, registered, digest, profile, third_party, sealed)
    if logo:
        clients.set_logo(made_id, _picture_type(logo), logo)
    audit.add(now, "client_added", actor=actor, client_id=made_id, name=name)
    issued = {"client_secret": made_secret, "client_secret_expires_at": 0} if made_secret else {}
    return {"client_id": made_id, "client_id_issued_at": int(now), **issued, **registered}


def update(
    now: float,
    actor: str,
    client_id: str,
    changes: Mapping[str, Any],
    profile: str | None = None,
    brands: Collection[str] | None = None,
) -> dict[str, Any]:
    """Change metadata of a client, or its profile; None removes a value. The registration as it is
    then. Raises OperatorError."""
    lock(f"client_id:{client_id}")  # the registration is read and written whole
    client = found(client_id)
    registered = _registered(changes, client.registration, profile or client.profile, brands)
    different = sorted(
        name
        for name in {*registered, *client.registration}
        if registered.get(name) != client.registration.get(name)
    )
    other_profile = profile is not None and profile != client.profile
    more: dict[str, Any] = {"profile": [client.profile, profile]} if other_profile else {}
    if "redirect_uris" in different:
        more["redirect_uris"] = [client.registration["redirect_uris"], registered["redirect_uris"]]
    if different or more:
        if not clients.set_registration(client_id, registered, profile or client.profile):
            raise NotFound(f"there is no client {client_id}; `idp clients list` shows all clients")
        audit.add(
            now,
            "client_changed",
            actor=actor,
            client_id=client_id,
            changed=[*different, *(["profile"] if other_profile else [])],
            **more,
        )
    return registered


def _registered(
    given: Mapping[str, Any],
    before: Mapping[str, Any] | None,
    profile: str,
    brands: Collection[str] | None,
) -> dict[str, Any]:
    """A registration with this metadata, new or changed. Raises OperatorError."""
    if profile not in PRESETS:
        raise OperatorError(
            f"there is no client profile {profile}; there are {' and '.join(PRESETS)}",
            field="profile",
        )
    known = resource_servers.listed()
    scopes = {scope for api in known for scope in api.scopes} | set(OWN)
    context = metadata_checks.MetadataContext(
        PRESETS[profile], scopes, {api.identifier for api in known}, brands
    )
    try:
        return (
            registration.registered(given, context)
            if before is None
            else registration.changed(before, given, context)
        )
    except metadata_checks.InvalidMetadata as error:
        kind = NotFound if error.field == "brand" else OperatorError
        raise kind(error.says, error.cure, error.field) from None


def _kept(vault: Vault, method: str, made_secret: str | None) -> tuple[str | None, str | None]:
    """What is stored of a secret: its digest; for client_secret_jwt, whose signatures are made with
    it, the sealed secret instead."""
    if made_secret is None:
        return None, None
    return (
        (None, vault.seal(PURPOSE, made_secret))
        if method == "client_secret_jwt"
        else (secret.digest(made_secret), None)
    )


def _picture_type(content: bytes) -> str:
    """The media type of a logo, from its first bytes. Raises OperatorError."""
    if len(content) > LARGEST_LOGO:
        raise OperatorError(f"--logo is larger than {LARGEST_LOGO // 1024} KiB")
    kinds = {
        "image/png": b"\x89PNG\r\n\x1a\n",
        "image/jpeg": b"\xff\xd8\xff",
        "image/webp": b"RIFF",
    }
    found = next((kind for kind, magic in kinds.items() if content.startswith(magic)), None)
    if found is None:
        raise OperatorError("--logo must be a PNG, JPEG or WebP image")
    return found


def listed() -> list[Client]:
    """All clients, the oldest first."""
    return clients.listed()


def found(client_id: str) -> Client:
    """The client of this id. Raises OperatorError."""
    client = clients.by_id(client_id)
    if client is None:
        raise NotFound(f"there is no client {client_id}; `idp clients list` shows all clients")
    return client


def rotate_secret(now: float, actor: str, vault: Vault, client_id: str) -> str:
    """A new secret, shown this once; the old one stops working. Raises OperatorError."""
    lock(f"client_id:{client_id}")
    client = found(client_id)
    if client.secret_digest is None and client.sealed_secret is None:
        raise OperatorError(
            f"{client_id} has no secret: it is public, or it authenticates with its own key"
        )
    fresh = secret.plain_token()
    digest, sealed = _kept(vault, client.registration["token_endpoint_auth_method"], fresh)
    clients.set_secret(client_id, digest, sealed)
    audit.add(now, "client_secret_rotated", actor=actor, client_id=client_id)
    return fresh


def add_scopes(now: float, actor: str, client_id: str, scopes: Sequence[str]) -> None:
    """Let a client ask for further scopes. Raises OperatorError."""
    update(
        now,
        actor,
        client_id,
        {"scope": " ".join([found(client_id).registration["scope"], *scopes])},
    )


def people_signed_in(client_id: str, now: float) -> int:
    """How many people have tokens of this client that work."""
    return grants.count_people(client_id, now)


def remove(now: float, actor: str, client_id: str) -> None:
    """No one signs in to it any more, and its refresh tokens stop working. Raises OperatorError."""
    lock(f"client_id:{client_id}")
    found(client_id)
    clients.remove(client_id)
    consents.forget_client(client_id)  # a client that gets this id later must ask again
    audit.add(now, "client_removed", actor=actor, client_id=client_id)
