"""Six digits sent to an address or a number on file, good for a short while, once: what every such
factor shares."""

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, ClassVar

from idp import secret
from idp.delivery import post
from idp.factors import ALREADY, FieldError, Recipient
from idp.factors.factor import Moment, Try, TypedFactor
from idp.flow import throttle
from idp.flow.throttle import Cap
from idp.secret import Vault
from idp.settings import Settings
from idp.store import codes, lock, tries
from idp.typed import LONGEST_LINE, digits

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


def waits(
    now: float,
    there: Collection[float],
    counted: Collection[float],
    pause: Cap,
    caps: tuple[Cap, ...],
) -> int:
    """Seconds until another one may be sent. The pause belongs to the destination, no matter
    who asks: who has mistyped it corrects it at once. The caps are of what is `counted` to who asks."""
    paused = throttle.wait(now, list(there), (pause,))
    return math.ceil(max(paused, throttle.wait(now, list(counted), caps)))


def _known(moment: Moment) -> str:
    """The key of the known device that asks; empty for others."""
    return moment.asker.key if moment.asker.known else ""


class SentCode(TypedFactor[codes.Code]):
    """Sends and checks the codes of one factor; each factor says by what, in which words and how
    often."""

    channel: ClassVar[str]  # of delivery
    message: ClassVar[str]  # the kind of message
    # a stranger may be asking: nothing tells whether its message has left
    by_strangers: ClassVar[bool] = False
    # unused codes are counted together with those of these factors
    counted_with: ClassVar[tuple[str, ...]]

    def __init__(self, settings: Settings, vault: Vault, life: int, caps: tuple[Cap, ...]) -> None:
        super().__init__(settings, vault)
        self._message_life = settings.lifetimes.message
        self.life = life
        self._longer = max(life, settings.lifetimes.code)  # for who needs more time
        self._pause, self._caps = Cap(1, settings.limits.send_pause), caps

    def closed(self, to: Recipient, now: float, network: str) -> FieldError | None:
        """Why nothing is sent there by this factor at all just now."""
        return None

    def wait(self, moment: Moment) -> int:
        """Seconds until another code may be sent there. Where strangers may ask for one, those that
        a known device asked for count for that device alone, and strangers' for strangers."""
        to, now, by = moment.to, moment.now, _known(moment)
        sends = codes.unused_sends(to.subject, to.target, self.counted_with, now - 86400)
        there = [at for at, same, _ in sends if same]
        counted = [at for at, _, known in sends if known == by or not self.by_strangers]
        return waits(now, there, counted, self._pause, self._caps)

    def send(self, moment: Moment, more_time: bool = False) -> FieldError | None:
        """Write a new code and its message; the code before it is void. `more_time` gives it a
        longer life, or the code at hand where that still works; two that no one used here before do
        so too. FieldError where one was sent too lately; ALREADY for the second of two clicks."""
        cause, to, now = moment.cause, moment.to, moment.now
        lock(f"send:{to.target}")
        lock(f"send:{to.subject}")
        before = codes.newest(cause.interaction_id, to.subject, [self.name])
        same = (
            before is not None
            and before.target == to.target
            and before.used_at is None
            and before.dropped_at is None
        )
        if before and same and not more_time and now - before.created_at < SAME_CLICK:
            return ALREADY  # a double click: the code is on its way
        if error := self.closed(to, now, cause.network):
            return error
        if (
            before
            and same
            and more_time
            and self._lives(before, now)
            and codes.extend(before.id, self._longer)
        ):
            return ALREADY  # the code at hand works longer, and no other one is needed
        if wait := self.wait(moment):
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
            self.name,
            to.target,
            self._digest(code_id, code),
            now,
            [self.name],
            cause.network,
            life,
            asked_by=_known(moment),
        )
        post.write(
            self._vault,
            now,
            channel=post.NOBODY if to.silent and not to.instead else self.channel,
            recipient=to.address,
            kind=to.instead or self.message,
            data={"name": to.name}
            if to.instead
            else {"code": code, "seconds": life, "name": to.name},
            locale=cause.locale,
            brand=cause.brand,
            not_after=now + self._message_life,
            code_id=code_id,
            reference=cause.reference,
        )
        return None

    def sent(self, moment: Moment) -> Sent | None:
        """How it stands with the newest code of this interaction; None when there is none to be
        entered."""
        to, now = moment.to, moment.now
        code = codes.newest(moment.cause.interaction_id, to.subject, [self.name])
        if (
            code is None
            or code.used_at is not None
            or code.target != to.target
            or code.outcome is not None
        ):
            return None
        begun = code.handed_over_at is not None or self.by_strangers
        left = max(0, math.ceil(self._begun(code) + self._life_of(code) - now)) if begun else 0
        lost = code.dropped_at is not None and not self.by_strangers
        return Sent(
            begun,
            left,
            lost,
            code.tries >= self._limits.tries_per_code,
            self.wait(moment),
            code.created_at,
            self._life_of(code),
        )

    def unused_here(self, interaction_id: str) -> int:
        """How many codes of this factor were sent in an interaction and not used; only where
        another one would live longer."""
        return codes.sent_here(interaction_id, self.name) if self.life < self._longer else 0

    def _lives(self, code: codes.Code, now: float) -> bool:
        return (
            now < self._begun(code) + self._life_of(code)
            if code.handed_over_at is not None or self.by_strangers
            else True
        )

    def _life_of(self, code: codes.Code) -> int:
        return code.life or self.life

    def _begun(self, code: codes.Code) -> float:
        """When the code's life began: when its message was handed over; where nothing may be told
        of that, when it was made."""
        return code.created_at if self.by_strangers else code.handed_over_at or code.created_at

    def show(self, moment: Moment) -> dict[str, Any]:
        """How it stands with the newest code (`sent`), seconds that a code works, seconds until
        another one may be sent, and whether that one lives longer by itself, since no one has used
        those before it."""
        here = moment.cause.interaction_id
        return {
            "sent": self.sent(moment),
            "life": self.life,
            "next_send": self.wait(moment),
            "longer_next": self.unused_here(here) >= MANY,
        }

    def read(self, typed: str) -> str | FieldError:
        """The six digits, whatever stands between them."""
        found = digits(typed[:LONGEST_LINE])
        if not typed.strip():
            return FieldError("code_missing")
        return found if len(found) == 6 else FieldError("code_malformed")

    def begin(self, moment: Moment) -> Try[codes.Code] | FieldError:
        """Count a try at the newest code."""
        to, now = moment.to, moment.now
        code = codes.newest(moment.cause.interaction_id, to.subject, [self.name])
        if (
            code is None
            or code.used_at is not None
            or code.target != to.target
            or code.outcome is not None
        ):
            return FieldError("no_code")
        if code.handed_over_at is None and not self.by_strangers:
            return FieldError("code_lost" if code.dropped_at else "code_under_way")
        if now >= self._begun(code) + self._life_of(code):
            return FieldError("code_expired")
        if not codes.count_try(code.id, self._limits.tries_per_code):
            return FieldError("code_worn_out")
        return Try(self.name, to, code, tries.add(to.subject, self.tried_as, now, moment.asker))

    def verify(self, tried: Try[codes.Code], typed: str, now: float) -> FieldError | None:
        """Compare, and use the code up. A code that was never told is never right."""
        code, never = tried.against, tried.to.silent or bool(tried.to.instead)
        if not secret.same(code.digest, self._digest(code.id, "" if never else typed)):
            return FieldError(
                "code_wrong" if code.tries + 1 < self._limits.tries_per_code else "code_worn_out"
            )
        if not codes.use(code.id, now, self._life_of(code), since_made=self.by_strangers):
            return FieldError("code_expired")
        tries.succeed(tried.id)
        return None

    def _digest(self, code_id: str, code: str) -> str:
        return self._vault.fingerprint("code", f"{code_id}:{code}")
