"""The factor `sms_code`: a code sent by text, to sign in with the phone on record, or to register a
phone."""

from idp.factors import FieldError, Recipient
from idp.factors.phone import TRIED_AS, Spending
from idp.factors.sent_code import SentCode
from idp.flow.throttle import Cap
from idp.secret import Vault
from idp.settings import Settings

# what is sent to a number by text is counted together, whatever it is for
TEXTS = ("sms_code", "number_code")


class PhoneCode(SentCode):
    """To the phone on record. One for a process."""

    METHOD = PROVES = "sms_code"
    TRIED_AS = TRIED_AS
    CHANNEL = "sms"
    KIND = "sign_in_code"
    COUNTED_WITH = TEXTS

    def __init__(self, settings: Settings, vault: Vault, spending: Spending) -> None:
        limits = settings.limits
        caps = (Cap(limits.texts_per_quarter_hour, 900), Cap(limits.texts_per_day, 86400))
        super().__init__(settings, vault, settings.lifetimes.sms_code, caps)
        self._spending = spending

    def closed(self, to: Recipient, now: float, network: str) -> FieldError | None:
        return self._spending.closed(to.target, now, network)


class NumberCode(PhoneCode):
    """To a phone that someone registers."""

    METHOD = TRIED_AS = "number_code"
    KIND = "number_code"

    def closed(self, to: Recipient, now: float, network: str) -> FieldError | None:
        return super().closed(to, now, network) or (
            None if self._spending.takes_texts(to.target) else FieldError("phone_no_texts")
        )
