"""Trying a factor in a visit: what was tried is counted first, what succeeded is a fact."""

from dataclasses import dataclass

from idp.factors import Trouble
from idp.factors.email_code import EmailCode, Sent
from idp.factors.password import Password
from idp.store import accounts, codes, interactions, writing
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

    def __init__(self, password: Password, email_code: EmailCode) -> None:
        self._password = password
        self._email_code = email_code

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
        self._given(visit, "password", tried.account.id)
        return None

    def code_sent(self, visit: Visit, account: Account) -> Sent | None:
        """How it stands with the newest code of this interaction."""
        return self._email_code.sent(visit.interaction.id, account, visit.now)

    def send_code(self, visit: Visit, account: Account) -> Trouble | None:
        trouble = self._email_code.send(visit.interaction.id, visit.interaction.reference, account, visit.browser.locale, visit.now)
        visit.audit("code_sent", "failure" if trouble else "success", account.id, factor="email_code")
        return trouble

    def begin_code(self, visit: Visit, account: Account) -> CodeTry | Trouble:
        """Count a try at the newest code. Commit it, then call `finish_code`."""
        counted = self._email_code.begin(visit.interaction.id, account, visit.now)
        return counted if isinstance(counted, Trouble) else CodeTry(account, *counted)

    def finish_code(self, visit: Visit, tried: CodeTry, typed: str) -> Trouble | None:
        """Compare the code; a right one is a proof, once."""
        writing()
        account_id = tried.account.id
        locked = self._email_code.locked(account_id, visit.now, own=1)
        trouble = Trouble("locked") if locked else self._email_code.use(tried.code, typed, tried.try_id, visit.now)
        if trouble:
            visit.audit("code_wrong", "failure", account_id, factor="email_code", reason=trouble.reason)
            return trouble
        self._given(visit, "email_code", account_id)
        return None

    @staticmethod
    def _given(visit: Visit, method: str, account_id: str) -> None:
        visit.add_fact(interactions.PROOF_GIVEN, method, account_id)
        visit.audit("proof_given", "success", account_id, method=method)
