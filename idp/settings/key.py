"""A key of the settings: its default, its meaning and, where it is a number, hard bounds."""

from dataclasses import MISSING, Field, field
from typing import Any


class SettingsError(Exception):
    """The deployment's settings cannot be used; the message says which key and what to do."""


def key(default: Any, says: str, low: int | None = None, high: int | None = None) -> Any:
    """A field of a settings class, with the sentence about it and its bounds."""
    metadata = {"says": says, "low": low, "high": high}
    return (
        field(default_factory=lambda: dict(default), metadata=metadata)
        if isinstance(default, dict)
        else field(default=default, metadata=metadata)
    )


def default_of(key: "Field[Any]") -> Any:
    """A key's default, or a section with the defaults of its keys."""
    return key.default_factory() if key.default_factory is not MISSING else key.default
