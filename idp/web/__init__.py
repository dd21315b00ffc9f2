"""HTTP: read the request, call the house, answer. The only room, with the CLI, that commits."""

from flask import current_app, g, has_request_context

from idp.house import House

__all__ = ["EXTENSION", "House", "house", "reference"]

EXTENSION = "stagedoor"  # where the application holds the house


def house() -> House:
    """The house of the application that answers this request."""
    found: House = current_app.extensions[EXTENSION]
    return found


def reference() -> str | None:
    """The reference of the sign-in that this request belongs to, for its lines in the log."""
    found: str | None = g.get("reference") if has_request_context() else None
    return found
