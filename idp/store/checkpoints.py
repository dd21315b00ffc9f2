"""Signed checkpoints of the audit trail: rows missing at its end show."""

from sqlalchemy import bindparam, delete, func, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.database import Base, row, rows, run, table


class Checkpoint(Base):
    """The chain as it stood at a position, signed: rows missing at its end show. `forgotten` says
    that the worker has removed the rows up to here because they were too old: only from there may a
    trail begin."""

    __tablename__ = "audit_checkpoints"

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    chain: Mapped[str]
    at: Mapped[float]
    forgotten: Mapped[bool]
    signature: Mapped[str]


CHECKPOINTS = table(Checkpoint)


_ADD_CHECKPOINT = insert(CHECKPOINTS)


_REMOVE_CHECKPOINT = delete(CHECKPOINTS).where(CHECKPOINTS.c.position == bindparam("position_"))


_CHECKPOINTS = select(CHECKPOINTS).order_by(CHECKPOINTS.c.position)


_CHECKPOINT_AT = select(CHECKPOINTS).where(CHECKPOINTS.c.position == bindparam("position_"))


_HOURLY = select(func.max(CHECKPOINTS.c.position)).group_by(func.floor(CHECKPOINTS.c.at / 3600))


_THIN = delete(CHECKPOINTS).where(
    CHECKPOINTS.c.at < bindparam("then"),
    CHECKPOINTS.c.forgotten.is_(False),
    CHECKPOINTS.c.position.not_in(_HOURLY),
)


def listed() -> list[Checkpoint]:
    """All checkpoints, the oldest first."""
    return list(rows(_CHECKPOINTS, Checkpoint))


def add_checkpoint(position: int, chain: str, now: float, forgotten: bool, signature: str) -> bool:
    """A checkpoint at this position; whether it is new. One that says that rows were forgotten
    replaces an ordinary one."""
    known = row(_CHECKPOINT_AT, Checkpoint, position_=position)
    if known and (known.forgotten or not forgotten):
        return False
    run(_REMOVE_CHECKPOINT, position_=position)
    run(
        _ADD_CHECKPOINT,
        position=position,
        chain=chain,
        at=now,
        forgotten=forgotten,
        signature=signature,
    )
    return True


def thin_checkpoints(then: float) -> int:
    """Of the checkpoints older than `then`, keep the last of each hour and those that say that rows
    were forgotten."""
    return run(_THIN, then=then)
