"""The factor `email_code`: a code sent to the sign-in address."""

from idp.factors.sent_code import SentCode
from idp.flow.throttle import Cap
from idp.secret import Vault
from idp.settings import Settings
from idp.store.accounts import Account, fold


def masked(address: str) -> str:
    """An address as it may be shown: first letter, five stars, the domain."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}*****@{domain}"


class EmailCode(SentCode):
    """One for a process."""

    METHOD = TRIED_AS = "email_code"
    CHANNEL = "email"

    def __init__(self, settings: Settings, vault: Vault) -> None:
        limits = settings.limits
        caps = (Cap(limits.sends_per_quarter_hour, 900), Cap(limits.sends_per_day, 86400))
        super().__init__(settings, vault, settings.lifetimes.sign_in_email_code, caps)

    def target(self, account: Account) -> str:
        return fold(account.sign_in_address or "")

    def recipient(self, account: Account) -> str:
        return account.sign_in_address or ""
