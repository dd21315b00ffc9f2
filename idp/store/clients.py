"""Clients (relying parties) as registered, and the version that tells a process to read them again."""

from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.database import Base, row, rows, run, scalar, table


class Client(Base):
    """`registration` holds the registration in RFC 7591's words, `secret_digest` the SHA-256 of a random secret."""

    __tablename__ = "clients"

    id: Mapped[str] = mapped_column(primary_key=True)
    secret_digest: Mapped[str | None]
    profile: Mapped[str]
    third_party: Mapped[bool]
    registration: Mapped[dict[str, Any]]
    created_at: Mapped[float]


class Version(Base):
    """Goes up with every change of what processes keep in memory (clients, keys)."""

    __tablename__ = "versions"

    name: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int]


CLIENTS = table(Client)
VERSIONS = table(Version)


def add(client_id: str, now: float, registration: dict[str, Any], secret_digest: str | None, profile: str, third_party: bool) -> None:
    run(insert(CLIENTS).values(id=client_id, secret_digest=secret_digest, profile=profile, third_party=third_party, registration=registration, created_at=now))
    touch("clients")


def by_id(client_id: str) -> Client | None:
    return row(select(CLIENTS).where(CLIENTS.c.id == client_id), Client)


def listed() -> list[Client]:
    return list(rows(select(CLIENTS).order_by(CLIENTS.c.created_at), Client))


def set_secret(client_id: str, secret_digest: str) -> bool:
    touch("clients")
    return run(update(CLIENTS).where(CLIENTS.c.id == client_id).values(secret_digest=secret_digest)) == 1


def set_registration(client_id: str, registration: dict[str, Any]) -> bool:
    touch("clients")
    return run(update(CLIENTS).where(CLIENTS.c.id == client_id).values(registration=registration)) == 1


def remove(client_id: str) -> bool:
    touch("clients")
    return run(delete(CLIENTS).where(CLIENTS.c.id == client_id)) == 1


def touch(name: str) -> None:
    """Tell every process that its copy of `name` is old."""
    if not run(update(VERSIONS).where(VERSIONS.c.name == name).values(number=VERSIONS.c.number + 1)):
        run(insert(VERSIONS).values(name=name, number=1))


def version(name: str) -> int:
    return scalar(select(VERSIONS.c.number).where(VERSIONS.c.name == name)) or 0
