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
        "outbox_waiting": ("Messages that wait to be sent", waiting),
        "outbox_oldest_seconds": ("Age of the oldest of them", oldest),
        "audit_unchained": ("Audit rows that the worker has not chained yet", audit.count_unchained()),
        "database_bytes": ("Size of the database", size()),
        "texts_and_calls_day": ("Texts and calls of the last 24 hours", codes.share_used(COSTLY, now - 86400, now)[0]),
        "texts_and_calls_day_limit": ("How many there may be", settings.phone.most_per_day),
        "texts_and_calls_stopped": ("1 while the day's cap or the breaker stops them", 1 if spending else 0),
    }
