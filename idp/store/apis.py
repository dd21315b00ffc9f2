"""APIs (resource servers, RFC 6749 1.1): whom access tokens are for, and what their scopes
allow."""

from typing import Any

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.clients import touch
from idp.store.database import Base, LongText, claimed, rows, run, table


class Api(Base):
    """`identifier` is the `aud` of its tokens, `scopes` its scopes and what each allows, in words
    for people."""

    __tablename__ = "apis"

    identifier: Mapped[str] = mapped_column(LongText, primary_key=True)
    name: Mapped[str]
    scopes: Mapped[dict[str, Any]]
    created_at: Mapped[float]


APIS = table(Api)

_ADD = insert(APIS)
_LISTED = select(APIS).order_by(APIS.c.created_at)
_REMOVE = delete(APIS).where(APIS.c.identifier == bindparam("id_"))


def add(identifier: str, name: str, scopes: dict[str, str], now: float) -> None:
    run(_ADD, identifier=identifier, name=name, scopes=scopes, created_at=now)
    touch("clients")  # processes keep clients and the scopes they may ask for together


def listed() -> list[Api]:
    return list(rows(_LISTED, Api))


def remove(identifier: str) -> bool:
    touch("clients")
    return claimed(_REMOVE, id_=identifier)
