"""The portal's own rows, in one SQLite file: sessions, cases, messages, acts that wait for a
stronger sign-in."""

import hashlib
import json
import secrets
import sqlite3
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import current_app

FORM_LIFE = 14400  # seconds that what was typed waits for its person
ACT_LIFE = 1800  # seconds that an act waits for its stronger sign-in
# of the tables; those of an older one are made again: a demo keeps nothing that matters
VERSION = 5
SCHEMA = """
CREATE TABLE IF NOT EXISTS sessions (
    digest TEXT PRIMARY KEY, subject TEXT NOT NULL, sid TEXT, claims TEXT NOT NULL, id_token TEXT NOT NULL,
    access_token TEXT NOT NULL, refresh_token TEXT, fresh_until REAL NOT NULL, refreshing_at REAL,
    npi TEXT NOT NULL, contract TEXT NOT NULL, created_at REAL NOT NULL, seen_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS sessions_by_sid ON sessions (sid);
CREATE TABLE IF NOT EXISTS cases (
    id INTEGER PRIMARY KEY, npi TEXT NOT NULL, contract TEXT NOT NULL, case_type TEXT NOT NULL,
    program TEXT NOT NULL, consumer_id TEXT NOT NULL,
    consumer_name TEXT NOT NULL, date_of_birth TEXT NOT NULL, notes TEXT NOT NULL,
    state TEXT NOT NULL, created TEXT NOT NULL, modified TEXT NOT NULL,
    author TEXT NOT NULL, form TEXT UNIQUE
);
CREATE INDEX IF NOT EXISTS cases_by_npi ON cases (npi, state);
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY, subject TEXT NOT NULL, event TEXT, at REAL NOT NULL,
    text TEXT NOT NULL, link TEXT NOT NULL, reference TEXT,
    read_at REAL, UNIQUE (subject, event)
);
CREATE TABLE IF NOT EXISTS acts (
    id TEXT PRIMARY KEY, subject TEXT NOT NULL, act TEXT NOT NULL, created_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS forms (
    id TEXT PRIMARY KEY, subject TEXT NOT NULL, path TEXT NOT NULL, typed TEXT NOT NULL,
    errors TEXT NOT NULL, created_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS history (
    id INTEGER PRIMARY KEY, case_id INTEGER NOT NULL, at REAL NOT NULL, author TEXT NOT NULL,
    state TEXT NOT NULL, before TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS history_by_case ON history (case_id);
CREATE TABLE IF NOT EXISTS people (
    subject TEXT PRIMARY KEY, cursor TEXT NOT NULL, locale TEXT NOT NULL, npi TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS logout_tokens (jti TEXT PRIMARY KEY, until REAL NOT NULL);
"""


