"""The database: one connection for each unit of work, SQLite and PostgreSQL alike, and how a
transaction begins.

SQLite takes its write lock when a transaction begins (IMMEDIATE), never in the middle of one: a
reader that turns writer would fail where another one wrote in between. PostgreSQL needs none of
this."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

from sqlalchemy import (
    Connection,
    Double,
    Engine,
    Executable,
    String,
    Table,
    Text,
    text,
)
from sqlalchemy.exc import DBAPIError, TimeoutError
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.types import JSON

T = TypeVar("T")


class Base(DeclarativeBase):
    """The declared tables. Statements run on the tables themselves; no entity is ever loaded."""

    registry = registry(
        type_annotation_map={
            str: String(255),
            float: Double(),
            dict[str, Any]: JSON(),
            list[Any]: JSON(),
        }
    )


LongText = Text()
BEGIN = "stagedoor_begin"  # how the next transaction of a connection begins on SQLite
# with the write lock; for many reads that see one moment
TO_WRITE, TO_LOOK = "BEGIN IMMEDIATE", "BEGIN"


@dataclass(frozen=True)
class Turn:
    """Which thread of a process may write now; and how many seconds the others wait."""

    lock: threading.Lock
    patience: float


@dataclass(slots=True)
class Work:
    """One unit of work: a request, a command, or the rounds of a worker. It has one connection at a
    time, from the first statement until the transaction ends. `about` is what its audit rows say of
    where they come from."""

    engine: Engine
    connection: Connection | None = None
    writing: bool = False
    turn: "threading.Lock | None" = None  # quoted: before 3.13 it is no class
    about: dict[str, str | None] = field(default_factory=dict)


TURNS: WeakKeyDictionary[Engine, Turn] = WeakKeyDictionary()  # of SQLite's engines
_work: ContextVar[Work] = ContextVar("stagedoor_work")
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:subject, 0))")


def begin_work(engine: Engine) -> Token[Work]:
    """Open a unit of work on this engine for the running context; `end_work` closes it. Units may
    be nested."""
    return _work.set(Work(engine))


def end_work(token: Token[Work]) -> None:
    """Close the unit of work: what was not committed is forgotten, whatever happened, and the
    connection goes back to the pool."""
    try:
        rollback()
    finally:
        _work.reset(token)


@contextmanager
def working(engine: Engine) -> Iterator[None]:
    """A unit of work for the length of a block."""
    token = begin_work(engine)
    try:
        yield
    finally:
        end_work(token)


def about() -> dict[str, str | None]:
    """What the audit rows of this unit of work say of where they come from. Empty outside of
    one."""
    work = _work.get(None)
    return work.about if work else {}


def connection() -> Connection:
    """The connection of this unit of work. Its transaction begins with the first statement. Raises
    LookupError outside of one."""
    work = _work.get()
    if work.connection is None:
        work.connection = work.engine.connect()
    return work.connection


def writing(afresh: bool = False) -> None:
    """Begin a transaction that will write; within one it changes nothing. Raises RuntimeError
    within one that only reads: SQLite could not take its write lock any more once someone else has
    written. With `afresh` such a one is ended first: what it read is no part of what is written."""
    work = _work.get()
    if afresh and not work.writing:
        rollback()
    used = connection()
    if not used.in_transaction():
        _wait_for_turn(work)
        used.info[BEGIN] = TO_WRITE
        used.begin()
        work.writing = True
    elif not work.writing:
        raise RuntimeError("a transaction that only reads cannot begin to write")


def _wait_for_turn(work: Work) -> None:
    """The writers of one process wait for each other here. SQLite would let each sleep, longer each
    time, while the lock is free. Raises TimeoutError."""
    turn = TURNS.get(work.engine)
    if turn is None or work.turn is not None:
        return
    if not turn.lock.acquire(timeout=turn.patience):
        raise TimeoutError("other requests write for too long")
    work.turn = turn.lock


def lock(subject: str) -> bool:
    """Let no one else count or act on this subject until the transaction ends; whether others could
    have until now: SQLite has one writer anyway."""
    several = engine().dialect.name == "postgresql"
    if several:
        connection().execute(_LOCK, {"subject": subject})
    return several


def commit() -> None:
    """Keep what was written. The connection goes back to the pool: nothing holds one while a
    password is hashed."""
    work = _work.get()
    if work.connection is not None:
        work.connection.commit()
        rollback()


def rollback() -> None:
    """Forget what was not committed; harmless when there is nothing."""
    work = _work.get()
    used, turn = work.connection, work.turn
    work.connection, work.turn, work.writing = None, None, False
    try:
        if used is not None:
            used.close()
    except DBAPIError:
        # the server is gone, and with it what was to be forgotten; that is no fault of what was
        # answered by now
        if used is not None and not used.closed:
            used.close()
    finally:
        if turn is not None:
            turn.release()


def size() -> int:
    """How many bytes the database takes."""
    if engine().dialect.name == "postgresql":
        return int(scalar(text("SELECT pg_database_size(current_database())")))
    return int(
        scalar(text("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"))
    )


def seconds_apart(now: float) -> float:
    """By how much the database server's clock is ahead of `now`; SQLite has none of its own."""
    if engine().dialect.name != "postgresql":
        return 0.0
    return float(scalar(text("SELECT extract(epoch FROM clock_timestamp())"))) - now


def engine() -> Engine:
    """The engine of this unit of work. Raises LookupError outside of one."""
    return _work.get().engine


def table(kind: type[Base]) -> Table:
    """The table of a class of rows."""
    return cast(Table, kind.__table__)


# Statements are built once, when a module is imported, with parameters in their places: building
# one costs more than running it.


def row(statement: Executable, kind: type[T], **parameters: Any) -> T | None:
    """The first row, read-only, with the columns of `kind` by name; None when there is none."""
    return cast("T | None", connection().execute(statement, parameters).first())


def rows(statement: Executable, kind: type[T], **parameters: Any) -> Sequence[T]:
    """All rows, each read-only with the columns of `kind` by name."""
    return cast("Sequence[T]", connection().execute(statement, parameters).all())


def scalar(statement: Executable, **parameters: Any) -> Any:
    """The one value that a statement finds; None where there is none."""
    return connection().execute(statement, parameters).scalar()


def escaped(wanted: str) -> str:
    """A text that LIKE … ESCAPE '\\' takes as it is written."""
    for special in ("\\", "%", "_"):
        wanted = wanted.replace(special, f"\\{special}")
    return wanted


def run(statement: Executable, **parameters: Any) -> int:
    """Execute an insert, update or delete; how many rows it touched."""
    return connection().execute(statement, parameters).rowcount


def claimed(statement: Executable, **parameters: Any) -> bool:
    """Whether this UPDATE … WHERE not yet used was the one that won."""
    return run(statement, **parameters) == 1
