"""Trying a factor in a visit: what was tried is counted first, what succeeded is a fact."""

from collections.abc import Mapping
from dataclasses import dataclass

from idp import metrics
from idp.factors import ALREADY, FieldError, Recipient
from idp.factors.password import Password
from idp.factors.phone_call import BARE, KEYED, NUMBER, Call, PhoneCall
from idp.factors.sent_code import MANY, Sent, SentCode
from idp.flow.facts import Facts
from idp.flow.proofs import expected, session_counts
from idp.secret import Vault
from idp.store import accounts, codes, lock, writing
from idp.store.accounts import Account
from idp.visit.enrolling import Enrolling
from idp.visit.notices import Notices
from idp.visit.recipients import enrolling, factor, recipient
from idp.visit.visit import Visit


@dataclass(frozen=True)
class PasswordTry:
    account: Account | None
    try_id: int


@dataclass(frozen=True)
class CodeTry:
    to: Recipient
    code: codes.Code
    try_id: int


class Proofs:
    """The factors as a visit uses them. One for a process."""

    def __init__(
        self,
        vault: Vault,
        password: Password,
        sent_codes: Mapping[str, SentCode],
        phone_call: PhoneCall,
        enrolling: Enrolling,
        notices: Notices,
    ) -> None:
        self._vault = vault
        self._password = password
        self._codes = sent_codes
        self._phone_call = phone_call
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
        self._password.finish(tried.account, checked, tried.try_id)
        visit.proof_given("password", tried.account.id)
        return None

    def life(self, visit: Visit, method: str) -> int:
        """Seconds that a code of this method works."""
        return self._codes[factor(visit.facts, method)].life

    def to(self, visit: Visit, method: str) -> Recipient | None:
        """Whom a code or call by this method goes to."""
        return recipient(
            visit.facts,
            method,
            visit.identified,
            visit.known.enrolment,
            visit.known.named,
            self._vault,
        )

    def longer_next(self, visit: Visit, method: str) -> bool:
        """Whether the next code lives longer by itself, since no one has used those before it
        here."""
        return self._codes[factor(visit.facts, method)].unused_here(visit.interaction.id) >= MANY

    def stopped_for(self, visit: Visit) -> int:
        """Seconds until codes are taken again that were entered wrong too often; 0 where that needs
        someone's help."""
        methods = expected(visit.facts)
        to = self.to(visit, methods[0]) if methods else None
        if to is None:
            return 0
        used = self._codes[
            factor(
                visit.facts,
                "sms_code" if methods[0] in ("keyed_call", "phone_call") else methods[0],
            )
        ]
        return used.opens_in(to.subject, visit.now, visit.asker(to.subject))

    def code_sent(self, visit: Visit, method: str) -> Sent | None:
        """How it stands with the newest code of this interaction."""
        to = self.to(visit, method)
        return (
            self._codes[factor(visit.facts, method)].sent(visit.interaction.id, to, visit.now)
            if to
            else None
        )

    def next_send(self, visit: Visit, method: str) -> int:
        """Seconds until a code may be sent by this method."""
        to = self.to(visit, method)
        return self._codes[factor(visit.facts, method)].wait(to, visit.now) if to else 0

    def send_code(self, visit: Visit, method: str, more_time: bool = False) -> FieldError | None:
        """Send a code, where one of this method is what is asked for next. FieldError where it cannot
        be sent now."""
        to = self.to(visit, method)
        if method not in expected(visit.facts) or to is None:
            return None
        name = factor(visit.facts, method)
        return self._asked(
            visit,
            to,
            "code_sent",
            name,
            self._codes[name].send(visit.cause, to, visit.now, more_time),
        )

    def begin_code(self, visit: Visit, method: str) -> CodeTry | FieldError:
        """Count a try at the newest code. Commit it, then call `finish_code`."""
        to = self.to(visit, method)
        if to is None:
            return FieldError("no_code")
        counted = self._codes[factor(visit.facts, method)].begin(
            visit.interaction.id, to, visit.now, visit.asker(to.subject)
        )
        return counted if isinstance(counted, FieldError) else CodeTry(to, *counted)

    def finish_code(self, visit: Visit, tried: CodeTry, typed: str) -> FieldError | None:
        """Compare the code; a right one is a proof, once. A code that was never told is never
        right."""
        writing()
        used = self._codes[tried.code.factor]
        never = tried.to.silent or bool(tried.to.told)
        asker = visit.asker(tried.to.subject)
        locked = used.locked(tried.to.subject, visit.now, asker, own=1)
        trouble = (
            FieldError("locked")
            if locked
            else used.use(tried.code, "" if never else typed, tried.try_id, visit.now)
        )
        who = None if tried.to.silent else tried.to.subject
        if trouble or who is None:
            metrics.count(metrics.CODES, tried.code.factor, "wrong")
            visit.audit(
                "code_wrong",
                "failure",
                who,
                factor=tried.code.factor,
                reason=trouble.reason if trouble else "",
            )
            owner = (
                accounts.by_id(who)
                if who and not locked and not asker.known and used.over(who, asker)
                else None
            )
            if owner:
                self._notices.tell(visit, owner, "many_wrong_tries", what="code")
            return trouble
        if enrolling(visit.facts) and not self._enrolling.verified(
            visit, used.PROVES, tried.to.target
        ):
            # another address or number was given meanwhile, in another tab
            return FieldError("code_expired")
        metrics.count(metrics.CODES, tried.code.factor, "used")
        visit.proof_given(used.PROVES, who)
        return None

    def call(self, visit: Visit) -> Call | None:
        """How it stands with the newest call of this interaction."""
        to = self.to(visit, KEYED)
        return self._phone_call.newest(visit.interaction.id, to, visit.now) if to else None

    def next_call(self, visit: Visit) -> int:
        """Seconds until a call may be placed."""
        to = self.to(visit, KEYED)
        return self._phone_call.wait(to, visit.now) if to else 0

    def call_me(self, visit: Visit) -> FieldError | None:
        """Let the phone ring. The bare # is asked for only where it is enough for what is required,
        and no call is placed where none is."""
        method = next((name for name in (BARE, KEYED) if name in expected(visit.facts)), None)
        to = self.to(visit, KEYED) if method else None
        if method is None or to is None:
            return None
        name = factor(visit.facts, method)
        kind = _said_for(visit.facts, name, to)
        placed = self._phone_call.place(visit.cause, to, name, kind, visit.now)
        return self._asked(visit, to, "call_placed", name, placed)

    @staticmethod
    def _asked(
        visit: Visit, to: Recipient, event: str, factor: str, trouble: FieldError | None
    ) -> FieldError | None:
        """Count and record what was asked for; the second of two clicks asked for nothing new."""
        if trouble is ALREADY:
            return None
        metrics.count(metrics.CODES, factor, "refused" if trouble else "sent")
        why = {"reason": trouble.reason} if trouble else {}
        who = None if to.silent else to.subject
        visit.audit(
            event, "failure" if trouble or to.silent else "success", who, factor=factor, **why
        )
        return trouble


def _said_for(facts: Facts, factor: str, to: Recipient) -> str:
    """What the voice says a call is for: the name of its text in templates/call."""
    if factor == NUMBER:
        return "number"
    if facts.journey == "recover":
        return "recovery"
    signed_in = facts.session is not None and facts.session.account == to.subject
    return "step_up" if signed_in and session_counts(facts) else "sign_in"
