"""Rendering messages: mails, texts and what a voice says, in the brand's words and the reader's
language."""

import re
from functools import cache
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, format_timedelta
from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from idp import texts
from idp.brand import Brand
from idp.delivery import LOGO, Content


@pass_context
def _when(context: Context, at: float) -> str:
    """A time in the brand's zone, which is named: 'Nov 26, 2026, 11:42 AM MST'."""
    zone = ZoneInfo(context["brand"].time_zone)
    return format_datetime(at, "MMM d, y, h:mm a zzz", tzinfo=zone, locale=context["locale"])


@cache
def _environment(locale: str, html: bool) -> Environment:
    environment = Environment(
        loader=PackageLoader("idp", "templates"),
        autoescape=html,  # noqa: S701  # the other one makes plain text
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.filters["span"] = lambda seconds: format_timedelta(
        seconds, threshold=2, locale=locale
    )
    environment.filters["when"] = _when
    environment.filters["unbroken"] = lambda text: texts.unbroken(
        text, 'style="white-space:nowrap"'
    )
    environment.install_gettext_translations(texts.catalogue(locale), newstyle=True)  # type: ignore[attr-defined]  # by the extension
    return environment


def render(
    channel: str, kind: str, data: dict[str, Any], locale: str, brand: Brand, issuer: str
) -> Content:
    """The message of this kind for this channel. A mail is written once, in `mail/<kind>.txt`: its
    block `subject`, and its block `body` out of the kit that makes text or HTML of it."""
    context = {
        **data,
        "brand": brand,
        "locale": locale,
        "issuer": issuer,
        "host": urlsplit(issuer).netloc,
        "logo": LOGO if brand.mail_logo() else None,
    }
    if channel != "email":
        text = (
            _environment(locale, False)
            .get_template(f"{channel}/{kind}.txt")
            .render(context)
            .strip()
        )
        return Content(None, text, code=data.get("code"), call=data.get("call_id"))
    plain = _environment(locale, False).get_template(f"mail/{kind}.txt")
    subject = "".join(plain.blocks["subject"](plain.new_context(context))).strip()
    made = {form: _mail(kind, form, context, locale) for form in ("html", "txt")}
    links = (data["link"],) if "link" in data else ()
    text = re.sub(r"\n{3,}", "\n\n", made["txt"]).strip() + "\n"
    return Content(
        subject,
        text,
        made["html"],
        data.get("code"),
        links,
        sender=brand.sender,
        logo=brand.mail_logo(),
    )


def _mail(kind: str, form: str, context: dict[str, Any], locale: str) -> str:
    template = _environment(locale, form == "html").get_template(f"mail/{kind}.txt")
    return template.render(context, layout=f"mail/layout.{form}", kit=f"mail/kit.{form}")
