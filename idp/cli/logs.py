"""Logs: one JSON object a line on standard error, so that nothing that came in can forge a line."""

import json
import logging
from datetime import UTC, datetime

from flask import g, has_request_context


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "about", {}),
        }
        if has_request_context() and g.get("reference"):
            line["reference"] = g.reference  # of the sign-in: what its pages show and `idp explain` takes
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


def init() -> None:
    """Log from INFO on. Authlib's debugging output would print tokens, so it stays off whatever the level."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("authlib").setLevel(logging.WARNING)
