"""The audit trail for operators: verified, and taken out as a file that can be verified
elsewhere."""

import json
from collections.abc import Iterable, Iterator
from types import SimpleNamespace
from typing import Any, cast

from idp.delivery import trail
from idp.delivery.trail import Verdict
from idp.operations import OperatorError
from idp.secret import Vault
from idp.store import checkpoints
from idp.store.audit import AuditRow
from idp.store.checkpoints import Checkpoint

FIELDS = (
    "position",
    "at",
    "action",
    "outcome",
    "actor",
    "target",
    "organization_id",
    "client_id",
    "address",
    "reference",
    "detail",
    "chain",
)

POINT = ("position", "chain", "at", "forgotten", "signature")


def verify(vault: Vault) -> Verdict:
    """Verify the trail in the database."""
    return trail.verify(vault, trail.everything(), checkpoints.listed())


def exported() -> Iterator[str]:
    """The trail as JSON lines: every chained row in order, then the checkpoints."""
    for entry in trail.everything():
        yield json.dumps({name: getattr(entry, name) for name in FIELDS})
    for point in checkpoints.listed():
        yield json.dumps(
            {
                "checkpoint": {
                    "position": point.position,
                    "chain": point.chain,
                    "at": point.at,
                    "forgotten": point.forgotten,
                    "signature": point.signature,
                }
            }
        )


def verify_lines(vault: Vault, lines: Iterable[str]) -> Verdict:
    """Verify an exported file; no database is needed. Raises OperatorError for what is no such file."""
    entries: list[Any] = []
    points: list[Any] = []
    for number, line in enumerate(lines, start=1):
        try:
            found = json.loads(line)
            if "checkpoint" in found:
                points.append(
                    SimpleNamespace(**{name: found["checkpoint"][name] for name in POINT})
                )
            else:
                entries.append(SimpleNamespace(**{name: found[name] for name in FIELDS}))
        except (ValueError, KeyError, TypeError):
            raise OperatorError(f"line {number} is not part of an exported audit trail") from None
    return trail.verify(vault, cast("list[AuditRow]", entries), cast("list[Checkpoint]", points))
