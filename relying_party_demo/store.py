"""The portal's own rows: sessions and cases, in one SQLite file."""

import hashlib
import json
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import current_app

SCHEMA = """
CREATE TABLE IF NOT EXISTS sessions (
    digest TEXT PRIMARY KEY, subject TEXT NOT NULL, sid TEXT, claims TEXT NOT NULL, id_token TEXT NOT NULL,
    created_at REAL NOT NULL, seen_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS cases (
    id INTEGER PRIMARY KEY, npi TEXT NOT NULL, contract TEXT NOT NULL, case_type TEXT NOT NULL, consumer_id TEXT NOT NULL,
    consumer_name TEXT NOT NULL, date_of_birth TEXT NOT NULL, state TEXT NOT NULL, modified TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS cases_by_npi ON cases (npi, state);
"""
STATES = ("work_in_progress", "not_submitted", "submitted")


@contextmanager
def database(path: str | None = None) -> Iterator[sqlite3.Connection]:
    """A connection whose changes are kept when the block ends well."""
    connection = sqlite3.connect(path or current_app.extensions["portal"].database, timeout=5)
    connection.row_factory = sqlite3.Row
    try:
        with connection:
            yield connection
    finally:
        connection.close()


def prepare(path: str) -> None:
    with database(path) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.executescript(SCHEMA)


def open_session(subject: str, sid: str | None, claims: dict[str, Any], id_token: str) -> str:
    """A new session; the secret for its cookie."""
    secret, now = secrets.token_urlsafe(32), time.time()
    with database() as db:
        db.execute("INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?)", (_digest(secret), subject, sid, json.dumps(claims), id_token, now, now))
    return secret


def find_session(secret: str, idle: int, absolute: int) -> sqlite3.Row | None:
    """The session of this cookie, unless it lay idle or grew too old (seconds); looking is activity."""
    now = time.time()
    with database() as db:
        row: sqlite3.Row | None = db.execute("SELECT * FROM sessions WHERE digest = ?", (_digest(secret),)).fetchone()
        if row is None or now - row["seen_at"] > idle or now - row["created_at"] > absolute:
            return None
        db.execute("UPDATE sessions SET seen_at = ? WHERE digest = ?", (now, row["digest"]))
        return row


def close_session(secret: str) -> None:
    with database() as db:
        db.execute("DELETE FROM sessions WHERE digest = ?", (_digest(secret),))


def counts(npi: str) -> dict[str, int]:
    """How many cases of an organization are in each state."""
    with database() as db:
        found = dict(db.execute("SELECT state, count(*) FROM cases WHERE npi = ? GROUP BY state", (npi,)).fetchall())
    return {state: found.get(state, 0) for state in STATES}


def saved_cases(npi: str) -> list[sqlite3.Row]:
    """An organization's requests that were saved but not submitted, last modified first."""
    with database() as db:
        return db.execute("SELECT * FROM cases WHERE npi = ? AND state = 'not_submitted' ORDER BY modified DESC", (npi,)).fetchall()


def add_cases(path: str, cases: list[dict[str, Any]]) -> None:
    """Fill an empty portal with these cases."""
    with database(path) as db:
        if not db.execute("SELECT count(*) FROM cases").fetchone()[0]:
            db.executemany(
                "INSERT INTO cases (npi, contract, case_type, consumer_id, consumer_name, date_of_birth, state, modified) "
                "VALUES (:npi, :contract, :case_type, :consumer_id, :consumer_name, :date_of_birth, :state, :modified)",
                cases,
            )


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
