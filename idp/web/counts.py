"""How often an address was seen within a window, counted in the memory of one process.

The storage of this kind that comes with the library starts a thread at nearly every request, to
forget what is over; here that is done now and then, by a request.
"""

from threading import Lock

from limits.storage import Storage

from idp import clock

TIDY = 1000  # counts of new windows, after which what is over is forgotten


class Counts(Storage):
    """For fixed windows. Expired counts are forgotten after TIDY new ones."""

    STORAGE_SCHEME = ["process"]  # as the library declares it

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **_: object) -> None:
        super().__init__(uri, wrap_exceptions)
        self._lock = Lock()
        self._found: dict[str, tuple[int, float]] = {}  # by key: how many, until when (ticks)
        self._new = 0

    @property
    def base_exceptions(self) -> type[Exception]:
        """What it raises when the storage fails, which this one does not."""
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count; how many there are in this window. A new one lives for `expiry` seconds."""
        now = clock.ticks()
        with self._lock:
            count, until = self._found.get(key, (0, 0.0))
            if until <= now:
                count, until = 0, now + expiry
                self._tidy(now)
            self._found[key] = (count + amount, until)
            return count + amount

    def _tidy(self, now: float) -> None:
        self._new += 1
        if self._new >= TIDY:
            self._new = 0
            self._found = {key: one for key, one in self._found.items() if one[1] > now}

    def get(self, key: str) -> int:
        """How often the key was counted in its window."""
        count, until = self._found.get(key, (0, 0.0))
        return count if until > clock.ticks() else 0

    def get_expiry(self, key: str) -> float:
        """When the window ends, as `time.time` will say."""
        until = self._found.get(key, (0, 0.0))[1]
        return clock.wall() + max(0.0, until - clock.ticks())

    def check(self) -> bool:
        """Whether the storage works."""
        return True

    def reset(self) -> int:
        """Forget everything; how many counts there were."""
        with self._lock:
            gone = len(self._found)
            self._found.clear()
        return gone

    def clear(self, key: str) -> None:
        """Forget a key."""
        with self._lock:
            self._found.pop(key, None)