def folded(text: str | None) -> str:
    """A text in the form in which it is searched."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text or "").casefold())


@contextmanager
def database(path: str | None = None) -> Iterator[sqlite3.Connection]:
    """A connection whose changes are kept when the block ends well."""
    connection = sqlite3.connect(path or current_app.extensions["portal"].database, timeout=5)
    connection.row_factory = sqlite3.Row
    # upper() knows the letters of ASCII, and an accent may be typed as a letter of its own
    connection.create_function("folded", 1, folded, deterministic=True)
    try:
        with connection:
            yield connection
    finally:
        connection.close()


def prepare(path: str) -> None:
    """Make the tables, new where they are of an older version."""
    with database(path) as db:
        db.execute("PRAGMA journal_mode=WAL")
        if db.execute("PRAGMA user_version").fetchone()[0] != VERSION:
            for (name,) in db.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            ).fetchall():
                db.execute(f'DROP TABLE "{name}"')
        db.executescript(SCHEMA)
        db.execute(f"PRAGMA user_version = {VERSION}")


def open_session(
    claims: dict[str, Any], sid: str | None, token: dict[str, Any], npi: str, contract: str
) -> str:
    """A new session; the secret for its cookie."""
    secret, now = secrets.token_urlsafe(32), time.time()
    values = (
        _digest(secret),
        claims["sub"],
        sid,
        json.dumps(claims),
        token["id_token"],
        token["access_token"],
        token.get("refresh_token"),
    )
    with database() as db:
        db.execute(
            "INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, ?, ?, ?, ?)",
            (*values, now + token.get("expires_in", 300), npi, contract, now, now),
        )
    return secret


def find_session(secret: str, idle: int, absolute: int) -> sqlite3.Row | None:
    """The session of this cookie, unless it lay idle or grew too old (seconds); looking is
    activity."""
    now = time.time()
    with database() as db:
        row: sqlite3.Row | None = db.execute(
            "SELECT * FROM sessions WHERE digest = ?", (_digest(secret),)
        ).fetchone()
        if row is None or now - row["seen_at"] > idle or now - row["created_at"] > absolute:
            return None
        db.execute("UPDATE sessions SET seen_at = ? WHERE digest = ?", (now, row["digest"]))
        return row


def again(digest: str) -> sqlite3.Row | None:
    """The same session, as it is now."""
    with database() as db:
        row: sqlite3.Row | None = db.execute(
            "SELECT * FROM sessions WHERE digest = ?", (digest,)
        ).fetchone()
        return row


def change_session(digest: str, **values: Any) -> None:
    """Set columns of a session."""
    with database() as db:
        for name, value in values.items():
            db.execute(f"UPDATE sessions SET {name} = ? WHERE digest = ?", (value, digest))  # noqa: S608  # names are ours


def claim_refresh(digest: str, refresh_token: str, patience: float) -> bool:
    """Whether this request is the one that uses this refresh token: that happens once. A claim
    older than `patience` seconds is lost."""
    now = time.time()
    with database() as db:
        statement = (
            "UPDATE sessions SET refreshing_at = ? WHERE digest = ? AND refresh_token = ? "
            "AND (refreshing_at IS NULL OR refreshing_at < ?)"
        )
        return db.execute(statement, (now, digest, refresh_token, now - patience)).rowcount == 1


def close_session(digest: str) -> None:
    """End a session."""
    with database() as db:
        db.execute("DELETE FROM sessions WHERE digest = ?", (digest,))


def close_sessions(subject: str | None, sid: str | None) -> int:
    """End what belongs to a session at the provider or, without one, all of someone's; how many
    there were."""
    with database() as db:
        if sid:
            return db.execute(
                "DELETE FROM sessions WHERE sid = ? AND subject = coalesce(?, subject)",
                (sid, subject),
            ).rowcount
        return db.execute("DELETE FROM sessions WHERE subject = ?", (subject,)).rowcount


def use_logout_token(jti: str, until: float) -> bool:
    """Whether this logout token was never seen before."""
    with database() as db:
        db.execute("DELETE FROM logout_tokens WHERE until < ?", (time.time(),))
        return (
            db.execute("INSERT OR IGNORE INTO logout_tokens VALUES (?, ?)", (jti, until)).rowcount
            == 1
        )


def keep_act(subject: str, act: dict[str, Any]) -> str:
    """Keep what someone was about to do until they come back from a stronger sign-in; its id."""
    act_id = secrets.token_urlsafe(16)
    with database() as db:
        db.execute("DELETE FROM acts WHERE created_at < ?", (time.time() - ACT_LIFE,))
        db.execute(
            "INSERT INTO acts VALUES (?, ?, ?, ?)", (act_id, subject, json.dumps(act), time.time())
        )
    return act_id


def take_act(act_id: str) -> tuple[str, dict[str, Any]] | None:
    """Whose act this is, and the act; once."""
    with database() as db:
        row = db.execute(
            "DELETE FROM acts WHERE id = ? AND created_at > ? RETURNING subject, act",
            (act_id, time.time() - ACT_LIFE),
        ).fetchone()
        return (row["subject"], json.loads(row["act"])) if row else None


def keep_form(subject: str, path: str, typed: dict[str, str], errors: dict[str, str]) -> str:
    """Keep what someone typed into the form of a page; its id."""
    form_id, now = secrets.token_urlsafe(16), time.time()
    with database() as db:
        db.execute("DELETE FROM forms WHERE created_at < ?", (now - FORM_LIFE,))
        db.execute(
            "INSERT INTO forms VALUES (?, ?, ?, ?, ?, ?)",
            (form_id, subject, path, json.dumps(typed), json.dumps(errors), now),
        )
    return form_id


def kept_form(
    form_id: str, subject: str, path: str
) -> tuple[dict[str, str], dict[str, str]] | None:
    """What this person typed on this page, and what is wrong with it."""
    with database() as db:
        row = db.execute(
            "SELECT typed, errors FROM forms WHERE id = ? AND subject IN (?, '') AND "
            "path = ? AND created_at > ?",
            (form_id, subject, path, time.time() - FORM_LIFE),
        ).fetchone()
        return (json.loads(row["typed"]), json.loads(row["errors"])) if row else None


def forget_form(form_id: str) -> None:
    """Forget what was typed into a form."""
    with database() as db:
        db.execute("DELETE FROM forms WHERE id = ?", (form_id,))


def person(subject: str) -> dict[str, str]:
    """What is kept of someone: how far their events are read, language, and the organization that
    they begin in."""
    with database() as db:
        row = db.execute("SELECT * FROM people WHERE subject = ?", (subject,)).fetchone()
        return dict(row) if row else {"subject": subject, "cursor": "", "locale": "", "npi": ""}


def keep_person(subject: str, **changes: str) -> None:
    """Keep a person's preferences, and how far their events were read."""
    kept = {**person(subject), **changes}
    with database() as db:
        db.execute("INSERT OR REPLACE INTO people VALUES (:subject, :cursor, :locale, :npi)", kept)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
