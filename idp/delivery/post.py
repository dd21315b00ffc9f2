"""Writing a message: a row in the outbox, in the transaction of what caused it, its content
sealed."""

import json
from typing import Any

from idp.secret import Vault
from idp.store import outbox

PURPOSE = "outbox"
# the channel of messages that never leave: a stranger cannot tell them from others
NOBODY = "nobody"


def write(
    vault: Vault,
    now: float,
    *,
    channel: str,
    recipient: str,
    kind: str,
    data: dict[str, Any],
    locale: str,
    brand: str,
    not_after: float,
    code_id: str | None = None,
    reference: str | None = None,
) -> None:
    """Write a message of this kind (a template of templates/mail); the worker renders and sends
    it."""
    sealed = vault.seal(PURPOSE, json.dumps({"data": data, "locale": locale, "brand": brand}))
    outbox.add(channel, recipient, kind, sealed, not_after, now, code_id, reference)


def read(vault: Vault, message: outbox.Message) -> tuple[dict[str, Any], str, str | None]:
    """The data, locale and brand of a message that has not been sent yet."""
    content = json.loads(vault.unseal(PURPOSE, message.sealed or ""))
    return content["data"], content["locale"], content.get("brand")
