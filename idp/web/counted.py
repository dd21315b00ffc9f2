"""How often one person or service client may ask the management API in a minute."""

import logging
from typing import Any

from flask import Flask, current_app
from limits import RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from idp.settings import Settings

log = logging.getLogger("idp.web")


EXTENSION = "stagedoor_counted"


class Counted:
    """One for a process. In Redis where it is configured; without it, or while it is lost, each
    process counts for itself."""

    def __init__(self, settings: Settings) -> None:
        rate_limits = settings.rate_limits
        self.most = RateLimitItemPerMinute(rate_limits.management)
        self._few = RateLimitItemPerHour(10)
        self._alone = FixedWindowRateLimiter(MemoryStorage())
        patience: Any = {"socket_connect_timeout": 1, "socket_timeout": 1}
        self._shared = (
            FixedWindowRateLimiter(storage_from_string(rate_limits.redis_url, **patience))
            if rate_limits.redis_url
            else self._alone
        )

    def seldom(self, who: str) -> bool:
        """Whether this is one of few in an hour: what a token of long ago may leave in the
        trail."""
        return self._alone.hit(self._few, "seldom", who)

    def hit(self, who: str) -> tuple[bool, int, float]:
        """Whether this request is within the limit; how many are left, and when the minute is over
        (seconds since 1970)."""
        try:
            return self._hit(self._shared, who)
        except Exception as error:  # whatever its client raises when Redis is lost
            log.warning("the shared count of requests did not answer: %s", type(error).__name__)
            return self._hit(self._alone, who)

    def _hit(self, counting: FixedWindowRateLimiter, who: str) -> tuple[bool, int, float]:
        within = counting.hit(self.most, "management", who)
        stats = counting.get_window_stats(self.most, "management", who)
        return within, stats.remaining, stats.reset_time


def init(app: Flask, settings: Settings) -> None:
    """Give the application what it counts by."""
    app.extensions[EXTENSION] = Counted(settings)


def counted() -> Counted:
    """What this application counts by."""
    found: Counted = current_app.extensions[EXTENSION]
    return found
