"""Counting visits in memory: exact under many threads, over when the window is, and no thread for a
request."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from limits import RateLimitItemPerMinute
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from idp.web.counts import TIDY, Counts
from tests.support.person import Person


def test_a_window_has_an_end_and_begins_again():
    kept = Counts()
    assert [kept.incr("a", 0.2) for _ in range(3)] == [1, 2, 3] and kept.get("b") == 0
    assert 0 < kept.get_expiry("a") - time.time() <= 0.2
    time.sleep(0.25)
    assert kept.get("a") == 0 and kept.incr("a", 60) == 1
    kept.clear("a")
    assert kept.get("a") == 0 and kept.check()
    kept.incr("c", 60)
    assert kept.reset() == 1 and kept.get("c") == 0


def test_what_is_over_is_forgotten_now_and_then():
    kept = Counts()
    for number in range(TIDY - 1):
        kept.incr(f"over {number}", 0.01)
    time.sleep(0.05)
    kept.incr("new", 60)
    assert kept.reset() == 1, "only what counts still"


def test_many_at_once_are_counted_one_by_one():
    kept = storage_from_string("process://")
    assert isinstance(kept, Counts)
    limiter, most = FixedWindowRateLimiter(kept), RateLimitItemPerMinute(100)
    barrier = threading.Barrier(32)

    def visit(_: int) -> int:
        barrier.wait()
        return sum(limiter.hit(most, "203.0.113.7") for _ in range(10))

    with ThreadPoolExecutor(32) as pool:
        assert sum(pool.map(visit, range(32))) == 100


def test_a_visit_starts_no_thread(world, client, monkeypatch):
    started = []
    begin = threading.Thread.start

    def start(self) -> None:
        started.append(type(self).__name__)
        begin(self)

    person = Person(world.issuer)
    monkeypatch.setattr(threading.Thread, "start", start)
    for _ in range(5):
        client.sends(person)
    assert "Timer" not in started
