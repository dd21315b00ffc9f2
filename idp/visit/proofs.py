"""Trying a factor in a visit: what was tried is counted first, what succeeded is a fact."""

from collections.abc import Mapping
from dataclasses import dataclass

from idp import metrics
from idp.factors import ALREADY, Trouble
from idp.factors.password import Password
from idp.factors.phone_call import BARE, KEYED, Call, PhoneCall
from idp.factors.sent_code import Sent, SentCode
from idp.flow.rules import next_step
from idp.store import accounts, codes, writing
from idp.store.accounts import Account
from idp.visit.visits import Visit


@dataclass(frozen=True)
class PasswordTry:
    account: Account | None
    try_id: int


@dataclass(frozen=True)
class CodeTry:
    account: Account
    code: codes.Code
    try_id: int


class Proofs:
    """The factors as a visit uses them. One for a process."""

    def __init__(self, password: Password, sent_codes: Mapping[str, SentCode], phone_call: PhoneCall) -> None:
        self._password = password
        self._codes = sent_codes
        self._phone_call = phone_call

    def begin_password(self, visit: Visit, address: str) -> PasswordTry | Trouble:
        """Count a try at this name's password. Commit it, then call `finish_password`."""
        account = accounts.by_address(address)
        counted = self._password.begin(self._password.subject(account, address), visit.now)
        return counted if isinstance(counted, Trouble) else PasswordTry(account, counted)

    def finish_password(self, visit: Visit, tried: PasswordTry, typed: str) -> Trouble | None:
        """Look at the password; no transaction is open while it is hashed. Raises Busy."""
        checked = self._password.check(tried.account, typed)
        writing()
        if tried.account is None or not checked.right:
            visit.audit("password_wrong", "failure", tried.account.id if tried.account else None)
            return Trouble("password_wrong")
        self._password.finish(tried.account, checked, tried.try_id)
        visit.proof_given("password", tried.account.id)
        return None

    def life(self, method: str) -> int:
        """Seconds that a code of this method works."""
        return self._codes[method].life

    def code_sent(self, visit: Visit, account: Account, method: str) -> Sent | None:
        """How it stands with the newest code of this interaction."""
        return self._codes[method].sent(visit.interaction.id, account, visit.now)

    def next_send(self, visit: Visit, account: Account, method: str) -> int:
        """Seconds until a code may be sent by this method."""
        return self._codes[method].wait(account, visit.now)

    def send_code(self, visit: Visit, account: Account, method: str) -> Trouble | None:
        """Send a code, where one of this method is what is asked for next. Trouble where it cannot be sent now."""
        if method not in next_step(visit.facts):
            return None
        trouble = self._codes[method].send(visit.interaction.id, visit.interaction.reference, account, visit.browser.locale, visit.now)
        return self._asked(visit, account, "code_sent", method, trouble)

    def begin_code(self, visit: Visit, account: Account, method: str) -> CodeTry | Trouble:
        """Count a try at the newest code. Commit it, then call `finish_code`."""
        counted = self._codes[method].begin(visit.interaction.id, account, visit.now)
        return counted if isinstance(counted, Trouble) else CodeTry(account, *counted)

    def finish_code(self, visit: Visit, tried: CodeTry, typed: str) -> Trouble | None:
        """Compare the code; a right one is a proof, once."""
        writing()
        account_id, method = tried.account.id, tried.code.factor
        factor = self._codes[method]
        locked = factor.locked(account_id, visit.now, own=1)
        trouble = Trouble("locked") if locked else factor.use(tried.code, typed, tried.try_id, visit.now)
        if trouble:
            metrics.count(metrics.CODES, method, "wrong")
            visit.audit("code_wrong", "failure", account_id, factor=method, reason=trouble.reason)
            return trouble
        metrics.count(metrics.CODES, method, "used")
        visit.proof_given(method, account_id)
        return None

    def call(self, visit: Visit, account: Account) -> Call | None:
        """How it stands with the newest call of this interaction."""
        return self._phone_call.newest(visit.interaction.id, account, visit.now)

    def next_call(self, visit: Visit, account: Account) -> int:
        """Seconds until a call may be placed."""
        return self._phone_call.wait(account, visit.now)

    def call_me(self, visit: Visit, account: Account) -> Trouble | None:
        """Let the phone on record ring. The bare # is asked for only where it is enough for what is required, and no
        call is placed where none is."""
        method = next((name for name in (BARE, KEYED) if name in next_step(visit.facts)), None)
        if method is None:
            return None
        trouble = self._phone_call.place(visit.interaction.id, visit.interaction.reference, account, method, visit.browser.locale, visit.now)
        return self._asked(visit, account, "call_placed", method, trouble)

    @staticmethod
    def _asked(visit: Visit, account: Account, event: str, method: str, trouble: Trouble | None) -> Trouble | None:
        """Count and record what was asked for; the second of two clicks asked for nothing new."""
        if trouble is ALREADY:
            return None
        metrics.count(metrics.CODES, method, "refused" if trouble else "sent")
        why = {"reason": trouble.reason} if trouble else {}
        visit.audit(event, "failure" if trouble else "success", account.id, factor=method, **why)
        return trouble
