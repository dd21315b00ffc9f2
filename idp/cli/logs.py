"""Logs: one JSON object a line on standard error, so that nothing that came in can forge a line."""

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime


class JsonLines(logging.Formatter):
    """`reference` tells the reference of the sign-in that is being answered: what its pages show
    and `idp explain` takes."""

    def __init__(self, reference: Callable[[], str | None]) -> None:
        super().__init__()
        self._reference = reference

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line of JSON."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "about", {}),
        }
        if reference := self._reference():
            line["reference"] = reference
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


def init(reference: Callable[[], str | None] = lambda: None) -> None:
    """Log from INFO on. Authlib's debugging output would print tokens, so it stays off whatever the
    level."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines(reference))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("authlib").setLevel(logging.WARNING)
