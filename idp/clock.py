"""The time. Everything that needs it asks here, where a request comes in, and passes `now` on."""

import time
from collections.abc import Callable

_source: Callable[[], float] = time.time


def now() -> float:
    """Seconds since 1970-01-01 UTC."""
    return _source()


def ticks() -> float:
    """Seconds on a clock that never steps back: for waiting and for measuring, never for a
    lifetime."""
    return time.monotonic()


def wall() -> float:
    """What libraries call the time that read the system's clock themselves: only to compare with
    theirs."""
    return time.time()


def set_source(source: Callable[[], float] = time.time) -> None:
    """Read the time from `source` from now on, so that a story can last a fortnight; without one,
    from the system."""
    global _source
    _source = source
