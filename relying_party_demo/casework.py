"""Cases as rows: what a clinic files, counted, searched and reported. Nothing leaves its
organization."""

import json
import sqlite3
import time
from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from relying_party_demo.moments import HERE, iso
from relying_party_demo.store import database

STATES = {
    "work_in_progress": "Work-in-progress",
    "not_submitted": "Not submitted",
    "submitted": "Submitted",
}
CONTRACTS = ("Larkspur Medicaid", "Foothill Plan", "Summit Advantage")
TYPES = ("Inpatient", "Outpatient", "Home health", "Durable equipment")
BORN = "Enter a date of birth in the past as month/day/year, such as 04/09/1961."
FIELDS = (
    "contract",
    "case_type",
    "program",
    "consumer_id",
    "consumer_name",
    "date_of_birth",
    "notes",
)
PAGE = 25


def today() -> date:
    """The day where the clinics are."""
    return datetime.now(HERE).date()


def read_day(typed: str) -> str | None:
    """A date of birth as it is kept (ISO 8601), written either way; None for what is none."""
    month, _, rest = typed.partition("/")
    day, _, year = rest.partition("/")
    try:
        born = date(int(year), int(month), int(day)) if rest else date.fromisoformat(typed)
    except ValueError:
        return None
    return born.isoformat() if date(1900, 1, 1) <= born <= today() else None


def shown_day(kept: str) -> str:
    """A day as people here write it: month/day/year."""
    year, _, rest = kept.partition("-")
    month, _, day = rest.partition("-")
    return f"{month}/{day}/{year}" if day else kept


def number(row: sqlite3.Row) -> str:
    """The case number that people read out."""
    return f"{row['created'][:4]}-{row['id']:05d}"


def counts(npi: str, contract: str = "") -> dict[str, int]:
    """How many cases of an organization are in each state."""
    with database() as db:
        found = dict(
            db.execute(
                "SELECT state, count(*) FROM cases WHERE npi = ? AND (? = '' OR contract "
                "= ?) GROUP BY state",
                (npi, contract, contract),
            ).fetchall()
        )
    return {state: found.get(state, 0) for state in STATES}


def listed(
    npi: str, contract: str = "", state: str = "", page: int = 1
) -> tuple[list[sqlite3.Row], bool]:
    """A page of an organization's cases, last modified first, and whether there are more."""
    with database() as db:
        rows = db.execute(
            "SELECT * FROM cases WHERE npi = ? AND (? = '' OR contract = ?) AND (? = '' "
            "OR state = ?) ORDER BY modified DESC, id DESC LIMIT ? OFFSET ?",
            (npi, contract, contract, state, state, PAGE + 1, (page - 1) * PAGE),
        ).fetchall()
    return rows[:PAGE], len(rows) > PAGE


def find(npis: Collection[str], case_id: int) -> sqlite3.Row | None:
    """A case of one of these organizations."""
    with database() as db:
        row: sqlite3.Row | None = db.execute(
            "SELECT * FROM cases WHERE id = ?", (case_id if case_id < 2**62 else -1,)
        ).fetchone()
        return row if row and row["npi"] in npis else None


def made_by(form: str) -> sqlite3.Row | None:
    """The case that was made by sending this form before."""
    with database() as db:
        row: sqlite3.Row | None = db.execute(
            "SELECT * FROM cases WHERE form = ?", (form,)
        ).fetchone()
        return row


def search(npi: str, wanted: str) -> list[sqlite3.Row]:
    """Cases by case number, program number, or the consumer's ID or name: each word of it,
    whichever comes first."""
    words = wanted.replace(",", " ").split()[:4]
    year, _, digits = wanted.strip().partition("-")
    case_id = int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 12 else -1
    named = " AND ".join(["instr(folded(consumer_name), folded(?)) > 0"] * len(words)) or "0"
    question = (
        "SELECT * FROM cases WHERE npi = ? AND ((id = ? AND substr(created, 1, 4) = ?) "  # noqa: S608  # fixed words
        "OR (program != '' AND folded(program) = folded(?)) "
        f"OR folded(consumer_id) = folded(?) OR ({named})) ORDER BY modified DESC LIMIT 100"
    )
    with database() as db:
        return db.execute(question, (npi, case_id, year, *[wanted.strip()] * 2, *words)).fetchall()


def consumers(npi: str, contract: str = "") -> list[sqlite3.Row]:
    """Everyone for whom a case was filed."""
    with database() as db:
        return db.execute(
            "SELECT consumer_id, consumer_name, date_of_birth, count(*) AS cases, "
            "max(modified) AS modified FROM cases "
            "WHERE npi = ? AND consumer_id != '' AND (? = '' OR contract = ?) GROUP BY "
            "consumer_id, consumer_name, date_of_birth "
            "ORDER BY consumer_name LIMIT 500",
            (npi, contract, contract),
        ).fetchall()


