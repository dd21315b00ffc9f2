"""The database: one connection a request, SQLite and PostgreSQL alike, and how a transaction begins.

SQLite takes its write lock when a transaction begins (IMMEDIATE), never in the middle of one: a
reader that turns writer would fail where another one wrote meanwhile. PostgreSQL needs none of this.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

from flask import Flask, g
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Double, Engine, Executable, String, Table, Text, event, text
from sqlalchemy.exc import DBAPIError, TimeoutError
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.types import JSON

from idp import metrics

T = TypeVar("T")


class Base(DeclarativeBase):
    """The declared tables. Statements run on the tables themselves; no entity is ever loaded."""

    registry = registry(type_annotation_map={str: String(255), float: Double(), dict[str, Any]: JSON(), list[Any]: JSON()})


LongText = Text()
db = SQLAlchemy(metadata=Base.metadata)
CONNECTION, WRITING, TURN = "stagedoor_connection", "stagedoor_writing", "stagedoor_turn"  # what an application context holds
BEGIN = "stagedoor_begin"  # how the next transaction of a connection begins on SQLite
TO_WRITE, TO_LOOK = "BEGIN IMMEDIATE", "BEGIN"  # with the write lock; for many reads that see one moment
IDLE = 60_000  # milliseconds that a transaction may lie open with nobody working on it


@dataclass(frozen=True)
class _Turn:
    """Who may write now, of one process; and how many seconds the others wait."""

    lock: threading.Lock
    patience: float


_turns: WeakKeyDictionary[Engine, _Turn] = WeakKeyDictionary()  # of SQLite's engines
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:subject, 0))")


def init(app: Flask, url: str, pool: int, lock_timeout: int = 2, statement_timeout: int = 5) -> None:
    """Tie the database to the application: pragmas and BEGIN for SQLite, a checked pool for PostgreSQL. Timeouts are seconds."""
    sqlite = url.startswith("sqlite")
    options: dict[str, Any] = {"pool_size": pool, "max_overflow": pool, "pool_timeout": 10, "hide_parameters": True}  # they are personal
    bounds = f"-c lock_timeout={lock_timeout * 1000} -c statement_timeout={statement_timeout * 1000} -c idle_in_transaction_session_timeout={IDLE}"
    to_server = {"pool_pre_ping": True, "connect_args": {"connect_timeout": 5, "options": bounds}}
    options |= {"connect_args": {"timeout": lock_timeout}} if sqlite else to_server
    app.config.update(SQLALCHEMY_DATABASE_URI=url, SQLALCHEMY_ENGINE_OPTIONS=options)
    db.init_app(app)
    with app.app_context():
        event.listen(db.engine, "checkout", lambda *_: metrics.CONNECTIONS.inc())
        event.listen(db.engine, "checkin", lambda *_: metrics.CONNECTIONS.dec())
    app.teardown_appcontext(lambda _: rollback())  # whatever happened, the connection goes back
    if sqlite:
        with app.app_context():
            event.listen(db.engine, "connect", lambda raw, _: _on_connect(raw, lock_timeout))
            event.listen(db.engine, "begin", _on_begin)
            _turns[db.engine] = _Turn(threading.Lock(), lock_timeout)


def _on_connect(raw: Any, lock_timeout: int) -> None:
    raw.isolation_level = None  # we say BEGIN ourselves
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={lock_timeout * 1000}"):
        raw.execute(f"PRAGMA {pragma}")


def _on_begin(connection: Connection) -> None:
    """A reader needs no BEGIN: each statement sees what was committed before it, as on PostgreSQL; that saves one in three."""
    begin = connection.info.pop(BEGIN, None)
    if begin:
        connection.exec_driver_sql(begin)


def connection() -> Connection:
    """The connection that this request, command or round of the worker works on; the transaction begins with the first statement."""
    if CONNECTION not in g:
        g.setdefault(CONNECTION, db.engine.connect())
    found: Connection = g.get(CONNECTION)
    return found


def writing(afresh: bool = False) -> None:
    """Begin a transaction that will write; within one it changes nothing. Raises RuntimeError within one that
    only reads: SQLite could not take its write lock any more once somebody else has written. With `afresh` such a
    one is ended first: what it read is no part of what is written."""
    if afresh and WRITING not in g:
        rollback()
    used = connection()
    if not used.in_transaction():
        _wait_for_turn(used)
        used.info[BEGIN] = TO_WRITE
        used.begin()
        g.setdefault(WRITING, True)
    elif WRITING not in g:
        raise RuntimeError("a transaction that only reads cannot begin to write")


def _wait_for_turn(used: Connection) -> None:
    """The writers of one process wait for each other here. SQLite would let each sleep, longer each time, while the lock is free.
    Raises TimeoutError."""
    turn = _turns.get(used.engine)
    if turn is None or TURN in g:
        return
    if not turn.lock.acquire(timeout=turn.patience):
        raise TimeoutError("other requests write for too long")
    g.setdefault(TURN, turn.lock)


def lock(subject: str) -> bool:
    """Let nobody else count or act on this subject until the transaction ends; whether others could have until now: SQLite has one
    writer anyway."""
    several = db.engine.dialect.name == "postgresql"
    if several:
        connection().execute(_LOCK, {"subject": subject})
    return several


def commit() -> None:
    """Keep what was written. The connection goes back to the pool: nothing holds one while a password is hashed."""
    if CONNECTION in g:
        connection().commit()
        rollback()


def rollback() -> None:
    """Forget what was not committed; harmless when there is nothing."""
    g.pop(WRITING, None)
    used, turn = g.pop(CONNECTION, None), g.pop(TURN, None)
    try:
        if used is not None:
            used.close()
    except DBAPIError:  # the server is gone, and with it what was to be forgotten; that is no fault of what was answered meanwhile
        if not used.closed:
            used.close()
    finally:
        if turn is not None:
            turn.release()


def size() -> int:
    """How many bytes the database takes."""
    if engine().dialect.name == "postgresql":
        return int(scalar(text("SELECT pg_database_size(current_database())")))
    return int(scalar(text("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")))


def seconds_apart(now: float) -> float:
    """By how much the database server's clock is ahead of `now`; SQLite has none of its own."""
    if engine().dialect.name != "postgresql":
        return 0.0
    return float(scalar(text("SELECT extract(epoch FROM clock_timestamp())"))) - now


def engine() -> Engine:
    return db.engine


def table(kind: type[Base]) -> Table:
    return cast(Table, kind.__table__)


# Statements are built once, when a module is imported, with parameters in their places: building one
# costs more than running it.


def row(statement: Executable, kind: type[T], **parameters: Any) -> T | None:
    """The first row, read-only, with the columns of `kind` by name; None when there is none."""
    return cast("T | None", connection().execute(statement, parameters).first())


def rows(statement: Executable, kind: type[T], **parameters: Any) -> Sequence[T]:
    """All rows, each read-only with the columns of `kind` by name."""
    return cast("Sequence[T]", connection().execute(statement, parameters).all())


def scalar(statement: Executable, **parameters: Any) -> Any:
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
