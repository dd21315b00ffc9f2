"""Places to work: of the requests that a process has let in, so many work at once. Who only waits for something gives the place back."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

_here = threading.local()  # whose place this thread has


class Places:
    """`working` requests at once, and `room` in all. One for a process."""

    def __init__(self, working: int, room: int) -> None:
        self._free, self._room = working, room
        self._changed = threading.Condition(threading.Lock())
        self._waiting = 0  # threads that wait for a place

    def enter(self, patience: float) -> bool:
        """Whether this thread has a place now, which it must leave; not where there is no room, or no place within so many seconds."""
        with self._changed:
            if not self._room:
                return False
            self._room -= 1
            if not self._free and not self._awaited(patience):
                self._room += 1
                return False
            self._free -= 1
        _here.places = self
        return True

    def leave(self) -> None:
        _here.places = None
        with self._changed:
            self._room += 1
            self._freed()

    def give_back(self) -> None:
        """This thread only waits from now on; it keeps its room."""
        with self._changed:
            self._freed()

    def claim_again(self) -> None:
        """Go on. Whoever has a place leaves it or gives it back: none of them waits for this thread."""
        with self._changed:
            if not self._free:
                self._awaited(None)
            self._free -= 1

    def _awaited(self, patience: float | None) -> bool:
        self._waiting += 1
        try:
            return self._changed.wait_for(lambda: self._free > 0, patience)
        finally:
            self._waiting -= 1

    def _freed(self) -> None:
        self._free += 1
        if self._waiting:
            self._changed.notify()


@contextmanager
def waited(turn: threading.Semaphore, seconds: float) -> Iterator[bool]:
    """A turn at something of which there is little, waited for without a place; False where it does not come within so many seconds."""
    places: Places | None = getattr(_here, "places", None)
    if not turn.acquire(blocking=False):
        if places:
            places.give_back()
        try:
            came = turn.acquire(timeout=seconds)
        finally:
            if places:
                places.claim_again()
        if not came:
            yield False
            return
    try:
        yield True
    finally:
        turn.release()
