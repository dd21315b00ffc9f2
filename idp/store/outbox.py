"""The outbox: every message is a row written with its cause; a worker sends it."""

from sqlalchemy import ColumnElement, insert, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.database import Base, LongText, claimed, row, rows, run, table


class Message(Base):
    """`sealed` is the content, encrypted, wiped once sent. `code_id` names the one-time code it carries:
    such a message is sent at most once, any other at least once."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    channel: Mapped[str]
    recipient: Mapped[str]
    kind: Mapped[str]
    sealed: Mapped[str | None] = mapped_column(LongText)
    code_id: Mapped[str | None]
    reference: Mapped[str | None]  # of the interaction that caused it
    created_at: Mapped[float]
    not_after: Mapped[float]
    next_at: Mapped[float | None] = mapped_column(index=True)  # None once it is sent or dropped
    claimed_at: Mapped[float | None]
    attempts: Mapped[int]
    sent_at: Mapped[float | None]
    dropped_at: Mapped[float | None]
    error: Mapped[str | None]


OUTBOX = table(Message)


def add(channel: str, recipient: str, kind: str, sealed: str, not_after: float, now: float, code_id: str | None = None, reference: str | None = None) -> None:
    run(
        insert(OUTBOX).values(
            channel=channel,
            recipient=recipient,
            kind=kind,
            sealed=sealed,
            code_id=code_id,
            reference=reference,
            created_at=now,
            not_after=not_after,
            next_at=now,
            attempts=0,
        )
    )


def _free(now: float, stale: float) -> ColumnElement[bool]:
    """Due and unclaimed, or claimed and lost; a lost one that carries a code is not sent again."""
    lost = OUTBOX.c.code_id.is_(None) & (OUTBOX.c.claimed_at < now - stale)
    return (OUTBOX.c.next_at <= now) & or_(OUTBOX.c.claimed_at.is_(None), lost)


def due(now: float, stale: float, most: int = 20) -> list[int]:
    """The ids of messages that may be taken now, oldest first."""
    found = rows(select(OUTBOX.c.id).where(_free(now, stale)).order_by(OUTBOX.c.id).limit(most), Message)
    return [message.id for message in found]


def claim(message_id: int, now: float, stale: float) -> Message | None:
    """Take a message for sending; of several workers one gets it."""
    free = update(OUTBOX).where(OUTBOX.c.id == message_id, _free(now, stale))
    if not claimed(free.values(claimed_at=now, attempts=OUTBOX.c.attempts + 1)):
        return None
    return row(select(OUTBOX).where(OUTBOX.c.id == message_id), Message)


def sent(message_id: int, now: float) -> None:
    run(update(OUTBOX).where(OUTBOX.c.id == message_id).values(sent_at=now, next_at=None, sealed=None))


def again(message_id: int, next_at: float, error: str) -> None:
    """It did not leave; try once more at `next_at`."""
    run(update(OUTBOX).where(OUTBOX.c.id == message_id).values(claimed_at=None, next_at=next_at, error=error[:255]))


def drop(message_id: int, now: float, error: str) -> None:
    run(update(OUTBOX).where(OUTBOX.c.id == message_id).values(dropped_at=now, next_at=None, sealed=None, error=error[:255]))


def lost_codes(now: float, stale: float) -> list[Message]:
    """Messages with a code that a worker claimed and never finished: they may have left, so they are not sent again."""
    return list(rows(select(OUTBOX).where(OUTBOX.c.next_at <= now, OUTBOX.c.code_id.is_not(None), OUTBOX.c.claimed_at < now - stale), Message))
