"""The contract of a factor: a way to prove an identity, one file each. Those that follow on another
proof are rows of `FACTORS`.

A factor says who owns it and obtains a proof. What the proof is worth stands in `flow/methods`;
when it is asked for is decided in `flow`.
"""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from idp.factors import Cause, FieldError, Recipient
from idp.secret import Vault
from idp.settings import Settings
from idp.store import tries
from idp.store.accounts import Account
from idp.store.enrolments import Enrolment
from idp.store.holders import Holder
from idp.store.tries import Asker

Against = TypeVar("Against")
HOUR = 3600  # seconds
# what a proof is obtained for: by what is on record, of what is only being set up, or to create a new
# password
SIGN_IN, SET_UP, RECOVERY = "sign-in", "set-up", "recovery"


@dataclass(frozen=True)
class Moment:
    """What a factor may know when something is asked of it: for which interaction, whom it is
    about, who asks, and when (seconds)."""

    cause: Cause
    to: Recipient
    asker: Asker
    now: float


@dataclass(frozen=True)
class Try(Generic[Against]):
    """A try that was counted: by which factor, whom it is about, and the row that what was typed is
    compared with."""

    factor: str
    to: Recipient
    against: Against
    id: int


class Factor(ABC):
    """One for a process."""

    name: ClassVar[str]  # in rows, metrics and the audit trail
    credential: ClassVar[str]  # the kind of credential that it uses

    @abstractmethod
    def owned(self, holder: Holder) -> frozenset[str]:
        """The methods (rows of flow/methods) that this person can sign in by with it."""


class SecondStep(Factor):
    """A factor that is asked for once it is known who the person is. Wrong tries are counted, and
    too many of them lock it."""

    method: ClassVar[str]  # the row of flow/methods that a proof by it is
    # wrong tries are counted by this name, over everything that proves the same thing
    tried_as: ClassVar[str]
    locks: ClassVar[frozenset[str]]  # the methods that too many of them lock
    purpose: ClassVar[str] = SIGN_IN  # several factors may obtain a proof by the same method
    # on the page of another factor, the question and the button that lead to this one
    offer: ClassVar[tuple[str, str]] = ("", "")

    def __init__(self, settings: Settings, vault: Vault) -> None:
        self._limits = settings.limits
        self._vault = vault

    def recipient(self, account: Account, enrolment: Enrolment | None) -> Recipient | None:
        """Whom a proof by it is about, and where something is sent to for it; None where that is
        not known yet. `enrolment` is what is being set up."""
        target = enrolment.id if self.purpose == SET_UP and enrolment else ""
        return Recipient(account.id, target, "")

    @abstractmethod
    def show(self, moment: Moment) -> dict[str, Any]:
        """What its page shows: the context of its template."""

    def locked(self, subject: str, now: float, asker: Asker, own: int = 0) -> bool:
        """Whether there were too many wrong tries at what this subject proves, in an hour or in a
        row; `own` of them are under way. A known device's are counted apart, so that strangers
        close nothing to the owner."""
        wrong = tries.wrong_since(subject, self.tried_as, now - HOUR, asker)
        return wrong - own >= self._limits.tries_per_hour or self.over(subject, asker, own)

    def over(self, subject: str, asker: Asker, own: int = 0) -> bool:
        """Whether the series of wrong tries has become so long that it is closed until the owner or
        the help desk does something."""
        most = self._limits.tries_in_a_row
        series = tries.wrong_in_a_row(subject, self.tried_as, most + own, asker)
        return len(series) - own >= most

    def opens_in(self, subject: str, now: float, asker: Asker) -> int:
        """Seconds until tries are taken again; 0 where the series is over until someone helps."""
        if self.over(subject, asker):
            return 0
        wrong = tries.wrong_times(subject, self.tried_as, now - HOUR, asker)
        over = len(wrong) - self._limits.tries_per_hour
        return math.ceil(wrong[over] + HOUR - now) if over >= 0 else 0


class SetUp(ABC):
    """What someone who has none can set up within a sign-in, as a credential of this kind."""

    credential: ClassVar[str]
    set_up: ClassVar[str]  # the button that begins it

    @abstractmethod
    def keep(self, account_id: str, row: Enrolment, now: float) -> dict[str, Any] | None:
        """Make what was set up and verified the account's. What its owner is told of it by mail
        (`<kind>_set_up`); None where the account has got one in the meantime."""


class TypedFactor(SecondStep, Generic[Against]):
    """A factor whose proof is typed on its page. `begin`, commit, `verify`: a try counts before the
    secret is compared."""

    @abstractmethod
    def begin(self, moment: Moment) -> Try[Against] | FieldError:
        """Count a try."""

    @abstractmethod
    def verify(self, tried: Try[Against], typed: str, now: float) -> FieldError | None:
        """Compare, and use up what was typed; of several right tries one wins."""

    def read(self, typed: str) -> str | FieldError:
        """What was typed, without what people put around it; or why it cannot be right, so that no
        try is counted."""
        return typed
