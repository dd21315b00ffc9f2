"""Six digits sent to an address or a number on file, good for a short while, once: what every such
factor shares."""

import math
from dataclasses import dataclass

from idp import secret
from idp.delivery import post
from idp.factors import ALREADY, Cause, FieldError, Recipient
from idp.flow import throttle
from idp.flow.throttle import Cap
from idp.secret import Vault
from idp.settings import Limits, Settings
from idp.store import codes, lock, tries
from idp.store.tries import Asker

MANY = 2  # codes of a visit that no one used, after which the next one lives longer
SAME_CLICK = 3.0  # seconds in which a second click on Send means the first


@dataclass(frozen=True)
class Sent:
    """How it stands with the newest code: for the page, which asks again every second."""

    handed_over: bool
    seconds_left: int  # 0 when it has expired
    dropped: bool  # its message could not leave
    worn_out: bool  # it had too many wrong tries
    next_send: int  # seconds until another one may be sent
    created_at: float
    life: int = 0  # seconds that it works in all


def too_many_tries(
    limits: Limits, subject: str, tried_as: str, now: float, asker: Asker, own: int = 0
) -> bool:
    """Whether there were too many wrong tries at what is counted by this name, in an hour or in a
    row; `own` of them are under way. A known device's are counted apart, so that strangers close
    nothing to the owner."""
    return tries.wrong_since(
        subject, tried_as, now - 3600, asker
    ) - own >= limits.tries_per_hour or in_a_row(limits, subject, tried_as, asker, own)


def in_a_row(limits: Limits, subject: str, tried_as: str, asker: Asker, own: int = 0) -> bool:
    """Whether the series has become so long that it is over until the owner or the help desk does
    something."""
    return (
        len(tries.wrong_in_a_row(subject, tried_as, limits.tries_in_a_row + own, asker)) - own
        >= limits.tries_in_a_row
    )


def waits(now: float, sends: list[tuple[float, bool]], pause: Cap, caps: tuple[Cap, ...]) -> int:
    """Seconds until another one may be sent. The pause belongs to the destination: who has mistyped
    it corrects it at once. The caps are of the destination and of the account."""
    there = throttle.wait(now, [at for at, same in sends if same], (pause,))
    return math.ceil(max(there, throttle.wait(now, [at for at, _ in sends], caps)))


