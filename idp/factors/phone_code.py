"""The factor `sms_code`: a code sent by text to the phone on record."""

from idp.factors import Trouble, phone
from idp.factors.phone import Spending
from idp.factors.sent_code import SentCode
from idp.flow.throttle import Cap
from idp.secret import Vault
from idp.settings import Settings
from idp.store.accounts import Account


class PhoneCode(SentCode):
    """One for a process."""

    METHOD = "sms_code"
    TRIED_AS = phone.TRIED_AS
    CHANNEL = "sms"

    def __init__(self, settings: Settings, vault: Vault, spending: Spending) -> None:
        limits = settings.limits
        caps = (Cap(limits.texts_per_quarter_hour, 900), Cap(limits.texts_per_day, 86400))
        super().__init__(settings, vault, settings.lifetimes.sms_code, caps)
        self._spending = spending

    def target(self, account: Account) -> str:
        return account.phone or ""

    def closed(self, account: Account, now: float) -> Trouble | None:
        return self._spending.closed(self.target(account), now)
