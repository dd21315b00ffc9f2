"""How long someone waits who guesses or asks too often. Pure: times in, seconds to wait out."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Cap:
    """At most `count` events in any `seconds`."""

    count: int
    seconds: int


def wait(now: float, events: Sequence[float], caps: Sequence[Cap]) -> float:
    """Seconds until one more event is within every cap; 0.0 when it is now. `events` in rising
    order."""
    longest = 0.0
    for cap in caps:
        recent = [at for at in events if at > now - cap.seconds]
        if len(recent) >= cap.count:
            longest = max(longest, recent[-cap.count] + cap.seconds - now)
    return longest


def password_wait(
    now: float, failures: int, last: float | None, free: int, first: int, longest: int
) -> float:
    """Seconds before the next password try is looked at: none for `free` failures in a row, then
    `first` seconds, doubling to `longest`. Waiting only slows one name's passwords; no account is
    ever locked by it."""
    if last is None or failures < free:
        return 0.0
    pause = min(first << min(failures - free, 20), longest)
    return max(0.0, last + pause - now)
