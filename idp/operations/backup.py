"""Backups: one compressed file of JSON lines, the same for SQLite and PostgreSQL, taken while
everyone works.

The root secret is not in it. A restore begins a new epoch: no session, code, link or token from
before counts."""

import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from idp.operations import OperatorError
from idp.secret import Vault
from idp.store import audit, backup, migrate

FORMAT = 1


def write(now: float, vault: Vault, path: Path) -> dict[str, int]:
    """Back up into a new file that only its owner may read; how many rows of each table. Raises
    OperatorError where the file is there."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise OperatorError(f"{path} already exists; a backup never overwrites a file") from None
    except OSError as error:
        raise OperatorError(f"{path} cannot be written: {error.strerror}") from None
    try:
        with os.fdopen(handle, "wb") as raw:
            with gzip.open(raw, "wt", encoding="utf-8", newline="\n") as file:
                counts = _write(file, now, vault)
            raw.flush()
            os.fsync(raw.fileno())
    except BaseException:
        path.unlink(missing_ok=True)  # half a backup is worse than none
        raise
    return counts


def _write(file: IO[str], now: float, vault: Vault) -> dict[str, int]:
    digest, counts = hashlib.sha256(), {}

    def put(value: Any) -> None:
        line = json.dumps(value, separators=(",", ":")) + "\n"
        digest.update(line.encode())
        file.write(line)

    with backup.look() as opened:
        columns = {
            table.name: [column.name for column in table.columns] for table in backup.tables()
        }
        put(
            {
                "stagedoor": FORMAT,
                "at": now,
                "version": migrate.current(),
                "root": _root(vault),
                "tables": columns,
            }
        )
        for table in backup.tables():
            counts[table.name] = 0
            for row in backup.read(opened, table):
                put([table.name, row])
                counts[table.name] += 1
    file.write(json.dumps({"rows": sum(counts.values()), "sha256": digest.hexdigest()}) + "\n")
    return counts


def check(vault: Vault, path: Path) -> dict[str, Any]:
    """Read a backup through; its first line. Raises OperatorError for what is damaged, or not this
    deployment's."""
    head, rows, ended = None, 0, False
    digest = hashlib.sha256()
    for line in _lines(path):
        if ended:
            raise OperatorError(f"{path} is damaged: there is data after its end")
        value = _parsed(path, line)
        if head is None:
            head = value if isinstance(value, dict) else {}
            if head.get("stagedoor") != FORMAT or not {"at", "version", "root", "tables"} <= set(
                head
            ):
                raise OperatorError(f"{path} is not a backup of this version of Stagedoor")
            if head["root"] != _root(vault):
                raise OperatorError(
                    "the backup was taken with another root secret; put that root secret "
                    "into secret_file first"
                )
        elif isinstance(value, dict):
            ended = True
            if value != {"rows": rows, "sha256": digest.hexdigest()}:
                raise OperatorError(f"{path} is damaged: its contents do not match its checksum")
            continue
        else:
            rows += 1
        digest.update(line.encode())
    if not ended or head is None:
        raise OperatorError(f"{path} is incomplete")
    return head


def restore(now: float, actor: str, vault: Vault, path: Path, replace: bool) -> int:
    """Put a backup into the database at hand, in the transaction of the caller; how many rows.
    Raises OperatorError where the database holds anything and may not be replaced."""
    head = check(vault, path)
    found = backup.present()
    if not replace and not backup.empty(
        table for name, table in found.items() if name in head["tables"]
    ):
        raise OperatorError("the database is not empty; --replace deletes what is in it")
    before = backup.versions()
    backup.clear(found)
    count, name = 0, ""
    waiting: list[Any] = []
    for line in _lines(path):
        value = json.loads(line)
        if not isinstance(value, list):
            continue
        if value[0] != name or len(waiting) == backup.BATCH:
            _flush(found, head, name, waiting)
            name, waiting = value[0], []
        waiting.append(value[1])
        count += 1
    _flush(found, head, name, waiting)
    backup.continue_counting(found[table] for table in head["tables"])
    backup.begin_epoch(before, now)
    audit.add(now, "restored", actor=actor, taken_at=head["at"], rows=count)
    return count


def _flush(found: dict[str, Any], head: dict[str, Any], name: str, waiting: list[Any]) -> None:
    if waiting:
        backup.write(found[name], head["tables"][name], waiting)


def _lines(path: Path) -> Iterator[str]:
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
            yield from file
    except FileNotFoundError:
        raise OperatorError(f"{path} does not exist") from None
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise OperatorError(f"{path} is damaged or is not a backup: {error}") from None


def _parsed(path: Path, line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        raise OperatorError(f"{path} is damaged or is not a backup") from None


def _root(vault: Vault) -> str:
    """Names the root secret without telling it."""
    return vault.fingerprint("backup", "root secret")
