"""The doctor on texts and calls: what they have cost, and whether they are stopped."""

from collections.abc import Iterator

from idp.factors.phone import COSTLY, Spending
from idp.operations.findings import OK, PROBLEM, Finding
from idp.settings import Settings
from idp.store import (
    codes,
)

ASKS = {"keyed": "the number shown on the page, then #", "bare": "# alone"}  # by phone.call


def of_phone(settings: Settings, now: float) -> Iterator[Finding]:
    """What texts and calls have cost today, and whether they are stopped."""
    if "phone" not in settings.sign_in.options:
        return
    sent, used = codes.share_used(COSTLY, now - 86400, now)
    state = Spending(settings).state(now)
    if state == "cap":
        yield Finding(
            "phone",
            PROBLEM,
            f"Text messages and calls are stopped: {sent} of "
            f"{settings.phone.most_per_day} were used in 24 hours.",
            "If these were real sign-ins, raise phone.most_per_day. Otherwise, find out "
            "who causes them with idp audit export.",
        )
    elif state == "breaker":
        yield Finding(
            "phone",
            PROBLEM,
            "Text messages and calls are stopped: fewer than "
            f"{settings.phone.breaker_share} percent of the last hour's were used "
            "(phone.breaker_share).",
            "Someone may be causing them for money, or the carrier may be losing them. "
            "They resume by themselves within an hour.",
        )
    else:
        yield Finding(
            "phone",
            OK,
            f"{sent} of {settings.phone.most_per_day} text messages and calls went out in 24 "
            f"hours; {used} {'was' if used == 1 else 'were'} used. Call Me asks for {ASKS[settings.phone.call]}.",
        )
