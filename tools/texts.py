"""`make texts`: collect every text of pages and mails into the catalogue that translators start
from."""

import io
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

ROOT = Path(__file__).parent.parent
CATALOGUE = ROOT / "idp" / "translations" / "messages.pot"
METHODS = [("templates/**.html", "jinja2"), ("templates/**.txt", "jinja2"), ("**.py", "python")]
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "mark": None}


def collected() -> bytes:
    """The catalogue as the code stands."""
    catalogue = Catalog(
        project="Stagedoor",
        charset="utf-8",
        copyright_holder="the Stagedoor authors",
        header_comment="# Texts of Stagedoor's pages and mails.",
    )
    options = {"templates/**.html": {"silent": "false"}, "templates/**.txt": {"silent": "false"}}
    for name, _, text, _, context in extract_from_dir(ROOT / "idp", METHODS, options, KEYWORDS):
        catalogue.add(text, locations=[(f"idp/{name}", 0)], context=context)
    out = io.BytesIO()
    write_po(out, catalogue, sort_output=True, omit_header=True, include_lineno=False)
    return out.getvalue()


if __name__ == "__main__":
    CATALOGUE.write_bytes(collected())
    print(
        f"{len(collected().split(b'msgid ')) - 1} texts in {CATALOGUE.relative_to(ROOT)}",
        file=sys.stderr,
    )