class SentCode:
    """Sends and checks the codes of one factor; each factor says by what, in which words and how
    often."""

    METHOD: str  # its name in the rows
    PROVES: str  # a row of flow/methods
    CHANNEL: str  # of delivery
    KIND: str  # of message
    # wrong tries are counted by this name, over everything that proves the same thing
    TRIED_AS: str
    BLIND = False  # a stranger may be asking: nothing tells whether its message has left
    COUNTED_WITH: tuple[str, ...]  # unused codes are counted together with those of these factors

    def __init__(self, settings: Settings, vault: Vault, life: int, caps: tuple[Cap, ...]) -> None:
        self._limits = settings.limits
        self._message_life = settings.lifetimes.message
        self._vault = vault
        self.life = life
        self._longer = max(life, settings.lifetimes.code)  # for who needs more time
        self._pause, self._caps = Cap(1, settings.limits.send_pause), caps

    def closed(self, to: Recipient, now: float, network: str) -> FieldError | None:
        """Why nothing is sent there by this factor at all just now."""
        return None

    def wait(self, to: Recipient, now: float) -> int:
        """Seconds until another code may be sent there."""
        return waits(
            now,
            codes.unused_sends(to.subject, to.target, self.COUNTED_WITH, now - 86400),
            self._pause,
            self._caps,
        )

    def send(
        self, cause: Cause, to: Recipient, now: float, more_time: bool = False
    ) -> FieldError | None:
        """Write a new code and its message; the code before it is void. `more_time` gives it a
        longer life, or the code at hand where that still works; two that no one used here before do
        so too. FieldError where one was sent too lately; ALREADY for the second of two clicks."""
        lock(f"send:{to.target}")
        lock(f"send:{to.subject}")
        before = codes.newest(cause.interaction_id, to.subject, [self.METHOD])
        same = (
            before is not None
            and before.target == to.target
            and before.used_at is None
            and before.dropped_at is None
        )
        if before and same and not more_time and now - before.created_at < SAME_CLICK:
            return ALREADY  # a double click: the code is on its way
        if trouble := self.closed(to, now, cause.network):
            return trouble
        if (
            before
            and same
            and more_time
            and self._lives(before, now)
            and codes.extend(before.id, self._longer)
        ):
            return ALREADY  # the code at hand works longer, and no other one is needed
        if wait := self.wait(to, now):
            return FieldError("send_wait", wait)
        code, code_id = secret.six_digits(), secret.token(16)
        life = (
            self._longer
            if more_time or self.unused_here(cause.interaction_id) >= MANY
            else self.life
        )
        codes.add(
            code_id,
            cause.interaction_id,
            to.subject,
            self.METHOD,
            to.target,
            self._digest(code_id, code),
            now,
            [self.METHOD],
            cause.network,
            life,
        )
        post.write(
            self._vault,
            now,
            channel=post.NOBODY if to.silent and not to.told else self.CHANNEL,
            recipient=to.address,
            kind=to.told or self.KIND,
            data={"name": to.name} if to.told else {"code": code, "seconds": life, "name": to.name},
            locale=cause.locale,
            brand=cause.brand,
            not_after=now + self._message_life,
            code_id=code_id,
            reference=cause.reference,
        )
        return None

    def sent(self, interaction_id: str, to: Recipient, now: float) -> Sent | None:
        """How it stands with the newest code of this interaction; None when there is none to be
        entered."""
        code = codes.newest(interaction_id, to.subject, [self.METHOD])
        if (
            code is None
            or code.used_at is not None
            or code.target != to.target
            or code.outcome is not None
        ):
            return None
        begun = code.handed_over_at is not None or self.BLIND
        left = max(0, math.ceil(self._begun(code) + self._life_of(code) - now)) if begun else 0
        lost = code.dropped_at is not None and not self.BLIND
        return Sent(
            begun,
            left,
            lost,
            code.tries >= self._limits.tries_per_code,
            self.wait(to, now),
            code.created_at,
            self._life_of(code),
        )

    def unused_here(self, interaction_id: str) -> int:
        """How many codes of this factor were sent in an interaction and not used; only where
        another one would live longer."""
        return codes.sent_here(interaction_id, self.METHOD) if self.life < self._longer else 0

    def _lives(self, code: codes.Code, now: float) -> bool:
        return (
            now < self._begun(code) + self._life_of(code)
            if code.handed_over_at is not None or self.BLIND
            else True
        )

    def _life_of(self, code: codes.Code) -> int:
        return code.life or self.life

    def _begun(self, code: codes.Code) -> float:
        """When the code's life began: when its message was handed over; where nothing may be told
        of that, when it was made."""
        return code.created_at if self.BLIND else code.handed_over_at or code.created_at

    def begin(
        self, interaction_id: str, to: Recipient, now: float, asker: Asker
    ) -> tuple[codes.Code, int] | FieldError:
        """Count a try at the newest code, to be committed before the code is compared."""
        code = codes.newest(interaction_id, to.subject, [self.METHOD])
        if (
            code is None
            or code.used_at is not None
            or code.target != to.target
            or code.outcome is not None
        ):
            return FieldError("no_code")
        if code.handed_over_at is None and not self.BLIND:
            return FieldError("code_lost" if code.dropped_at else "code_under_way")
        if now >= self._begun(code) + self._life_of(code):
            return FieldError("code_expired")
        if not codes.count_try(code.id, self._limits.tries_per_code):
            return FieldError("code_worn_out")
        return code, tries.add(to.subject, self.TRIED_AS, now, asker)

    def locked(self, subject: str, now: float, asker: Asker, own: int = 0) -> bool:
        """Whether there were too many wrong tries at this subject's codes; `own` of them are under
        way."""
        return too_many_tries(self._limits, subject, self.TRIED_AS, now, asker, own)

    def opens_in(self, subject: str, now: float, asker: Asker) -> int:
        """Seconds until tries are taken again; 0 where the series is over until someone helps."""
        if self.over(subject, asker):
            return 0
        wrong = tries.wrong_times(subject, self.TRIED_AS, now - 3600, asker)
        over = len(wrong) - self._limits.tries_per_hour
        return math.ceil(wrong[over] + 3600 - now) if over >= 0 else 0

    def over(self, subject: str, asker: Asker) -> bool:
        """Whether strangers have guessed so long that this factor is closed to them for good."""
        return in_a_row(self._limits, subject, self.TRIED_AS, asker)

    def use(self, code: codes.Code, typed: str, try_id: int, now: float) -> FieldError | None:
        """Compare, and use the code up; of several right tries one wins."""
        if not secret.same(code.digest, self._digest(code.id, typed)):
            return FieldError(
                "code_wrong" if code.tries + 1 < self._limits.tries_per_code else "code_worn_out"
            )
        if not codes.use(code.id, now, self._life_of(code), since_made=self.BLIND):
            return FieldError("code_expired")
        tries.succeed(try_id)
        return None

    def _digest(self, code_id: str, code: str) -> str:
        return self._vault.fingerprint("code", f"{code_id}:{code}")
