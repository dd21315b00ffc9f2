"""One-time codes sent to an address or a number. Only the newest of an interaction can be used, once."""

from sqlalchemy import ForeignKey, bindparam, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.database import Base, claimed, row, rows, run, table


class Code(Base):
    """`digest` is a peppered HMAC. The life of a code begins when its message was handed over."""

    __tablename__ = "codes"

    id: Mapped[str] = mapped_column(primary_key=True)
    interaction_id: Mapped[str] = mapped_column(ForeignKey("interactions.id"), index=True)
    account_id: Mapped[str] = mapped_column(index=True)
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

_ONE = CODES.c.id == bindparam("id_")
_OPEN = _ONE & CODES.c.used_at.is_(None) & CODES.c.replaced_at.is_(None)
_HERE = (CODES.c.interaction_id == bindparam("here")) & (CODES.c.factor == bindparam("by")) & CODES.c.replaced_at.is_(None)
_ADD = insert(CODES)
_REPLACE = update(CODES).where(_HERE).values(replaced_at=bindparam("now"))
_NEWEST = select(CODES).where(_HERE, CODES.c.account_id == bindparam("who"))
_UNUSED_SENDS = (
    select(CODES.c.created_at)
    .where((CODES.c.target == bindparam("to")) | (CODES.c.account_id == bindparam("who")))
    .where(CODES.c.factor == bindparam("by"), CODES.c.created_at > bindparam("since"), CODES.c.used_at.is_(None))
    .order_by(CODES.c.created_at)
)
_COUNT_TRY = update(CODES).where(_OPEN, CODES.c.tries < bindparam("most")).values(tries=CODES.c.tries + 1)
_USE = update(CODES).where(_OPEN, CODES.c.handed_over_at > bindparam("since")).values(used_at=bindparam("now"))
_HANDED_OVER = update(CODES).where(_ONE).values(handed_over_at=bindparam("now"))
_DROPPED = update(CODES).where(_ONE).values(dropped_at=bindparam("now"))


def add(code_id: str, interaction_id: str, account_id: str, factor: str, target: str, digest: str, now: float) -> None:
    """A new code; it replaces those of the same interaction and factor."""
    run(_REPLACE, here=interaction_id, by=factor, now=now)
    run(_ADD, id=code_id, interaction_id=interaction_id, account_id=account_id, factor=factor, target=target, digest=digest, tries=0, created_at=now)


def newest(interaction_id: str, account_id: str, factor: str) -> Code | None:
    """The code that counts, used or not."""
    return row(_NEWEST, Code, here=interaction_id, who=account_id, by=factor)


def unused_sends(account_id: str, target: str, factor: str, since: float) -> list[float]:
    """When codes were sent to this destination or account that nobody used, in rising order."""
    return [code.created_at for code in rows(_UNUSED_SENDS, Code, who=account_id, to=target, by=factor, since=since)]


def count_try(code_id: str, limit: int) -> bool:
    """Take one of the code's tries; False when none is left or it is used or replaced."""
    return claimed(_COUNT_TRY, id_=code_id, most=limit)


def use(code_id: str, now: float, life: int) -> bool:
    """Whether this call used the code up, within its life (seconds)."""
    return claimed(_USE, id_=code_id, now=now, since=now - life)


def handed_over(code_id: str, now: float) -> None:
    """The carrier took the message: the code's life begins."""
    run(_HANDED_OVER, id_=code_id, now=now)


def dropped(code_id: str, now: float) -> None:
    """The message never left; the page says so."""
    run(_DROPPED, id_=code_id, now=now)
