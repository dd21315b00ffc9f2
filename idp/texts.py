"""Texts: gettext catalogues read by Babel. Pages and mails speak through the same catalogue."""

import re
from functools import cache
from pathlib import Path

from babel.support import NullTranslations, Translations
from markupsafe import Markup, escape

PHONE = re.compile(
    r"(?<!\d)(?:\+\d{1,3}[ .-]?|1[ .-])?(?:\(\d{3}\)|\d{3})[ .-]?\d{3}[ .-]?\d{4}(?!\d)"
)
FOLDER = Path(__file__).parent / "translations"
LOCALES: tuple[str, ...] = ("en",)


@cache
def catalogue(locale: str) -> NullTranslations:
    """The texts of a locale; English, the language of the message ids, needs no catalogue."""
    return Translations.load(FOLDER, [locale])


def mark(text: str) -> str:
    """Mark a text for extraction where it is written; it is translated where it is shown."""
    return text


def unbroken(text: str, attribute: str = 'class="unbroken"') -> Markup:
    """HTML in which a phone number stays on one line: browsers break after its hyphens and spaces.
    Mails need a style of their own for it, as they have no style sheet."""
    return Markup(PHONE.sub(rf"<span {attribute}>\g<0></span>", str(escape(text))))  # noqa: S704  # escaped before
