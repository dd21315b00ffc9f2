"""The factors `voice_code` and `voice_confirm`: the phone on record rings, and the person who takes it
presses keys.

The keyed call asks for a number that only the page shows, then #; the other one for # alone. The
star key always means: not me.
"""

import math
from dataclasses import dataclass
from typing import Any, ClassVar

from idp import secret
from idp.delivery import post
from idp.factors import ALREADY, Cause, FieldError, Recipient
from idp.factors.factor import SET_UP, Moment, SecondStep
from idp.factors.phone import METHODS, OFFER, TRIED_AS, Spending, reaches, to_new_phone, to_phone
from idp.factors.sent_code import SAME_CLICK, waits
from idp.flow.throttle import Cap
from idp.secret import Vault
from idp.settings import Settings
from idp.store import codes, credentials, lock, tries
from idp.store.accounts import Account
from idp.store.codes import Code
from idp.store.enrolments import Enrolment
from idp.store.holders import Holder
from idp.store.tries import Asker
from idp.typed import digits

# the last: keyed too, to register a phone
CODE, CONFIRM, NUMBER = "voice_code", "voice_confirm", "number_call"
CALLS = (CODE, CONFIRM, NUMBER)
PLACED_WITHIN = 60  # seconds after which no one waits for the phone to ring any more
JUST_CONFIRMED = 10  # seconds that a page still waits for what a call confirmed
TRIES = 3  # numbers that may be keyed in one call
# how a carrier may report that no one confirmed
ENDINGS = ("no_answer", "busy", "machine", "failed")


@dataclass(frozen=True)
class Call:
    """How it stands with the newest call of an interaction: for the page. `state` is placing,
    ringing, confirmed, no_answer, busy, machine, failed, wrong (the wrong number was keyed too
    often) or cancelled; `number` what is to be keyed."""

    state: str
    number: str | None
    next_call: int  # seconds until another one may be placed
    created_at: float


