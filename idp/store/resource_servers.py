"""APIs (resource servers, RFC 6749 1.1): whom access tokens are for, and what their scopes
allow."""

from typing import Any

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.clients import touch
from idp.store.database import Base, LongText, claimed, rows, run, table


class ResourceServer(Base):
    """`identifier` is the `aud` of its tokens, `scopes` its scopes and what each allows, in words
    for people."""

    __tablename__ = "resource_servers"

    identifier: Mapped[str] = mapped_column(LongText, primary_key=True)
    name: Mapped[str]
    scopes: Mapped[dict[str, Any]]
    created_at: Mapped[float]


RESOURCE_SERVERS = table(ResourceServer)

_ADD = insert(RESOURCE_SERVERS)
_LISTED = select(RESOURCE_SERVERS).order_by(RESOURCE_SERVERS.c.created_at)
_REMOVE = delete(RESOURCE_SERVERS).where(RESOURCE_SERVERS.c.identifier == bindparam("id_"))


def add(identifier: str, name: str, scopes: dict[str, str], now: float) -> None:
    """Register a resource server with its scopes."""
    run(_ADD, identifier=identifier, name=name, scopes=scopes, created_at=now)
    touch("clients")  # processes keep clients and the scopes they may ask for together


def listed() -> list[ResourceServer]:
    """All resource servers, the oldest first."""
    return list(rows(_LISTED, ResourceServer))


def remove(identifier: str) -> bool:
    """Remove a resource server; whether there was one."""
    touch("clients")
    return claimed(_REMOVE, id_=identifier)
