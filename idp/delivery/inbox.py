"""The carrier of demo and development: messages land on the page /inbox."""

from idp import clock
from idp.delivery import Content
from idp.store import inbox


class Inbox:
    """Takes the messages of one channel."""

    def __init__(self, channel: str) -> None:
        self._channel = channel

    def send(self, recipient: str, content: Content) -> None:
        """Keep the message, for the inbox page."""
        inbox.add(
            self._channel,
            recipient,
            content.subject,
            content.text,
            content.page(),
            content.code,
            list(content.links),
            content.call,
            clock.now(),
        )
