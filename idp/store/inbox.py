"""The inbox of demo and development: where messages land instead of leaving."""

from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.database import Base, LongText, rows, run, table


class InboxMessage(Base):
    """A message that would have left, of demo and development."""

    __tablename__ = "inbox"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    channel: Mapped[str]
    recipient: Mapped[str]
    subject: Mapped[str | None] = mapped_column(LongText)
    text: Mapped[str] = mapped_column(LongText)
    html: Mapped[str | None] = mapped_column(LongText)
    code: Mapped[str | None]
    links: Mapped[list[Any]]
    call_id: Mapped[str | None]  # a call that can be answered here
    at: Mapped[float]


INBOX = table(InboxMessage)

_ADD = insert(INBOX)
_LISTED = select(INBOX).order_by(INBOX.c.id)
_CLEAR = delete(INBOX)


def add(
    channel: str,
    recipient: str,
    subject: str | None,
    text: str,
    html: str | None,
    code: str | None,
    links: list[str],
    call_id: str | None,
    now: float,
) -> None:
    """Keep a message."""
    run(
        _ADD,
        channel=channel,
        recipient=recipient,
        subject=subject,
        text=text,
        html=html,
        code=code,
        links=links,
        call_id=call_id,
        at=now,
    )


def listed() -> list[InboxMessage]:
    """All messages, oldest first."""
    return list(rows(_LISTED, InboxMessage))


def clear() -> None:
    """Throw all messages away."""
    run(_CLEAR)
