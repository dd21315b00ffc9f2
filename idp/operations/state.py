"""The state of a deployment at a moment, as its metrics tell it."""

from idp.factors.phone import COSTLY, Spending
from idp.settings import Settings
from idp.store import audit, codes, outbox
from idp.store.database import size


def measured(settings: Settings, now: float) -> dict[str, tuple[str, float]]:
    """Values by name, each with what it is."""
    waiting, oldest = outbox.waiting(now)
    spending = Spending(settings).state(now)
    return {
        "outbox_waiting": ("Messages waiting to be sent", waiting),
        "outbox_oldest_seconds": ("Age of the oldest waiting message in seconds", oldest),
        "audit_unchained": ("Audit rows not yet chained by the worker", audit.count_unchained()),
        "database_bytes": ("Size of the database in bytes", size()),
        "texts_and_calls_day": (
            "Text messages and calls in the last 24 hours",
            codes.share_used(COSTLY, now - 86400, now)[0],
        ),
        "texts_and_calls_day_limit": (
            "Limit of text messages and calls in 24 hours",
            settings.phone.most_per_day,
        ),
        "texts_and_calls_stopped": (
            "1 while the daily limit or the breaker stops text messages and calls",
            1 if spending else 0,
        ),
    }
