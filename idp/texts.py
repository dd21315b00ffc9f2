"""Texts: gettext catalogues read by Babel. Pages and mails speak through the same catalogue."""

from functools import cache
from pathlib import Path

from babel.support import NullTranslations, Translations

FOLDER = Path(__file__).parent / "translations"
LOCALES: tuple[str, ...] = ("en",)


@cache
def catalogue(locale: str) -> NullTranslations:
    """The texts of a locale; English, the language of the message ids, needs no catalogue."""
    return Translations.load(FOLDER, [locale])


def mark(text: str) -> str:
    """Mark a text for extraction where it is written; it is translated where it is shown."""
    return text
