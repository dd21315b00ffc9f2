"""Telephone numbers as people type them, by the plans of their countries."""

import re

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat

NORTH_AMERICA = 1
# of the North American numbering plan; N11 are services
POSSIBLE = re.compile(r"[2-9](?!11)[0-9]{2}[2-9](?!11)[0-9]{6}")


def contact(typed: str, country: str = "US") -> str | None:
    """A number at which someone is reached, kept with its extension where it has one; None for what is no
    number."""
    number = parsed(typed, country)
    if number is None or not exists(number):
        return None
    kept = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return f"{kept} ext. {number.extension}" if number.extension else kept


def exists(number: PhoneNumber) -> bool:
    """Whether there may be such a line. With +1 any ten digits whose area and exchange begin with 2
    to 9 will do: area codes come into service that our list does not know yet, and the code that
    arrives is the proof."""
    if number.country_code == NORTH_AMERICA:
        return POSSIBLE.fullmatch(str(number.national_number)) is not None
    return phonenumbers.is_valid_number(number)


def parsed(typed: str, country: str) -> PhoneNumber | None:
    """The number that was typed; None for what is none."""
    try:
        return phonenumbers.parse(typed, country)
    except NumberParseException:
        return None


def apart(number: str) -> tuple[str, str]:
    """The country of an E.164 number, and the rest as it is written there; no country where the plan
    tells none."""
    found = phonenumbers.parse(number)
    written = phonenumbers.format_number(found, PhoneNumberFormat.NATIONAL)
    return phonenumbers.region_code_for_number(found) or "", written
