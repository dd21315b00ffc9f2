"""Decision records: what was known and what was decided at each visit, so that it can be explained."""

from typing import Any

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.database import Base, rows, run, table


class DecisionRecord(Base):
    """`facts`, `rows` and `answer` as they were; `tables` is the version of journeys and rules."""

    __tablename__ = "decision_records"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    interaction_id: Mapped[str] = mapped_column(index=True)
    at: Mapped[float] = mapped_column(index=True)
    tables: Mapped[int]
    event: Mapped[str]
    facts: Mapped[dict[str, Any]]
    rows: Mapped[list[Any]]
    answer: Mapped[dict[str, Any]]


RECORDS = table(DecisionRecord)

_ADD = insert(RECORDS)
_OF_INTERACTION = (
    select(RECORDS).where(RECORDS.c.interaction_id == bindparam("id_")).order_by(RECORDS.c.id)
)


def add(
    interaction_id: str,
    now: float,
    tables: int,
    event: str,
    facts: dict[str, Any],
    read: list[Any],
    answer: dict[str, Any],
) -> None:
    """Keep what was known and decided, as JSON."""
    run(
        _ADD,
        interaction_id=interaction_id,
        at=now,
        tables=tables,
        event=event,
        facts=facts,
        rows=read,
        answer=answer,
    )


def of_interaction(interaction_id: str) -> list[DecisionRecord]:
    """The records of an interaction, in order."""
    return list(rows(_OF_INTERACTION, DecisionRecord, id_=interaction_id))
