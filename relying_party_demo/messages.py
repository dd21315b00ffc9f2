"""Messages: what the portal did for someone, and what the provider's events say of them, in
words."""

import sqlite3
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from relying_party_demo import management, store
from relying_party_demo.store import database

MAX_PAGES = 10  # pages of events that are read at once
PAGE = 200
# what someone did; to whom; and the same to the reader
SAID: Mapping[str, tuple[str, str, str]] = {
    "registration_reset": ("reset", "the registration of {target}", "your registration"),
    "contact_email_corrected": ("corrected", "the contact email of {target}", "your contact email"),
    "invitation_sent": ("sent", "{target} an invitation", "you an invitation"),
    "invitation_revoked": ("withdrew", "the invitation for {target}", "your invitation"),
    "registered": ("registered", "", ""),
    "registered_anew": ("registered", "again", "again"),
    "phone_set_up": ("set up", "a phone", "a phone"),
    "account_registered": (
        "started",
        "to register with a registration code",
        "to register with a registration code",
    ),
    "password_recovered": ("created", "a new password", "a new password"),
    "administrator_made": ("became", "an administrator", "an administrator"),
    "account_disabled": ("turned off", "the account of {target}", "your account"),
    "account_enabled": ("turned on", "the account of {target}", "your account"),
    "session_ended": ("signed", "{target} out of a browser", "you out of a browser"),
    "sessions_ended": ("signed", "{target} out everywhere", "you out everywhere"),
    "browsers_forgotten": (
        "ended",
        "Remember Me for {target} in every browser",
        "Remember Me for you in every browser",
    ),
    "member_role_changed": ("changed", "the role of {target}", "your role"),
    "member_removed": ("removed", "{target} from the organization", "you from an organization"),
    "organization_renamed": ("renamed", "the organization", "the organization"),
    "registration_code_added": ("created", "a registration code", "a registration code"),
    "registration_code_ended": ("ended", "a registration code", "a registration code"),
    "registration_codes_ended": ("ended", "all registration codes", "all registration codes"),
}


CHECKED = ("registered_anew", "phone_set_up", "password_recovered")


def read_events(subject: str) -> None:
    """Fetch what has happened since the last time, and keep it. Raises SignedOut or Unreachable."""
    for _ in range(MAX_PAGES):
        cursor = store.person(subject)["cursor"]
        answer = management.ask("GET", f"/events?limit={PAGE}&after={cursor}")
        if not answer.well:
            return
        for event in answer.body["items"]:
            _keep(subject, event)
        if answer.body["next"] != cursor:
            store.keep_person(subject, cursor=answer.body["next"])
        if len(answer.body["items"]) < PAGE:
            return


def in_words(subject: str, event: Mapping[str, Any]) -> str:
    """An event as this person reads it; empty for what they need not read."""
    said = SAID.get(event["type"])
    if said is None:
        return ""
    actor, target = event["actor"], event["target"] or {}
    unnamed = {"operator": "The help desk", "client": "A program"}.get(actor["kind"], "Someone")
    who = "You" if actor["id"] == subject else actor["name"] or unnamed
    if event["type"] == "account_registered" and not (actor["name"] or target.get("name")):
        return ""  # it was corrected: the same person started once more
    verb, other, own = said
    whom = (
        own if target.get("id") == subject else other.format(target=target.get("name") or "someone")
    )
    said_so = " ".join(filter(None, [who, verb, whom])) + "."
    # what one does oneself, someone with one's password could have done
    if who == "You" and event["type"] in CHECKED:
        said_so += " If it was not you, the email that we sent about it says what to do."
    return said_so


def _keep(subject: str, event: Mapping[str, Any]) -> None:
    text = in_words(subject, event)
    if not text:
        return
    at = datetime.fromisoformat(event["at"]).timestamp()
    own = event["actor"]["id"] == subject
    target = (event["target"] or {}).get("id")
    gone = event["type"] == "member_removed"  # and so not to be looked at any more
    link = (
        f"/setup/users/{target}"
        if target and target != subject and event["target"].get("name") and not gone
        else ""
    )
    with database() as db:
        db.execute(
            "INSERT OR IGNORE INTO messages (subject, event, at, text, link, reference, "
            "read_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            # what one did oneself is no news
            (subject, event["id"], at, text, link, event["reference"], at if own else None),
        )


def add(subject: str, text: str, link: str = "") -> None:
    """What the portal itself did for someone."""
    now = time.time()
    with database() as db:
        db.execute(
            "INSERT INTO messages (subject, event, at, text, link, reference, read_at) "
            "VALUES (?, NULL, ?, ?, ?, NULL, ?)",
            (subject, now, text, link, now),
        )


def listed(subject: str, page: int, most: int = 50) -> tuple[list[sqlite3.Row], bool]:
    """A page of someone's messages, the newest first, and whether there are more."""
    with database() as db:
        rows = db.execute(
            "SELECT * FROM messages WHERE subject = ? ORDER BY at DESC, id DESC LIMIT ? OFFSET ?",
            (subject, most + 1, (page - 1) * most),
        ).fetchall()
    return rows[:most], len(rows) > most


def unread(subject: str) -> int:
    """How many messages are unread."""
    with database() as db:
        return int(
            db.execute(
                "SELECT count(*) FROM messages WHERE subject = ? AND read_at IS NULL", (subject,)
            ).fetchone()[0]
        )


def read(subject: str, message_id: int) -> sqlite3.Row | None:
    """One message of someone's, which is read now."""
    with database() as db:
        row: sqlite3.Row | None = db.execute(
            "SELECT * FROM messages WHERE subject = ? AND id = ?", (subject, message_id)
        ).fetchone()
        db.execute(
            "UPDATE messages SET read_at = ? WHERE subject = ? AND id = ? AND read_at IS NULL",
            (time.time(), subject, message_id),
        )
        return row


def read_all(subject: str) -> None:
    """Mark all messages as read."""
    with database() as db:
        db.execute(
            "UPDATE messages SET read_at = ? WHERE subject = ? AND read_at IS NULL",
            (time.time(), subject),
        )
