"""The factors `keyed_call` and `phone_call`: the phone on record rings, and whoever takes it presses keys.

The keyed call asks for a number that only the page shows, then #; the other one for # alone. The
star key always means: not me.
"""

import math
import re
from dataclasses import dataclass

from idp import secret
from idp.delivery import post
from idp.factors import ALREADY, Trouble
from idp.factors.phone import TRIED_AS, Spending
from idp.factors.sent_code import SAME_CLICK, too_many_tries
from idp.flow import throttle
from idp.flow.throttle import Cap
from idp.secret import Vault
from idp.settings import Settings
from idp.store import codes, lock, tries
from idp.store.accounts import Account
from idp.store.codes import Code

KEYED, BARE = "keyed_call", "phone_call"
CALLS = (KEYED, BARE)
PLACED_WITHIN = 60  # seconds after which nobody waits for the phone to ring any more
TRIES = 3  # numbers that may be keyed in one call
ENDINGS = ("no_answer", "busy", "machine", "failed")  # how a carrier may report that nobody confirmed


@dataclass(frozen=True)
class Call:
    """How it stands with the newest call of an interaction: for the page. `state` is placing, ringing, no_answer,
    busy, machine, failed, wrong (the wrong number was keyed too often) or cancelled; `number` what is to be keyed."""

    state: str
    number: str | None
    next_call: int  # seconds until another one may be placed
    created_at: float


class PhoneCall:
    """Places and confirms calls. One for a process."""

    def __init__(self, settings: Settings, vault: Vault, spending: Spending) -> None:
        limits = settings.limits
        self._limits = limits
        self._life = settings.lifetimes.call
        self._caps = (Cap(1, limits.send_pause), Cap(limits.calls_per_quarter_hour, 900), Cap(limits.calls_per_day, 86400))
        self._vault = vault
        self._spending = spending

    def wait(self, account: Account, now: float) -> int:
        """Seconds until another call may be placed to this account's phone."""
        calls = codes.unused_sends(account.id, account.phone or "", CALLS, now - 86400)
        return max(math.ceil(throttle.wait(now, calls, self._caps)), self._refused(account, now))

    def _refused(self, account: Account, now: float) -> int:
        """Seconds that no call is placed since somebody pressed the star key."""
        refused = codes.refused_at(account.id)
        return math.ceil(max(0.0, refused + self._limits.refused_call_wait - now)) if refused else 0

    def place(self, interaction_id: str, reference: str, account: Account, method: str, locale: str, now: float) -> Trouble | None:
        """Let the phone ring, for this method of confirming. Trouble while another call is under way, or after too many;
        ALREADY for the second of two clicks."""
        number = account.phone or ""
        lock(f"send:{number}")
        lock(f"send:{account.id}")
        before = codes.newest(interaction_id, account.id, CALLS)
        if before and before.outcome is None and before.used_at is None and now - before.created_at < SAME_CLICK:
            return ALREADY  # a double click: the phone is about to ring
        if trouble := self._spending.closed(number, now):
            return trouble
        if codes.live(account.id, number, CALLS, now - self._life, now - PLACED_WITHIN):
            return Trouble("call_live")
        if wait := self._refused(account, now):
            return Trouble("call_refused_wait", wait)
        if wait := self.wait(account, now):
            return Trouble("call_wait", wait)
        call_id = secret.token(16)
        codes.add(call_id, interaction_id, account.id, method, number, "", now, CALLS)
        post.write(
            self._vault,
            now,
            channel="call",
            recipient=number,
            kind="sign_in",
            data={"call_id": call_id, "keyed": method == KEYED},
            locale=locale,
            not_after=now + PLACED_WITHIN,
            code_id=call_id,
            reference=reference,
        )
        return None

    def newest(self, interaction_id: str, account: Account, now: float) -> Call | None:
        """How it stands with the newest call; None when there is none, or it was confirmed."""
        call = codes.newest(interaction_id, account.id, CALLS)
        if call is None or call.used_at is not None:
            return None
        return Call(self._state(call, now), self.number(call.id) if call.factor == KEYED else None, self.wait(account, now), call.created_at)

    def number(self, call_id: str) -> str:
        """The three digits that the page shows: derived, so that they are stored nowhere."""
        return f"{int(self._vault.fingerprint('keyed call', call_id), 16) % 1000:03d}"

    def begin(self, call: Code, pressed: str, now: float) -> int | Trouble | None:
        """Count a try where a number was keyed, to be committed before it is compared; None where there is nothing to count."""
        if not self.rings(call, now):
            return Trouble("call_over")
        if call.factor == BARE or "*" in pressed or "#" not in pressed:
            return None
        if not codes.count_try(call.id, TRIES):
            return Trouble("call_over")
        return tries.add(call.account_id, TRIED_AS, now)

    def finish(self, call: Code, pressed: str, try_id: int | None, now: float) -> str:
        """What the keys meant: `confirmed`, `refused`, `wrong` (may try again), `over`, or `more` (no # yet)."""
        if "*" in pressed:
            return "refused" if codes.end(call.id, "refused") else "over"
        if "#" not in pressed:
            return "more"
        if try_id is not None:
            if too_many_tries(self._limits, call.account_id, TRIED_AS, now, own=1):
                codes.end(call.id, "wrong")
                return "over"
            if not secret.same(self.number(call.id), re.sub(r"[^0-9]", "", pressed.partition("#")[0])):
                if call.tries + 1 < TRIES:
                    return "wrong"
                codes.end(call.id, "wrong")
                return "over"
        if not codes.use(call.id, now, self._life):
            return "over"
        if try_id is not None:
            tries.succeed(try_id)
        return "confirmed"

    def rings(self, call: Code, now: float) -> bool:
        """Whether it can be confirmed at this moment."""
        return self._state(call, now) == "ringing" and call.used_at is None and call.replaced_at is None

    def _state(self, call: Code, now: float) -> str:
        if call.outcome:
            return call.outcome
        if call.dropped_at is not None:
            return "failed"
        if call.handed_over_at is None:
            return "placing" if now < call.created_at + PLACED_WITHIN else "failed"
        return "ringing" if now < call.handed_over_at + self._life else "no_answer"
