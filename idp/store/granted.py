"""What was granted, as codes and grants keep it: one JSON column, which `oauth/granted.py` reads
and writes.

Nodes of the release before read and write a column for each value. Until they are gone (the release
after this one drops the columns), both are written, and a row of theirs is read from its columns.
"""

from typing import Any

COLUMNS = ("client_id", "account_id", "session_id", "reference", "scope", "auth_time", "acr", "amr")


def columns(granted: dict[str, Any]) -> dict[str, Any]:
    """The columns of a new row."""
    return {"granted": granted, **{name: granted[name] for name in COLUMNS}}


def of(row: Any) -> dict[str, Any]:
    """What the row keeps, whichever release wrote it."""
    found: dict[str, Any] = row.granted or {
        name: getattr(row, name) for name in (*COLUMNS, "nonce") if hasattr(row, name)
    }
    return found
