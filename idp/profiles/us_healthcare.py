"""The profile `us-healthcare`: organizations are known by their NPI (National Provider Identifier),
and people leave a postal address, a phone number and a fax number."""

from idp.phone_numbers import contact
from idp.profiles.profile import Field, Identifier, Profile
from idp.texts import mark
from idp.typed import LONGEST_LINE, digits

POSTAL = (
    "AL AK AS AZ AR CA CO CT DE DC FL GA GU HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO "
    "MP MT NE NV NH NJ NM NY NC ND OH OK OR PA PR RI SC SD TN TX "
    "UT VT VA VI WA WV WI WY"
)
STATES = tuple(POSTAL.split())


def npi(typed: str) -> str | None:
    """Ten digits whose Luhn check holds over the prefix 80840 (the standard of the NPI); None for
    what is none."""
    found = digits(typed)
    if len(found) != 10:
        return None
    total = 0
    for place, digit in enumerate(int(d) for d in reversed("80840" + found)):
        doubled = digit * 2 if place % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return found if total % 10 == 0 else None


def zip_code(typed: str) -> str | None:
    """A ZIP code with or without its last four digits, as it is written; None for what is none."""
    found = digits(typed)
    if any(char.isalpha() for char in typed) or len(found) not in (5, 9):
        return None
    return found if len(found) == 5 else f"{found[:5]}-{found[5:]}"


def state(typed: str) -> str | None:
    """A state or territory by its two letters."""
    return typed if typed in STATES else None


def short(typed: str) -> str | None:
    """A line that is not too long to be kept."""
    return typed if len(typed) <= LONGEST_LINE else None


US_HEALTHCARE = Profile(
    name="us-healthcare",
    identifier=Identifier(
        field=Field(
            name="npi",
            label=mark("NPI *"),
            read=npi,
            wrong=mark("That is not a valid NPI. Check the number and enter all 10 digits."),
            missing=mark("Enter your organization's 10-digit NPI."),
            hint=mark("Your organization's 10-digit National Provider Identifier"),
            inputmode="numeric",
        ),
        rule="an NPI has 10 digits, and the last one is a check digit",
        mismatch=mark(
            "That NPI and registration code do not match, or the code no longer works. "
            "Check both, or ask the person who gave you the code."
        ),
    ),
    before=(
        Field(
            name="address_1",
            label=mark("ADDRESS 1"),
            read=short,
            wrong=mark("Enter an address of 255 characters or fewer."),
            autocomplete="address-line1",
        ),
        Field(
            name="address_2",
            label=mark("ADDRESS 2"),
            read=short,
            wrong=mark("Enter an address of 255 characters or fewer."),
            autocomplete="address-line2",
        ),
        Field(
            name="city",
            label=mark("CITY"),
            read=short,
            wrong=mark("Enter a city of 255 characters or fewer."),
            autocomplete="address-level2",
            beside=True,
        ),
        Field(
            name="state",
            label=mark("STATE"),
            read=state,
            wrong=mark("Choose a state from the list."),
            choices=STATES,
            nothing_chosen=mark("Select State"),
            beside=True,
        ),
        Field(
            name="zip_code",
            label=mark("ZIP CODE"),
            read=zip_code,
            wrong=mark("Enter a ZIP code of 5 or 9 digits, like 80203."),
            autocomplete="postal-code",
            inputmode="numeric",
            beside=True,
        ),
    ),
    after=(
        Field(
            name="phone",
            label=mark("PHONE"),
            read=contact,
            wrong=mark(
                "Enter a 10-digit phone number, like 303-555-0142, or leave the field empty."
            ),
            autocomplete="tel",
            type="tel",
        ),
        Field(
            name="fax",
            label=mark("FAX *"),
            read=contact,
            wrong=mark("Enter a 10-digit fax number, like 303-555-0143."),
            missing=mark(
                "Enter a 10-digit fax number, like 303-555-0143. We send determination letters "
                "there."
            ),
            hint=mark("We fax determination letters to this number."),
            autocomplete="fax tel",
            type="tel",
        ),
    ),
)
