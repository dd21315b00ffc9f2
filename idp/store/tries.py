"""Tries at a secret, counted over all interactions, processes and spellings of a name."""

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.database import Base, rows, run, scalar, table


class Try(Base):
    """`subject` is an account id, or the fingerprint of a name that has none. A try is a wrong one until it succeeded."""

    __tablename__ = "tries"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    subject: Mapped[str] = mapped_column(index=True)
    factor: Mapped[str]
    at: Mapped[float]
    succeeded: Mapped[bool]


TRIES = table(Try)

_MINE = (TRIES.c.subject == bindparam("who")) & (TRIES.c.factor == bindparam("by"))
_LAST_RIGHT = select(func.coalesce(func.max(TRIES.c.id), 0)).where(_MINE, TRIES.c.succeeded.is_(True)).scalar_subquery()
_ADD = insert(TRIES).returning(TRIES.c.id)
_SUCCEED = update(TRIES).where(TRIES.c.id == bindparam("id_")).values(succeeded=True)
_FORGET = delete(TRIES).where(TRIES.c.subject == bindparam("who"))
_WRONG_SINCE = select(func.count()).where(_MINE, TRIES.c.at > bindparam("since"), TRIES.c.succeeded.is_(False))
_WRONG_IN_A_ROW = select(TRIES.c.at).where(_MINE, TRIES.c.id > _LAST_RIGHT).order_by(TRIES.c.id.desc()).limit(bindparam("most"))


def add(subject: str, factor: str, now: float) -> int:
    """Count a try before the secret is compared; its id."""
    return int(scalar(_ADD, subject=subject, factor=factor, at=now, succeeded=False))


def succeed(try_id: int) -> None:
    run(_SUCCEED, id_=try_id)


def forget(subject: str) -> int:
    """Forget an account's tries: an operator opens what was locked. How many there were."""
    return run(_FORGET, who=subject)


def wrong_since(subject: str, factor: str, since: float) -> int:
    """How many wrong tries there were after `since`."""
    return int(scalar(_WRONG_SINCE, who=subject, by=factor, since=since))


def wrong_in_a_row(subject: str, factor: str, most: int) -> list[float]:
    """When the wrong tries since the last right one were made, newest first; no more than `most`."""
    return [wrong.at for wrong in rows(_WRONG_IN_A_ROW, Try, who=subject, by=factor, most=most)]
