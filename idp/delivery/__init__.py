"""Messages to people: written to the outbox with their cause, rendered and sent by the worker."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Content:
    """A message ready to leave. `code` and `links` repeat what is in the text, for the inbox."""

    subject: str | None
    text: str
    html: str | None = None
    code: str | None = None
    links: tuple[str, ...] = ()


class NotSent(Exception):
    """The message certainly did not leave; it may be tried again."""


class Refused(Exception):
    """The carrier will not take this message, or nobody knows whether it left; it is not tried again."""


class Carrier(Protocol):
    """Takes messages of one channel."""

    def send(self, recipient: str, content: Content) -> None:
        """Hand the message over. Raises NotSent or Refused."""
