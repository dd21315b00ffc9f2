"""The audit trail's chain: each row is tied to the one before it, and checkpoints are signed, by
keys of the root secret."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from idp.secret import Vault
from idp.store import audit
from idp.store.audit import AuditRow
from idp.store.checkpoints import Checkpoint


@dataclass(frozen=True)
class Verdict:
    """How verifying went: `fault` says what was found at which position; None when all is as it was
    written."""

    rows: int
    first: int  # position of the oldest row; 0 for none
    last: int
    checkpoints: int
    fault: str | None


def chain(
    vault: Vault, entries: Iterable[AuditRow], position: int, value: str
) -> Iterator[tuple[int, int, str]]:
    """Id, position and chain value of new rows that follow the row at `position` with this
    value."""
    for place, entry in enumerate(entries, start=position + 1):
        value = vault.fingerprint("audit", audit.content(entry, value))
        yield entry.id, place, value


def signature(vault: Vault, position: int, value: str, at: float, forgotten: bool) -> str:
    """What a checkpoint is signed with: of a position, or of where what was forgotten ends."""
    return vault.fingerprint(
        "audit forgotten" if forgotten else "audit checkpoint", f"{position}:{value}:{at}"
    )


def verify(vault: Vault, entries: Iterable[AuditRow], checkpoints: Iterable[Checkpoint]) -> Verdict:
    """Whether these chained rows, in order, and checkpoints are as they were written, with none
    missing. Works on the database's rows and on an exported file's alike."""
    known = {point.position: point for point in checkpoints}
    fault = next(
        (
            f"the checkpoint at {point.position} is not signed by this deployment"
            for point in known.values()
            if not _signed(vault, point)
        ),
        None,
    )
    count, first, position, value = 0, 0, 0, ""
    for entry in entries:
        place = entry.position or 0
        if not first:
            first = place
            position = place - 1
            if position and not (position in known and known[position].forgotten):
                fault = (
                    fault
                    or f"the rows before {place} are missing, and not because they were too old"
                )
            value = known[position].chain if position in known else ""
        if place != position + 1:
            fault = fault or f"rows are missing between {position} and {place}"
            break
        position, value = place, vault.fingerprint("audit", audit.content(entry, value))
        count += 1
        if entry.chain != value or (position in known and known[position].chain != value):
            fault = fault or f"the row at {position} is not as it was written"
            break
    if not fault and known and max(known) > position:
        fault = f"rows are missing at the end: a checkpoint knows position {max(known)}"
    return Verdict(count, first, position, len(known), fault)


def everything() -> Iterator[AuditRow]:
    """Every chained row of the database, in order, some at a time."""
    position = 0
    while found := audit.after(position):
        yield from found
        position = found[-1].position or 0


def _signed(vault: Vault, point: Checkpoint) -> bool:
    return point.signature == signature(
        vault, point.position, point.chain, point.at, point.forgotten
    )
