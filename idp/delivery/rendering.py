"""Rendering messages: mails, texts and what a voice says, in the brand's words and the reader's language."""

from functools import cache
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from idp import texts
from idp.brand import Brand
from idp.delivery import Content


@cache
def _environment(locale: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("idp", "templates"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(texts.catalogue(locale), newstyle=True)  # type: ignore[attr-defined]  # by the extension
    return environment


def render(channel: str, kind: str, data: dict[str, Any], locale: str, brand: Brand, issuer: str) -> Content:
    """The message of this kind for this channel. The text template of a mail begins with the subject line and an empty line."""
    context = {**data, "brand": brand, "issuer": issuer, "host": urlsplit(issuer).netloc}
    environment = _environment(locale)
    if channel != "email":
        text = environment.get_template(f"{channel}/{kind}.txt").render(context).strip()
        return Content(None, text, code=data.get("code"), call=data.get("call_id"))
    subject, _, text = environment.get_template(f"mail/{kind}.txt").render(context).partition("\n\n")
    html = environment.get_template(f"mail/{kind}.html").render(context, subject=subject)
    links = tuple(data[name] for name in ("link",) if name in data)
    return Content(subject.strip(), text.strip() + "\n", html, data.get("code"), links)
