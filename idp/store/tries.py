"""Tries at a secret, counted over all interactions, processes and spellings of a name, and by who
asks.

A device that the account's owner has signed in with counts for itself: what strangers try uses none
of it up."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Index, Select, bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.database import Base, rows, run, scalar, table


class Try(Base):
    """`subject` is an account id, or the fingerprint of a name that has none. A try is a wrong one
    until it succeeded. `asker` is the device, where `known` says that the owner has signed in with
    it before, else the network that it came from."""

    __tablename__ = "tries"
    __table_args__ = (Index("ix_tries_asker_at", "asker", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    subject: Mapped[str] = mapped_column(index=True)
    factor: Mapped[str]
    at: Mapped[float]
    succeeded: Mapped[bool]
    known: Mapped[bool] = mapped_column(server_default="0")
    asker: Mapped[str] = mapped_column(server_default="")


@dataclass(frozen=True)
class Asker:
    """Who tries: a device that is known for the subject, or someone else in a network. `key` is
    what their tries are counted by."""

    key: str
    known: bool
    network: str


TRIES = table(Try)

_MINE = (
    (TRIES.c.subject == bindparam("who"))
    & (TRIES.c.factor == bindparam("by"))
    & (TRIES.c.known == bindparam("known_"))
)
_ALONE = _MINE & (TRIES.c.asker == bindparam("asker_"))
_WRONG = TRIES.c.succeeded.is_(False)
_ADD = insert(TRIES).returning(TRIES.c.id)
_SUCCEED = update(TRIES).where(TRIES.c.id == bindparam("id_")).values(succeeded=True)
_FORGET = delete(TRIES).where(TRIES.c.subject == bindparam("who"))
_BY_NETWORK = (
    select(TRIES.c.at)
    .where(
        TRIES.c.asker == bindparam("asker_"),
        TRIES.c.factor == bindparam("by"),
        TRIES.c.at > bindparam("since"),
        _WRONG,
    )
    .order_by(TRIES.c.at.desc())
    .limit(bindparam("most"))
)


_SUMMARY = (
    select(TRIES.c.factor, TRIES.c.known, func.count())
    .where(TRIES.c.subject == bindparam("who"), TRIES.c.at > bindparam("since"), _WRONG)
    .group_by(TRIES.c.factor, TRIES.c.known)
    .order_by(TRIES.c.factor)
)


def _statements(mine: ColumnElement[bool]) -> tuple[Select[Any], Select[Any], Select[Any]]:
    last_right = (
        select(func.coalesce(func.max(TRIES.c.id), 0))
        .where(mine, TRIES.c.succeeded.is_(True))
        .scalar_subquery()
    )
    since = select(func.count()).where(mine, TRIES.c.at > bindparam("since"), _WRONG)
    in_a_row = (
        select(TRIES.c.at)
        .where(mine, TRIES.c.id > last_right)
        .order_by(TRIES.c.id.desc())
        .limit(bindparam("most"))
    )
    times = (
        select(TRIES.c.at).where(mine, TRIES.c.at > bindparam("since"), _WRONG).order_by(TRIES.c.at)
    )
    return since, in_a_row, times


_STATEMENTS = {"alone": _statements(_ALONE), "together": _statements(_MINE)}


def add(subject: str, factor: str, now: float, asker: Asker) -> int:
    """Count a try before the secret is compared; its id."""
    return int(
        scalar(
            _ADD,
            subject=subject,
            factor=factor,
            at=now,
            succeeded=False,
            known=asker.known,
            asker=asker.key,
        )
    )


def succeed(try_id: int) -> None:
    """The try was right: it does not count."""
    run(_SUCCEED, id_=try_id)


def forget(subject: str) -> int:
    """Forget an account's tries: what was locked is open again. How many there were."""
    return run(_FORGET, who=subject)


def wrong_since(subject: str, factor: str, since: float, asker: Asker) -> int:
    """How many wrong tries there were after `since`: of this device, where it is known, else of all
    others together."""
    return int(
        scalar(_STATEMENTS[_scope(asker)][0], who=subject, by=factor, since=since, **_who(asker))
    )


def wrong_times(subject: str, factor: str, since: float, asker: Asker) -> list[float]:
    """When the wrong tries after `since` were made, in rising order: of this device, where it is
    known, else of all others together."""
    return [
        one.at
        for one in rows(
            _STATEMENTS[_scope(asker)][2], Try, who=subject, by=factor, since=since, **_who(asker)
        )
    ]


def wrong_in_a_row(
    subject: str, factor: str, most: int, asker: Asker, alone: bool = False
) -> list[float]:
    """When the wrong tries since the last right one were made, newest first; no more than `most`.
    Of this device, where it is known, else of all others together; with `alone` of this network
    only."""
    scope = "alone" if alone else _scope(asker)
    found = rows(
        _STATEMENTS[scope][1], Try, who=subject, by=factor, most=most, **_who(asker, alone)
    )
    return [wrong.at for wrong in found]


def wrong_of_network(network: str, factor: str, since: float, most: int) -> list[float]:
    """When this network's strangers were wrong after `since`, at whatever account, newest first; no
    more than `most`."""
    return [
        wrong.at
        for wrong in rows(_BY_NETWORK, Try, asker_=network, by=factor, since=since, most=most)
    ]


def summary(subject: str, since: float) -> list[dict[str, Any]]:
    """Wrong tries of an account after `since`: how many at which factor, by known devices and by
    others."""
    found = rows(_SUMMARY, tuple, who=subject, since=since)
    return [
        {
            "factor": one[0],
            "by": "in a known browser" if one[1] else "in a browser that was not known",
            "wrong": one[2],
        }
        for one in found
    ]


def _scope(asker: Asker) -> str:
    return "alone" if asker.known else "together"


def _who(asker: Asker, alone: bool = False) -> dict[str, object]:
    return {"known_": asker.known, **({"asker_": asker.key} if asker.known or alone else {})}
