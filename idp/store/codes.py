"""One-time codes sent to an address or a number. Only the newest of an interaction can be used, once."""

from sqlalchemy import ForeignKey, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.database import Base, claimed, row, rows, run, table


class Code(Base):
    """`digest` is a peppered HMAC. The life of a code begins when its message was handed over."""

    __tablename__ = "codes"

    id: Mapped[str] = mapped_column(primary_key=True)
    interaction_id: Mapped[str] = mapped_column(ForeignKey("interactions.id"), index=True)
    account_id: Mapped[str]
    factor: Mapped[str]
    target: Mapped[str] = mapped_column(index=True)  # the folded address or E.164 number
    digest: Mapped[str]
    tries: Mapped[int]
    created_at: Mapped[float]
    handed_over_at: Mapped[float | None]
    dropped_at: Mapped[float | None]  # the message could not leave
    replaced_at: Mapped[float | None]
    used_at: Mapped[float | None]


CODES = table(Code)


def add(code_id: str, interaction_id: str, account_id: str, factor: str, target: str, digest: str, now: float) -> None:
    """A new code; it replaces those of the same interaction and factor."""
    run(update(CODES).where(CODES.c.interaction_id == interaction_id, CODES.c.factor == factor, CODES.c.replaced_at.is_(None)).values(replaced_at=now))
    run(
        insert(CODES).values(
            id=code_id, interaction_id=interaction_id, account_id=account_id, factor=factor, target=target, digest=digest, tries=0, created_at=now
        )
    )


def newest(interaction_id: str, account_id: str, factor: str) -> Code | None:
    """The code that counts, used or not."""
    mine = (CODES.c.interaction_id == interaction_id) & (CODES.c.account_id == account_id) & (CODES.c.factor == factor)
    return row(select(CODES).where(mine, CODES.c.replaced_at.is_(None)), Code)


def unused_sends(account_id: str, target: str, factor: str, since: float) -> list[float]:
    """When codes were sent to this destination or account that nobody used, in rising order."""
    sent = (CODES.c.target == target) | (CODES.c.account_id == account_id)
    found = rows(
        select(CODES.c.created_at).where(sent, CODES.c.factor == factor, CODES.c.created_at > since, CODES.c.used_at.is_(None)).order_by(CODES.c.created_at),
        Code,
    )
    return [code.created_at for code in found]


def count_try(code_id: str, limit: int) -> bool:
    """Take one of the code's tries; False when none is left or it is used or replaced."""
    open_ = (CODES.c.id == code_id) & CODES.c.used_at.is_(None) & CODES.c.replaced_at.is_(None)
    return claimed(update(CODES).where(open_, CODES.c.tries < limit).values(tries=CODES.c.tries + 1))


def use(code_id: str, now: float, life: int) -> bool:
    """Whether this call used the code up, within its life (seconds)."""
    open_ = (CODES.c.id == code_id) & CODES.c.used_at.is_(None) & CODES.c.replaced_at.is_(None)
    return claimed(update(CODES).where(open_, CODES.c.handed_over_at > now - life).values(used_at=now))


def handed_over(code_id: str, now: float) -> None:
    """The carrier took the message: the code's life begins."""
    run(update(CODES).where(CODES.c.id == code_id).values(handed_over_at=now))


def dropped(code_id: str, now: float) -> None:
    """The message never left; the page says so."""
    run(update(CODES).where(CODES.c.id == code_id).values(dropped_at=now))
