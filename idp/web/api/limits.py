"""How much of a minute's requests is left, and the headers that tell it."""

from idp import clock
from idp.web.api.problems import Problem
from idp.web.counted import counted


def count(who: str) -> dict[str, str]:
    """Count a request; the headers that say what is left. Raises Problem where nothing is."""
    counting = counted()
    within, left, until = counting.hit(who)
    seconds = str(max(1, round(until - clock.wall())))
    said = {
        "RateLimit-Limit": str(counting.most.amount),
        "RateLimit-Remaining": str(left),
        "RateLimit-Reset": seconds,
    }
    if not within:
        raise Problem(
            "too_many",
            f"There were more than {counting.most.amount} requests in a minute.",
            {**said, "Retry-After": seconds},
        )
    return said
