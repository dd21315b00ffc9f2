"""Two nodes chain one audit trail: whoever is quicker, nothing is linked twice and nothing is left
out."""

import threading
from concurrent.futures import ThreadPoolExecutor

from idp import store
from idp.delivery.worker import CHECKPOINT, Worker
from idp.operations import audit as operations
from idp.store import audit, checkpoints

WRITERS, WORKERS, ROWS = 4, 4, 40


def test_several_workers_chain_what_several_nodes_write(either_world):
    world, failures = either_world, []
    written = threading.Event()

    def write(number: int) -> None:
        for turn in range(ROWS):
            with world.app.app_context():
                store.writing()
                audit.add(world.time.now, "password_wrong", "failure", target=f"{number}-{turn}")
                store.commit()

    def chain() -> None:
        with world.app.app_context():
            worker = Worker(world.settings, world.vault)
            while not written.is_set() or audit.count_unchained():
                store.rollback()
                try:
                    worker._chain()
                except Exception as error:
                    failures.append(error)
                    return
                finally:
                    store.rollback()

    with ThreadPoolExecutor(WRITERS + WORKERS) as pool:
        workers = [pool.submit(chain) for _ in range(WORKERS)]
        for writer in [pool.submit(write, number) for number in range(WRITERS)]:
            writer.result(60)
        written.set()
        for worker in workers:
            worker.result(60)
    assert failures == []
    with world.inside():
        found = operations.verify(world.vault)
    assert found.fault is None and found.rows >= WRITERS * ROWS


def test_a_checkpoint_follows_new_rows_within_the_minute(world):
    """Rows that no checkpoint covers could be cut off at the end unnoticed."""
    with world.app.app_context():
        worker = Worker(world.settings, world.vault)
        for seconds, expected in ((0, 1), (CHECKPOINT / 2, 1), (CHECKPOINT, 2)):
            world.time.passes(seconds)
            store.writing()
            audit.add(world.time.now, "password_wrong", "failure")
            store.commit()
            while worker.step():
                pass
            assert len(checkpoints.listed()) == expected, f"after {seconds:.0f} seconds more"
            store.rollback()


def test_of_old_checkpoints_one_an_hour_is_kept(world):
    with world.inside():
        for minute in range(150):
            checkpoints.add_checkpoint(minute + 1, "chain", 60.0 * minute, minute == 7, "signature")
    with world.inside():
        assert checkpoints.thin_checkpoints(60.0 * 140) == 137
        kept = [point.position - 1 for point in checkpoints.listed()]
    assert kept == [7, 59, 119, *range(140, 150)]
