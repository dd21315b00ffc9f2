"""Telephone numbers: which ones are taken, how they are shown, and what texts and calls may cost in
all."""

from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from idp.factors import FieldError, Recipient
from idp.phone_numbers import NORTH_AMERICA, exists, parsed
from idp.settings import Settings
from idp.store import codes, credentials, lock
from idp.store.accounts import Account
from idp.store.enrolments import Enrolment
from idp.store.holders import Holder
from idp.texts import mark

METHODS = ("sms_code", "voice_code", "voice_confirm")
COSTLY = (*METHODS, "number_code", "number_call")  # the factors whose messages cost money
OFFER = (
    mark("You have a phone on record. Using it is quicker and safer."),
    mark("Use your phone"),
)
TRIED_AS = "phone"  # wrong codes and wrong keys of one number count together
EXCHANGE = 8  # characters of an E.164 number that an exchange shares: +1 303 555
MOST_OF_ONE = 10  # texts and calls below which no one looks at the share of one network or exchange
# American Samoa and the Northern Marianas: numbers of the United States, as their states are
DIALED_AS_US = ("AS", "MP")
DIRECT = (
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE,
    PhoneNumberType.VOIP,
    PhoneNumberType.PERSONAL_NUMBER,
)


def read(typed: str, country: str = "US") -> str | None:
    """The number as E.164, however it was typed; None for what is no number of that country's plan,
    or has an extension."""
    number = parsed(typed, country)
    if number is None or number.extension or not exists(number):
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def wrong(typed: str, country: str, countries: tuple[str, ...]) -> str | None:
    """Why this cannot become someone's phone: phone_missing, phone_extension, phone_malformed or
    phone_indirect, the first and the third `_abroad` outside +1; None where it can."""
    abroad = "" if prefix(country) == NORTH_AMERICA else "_abroad"
    if not typed.strip():
        return f"phone_missing{abroad}"
    number = parsed(typed, country)
    if number is not None and number.extension:
        return "phone_extension"
    found = read(typed, country)
    if found is None:
        return f"phone_malformed{abroad}"
    return None if allowed(found, countries) else "phone_indirect"


def written(number: str) -> str:
    """An E.164 number as people read it, with its country's code."""
    return phonenumbers.format_number(phonenumbers.parse(number), PhoneNumberFormat.INTERNATIONAL)


def prefix(country: str) -> int:
    """The code that is dialled for a country."""
    return phonenumbers.country_code_for_region(country)


def to_phone(subject: str, number: str) -> Recipient:
    """The phone with this number, of this account."""
    return Recipient(subject, number, number)


def to_new_phone(account: Account, enrolment: Enrolment | None) -> Recipient | None:
    """The phone that is being registered; None before its number was entered."""
    number = enrolment.phone if enrolment else None
    return to_phone(account.id, number) if number else None


def reaches(holder: Holder, countries: tuple[str, ...], methods: frozenset[str]) -> frozenset[str]:
    """These methods, where the person has a phone on record in one of these countries."""
    found = holder.newest(credentials.PHONE)
    return methods if found and allowed(found.key, countries) else frozenset()


def masked(number: str) -> str:
    """A number as it may be shown: its last four digits."""
    return f"XXX-XXX-{number[-4:]}"


@lru_cache(maxsize=4096)  # asked of the same person at every step, and dear to work out
def allowed(number: str, countries: tuple[str, ...]) -> bool:
    """Whether this E.164 number lies in one of these countries and is an ordinary line: no premium,
    shared-cost or service number."""
    try:
        found = phonenumbers.parse(number)
    except NumberParseException:
        return False
    region, kind = phonenumbers.region_code_for_number(found), phonenumbers.number_type(found)
    # an exchange, or a whole area, that is newer than our list
    if region is None and found.country_code == NORTH_AMERICA:
        area = phonenumbers.parse(f"+1{str(found.national_number)[:3]}2345678")
        region, kind = (
            phonenumbers.region_code_for_number(area) or "US",
            phonenumbers.number_type(area),
        )
        kind = PhoneNumberType.FIXED_LINE_OR_MOBILE if kind == PhoneNumberType.UNKNOWN else kind
    return (
        region in countries or (region in DIALED_AS_US and "US" in countries)
    ) and kind in DIRECT


class Spending:
    """Bounds what texts and calls cost the deployment, no matter who causes them. One for a process."""

    def __init__(self, settings: Settings) -> None:
        self._phone = settings.phone
        self._life = settings.lifetimes.sms_code

    def closed(self, number: str, now: float, network: str) -> FieldError | None:
        """Why nothing goes to this number just now: its country, the day's cap, or a breaker. What
        one network, or someone at the numbers of one exchange, has sent for nothing stops them,
        before it stops everyone."""
        if not allowed(number, self._phone.countries):
            return FieldError("phone_not_allowed")
        # the caps are over all numbers: of several at once each sees those before it
        lock("send:costly")
        few = max(MOST_OF_ONE, self._phone.breaker_least // 5)
        apart = ({"network": network}, {"prefix": number[:EXCHANGE]})
        if self.state(now) or any(
            self._tripped(now, few, **one) for one in apart if all(one.values())
        ):
            return FieldError("phone_paused")
        return None

    def _tripped(self, now: float, least: int, **of: str) -> bool:
        # those that someone had the time to enter
        sent, used = codes.share_used(COSTLY, now - 3600, now - self._life, **of)
        return sent >= least and used * 100 < sent * self._phone.breaker_share

    @staticmethod
    def takes_texts(number: str) -> bool:
        """Whether a text may reach this number; a landline, where the plan tells one, takes calls
        only."""
        return phonenumbers.number_type(phonenumbers.parse(number)) != PhoneNumberType.FIXED_LINE

    def state(self, now: float) -> str | None:
        """`cap` when the day's texts and calls are used up, `breaker` when so few codes are entered
        that someone seems to have them sent for the money in it, else None."""
        if codes.share_used(COSTLY, now - 86400, now)[0] >= self._phone.most_per_day:
            return "cap"
        return "breaker" if self._tripped(now, self._phone.breaker_least) else None
