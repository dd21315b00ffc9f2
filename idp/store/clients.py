"""Clients (relying parties) as registered, and the version that tells a process to read them
again."""

from typing import Any

from sqlalchemy import BigInteger, bindparam, delete, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.database import Base, LongText, claimed, row, rows, run, scalar, table


class Client(Base):
    """`registration` holds the registration in RFC 7591's words, `secret_digest` the SHA-256 of a
    random secret."""

    __tablename__ = "clients"

    id: Mapped[str] = mapped_column(primary_key=True)
    secret_digest: Mapped[str | None]
    # only for client_secret_jwt, whose signatures need it
    sealed_secret: Mapped[str | None] = mapped_column(LongText)
    profile: Mapped[str]
    third_party: Mapped[bool]
    registration: Mapped[dict[str, Any]]
    created_at: Mapped[float]


class Logo(Base):
    """A client's picture, served by us: its pages show nothing from elsewhere."""

    __tablename__ = "client_logos"

    client_id: Mapped[str] = mapped_column(primary_key=True)
    media_type: Mapped[str]
    content: Mapped[bytes]


class Version(Base):
    """Goes up with every change of what processes keep in memory (clients, keys)."""

    __tablename__ = "versions"

    name: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)  # the epoch, a time, is one of them


CLIENTS = table(Client)
LOGOS = table(Logo)
# a row of versions: the oldest program that serves rightly from this database, as its migration's
# number
OLDEST_PROGRAM = "oldest_program"
VERSIONS = table(Version)

_ADD, _ADD_VERSION = insert(CLIENTS), insert(VERSIONS)
_BY_ID = select(CLIENTS).where(CLIENTS.c.id == bindparam("id_"))
_LISTED = select(CLIENTS).order_by(CLIENTS.c.created_at)
_CHANGE = update(CLIENTS).where(CLIENTS.c.id == bindparam("id_"))
_SET_SECRET = _CHANGE.values(secret_digest=bindparam("digest"), sealed_secret=bindparam("sealed"))
_SET_REGISTRATION = _CHANGE.values(registration=bindparam("new"), profile=bindparam("now"))
_REMOVE = delete(CLIENTS).where(CLIENTS.c.id == bindparam("id_"))
_ADD_LOGO, _REMOVE_LOGO = insert(LOGOS), delete(LOGOS).where(LOGOS.c.client_id == bindparam("id_"))
_LOGO = select(LOGOS).where(LOGOS.c.client_id == bindparam("id_"))
_TOUCH = (
    update(VERSIONS)
    .where(VERSIONS.c.name == bindparam("name_"))
    .values(number=VERSIONS.c.number + 1)
)
_VERSION = select(VERSIONS.c.number).where(VERSIONS.c.name == bindparam("name_"))


def add(
    client_id: str,
    now: float,
    registration: dict[str, Any],
    secret_digest: str | None,
    profile: str,
    third_party: bool,
    sealed_secret: str | None = None,
) -> None:
    """Register a client; `sealed_secret` is for those that need the secret itself."""
    secrets = {"secret_digest": secret_digest, "sealed_secret": sealed_secret}
    run(
        _ADD,
        id=client_id,
        profile=profile,
        third_party=third_party,
        registration=registration,
        created_at=now,
        **secrets,
    )
    touch("clients")


def by_id(client_id: str) -> Client | None:
    """The client with this ID; None where there is none."""
    return row(_BY_ID, Client, id_=client_id)


def listed() -> list[Client]:
    """All clients, the oldest first."""
    return list(rows(_LISTED, Client))


def set_secret(client_id: str, secret_digest: str | None, sealed_secret: str | None) -> bool:
    """Replace the secret; whether there is such a client."""
    touch("clients")
    return claimed(_SET_SECRET, id_=client_id, digest=secret_digest, sealed=sealed_secret)


def set_registration(client_id: str, registration: dict[str, Any], profile: str) -> bool:
    """Replace the metadata and the profile; whether there is such a client."""
    touch("clients")
    return claimed(_SET_REGISTRATION, id_=client_id, new=registration, now=profile)


def set_logo(client_id: str, media_type: str, content: bytes) -> None:
    """Keep the logo that we serve for a client."""
    run(_REMOVE_LOGO, id_=client_id)
    run(_ADD_LOGO, client_id=client_id, media_type=media_type, content=content)


def logo(client_id: str) -> Logo | None:
    """The logo of a client; None where it has none."""
    return row(_LOGO, Logo, id_=client_id)


def remove(client_id: str) -> bool:
    """Remove a client with its logo; whether there was one."""
    run(_REMOVE_LOGO, id_=client_id)
    touch("clients")
    return claimed(_REMOVE, id_=client_id)


def touch(name: str) -> None:
    """Tell every process that its copy of `name` is old."""
    if not run(_TOUCH, name_=name):
        run(_ADD_VERSION, name=name, number=1)


def version(name: str) -> int:
    """Goes up with every change of what processes keep in memory under this name."""
    return scalar(_VERSION, name_=name) or 0
