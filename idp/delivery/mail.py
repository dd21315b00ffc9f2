"""Rendering mails: subject, text and HTML of a kind, in the brand's words and the reader's language."""

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from idp import texts
from idp.brand import Brand
from idp.delivery import Content


@cache
def _environment(locale: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("idp", "templates/mail"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(texts.catalogue(locale), newstyle=True)  # type: ignore[attr-defined]  # by the extension
    return environment


def render(kind: str, data: dict[str, Any], locale: str, brand: Brand, issuer: str) -> Content:
    """The mail of this kind. Its text template begins with the subject line and an empty line."""
    context = {**data, "brand": brand, "issuer": issuer}
    environment = _environment(locale)
    subject, _, text = environment.get_template(f"{kind}.txt").render(context).partition("\n\n")
    html = environment.get_template(f"{kind}.html").render(context, subject=subject)
    links = tuple(data[name] for name in ("link",) if name in data)
    return Content(subject.strip(), text.strip() + "\n", html, data.get("code"), links)
