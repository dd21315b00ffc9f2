"""The outbox: every message is a row written with its cause; a worker sends it."""

from sqlalchemy import bindparam, func, insert, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.database import Base, LongText, claimed, row, rows, run, scalar, table


class Message(Base):
    """`sealed` is the content, encrypted, wiped once sent. `code_id` names the one-time code it
    carries: such a message is sent at most once, any other at least once."""

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
    about: Mapped[str | None]  # the session whose end a client is told


OUTBOX = table(Message)
# the channel to clients: `recipient` is one, and what it is told is made when it is told
LOGOUT = "logout"
# the error of a message that was given up because its code was replaced or cancelled
UNWANTED = "not needed any more"

# Due and unclaimed, or claimed and lost; a lost one that carries a code is not sent again, since it
# may have left.
_LOST = OUTBOX.c.claimed_at < bindparam("stale")
_FREE = (OUTBOX.c.next_at <= bindparam("now")) & or_(
    OUTBOX.c.claimed_at.is_(None), OUTBOX.c.code_id.is_(None) & _LOST
)
_ONE = OUTBOX.c.id == bindparam("id_")
_ADD = insert(OUTBOX)
_BY_ID = select(OUTBOX).where(_ONE)
_DUE = select(OUTBOX.c.id).where(_FREE).order_by(OUTBOX.c.id).limit(20)
_DUE_TO_PEOPLE = _DUE.where(OUTBOX.c.channel != LOGOUT)
# none waits for one that always fails
_DUE_TO_CLIENTS = (
    _DUE.where(OUTBOX.c.channel == LOGOUT).order_by(None).order_by(OUTBOX.c.attempts, OUTBOX.c.id)
)
_CLAIM = (
    update(OUTBOX)
    .where(_ONE, _FREE)
    .values(claimed_at=bindparam("now"), attempts=OUTBOX.c.attempts + 1)
)
_SENT = update(OUTBOX).where(_ONE).values(sent_at=bindparam("now"), next_at=None, sealed=None)
_AGAIN = (
    update(OUTBOX)
    .where(_ONE)
    .values(claimed_at=None, next_at=bindparam("then"), error=bindparam("why"))
)
_DROP = (
    update(OUTBOX)
    .where(_ONE)
    .values(dropped_at=bindparam("now"), next_at=None, sealed=None, error=bindparam("why"))
)
_TO_PEOPLE = OUTBOX.c.channel != LOGOUT
_WAITING = select(func.count(), func.min(OUTBOX.c.created_at)).where(
    OUTBOX.c.next_at.is_not(None), _TO_PEOPLE
)
_DROPPED = select(func.count()).where(
    OUTBOX.c.dropped_at > bindparam("since"), OUTBOX.c.error != UNWANTED, _TO_PEOPLE
)
_HOLD = (
    update(OUTBOX)
    .where(
        OUTBOX.c.channel == LOGOUT,
        OUTBOX.c.recipient == bindparam("silent"),
        OUTBOX.c.next_at < bindparam("then"),
    )
    .values(next_at=bindparam("then"))
)
_LOST_CODES = select(OUTBOX).where(
    OUTBOX.c.next_at <= bindparam("now"), OUTBOX.c.code_id.is_not(None), _LOST
)


def add(
    channel: str,
    recipient: str,
    kind: str,
    sealed: str,
    not_after: float,
    now: float,
    code_id: str | None = None,
    reference: str | None = None,
) -> None:
    """Queue a message; after `not_after` it is not sent any more."""
    times = {"created_at": now, "not_after": not_after, "next_at": now}
    run(
        _ADD,
        channel=channel,
        recipient=recipient,
        kind=kind,
        sealed=sealed,
        code_id=code_id,
        reference=reference,
        attempts=0,
        **times,
    )


def waiting(now: float) -> tuple[int, float]:
    """How many messages wait to be sent, and the age of the oldest in seconds."""
    found = row(_WAITING, tuple)
    return (found[0], max(0.0, now - found[1])) if found and found[0] else (0, 0.0)


def dropped_since(then: float) -> int:
    """How many messages were given up after `then`."""
    return int(scalar(_DROPPED, since=then))


def due(now: float, stale: float, to_clients: bool = False) -> list[int]:
    """The ids of messages to people, or of notices to clients, that may be taken now, oldest first,
    a few at a time; a claim older than `stale` seconds is lost."""
    return [
        message.id
        for message in rows(
            _DUE_TO_CLIENTS if to_clients else _DUE_TO_PEOPLE, Message, now=now, stale=now - stale
        )
    ]


def claim(message_id: int, now: float, stale: float) -> Message | None:
    """Take a message for sending; of several workers one gets it."""
    won = claimed(_CLAIM, id_=message_id, now=now, stale=now - stale)
    return row(_BY_ID, Message, id_=message_id) if won else None


def sent(message_id: int, now: float) -> None:
    """It was handed over: its sealed body is wiped."""
    run(_SENT, id_=message_id, now=now)


def again(message_id: int, next_at: float, error: str) -> None:
    """It did not leave; try once more at `next_at`."""
    run(_AGAIN, id_=message_id, then=next_at, why=error[:255])


def hold(client_id: str, then: float) -> None:
    """A client does not answer: its other notices wait too, and those of the others go first."""
    run(_HOLD, silent=client_id, then=then)


def drop(message_id: int, now: float, error: str) -> None:
    """It is given up, and its sealed body wiped; `error` says why."""
    run(_DROP, id_=message_id, now=now, why=error[:255])


def lost_codes(now: float, stale: float) -> list[Message]:
    """Messages with a code that a worker claimed and never finished: they may have left, so they
    are not sent again."""
    return list(rows(_LOST_CODES, Message, now=now, stale=now - stale))
