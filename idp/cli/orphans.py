"""A process that was started by another one and must not outlive it."""

import os
import threading
import time
from collections.abc import Callable


def when_orphaned(act: Callable[[], object]) -> None:
    """Call `act` within a second of the parent's end, however it ended: a worker left behind would
    keep the port."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        act()

    threading.Thread(target=watch, daemon=True).start()
