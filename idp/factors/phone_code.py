"""The factor `sms_code`: a code sent by text, to sign in with the phone on record, or to register a
phone."""

from typing import Any

from idp.factors import FieldError, Recipient
from idp.factors.factor import SET_UP, SetUp
from idp.factors.phone import METHODS, OFFER, TRIED_AS, Spending, reaches, to_new_phone, to_phone
from idp.factors.sent_code import SentCode
from idp.flow.throttle import Cap
from idp.secret import Vault
from idp.settings import Settings
from idp.store import account_credentials, credentials
from idp.store.accounts import Account
from idp.store.enrolments import Enrolment
from idp.store.holders import Holder
from idp.texts import mark

# what is sent to a number by text is counted together, whatever it is for
TEXTS = ("sms_code", "number_code")


class PhoneCode(SentCode, SetUp):
    """To the phone on record. One for a process."""

    name = method = "sms_code"
    credential = credentials.PHONE
    tried_as = TRIED_AS
    locks = frozenset(METHODS)
    channel = "sms"
    message = "sign_in_code"
    counted_with = TEXTS
    offer, set_up = OFFER, mark("Set up a phone")

    def __init__(self, settings: Settings, vault: Vault) -> None:
        limits = settings.limits
        caps = (Cap(limits.texts_per_quarter_hour, 900), Cap(limits.texts_per_day, 86400))
        super().__init__(settings, vault, settings.lifetimes.sms_code, caps)
        self._spending = Spending(settings)
        self._countries = settings.phone.countries

    def owned(self, holder: Holder) -> frozenset[str]:
        """By everyone who has a phone on record to which we may send."""
        return reaches(holder, self._countries, frozenset({self.method}))

    def recipient(self, account: Account, enrolment: Enrolment | None) -> Recipient | None:
        """The phone on record."""
        return to_phone(account.id, account.phone or "")

    def closed(self, to: Recipient, now: float, network: str) -> FieldError | None:
        """Why no text may be sent to this phone now; None where one may."""
        return self._spending.closed(to.target, now, network)

    def keep(self, account_id: str, row: Enrolment, now: float) -> dict[str, Any] | None:
        """The phone that was texted or called."""
        added = row.phone and account_credentials.add_phone(account_id, now, row.phone)
        return {"phone": row.phone[-4:]} if row.phone and added else None


class NumberCode(PhoneCode):
    """To a phone that someone registers."""

    name = tried_as = message = "number_code"
    purpose = SET_UP

    def recipient(self, account: Account, enrolment: Enrolment | None) -> Recipient | None:
        """The phone whose number was entered."""
        return to_new_phone(account, enrolment)

    def closed(self, to: Recipient, now: float, network: str) -> FieldError | None:
        """As for any phone, and why a line takes no texts."""
        return super().closed(to, now, network) or (
            None if self._spending.takes_texts(to.target) else FieldError("phone_no_texts")
        )
