"""How the client commands show a client."""

from collections.abc import Mapping
from typing import Any

from idp.cli.common import (
    console,
)
from idp.oauth.registration import FIELDS
from idp.store.clients import Client


def warn_of_private(jwks: Any) -> None:
    """Warn, after it was taken, of a JWK set that contained private keys."""
    if jwks and any("d" in key for key in jwks.get("keys", [jwks])):
        console.print(
            "\n[bold]That file contains a private key.[/] Only the public key was "
            "stored. Anyone who has seen the file can act as this client."
        )


def show_client(client: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is printed of a registration."""
    found = [
        (field.title, client[field.name])
        for field in FIELDS
        if field.title and client.get(field.name)
    ]
    return [
        (title, value if isinstance(value, str) else "\n".join(value)) for title, value in found
    ]


def kind_of(client: Client) -> str:
    """What a client is for, in a few words."""
    registration = client.registration
    kinds = (["signs people in"] if registration["redirect_uris"] else []) + (
        ["service"] if "client_credentials" in registration["grant_types"] else []
    )
    return ", ".join(
        [
            *kinds,
            *(["API"] if registration.get("introspects") else []),
            *(["third party"] if client.third_party else []),
        ]
    )


def public_facts(client: Client) -> dict[str, Any]:
    """A client as JSON, without its secret."""
    return {
        "client_id": client.id,
        "client_id_issued_at": int(client.created_at),
        "third_party": client.third_party,
        "profile": client.profile,
        **client.registration,
    }