def report(npi: str, contract: str = "") -> tuple[list[str], dict[str, dict[str, int]]]:
    """How many cases were created, by type and month: the months in order, and by type the count of
    each."""
    with database() as db:
        rows = db.execute(
            "SELECT case_type, substr(created, 1, 7) AS month, count(*) AS cases FROM "
            "cases WHERE npi = ? AND (? = '' OR contract = ?) GROUP BY 1, 2",
            (npi, contract, contract),
        ).fetchall()
    months = sorted({row["month"] for row in rows})
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row["case_type"] or "Not chosen yet", {})[row["month"]] = row["cases"]
    return months, dict(sorted(found.items()))


def add(npi: str, author: str, state: str, values: dict[str, str], form: str) -> bool:
    """A new case, once for each form; whether this call made it."""
    day, moment = today().isoformat(), iso(time.time())
    with database() as db:
        made = db.execute(
            "INSERT OR IGNORE INTO cases "  # noqa: S608  # names are ours
            f"(npi, author, state, created, modified, form, {', '.join(FIELDS)}) "
            f"VALUES (?, ?, ?, ?, ?, ?{', ?' * len(FIELDS)})",
            (npi, author, state, day, moment, form, *(values[name] for name in FIELDS)),
        )
        if made.rowcount == 1:
            _note(db, int(made.lastrowid or 0), author, state, {})
        return made.rowcount == 1


def _note(
    db: sqlite3.Connection, case_id: int, author: str, state: str, before: dict[str, str]
) -> None:
    db.execute(
        "INSERT INTO history (case_id, at, author, state, before) VALUES (?, ?, ?, ?, ?)",
        (case_id, time.time(), author, state, json.dumps(before)),
    )


def history(case_id: int) -> list[sqlite3.Row]:
    """What was done to a case, when and by whom, the newest first."""
    with database() as db:
        return db.execute(
            "SELECT * FROM history WHERE case_id = ? ORDER BY id DESC LIMIT 50", (case_id,)
        ).fetchall()


def version(case_id: int) -> int:
    """Goes up with every change of a case."""
    found = history(case_id)
    return int(found[0]["id"]) if found else 0


def as_seen(case_id: int, seen: int) -> dict[str, str]:
    """The fields of a case in the version that was `seen`, of one that was changed since; empty for
    a version that is not known."""
    with database() as db:
        since: sqlite3.Row | None = db.execute(
            "SELECT before FROM history WHERE case_id = ? AND id > ? ORDER BY id LIMIT 1",
            (case_id, seen),
        ).fetchone()
    found: dict[str, str] = json.loads(since["before"]) if since else {}
    return found


def change(
    npi: str, case_id: int, author: str, state: str, values: dict[str, str], seen: int
) -> bool:
    """Whether the case was changed; one that was submitted stays as it is, and so does one that
    was changed since it was `seen` in that version."""
    names = ", ".join(f"{name} = ?" for name in FIELDS)
    with database() as db:
        db.execute("BEGIN IMMEDIATE")
        row = db.execute("SELECT * FROM cases WHERE id = ?", (case_id,)).fetchone()
        done = db.execute(
            f"UPDATE cases SET {names}, state = ?, modified = ? "  # noqa: S608  # names are ours
            "WHERE npi = ? AND id = ? AND state != 'submitted' "
            "AND coalesce((SELECT max(id) FROM history WHERE case_id = cases.id), 0) = ?",
            (*(values[name] for name in FIELDS), state, iso(time.time()), npi, case_id, seen),
        )
        if done.rowcount == 1:
            _note(db, case_id, author, state, {name: row[name] for name in FIELDS})
        return done.rowcount == 1


def fill(path: str, cases: list[dict[str, Any]]) -> None:
    """Fill an empty portal with these cases."""
    with database(path) as db:
        if not db.execute("SELECT count(*) FROM cases").fetchone()[0]:
            db.executemany(
                "INSERT INTO cases (npi, contract, case_type, program, consumer_id, "
                "consumer_name, date_of_birth, notes, state, created, modified, author) "
                "VALUES (:npi, :contract, :case_type, :program, :consumer_id, "
                ":consumer_name, :date_of_birth, '', :state, :created, :modified, '')",
                [{"created": case["modified"], "program": "", **case} for case in cases],
            )


def faults(values: dict[str, str], complete: bool) -> dict[str, str]:
    """What keeps a case from being kept, by field; a draft may leave nearly everything open."""
    found = {}
    if values["contract"] not in (*CONTRACTS, "") or (complete and not values["contract"]):
        found["contract"] = "Choose a contract."
    if values["case_type"] not in (*TYPES, "") or (complete and not values["case_type"]):
        found["case_type"] = "Choose a case type."
    if complete and not values["consumer_id"]:
        found["consumer_id"] = "Enter the consumer ID from the member card."
    if not values["consumer_name"]:
        found["consumer_name"] = "Enter the consumer's name."
    if (values["date_of_birth"] or complete) and read_day(values["date_of_birth"]) is None:
        found["date_of_birth"] = BORN
    for name, most in (
        ("program", 40),
        ("consumer_id", 40),
        ("consumer_name", 120),
        ("notes", 2000),
    ):
        if len(values[name]) > most:
            found[name] = f"Use at most {most} characters."
    return found
