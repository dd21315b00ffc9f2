"""Every row of every table, out of one consistent look at the database and into another one."""

import base64
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    MetaData,
    Select,
    Table,
    bindparam,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.types import LargeBinary

from idp.store.clients import OLDEST_PROGRAM, VERSIONS
from idp.store.database import BEGIN, TO_LOOK, Base, connection, engine

BATCH = 500
_COUNT_ON = text("SELECT setval(pg_get_serial_sequence(:table, :column), :value)")
# no one's but the demo's; and what migrations keep themselves
LEFT_OUT = {"inbox", "alembic_version"}

# What must not come to life again: of a restored database all of this is over.
_ENDINGS = {
    "sessions": "ended_at = :now WHERE ended_at IS NULL",
    "grants": "revoked_at = :now WHERE revoked_at IS NULL",
    "access_tokens": "revoked_at = :now WHERE revoked_at IS NULL",
    "authorization_codes": "void_at = :now WHERE redeemed_at IS NULL AND void_at IS NULL",
    "codes": "replaced_at = :now WHERE used_at IS NULL AND replaced_at IS NULL",
    "interactions": "finished_at = :now, outcome = 'restored' WHERE finished_at IS NULL",
    "links": "outcome = 'restored' WHERE outcome IS NULL",
    "upstream_requests": "used_at = :now WHERE used_at IS NULL",
    "upstream_sessions": "ended_at = :now WHERE ended_at IS NULL",
    "trusted_devices": "ended_at = :now WHERE ended_at IS NULL",
    "outbox": "dropped_at = :now, next_at = NULL, sealed = NULL, error = 'restored' WHERE next_at "
    "IS NOT NULL",
}


def tables() -> list[Table]:
    """The tables of a backup, those that others refer to first."""
    return [table for table in Base.metadata.sorted_tables if table.name not in LEFT_OUT]


def look() -> Connection:
    """A connection of its own on which all reads see the same moment, while others write.
    Close it."""
    opened = engine().connect()
    opened.info[BEGIN] = TO_LOOK
    return (
        opened.execution_options(isolation_level="REPEATABLE READ")
        if engine().dialect.name == "postgresql"
        else opened
    )


def read(opened: Connection, table: Table) -> Iterator[list[Any]]:
    """The rows of a table as lists of plain values, some at a time."""
    for row in opened.execution_options(yield_per=BATCH).execute(select(table)):
        yield [
            base64.b64encode(value).decode() if isinstance(value, bytes) else value for value in row
        ]


def present() -> dict[str, Table]:
    """The tables of the database at hand as they are, whatever version they have."""
    found = MetaData()
    found.reflect(bind=connection())
    return dict(found.tables)


def empty(found: Iterable[Table]) -> bool:
    """Whether no one has put anything into these tables."""
    return not any(
        connection().execute(_somebodys(table).limit(1)).first()
        for table in found
        if table.name not in LEFT_OUT
    )


def _somebodys(table: Table) -> Select[Any]:
    """The rows that a migration has not put there itself."""
    return (
        select(table).where(table.c.name != OLDEST_PROGRAM)
        if table.name == VERSIONS.name
        else select(table)
    )


def clear(found: dict[str, Table]) -> None:
    """Remove every row, those that refer to others first."""
    for table in reversed(Base.metadata.sorted_tables):
        if table.name in found:
            connection().execute(delete(found[table.name]))


def write(table: Table, columns: Sequence[str], values: Sequence[Sequence[Any]]) -> None:
    """Insert rows that `read` gave out."""
    binary = {name for name in columns if isinstance(table.c[name].type, LargeBinary)}
    made = [dict(zip(columns, row, strict=True)) for row in values]
    for row in made:
        row.update({name: base64.b64decode(row[name]) for name in binary if row[name]})
    connection().execute(insert(table), made)


def continue_counting(found: Iterable[Table]) -> None:
    """PostgreSQL counts on after the highest id that came in."""
    if engine().dialect.name != "postgresql":
        return
    for table in found:
        for column in table.primary_key:
            if isinstance(column.type, Integer) and column.server_default is not None:
                highest = connection().execute(select(func.max(column))).scalar()
                wanted = {"table": table.name, "column": column.name, "value": highest}
                connection().execute(_COUNT_ON, wanted if highest else {**wanted, "value": 1})


def versions() -> dict[str, int]:
    """By which processes know that what they keep in memory is old."""
    return {found.name: found.number for found in connection().execute(select(VERSIONS))}


def begin_epoch(before: dict[str, int], now: float) -> None:
    """End what was under way when the backup was taken, and everything issued before `now`;
    processes read everything again."""
    for name in present().keys() & _ENDINGS:
        connection().execute(text(f"UPDATE {name} SET {_ENDINGS[name]}"), {"now": now})  # noqa: S608  # names and endings of ours
    numbers = {name: number for name, number in versions().items() if name != OLDEST_PROGRAM}
    # Higher than any process can have seen, of this database or of the one that was there before.
    counted = {"clients", "keys", *before, *numbers} - {OLDEST_PROGRAM}
    higher = {
        name: max(before.get(name, 0), numbers.get(name, 0), int(now)) + 1 for name in counted
    } | {"epoch": int(now) + 1}
    for name, number in higher.items():
        if name in numbers:
            connection().execute(
                update(VERSIONS).where(VERSIONS.c.name == bindparam("of")).values(number=number),
                {"of": name},
            )
        else:
            connection().execute(insert(VERSIONS).values(name=name, number=number))
