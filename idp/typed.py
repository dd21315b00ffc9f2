"""What people type, read by one rule each wherever it comes in: page, API, command, claims.
Keyboards differ; people mean the same.

Nothing is cut silently: what is too long is refused by the form that asks.
"""

import contextlib
import itertools
import unicodedata

import idna
from email_validator import EmailNotValidError, validate_email

LONGEST_NAME = 100  # characters of a given or family name
LONGEST_LINE = 255  # characters of any other line
SHORTEST_USERNAME, LONGEST_USERNAME = 3, 64
JOINERS = "\u200c\u200d"  # part of how names are written in Persian, Sinhala and others
USERNAME_SIGNS = frozenset("._-+'")
# scripts that are written as one
TOGETHER = frozenset({"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "IDEOGRAPHIC"})
# those in everyday use (UAX 31, table 5), as the names of their characters begin
SCRIPTS = TOGETHER | {
    *("ARABIC", "ARMENIAN", "BENGALI", "BOPOMOFO", "CYRILLIC", "DEVANAGARI", "ETHIOPIC"),
    *("GEORGIAN", "GREEK", "GUJARATI", "GURMUKHI", "HANGUL", "HEBREW", "KANNADA", "KHMER", "LAO"),
    *("LATIN", "MALAYALAM", "MYANMAR", "ORIYA", "SINHALA", "TAMIL", "TELUGU", "THAANA", "THAI"),
    "TIBETAN",
}
# of Latin script, what names in Europe and the Americas are written with: no phonetic letters,
# which look like others
LATIN = frozenset(
    "abcdefghijklmnopqrstuvwxyzßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿāăąćĉċčďđēĕėęěĝğġģĥħĩīĭįĵķĺļľłńņňŋ"
    "ōŏőœŕŗřśŝşšţťŧũūŭůűųŵŷźżžșț"
)
# and the letters of others that look like Latin ones: a name is more than these
LOOK_LATIN = frozenset("асԁеһіјӏорԛѕԝхуѵԍгьαγικνορτυχωոօսհց")


def digits(text: str) -> str:
    """The digits of what was typed, as 0 to 9: of any script, full width too; whatever else stands
    between them is left out."""
    return "".join(
        str(unicodedata.decimal(char))
        for char in text
        if unicodedata.decimal(char, None) is not None
    )


def line(text: str) -> str:
    """One line without what cannot be seen: spaces of any kind become one, invisible characters
    go."""
    return " ".join(_visible(unicodedata.normalize("NFC", text)).split())


def name(text: str) -> str:
    """A person's name as it is written: the joiners that some scripts need stay between letters."""
    kept = line(
        "".join(
            char if char in JOINERS or unicodedata.category(char) != "Cf" else "" for char in text
        )
    )
    return kept.strip(JOINERS)


def fold(text: str) -> str:
    """How usernames and addresses are compared: without regard to case, width, how an accent is
    composed (NFKC) and what cannot be seen; the domain of an address as DNS has it."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = unicodedata.normalize(
        "NFKC", "".join(char for char in plain if unicodedata.category(char) not in ("Cf", "Cc"))
    ).strip()
    local, at, domain = plain.rpartition("@")
    if at and not domain.isascii():
        with contextlib.suppress(idna.IDNAError):
            return f"{local}@{idna.encode(domain, uts46=True).decode()}"
    return plain


def email(text: str) -> str | None:
    """An address that mail could go to, as it is kept; None for what is none. Only a mail shows
    whether it arrives."""
    address = unicodedata.normalize("NFKC", line(text))
    if "=?" in address:  # a header would read it as an encoded word (RFC 2047)
        return None
    try:
        return validate_email(
            address, check_deliverability=False, allow_smtputf8=False, strict=True
        ).normalized
    except EmailNotValidError:
        return None


def for_mail_servers(address: str) -> str:
    """The same address with its domain in ASCII, as servers of all ages take it."""
    local, _, domain = address.rpartition("@")
    try:
        return (
            address if domain.isascii() else f"{local}@{idna.encode(domain, uts46=True).decode()}"
        )
    except idna.IDNAError:
        return address


def fits_username(text: str) -> bool:
    """Whether this may be someone's new username: letters of one script, the digits 0 to 9, and
    . _ - + ' between them. What could be mistaken for another's is none: two scripts in one name,
    letters that look like others, marks that stand on their own."""
    kept = unicodedata.normalize("NFKC", text).lower()
    if not SHORTEST_USERNAME <= len(kept) <= LONGEST_USERNAME:
        return False
    if kept[0] in USERNAME_SIGNS or kept[-1] in USERNAME_SIGNS:
        return False
    rest = [char for char in kept if char not in USERNAME_SIGNS and char not in "0123456789"]
    letters = [char for char in rest if char.isalpha()]
    scripts = {_script(char) for char in letters}
    marks = [char for char in rest if not char.isalpha()]
    if scripts <= {"LATIN"}:
        return not marks and all(char in LATIN for char in letters)
    if not _marks_fit(kept):
        return False
    return (
        scripts <= SCRIPTS
        and (len(scripts) == 1 or scripts <= TOGETHER)
        and not all(char in LOOK_LATIN for char in letters)
    )


def _script(char: str) -> str:
    """The script of a letter or mark, as its name begins."""
    return unicodedata.name(char, "?").split(maxsplit=1)[0]


def _marks_fit(text: str) -> bool:
    """Whether every mark stands once on a letter of its own script: the vowels of Thai or Hindi,
    and nothing that is not seen, or changes what another script looks like."""
    for before, char in itertools.pairwise(f".{text}"):
        if char.isalnum() or char in USERNAME_SIGNS:
            continue
        spoken = unicodedata.category(char) in ("Mn", "Mc") and _script(char) in SCRIPTS
        on = before.isalpha() or unicodedata.category(before) in ("Mn", "Mc")
        if not (spoken and on and before != char and _script(before) == _script(char)):
            return False
        if unicodedata.name(char, "").startswith("KHMER VOWEL INHERENT"):
            return False  # U+17B4 and U+17B5 have no width
    return True


def _visible(text: str) -> str:
    """Controls and what no font shows go; tabs, line ends and other spaces become spaces. Joiners
    stay."""
    kept = []
    for char in text:
        category = unicodedata.category(char)
        if char.isspace():
            kept.append(" ")
        elif char in JOINERS or category not in ("Cc", "Cf", "Cs", "Co", "Cn"):
            kept.append(char)
    return "".join(kept)
