"""Places to work: of the requests that a process has let in, so many work at once. A thread that
only waits gives its place to another.

First come, first served: a place that becomes free goes to the thread that has waited longest, and
before all to those that have worked already and go on."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

_here = threading.local()  # whose place this thread has


class Places:
    """`working` requests at once, and `room` in all. One for a process."""

    def __init__(self, working: int, room: int) -> None:
        self._free, self._room = working, room
        self._counting = threading.Lock()
        self._going_on: deque[threading.Event] = deque()  # each is set when a place is handed over
        self._coming: deque[threading.Event] = deque()

    def enter(self, patience: float) -> bool:
        """Whether this thread has a place now, which it must leave; not where there is no room, or
        no place within so many seconds."""
        with self._counting:
            if not self._room:
                return False
            self._room -= 1
            mine = self._claimed(self._coming)
        if mine and not mine.wait(patience):
            with self._counting:
                if mine in self._coming:  # else it was handed over at the last moment
                    self._coming.remove(mine)
                    self._room += 1
                    return False
        _here.places = self
        return True

    def leave(self) -> None:
        """Give the place back, to the next thread that waits for one."""
        _here.places = None
        with self._counting:
            self._room += 1
            self._hand_over()

    def give_back(self) -> None:
        """This thread only waits from now on; it keeps its room."""
        with self._counting:
            self._hand_over()

    def claim_again(self) -> None:
        """Go on. Every thread with a place leaves it or gives it back, so this one comes."""
        with self._counting:
            mine = self._claimed(self._going_on)
        if mine:
            mine.wait()

    def _claimed(self, line: deque[threading.Event]) -> threading.Event | None:
        """None for a place at once, else what to wait for."""
        if self._free:
            self._free -= 1
            return None
        mine = threading.Event()
        line.append(mine)
        return mine

    def _hand_over(self) -> None:
        line = self._going_on or self._coming
        if line:
            line.popleft().set()
        else:
            self._free += 1


@contextmanager
def turn_at(scarce: threading.Semaphore, patience: float) -> Iterator[bool]:
    """A turn at something scarce. The thread waits for it without its place; False where the turn
    does not come within so many seconds."""
    places: Places | None = getattr(_here, "places", None)
    if not scarce.acquire(blocking=False):
        if places:
            places.give_back()
        try:
            came = scarce.acquire(timeout=patience)
        finally:
            if places:
                places.claim_again()
        if not came:
            yield False
            return
    try:
        yield True
    finally:
        scarce.release()
