"""Telephone numbers: which ones are taken, how they are shown, and what texts and calls may cost in all."""

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from idp.factors import Trouble
from idp.settings import Settings
from idp.store import codes

METHODS = ("sms_code", "keyed_call", "phone_call")
TRIED_AS = "phone"  # wrong codes and wrong keys of one number count together
DIRECT = (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE, PhoneNumberType.VOIP, PhoneNumberType.PERSONAL_NUMBER)


def read(typed: str, country: str = "US") -> str | None:
    """The number as E.164, however it was typed; None for what is no number of that country's plan, or has an extension."""
    try:
        number = phonenumbers.parse(typed, country)
    except NumberParseException:
        return None
    if number.extension or not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def masked(number: str) -> str:
    """A number as it may be shown: its last four digits."""
    return f"XXX-XXX-{number[-4:]}"


def allowed(number: str, countries: tuple[str, ...]) -> bool:
    """Whether this E.164 number lies in one of these countries and is an ordinary line: no premium, shared-cost or service number."""
    try:
        parsed = phonenumbers.parse(number)
    except NumberParseException:
        return False
    return phonenumbers.region_code_for_number(parsed) in countries and phonenumbers.number_type(parsed) in DIRECT


class Spending:
    """Bounds what texts and calls cost the deployment, whoever causes them. One for a process."""

    def __init__(self, settings: Settings) -> None:
        self._phone = settings.phone
        self._life = settings.lifetimes.sms_code

    def closed(self, number: str, now: float) -> Trouble | None:
        """Why nothing goes to this number just now: its country, the day's cap, or the breaker."""
        if not allowed(number, self._phone.countries):
            return Trouble("phone_not_allowed")
        return Trouble("phone_paused") if self.state(now) else None

    def state(self, now: float) -> str | None:
        """`cap` when the day's texts and calls are used up, `breaker` when so few codes are entered that somebody
        seems to have them sent for the money in it, else None."""
        if codes.share_used(METHODS, now - 86400, now)[0] >= self._phone.most_per_day:
            return "cap"
        sent, used = codes.share_used(METHODS, now - 3600, now - self._life)  # those that somebody had the time to enter
        tripped = sent >= self._phone.breaker_least and used * 100 < sent * self._phone.breaker_share
        return "breaker" if tripped else None
