"""Rate limits at the edge, by address: they keep crowds off. What protects an account is counted in
the database (factors)."""

import logging
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, abort, request
from flask_limiter import Limiter
from limits import RateLimitItemPerMinute
from limits.strategies import FixedWindowRateLimiter

from idp import clock
from idp.address import UNKNOWN, network
from idp.settings import Settings
from idp.web import authorize, links, protocol, reading, stop, upstream
from idp.web.counts import Counts
from idp.web.flow import routes

log = logging.getLogger("idp.web")

FORMS = (routes.bp, links.bp, reading.bp, upstream.bp, stop.bp)
FAILED = (400, 401)  # what a client's endpoint answers to guesses
MINUTE = 60.0
MANY = 10_000  # addresses that are remembered as kept off


def init(app: Flask, settings: Settings) -> None:
    """In Redis where it is configured, so that processes and nodes count together; else each
    process counts in memory. Without its Redis a process counts for itself: slower to stop a crowd,
    never wrong."""
    rate_limits, redis = settings.rate_limits, settings.rate_limits.redis_url
    shared = (
        {
            "in_memory_fallback_enabled": True,
            "storage_options": {"socket_connect_timeout": 1, "socket_timeout": 1},
        }
        if redis
        else {}
    )
    hooks: tuple[dict[Any, list[Any]], ...] = (
        app.before_request_funcs,
        app.after_request_funcs,
        app.teardown_request_funcs,
    )
    ours = [list(one.get(None, ())) for one in hooks]
    where = {"app": app, "storage_uri": redis or "process://", "swallow_errors": True}
    limiter = Limiter(_address, **where, **shared)  # type: ignore[arg-type]  # options by name
    for one, kept in zip(hooks, ours, strict=True):
        # It would look at every request there is, which costs more than answering discovery: only
        # where something is limited.
        added = [hook for hook in one.get(None, ()) if hook not in kept]
        one[None] = kept
        one.setdefault(authorize.bp.name, []).extend(added)
        for bp in FORMS:
            one.setdefault(bp.name, []).extend(
                [_of_forms(hook) for hook in added] if one is app.before_request_funcs else added
            )
    limiter.limit(f"{rate_limits.visits}/minute")(authorize.bp)
    for bp in FORMS:
        limiter.limit(f"{rate_limits.forms}/minute", methods=["POST"])(bp)
    failures = Failures(limiter, rate_limits.failures)
    app.before_request_funcs.setdefault(protocol.NAME, []).append(failures.keep_off)
    app.after_request_funcs.setdefault(protocol.NAME, []).append(failures.count)


def _of_forms(hook: Callable[[], Any]) -> Callable[[], Any]:
    """The hook, where a form is sent: pages are looked at, and ask how it stands, as often as they
    like."""
    return lambda: hook() if request.method == "POST" else None


class Failures:
    """Refused requests of clients. Good ones cost a look into a dictionary, whether there is a
    Redis or not."""

    def __init__(self, limiter: Limiter, most: int) -> None:
        self._limiter = limiter
        self._alone = FixedWindowRateLimiter(Counts())
        self._most = RateLimitItemPerMinute(most)
        self._kept_off: dict[str, float] = {}

    def keep_off(self) -> None:
        """Before a request: 429 for an address that failed too often."""
        if self._kept_off and self._kept_off.get(_address(), 0.0) > clock.ticks():
            abort(429)

    def count(self, response: Response) -> Response:
        """After a request: count what failed, by address."""
        if response.status_code in FAILED and not self._hit(_address()):
            if len(self._kept_off) >= MANY:
                self._kept_off.clear()
            self._kept_off[_address()] = clock.ticks() + MINUTE
        return response

    def _hit(self, address: str) -> bool:
        """Whether this failure is within the limit; the last one that is keeps the address off from
        then on."""
        try:
            counting = self._limiter.limiter
            return counting.hit(self._most, "failures", address) and counting.test(
                self._most, "failures", address
            )
        except Exception as error:  # whatever its client raises when Redis is lost
            log.warning("the shared count of failures did not answer: %s", type(error).__name__)
            return self._alone.hit(self._most, address) and self._alone.test(self._most, address)


def _address() -> str:
    return network(request.remote_addr or UNKNOWN)
