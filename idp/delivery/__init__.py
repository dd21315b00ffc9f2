"""Messages to people: written to the outbox with their cause, rendered and sent by the worker."""

from base64 import b64encode
from dataclasses import dataclass
from typing import Protocol

# how the HTML of a mail names the picture it carries, until a carrier gives it a Content-ID of its
# own (RFC 2392)
LOGO = "cid:logo"


@dataclass(frozen=True)
class Content:
    """A message ready to leave: a mail, a text, or what the voice of a call says. `code` and
    `links` repeat what is in the text, for the inbox; `call` names the call, for the carrier that
    reports how it went."""

    subject: str | None
    text: str
    html: str | None = None
    code: str | None = None
    links: tuple[str, ...] = ()
    call: str | None = None
    sender: str | None = None  # the From address of a mail; the carrier's own where there is none
    # PNG; goes along in the mail, so that nothing is loaded from elsewhere
    logo: bytes | None = None

    def page(self) -> str | None:
        """The HTML with the logo written into it, for browsers, which know no Content-ID."""
        if self.html is None or self.logo is None:
            return self.html
        return self.html.replace(LOGO, f"data:image/png;base64,{b64encode(self.logo).decode()}")


class NotSentError(Exception):
    """The message certainly did not leave; it may be tried again."""


class CarrierError(Exception):
    """The carrier will not take this message, or no one knows whether it left; it is not tried
    again."""


class Carrier(Protocol):
    """Takes messages of one channel."""

    def send(self, recipient: str, content: Content) -> None:
        """Hand the message over, or let the phone ring; what is pressed then comes back by
        visit.Calls. Raises NotSentError or CarrierError."""
