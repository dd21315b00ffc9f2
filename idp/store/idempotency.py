"""Answers that are kept for a while: a client that repeats a request with the same Idempotency-Key gets
the first answer, and nothing is done twice."""

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.database import Base, LongText, lock, row, run, table


class KeptAnswer(Base):
    """`id` is the digest of who asked and their key, `request` that of what was asked. The answer
    is sealed: it may hold a secret that is shown once."""

    __tablename__ = "kept_answers"

    id: Mapped[str] = mapped_column(primary_key=True)
    request: Mapped[str]
    sealed: Mapped[str] = mapped_column(LongText)
    created_at: Mapped[float] = mapped_column(index=True)


KEPT = table(KeptAnswer)

_ADD = insert(KEPT)
_BY_ID = select(KEPT).where(KEPT.c.id == bindparam("id_"))


def held(key: str) -> KeptAnswer | None:
    """The answer that was given to this key; until the transaction ends no one else is answered by
    it."""
    lock(f"answer:{key}")
    return row(_BY_ID, KeptAnswer, id_=key)


def keep(key: str, request: str, sealed: str, now: float) -> None:
    """Keep the sealed answer to a request under its key."""
    run(_ADD, id=key, request=request, sealed=sealed, created_at=now)
