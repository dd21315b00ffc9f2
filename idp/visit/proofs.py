"""Trying a factor in a visit: what was tried is counted first, what succeeded is a fact."""

from dataclasses import dataclass
from typing import Any

from idp import metrics
from idp.factors import ALREADY, FieldError, Recipient
from idp.factors.factor import Moment, SecondStep, Try
from idp.factors.table import Factors
from idp.factors.voice import CODE, CONFIRM, NUMBER
from idp.flow import history
from idp.flow.facts import Facts
from idp.flow.methods import METHODS
from idp.flow.proofs import session_counts
from idp.flow.steps import choices, expected, to_set_up
from idp.secret import Vault
from idp.store import accounts, credentials, lock, writing
from idp.store.accounts import Account
from idp.visit.enrolling import Enrolling
from idp.visit.notices import Notices
from idp.visit.recipients import enrolling, factor, recipient
from idp.visit.visit import Visit

NO_ONE = Recipient("", "", "")  # where it is not known yet whom a page is about


@dataclass(frozen=True)
class PasswordTry:
    """A try at a password that was counted; `account` is None for a name that no one has."""

    account: Account | None
    try_id: int


class Proofs:
    """The factors as a visit uses them. One for a process."""

    def __init__(
        self, vault: Vault, factors: Factors, enrolling: Enrolling, notices: Notices
    ) -> None:
        self._vault = vault
        self._factors = factors
        self._password = factors.password
        self._enrolling = enrolling
        self._notices = notices

    def begin_password(
        self, visit: Visit, name: str, account: Account | None
    ) -> PasswordTry | FieldError:
        """Count a try at the password of this account, or at a name that no one has. Commit it,
        then call `finish_password`."""
        subject = self._password.subject(account, name)
        counted = self._password.begin(subject, visit.now, visit.asker(subject))
        return counted if isinstance(counted, FieldError) else PasswordTry(account, counted)

    def finish_password(
        self, visit: Visit, tried: PasswordTry, typed: str, wrong: str = "password_wrong"
    ) -> FieldError | None:
        """Look at the password; no transaction is open while it is hashed. Raises Busy."""
        checked = self._password.check(
            tried.account.password_hash if tried.account else None, typed
        )
        writing()
        if tried.account:
            lock(f"account:{tried.account.id}")
        # it may have been changed while the typed one was hashed
        now = accounts.by_id(tried.account.id if tried.account else "")
        if (
            tried.account is None
            or now is None
            or not checked.right
            or now.password_hash != tried.account.password_hash
        ):
            visit.audit("password_wrong", "failure", tried.account.id if tried.account else None)
            if now and self._password.stopped(now.id, visit.asker(now.id)):
                self._notices.tell(visit, now, "many_wrong_tries", what="password")
            return FieldError(wrong)
        self._password.finish(tried.account, checked, tried.try_id, visit.now)
        visit.proof_given("password", tried.account.id)
        return None

    def show(self, visit: Visit, method: str) -> dict[str, Any]:
        """What the page shows on which a proof by this method is obtained."""
        used = self._factors.step(factor(self._factors, visit.facts, method))
        return used.show(self._moment(visit, self._to(visit, used) or NO_ONE))

    def offers(self, visit: Visit) -> list[tuple[str, str, str]]:
        """What the person could do instead of the step that is due: the method, and the question and
        the button that lead to it."""
        every = [(name, self._factors.step(name)) for name in choices(visit.facts)]
        return [(name, *used.offer) for name, used in every]

    def set_ups(self, visit: Visit) -> list[tuple[str, str]]:
        """What the person could set up that is missing: the kinds of credential, each with its
        button."""
        kinds = dict.fromkeys(METHODS[name].set_up for name in to_set_up(visit.facts))
        return [(kind, self._factors.set_up(kind).set_up) for kind in kinds]

    def stopped_for(self, visit: Visit) -> int:
        """Seconds until codes are taken again that were entered wrong too often; 0 where that needs
        someone's help."""
        for method in expected(visit.facts)[:1]:
            used = self._factors.step(factor(self._factors, visit.facts, method))
            if to := self._to(visit, used):
                return used.opens_in(to.subject, visit.now, visit.asker(to.subject))
        return 0

    def _to(self, visit: Visit, used: SecondStep) -> Recipient | None:
        """Whom a proof by this factor is about here."""
        return recipient(
            visit.facts,
            used,
            visit.identified,
            visit.known.enrolment,
            visit.known.named,
            self._vault,
        )

    @staticmethod
    def _moment(visit: Visit, to: Recipient) -> Moment:
        return Moment(visit.cause, to, visit.asker(to.subject), visit.now)

    def send_code(self, visit: Visit, method: str, more_time: bool = False) -> FieldError | None:
        """Send a code, where one of this method is what is asked for next. FieldError where it
        cannot be sent now."""
        used = self._factors.code(factor(self._factors, visit.facts, method))
        to = self._to(visit, used)
        if method not in expected(visit.facts) or to is None:
            return None
        sent = used.send(self._moment(visit, to), more_time)
        return self._asked(visit, to, "code_sent", used.name, sent)

    def read(self, visit: Visit, method: str, typed: str) -> str | FieldError:
        """What was typed to prove this, or why it cannot be right."""
        return self._factors.typed(factor(self._factors, visit.facts, method)).read(typed)

    def begin(self, visit: Visit, method: str) -> Try[Any] | FieldError:
        """Count a try at what is typed. Commit it, then call `finish`."""
        used = self._factors.typed(factor(self._factors, visit.facts, method))
        to = self._to(visit, used)
        return used.begin(self._moment(visit, to)) if to else FieldError("no_code")

    def finish(self, visit: Visit, tried: Try[Any], typed: str) -> FieldError | None:
        """Compare; what is right is a proof, once."""
        writing()
        # of an account, or of what stands for a name that no one has
        lock(f"account:{tried.to.subject}")
        used = self._factors.typed(tried.factor)
        asker = visit.asker(tried.to.subject)
        locked = used.locked(tried.to.subject, visit.now, asker, own=1)
        error = FieldError("locked") if locked else used.verify(tried, typed, visit.now)
        who = None if tried.to.silent else tried.to.subject
        if error or who is None:
            metrics.count(metrics.CODES, used.name, "wrong")
            visit.audit(
                "code_wrong",
                "failure",
                who,
                factor=used.name,
                reason=error.reason if error else "",
            )
            owner = (
                accounts.by_id(who)
                if who and not locked and not asker.known and used.over(who, asker)
                else None
            )
            if owner:
                self._notices.tell(visit, owner, "many_wrong_tries", what="code")
            return error
        if not enrolling(visit.facts):
            credentials.used(who, used.credential, visit.now)
        elif not self._enrolling.verified(visit, used.method, tried.to.target):
            # another address or number was given in another tab
            return FieldError("code_expired")
        metrics.count(metrics.CODES, used.name, "used")
        if enrolling(visit.facts) and visit.facts.journey == "sign-in":
            visit.add_fact(history.SET_UP_VERIFIED, used.method, who)
        else:
            visit.proof_given(used.method, who)
        return None

    def call_me(self, visit: Visit) -> FieldError | None:
        """Let the phone ring. The bare # is asked for only where it is enough for what is required,
        and no call is placed where none is."""
        method = next((name for name in (CONFIRM, CODE) if name in expected(visit.facts)), None)
        if method is None:
            return None
        used = self._factors.call(factor(self._factors, visit.facts, method))
        to = self._to(visit, used)
        if to is None:
            return None
        placed = used.place(visit.cause, to, _said_for(visit.facts, used.name, to), visit.now)
        return self._asked(visit, to, "call_placed", used.name, placed)

    @staticmethod
    def _asked(
        visit: Visit, to: Recipient, event: str, factor: str, error: FieldError | None
    ) -> FieldError | None:
        """Count and record what was asked for; the second of two clicks asked for nothing new."""
        if error is ALREADY:
            return None
        metrics.count(metrics.CODES, factor, "refused" if error else "sent")
        why = {"reason": error.reason} if error else {}
        who = None if to.silent else to.subject
        visit.audit(
            event, "failure" if error or to.silent else "success", who, factor=factor, **why
        )
        return error


def _said_for(facts: Facts, factor: str, to: Recipient) -> str:
    """What the voice says a call is for: the name of its text in templates/call."""
    if factor == NUMBER:
        return "number"
    if facts.journey == "recover":
        return "recovery"
    signed_in = facts.session is not None and facts.session.account == to.subject
    return "step_up" if signed_in and session_counts(facts) else "sign_in"