class VoiceCode(SecondStep):
    """Places and confirms calls to the phone on record. One for a process."""

    name = method = CODE
    credential = credentials.PHONE
    tried_as = TRIED_AS  # wrong keys are counted with wrong codes to the same phone
    locks = frozenset(METHODS)
    offer = OFFER
    keyed: ClassVar[bool] = True  # asks for the number of the page

    def __init__(self, settings: Settings, vault: Vault) -> None:
        super().__init__(settings, vault)
        limits = settings.limits
        self._life = settings.lifetimes.call
        self._pause = Cap(1, limits.send_pause)
        self._caps = (Cap(limits.calls_per_quarter_hour, 900), Cap(limits.calls_per_day, 86400))
        self._spending = Spending(settings)
        self._settings = settings.phone

    def owned(self, holder: Holder) -> frozenset[str]:
        """By everyone who has a phone on record that we may call."""
        return reaches(holder, self._settings.countries, frozenset({self.method}))

    def recipient(self, account: Account, enrolment: Enrolment | None) -> Recipient | None:
        """The phone on record."""
        return to_phone(account.id, account.phone or "")

    def show(self, moment: Moment) -> dict[str, Any]:
        """How it stands with the newest call, seconds until another one may be placed, and whether that
        is because someone pressed the star key."""
        return {
            "call": self.newest(moment.cause.interaction_id, moment.to, moment.now),
            "next_call": self.wait(moment.to, moment.now),
            "refused": self._refused(moment.to, moment.now) > 0,
        }

    def wait(self, to: Recipient, now: float) -> int:
        """Seconds until another call may be placed to this phone."""
        sends = codes.unused_sends(to.subject, to.target, CALLS, now - 86400)
        there, every = [at for at, same, _ in sends if same], [at for at, _, _ in sends]
        return max(waits(now, there, every, self._pause, self._caps), self._refused(to, now))

    def _refused(self, to: Recipient, now: float) -> int:
        """Seconds that no call is placed since someone pressed the star key."""
        refused = codes.refused_at(to.subject, to.target)
        return math.ceil(max(0.0, refused + self._limits.refused_call_wait - now)) if refused else 0

    def place(self, cause: Cause, to: Recipient, kind: str, now: float) -> FieldError | None:
        """Let the phone ring; `kind` is what the voice says (templates/call). FieldError while
        another call is under way, or after too many; ALREADY for the second of two clicks."""
        lock(f"send:{to.target}")
        lock(f"send:{to.subject}")
        before = codes.newest(cause.interaction_id, to.subject, CALLS)
        if (
            before
            and before.target == to.target
            and before.outcome is None
            and before.used_at is None
            and now - before.created_at < SAME_CLICK
        ):
            return ALREADY  # a double click: the phone is about to ring
        if error := self._spending.closed(to.target, now, cause.network):
            return error
        if wait := self._refused(to, now):
            return FieldError("call_refused_wait", wait)
        if wait := self.wait(to, now):
            return FieldError("call_wait", wait)
        # one that rings for an attempt that was left: only the newest can be confirmed
        codes.end_calls(to.subject, CALLS)
        if codes.live_elsewhere(
            to.subject, to.target, CALLS, now - self._life, now - PLACED_WITHIN
        ):
            return FieldError("call_live")
        call_id = secret.token(16)
        codes.add(
            call_id,
            cause.interaction_id,
            to.subject,
            self.name,
            to.target,
            "",
            now,
            CALLS,
            cause.network,
        )
        post.write(
            self._vault,
            now,
            channel="call",
            recipient=to.target,
            kind=kind,
            data={"call_id": call_id, "keyed": self.keyed},
            locale=cause.locale,
            brand=cause.brand,
            not_after=now + PLACED_WITHIN,
            code_id=call_id,
            reference=cause.reference,
        )
        return None

    def newest(self, interaction_id: str, to: Recipient, now: float) -> Call | None:
        """How it stands with the newest call; None when there is none, or it was confirmed a while
        ago. Of one that has just been confirmed a page may not have seen the proof yet."""
        call = codes.newest(interaction_id, to.subject, CALLS)
        if call is None or call.target != to.target:
            return None
        if call.used_at is not None and now - call.used_at > JUST_CONFIRMED:
            return None
        return Call(
            "confirmed" if call.used_at is not None else self._state(call, now),
            None if call.factor == CONFIRM else self.number(call.id),
            self.wait(to, now),
            call.created_at,
        )

    def number(self, call_id: str) -> str:
        """The three digits that the page shows: derived, so that they are stored nowhere."""
        return f"{int(self._vault.fingerprint('keyed call', call_id), 16) % 1000:03d}"

    def begin(self, call: Code, pressed: str, now: float, asker: Asker) -> int | FieldError | None:
        """Count a try where a number was keyed, to be committed before it is compared; None where
        there is nothing to count."""
        if not self.rings(call, now):
            return FieldError("call_over")
        if not self.keyed or "*" in pressed or "#" not in pressed:
            return None
        if not codes.count_try(call.id, TRIES):
            return FieldError("call_over")
        return tries.add(call.account_id, self.tried_as, now, asker)

    def finish(self, call: Code, pressed: str, try_id: int | None, now: float, asker: Asker) -> str:
        """What the keys meant: `confirmed`, `refused`, `wrong` (may try again), `over`, or `more`
        (no # yet)."""
        if "*" in pressed:
            return "refused" if codes.end(call.id, "refused") else "over"
        if "#" not in pressed:
            return "more"
        if try_id is not None:
            if self.locked(call.account_id, now, asker, own=1):
                codes.end(call.id, "wrong")
                return "over"
            if not secret.same(self.number(call.id), digits(pressed.partition("#")[0])):
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
        return (
            self._state(call, now) == "ringing"
            and call.used_at is None
            and call.replaced_at is None
        )

    def _state(self, call: Code, now: float) -> str:
        if call.outcome:
            return call.outcome
        if call.dropped_at is not None:
            return "failed"
        if call.handed_over_at is None:
            return "placing" if now < call.created_at + PLACED_WITHIN else "failed"
        return "ringing" if now < call.handed_over_at + self._life else "no_answer"


class VoiceConfirm(VoiceCode):
    """Asks for # alone, where the settings allow it."""

    name = method = CONFIRM
    keyed = False

    def owned(self, holder: Holder) -> frozenset[str]:
        """By the same people, in a deployment whose calls ask for no number."""
        return super().owned(holder) if self._settings.call == "bare" else frozenset()


class NumberCall(VoiceCode):
    """To a phone that someone registers."""

    name = NUMBER
    tried_as = "number_code"
    purpose = SET_UP

    def recipient(self, account: Account, enrolment: Enrolment | None) -> Recipient | None:
        """The phone whose number was entered."""
        return to_new_phone(account, enrolment)
