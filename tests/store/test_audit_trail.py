"""The audit trail: chained, signed, verified in place and elsewhere; whatever is changed or removed
shows."""

import json

import pytest
from sqlalchemy import delete, update

from idp.operations import OperatorError
from idp.operations import audit as operations
from idp.store import audit, checkpoints
from idp.store.database import run
from tests.support.person import Person
from tests.support.stories import sign_in
from tests.support.world import World


@pytest.fixture
def trail(world, client) -> World:
    """A provider with some history, chained and with a checkpoint."""
    sign_in(world, client.sends(Person(world.issuer)))
    world.tidy()
    return world


def verdict(world):
    with world.inside():
        return operations.verify(world.vault)


def test_it_is_chained_in_order_within_a_round_of_the_worker(trail):
    with trail.inside():
        rows = audit.after(0)
        assert audit.count_unchained() == 0 and [row.position for row in rows] == list(
            range(1, len(rows) + 1)
        )
    found = verdict(trail)
    assert (
        found.fault is None
        and (found.rows, found.first, found.last) == (len(rows), 1, len(rows))
        and found.checkpoints >= 1
    )


@pytest.mark.parametrize(
    "change",
    [
        {"outcome": "failure"},
        {"at": 1.0},
        {"reference": "X"},
        {"detail": {"x": 1}},
        {"chain": "0" * 64},
    ],
)
def test_a_changed_row_shows(trail, change):
    with trail.inside():
        run(update(audit.AUDIT).where(audit.AUDIT.c.position == 2).values(**change))
    assert verdict(trail).fault == "the row at 2 is not as it was written"


def test_a_missing_row_shows_wherever_it_was(trail):
    last = verdict(trail).last
    for position, said in (
        (1, "the rows before 2 are missing"),
        (2, "between 1 and 3"),
        (last, "missing at the end"),
    ):
        with trail.inside():
            (row,) = [row for row in audit.after(0) if row.position == position]
            kept = {column.name: getattr(row, column.name) for column in audit.AUDIT.columns}
            run(delete(audit.AUDIT).where(audit.AUDIT.c.position == position))
        assert said in (verdict(trail).fault or ""), position
        with trail.inside():
            run(audit.AUDIT.insert(), **kept)
    assert verdict(trail).fault is None


def test_an_hourly_checkpoint_is_no_excuse_for_a_missing_beginning(trail, client):
    position = verdict(trail).last  # where a checkpoint is
    client.sends(Person(trail.issuer)).press("Cancel")
    trail.tidy()
    assert verdict(trail).last > position
    with trail.inside():
        run(delete(audit.AUDIT).where(audit.AUDIT.c.position <= position))
    assert "not because they were too old" in (verdict(trail).fault or "")
    with trail.inside():
        run(update(checkpoints.CHECKPOINTS).values(forgotten=True))
    assert "not signed" in (verdict(trail).fault or "")


def test_each_checkpoint_is_told_to_the_log(trail, client, caplog):
    client.sends(Person(trail.issuer)).press("Cancel")
    with caplog.at_level("INFO", "idp.outbox"):
        trail.tidy()
    (told,) = [record.about for record in caplog.records if record.message == "audit checkpoint"]
    assert told["position"] == verdict(trail).last and told["signature"]


def test_a_checkpoint_that_was_made_up_shows(trail):
    with trail.inside():
        run(update(checkpoints.CHECKPOINTS).values(chain="0" * 64))
    assert "not signed by this deployment" in (verdict(trail).fault or "")


def test_an_exported_trail_is_verified_without_the_database(trail):
    with trail.inside():
        lines = list(operations.exported())
    assert operations.verify_lines(trail.vault, lines).fault is None
    row = json.loads(lines[1])
    assert (
        operations.verify_lines(
            trail.vault, [lines[0], json.dumps(row | {"actor": "me"}), *lines[2:]]
        ).fault
        == "the row at 2 is not as it was written"
    )
    written = [line for line in lines if '"checkpoint"' not in line]
    assert "missing at the end" in (
        operations.verify_lines(trail.vault, written[:-1] + lines[len(written) :]).fault or ""
    )
    with pytest.raises(OperatorError, match="line 1 is not part of"):
        operations.verify_lines(trail.vault, ["nonsense"])


def test_what_is_too_old_is_forgotten_and_the_rest_still_verifies(trail, client):
    before = verdict(trail).last
    trail.time.passes(hours=24 * 2191)
    sign_in(trail, client.sends(Person(trail.issuer)))
    trail.tidy()
    found = verdict(trail)
    assert found.fault is None and found.first == before + 1 and found.last > before
    trail.time.passes(hours=24 * 2191)
    trail.tidy()
    assert verdict(trail).fault is None and verdict(trail).rows > 0, "its end stays"
