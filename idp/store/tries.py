"""Tries at a secret, counted over all interactions, processes and spellings of a name."""

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.database import Base, db, rows, run, scalar, table


class Try(Base):
    """`subject` is an account id, or the fingerprint of a name that has none. A try is a wrong one until it succeeded."""

    __tablename__ = "tries"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    subject: Mapped[str] = mapped_column(index=True)
    factor: Mapped[str]
    at: Mapped[float]
    succeeded: Mapped[bool]


TRIES = table(Try)


def add(subject: str, factor: str, now: float) -> int:
    """Count a try before the secret is compared; its id."""
    result = db.session.execute(insert(TRIES).values(subject=subject, factor=factor, at=now, succeeded=False))
    return int(result.inserted_primary_key[0])  # type: ignore[attr-defined]  # a CursorResult, after an insert


def succeed(try_id: int) -> None:
    run(update(TRIES).where(TRIES.c.id == try_id).values(succeeded=True))


def forget(subject: str) -> int:
    """Forget an account's tries: an operator opens what was locked. How many there were."""
    return run(delete(TRIES).where(TRIES.c.subject == subject))


def wrong_since(subject: str, factor: str, since: float) -> int:
    """How many wrong tries there were after `since`."""
    mine = (TRIES.c.subject == subject) & (TRIES.c.factor == factor)
    return int(scalar(select(func.count()).where(mine, TRIES.c.at > since, TRIES.c.succeeded.is_(False))))


def wrong_in_a_row(subject: str, factor: str, most: int) -> list[float]:
    """When the wrong tries since the last right one were made, newest first; no more than `most`."""
    mine = (TRIES.c.subject == subject) & (TRIES.c.factor == factor)
    last = select(func.coalesce(func.max(TRIES.c.id), 0)).where(mine, TRIES.c.succeeded.is_(True)).scalar_subquery()
    found = rows(select(TRIES.c.at).where(mine, TRIES.c.id > last).order_by(TRIES.c.id.desc()).limit(most), Try)
    return [wrong.at for wrong in found]
