"""The part of `make check` that no tool does: templates, migrations, texts, the documented
settings, generated pages."""

import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from flask import Flask
from jinja2 import TemplateSyntaxError

from idp.app import create_app
from idp.cli.init import write_settings
from idp.flow.picture import markdown
from idp.settings import load, template
from idp.store import migrate
from tools.texts import CATALOGUE, collected

ROOT = Path(__file__).parent.parent
FORBIDDEN = {
    r"\son[a-z]+=": "an inline handler: the content security policy blocks it",
    r"\sstyle=": "an inline style: the content security policy blocks it",
    r"<script(?![^>]*nonce=)": "a script without the nonce",
    r"\|\s*safe\b(?!\|format)": "marked safe: say why beside it, or escape it",
    r"<input(?![^>]*(type=\"hidden\"|id=))": "a field without an id, so without a label",
    r"(src|href)=\"https?:": "something from elsewhere",
}
WITHOUT_TOKEN = {
    # no one is signed in there; the phone of the demo answers to whoever sits at this machine
    "inbox.html",
    # they change nothing but where the next sign-in begins, and no other site may send them
    "help.html",
    "problem.html",
}
ALLOWED = {
    '\'data-digits="6" spellcheck="false"\'|safe',
    '\'data-digits="6" spellcheck="false" disabled\'|safe',
    "' class=\"primary\" autofocus'|safe",
    'data-left="%s"\'|safe',
    'attributes=\'spellcheck="false" autocapitalize="off"\'|safe',
    "'data-wait=\"yes\"'|safe",
    "' class=\"primary\"'|safe",
}  # literals of ours


def templates(app: Flask) -> Iterator[str]:
    """Templates that do not compile, or hold what a page must not."""
    for path in sorted((ROOT / "idp" / "templates").rglob("*.*")):
        name = path.relative_to(ROOT / "idp" / "templates").as_posix()
        if name.startswith("mail/"):
            continue  # mails are rendered by the tests, and need inline styles
        text = path.read_text("utf-8")
        try:
            app.jinja_env.get_template(name)
        except TemplateSyntaxError as error:
            yield f"{name}:{error.lineno}: {error.message}"
        for literal in ALLOWED:
            text = text.replace(literal, "")
        for pattern, why in FORBIDDEN.items():
            for found in re.finditer(pattern, text):
                yield f"{name}:{text[: found.start()].count(chr(10)) + 1}: {why}"
        if (
            name not in WITHOUT_TOKEN
            and "<form" in text
            and "method=" in text
            and "hidden()" not in text
            and "csrf" not in text
        ):
            yield f"{name}: a form without the token that ties it to the browser"


def migrations(app: Flask) -> Iterator[str]:
    with app.app_context():
        migrate.upgrade()
        for difference in migrate.differences():
            yield f"migrations: the tables differ from what is declared: {difference}"


def documents() -> Iterator[str]:
    if CATALOGUE.read_bytes() != collected():
        yield "translations/messages.pot is out of date: make texts"
    if (ROOT / "docs" / "flow.md").read_text("utf-8") != markdown():
        yield "docs/flow.md is out of date: idp flow --markdown > docs/flow.md"
    if (ROOT / "config" / "idp.toml").read_text("utf-8") != template():
        yield "config/idp.toml is out of date: it is what idp.settings.template() prints"


def links() -> Iterator[str]:
    """Links of the documents that lead nowhere, and tables that something has come between."""
    pages = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
    anchors = {path.resolve(): _anchors(path.read_text("utf-8")) for path in pages}
    for path in pages:
        text = path.read_text("utf-8")
        name = path.relative_to(ROOT)
        for target in re.findall(r"\]\((?!https?:|mailto:)([^)\s]+)\)", text):
            file, _, anchor = target.partition("#")
            found = (path.parent / file).resolve() if file else path.resolve()
            if not found.exists():
                yield f"{name}: there is no {target}"
            elif anchor and anchor not in anchors.get(found, ()):
                yield f"{name}: {target} has no such heading"
        lines = text.split("\n")
        for number, line in enumerate(lines[1:], 2):
            before, after = lines[number - 2], lines[number] if number < len(lines) else ""
            if line.startswith("|") and not before.startswith("|") and not after.startswith("|-"):
                yield f"{name}:{number}: a row of no table"


def _anchors(text: str) -> set[str]:
    """The anchors that headings get."""
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    }


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "idp.toml"
        write_settings(path, "http://localhost:9000", "", "")
        app = create_app(load(path, {}))
        faults = [*templates(app), *migrations(app), *documents(), *links()]
    for fault in faults:
        print(fault, file=sys.stderr)
    print(
        "Templates, migrations, texts and documents: "
        + ("all well." if not faults else f"{len(faults)} faults.")
    )
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
