"""The engine: its pool, SQLite's pragmas, and how SQLite begins a transaction."""

import threading
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    create_engine,
    event,
)

from idp import metrics
from idp.store.database import BEGIN, TURNS, Turn

IDLE = 60_000  # milliseconds that a transaction may lie open with no one working on it


def options(
    url: str, pool: int, lock_timeout: int = 2, statement_timeout: int = 5
) -> dict[str, Any]:
    """What SQLAlchemy's create_engine is told for this URL: a bounded pool, checked on PostgreSQL.
    Timeouts are seconds; 0 is none."""
    settings = [
        f"lock_timeout={lock_timeout * 1000}",
        f"statement_timeout={statement_timeout * 1000}",
        f"idle_in_transaction_session_timeout={IDLE}",
    ]
    asked: dict[str, Any] = {
        "pool_size": pool,
        "max_overflow": pool,
        "pool_timeout": 10,
        "hide_parameters": True,  # they are personal
    }
    if url.startswith("sqlite"):
        return asked | {"connect_args": {"timeout": lock_timeout}}
    to_server = {"connect_timeout": 5, "options": " ".join(f"-c {setting}" for setting in settings)}
    return asked | {"pool_pre_ping": True, "connect_args": to_server}


def prepare(engine: Engine, lock_timeout: int = 2) -> Engine:
    """Count the engine's connections, and give SQLite its pragmas and its BEGIN. `lock_timeout` is
    seconds."""
    event.listen(engine, "checkout", lambda *_: metrics.CONNECTIONS.inc())
    event.listen(engine, "checkin", lambda *_: metrics.CONNECTIONS.dec())
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda raw, _: _on_connect(raw, lock_timeout))
        event.listen(engine, "begin", _on_begin)
        TURNS[engine] = Turn(threading.Lock(), lock_timeout)
    return engine


def opened(url: str, pool: int, lock_timeout: int = 2, statement_timeout: int = 5) -> Engine:
    """An engine of our own, for what runs without the web."""
    return prepare(
        create_engine(url, **options(url, pool, lock_timeout, statement_timeout)), lock_timeout
    )


def _on_connect(raw: Any, lock_timeout: int) -> None:
    raw.isolation_level = None  # we say BEGIN ourselves
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={lock_timeout * 1000}",
    ):
        raw.execute(f"PRAGMA {pragma}")


def _on_begin(connection: Connection) -> None:
    """A reader needs no BEGIN: each statement sees what was committed before it, as on PostgreSQL;
    that saves one in three."""
    begin = connection.info.pop(BEGIN, None)
    if begin:
        connection.exec_driver_sql(begin)
