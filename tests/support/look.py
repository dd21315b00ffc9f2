"""Looking at a page as a designer, a screen reader and a phone would."""

import os
import threading
from pathlib import Path

from tests.support.chromium import axe

SHOTS = Path(__file__).parent.parent.parent / "var" / "screenshots"


class Look:
    """Looks at a page as a screen reader and a phone would: axe, nothing wider than the screen.
    With PICTURES=1 in the environment it also takes one for the designer, into var/screenshots."""

    def __init__(self, page, name: str) -> None:
        self.page, self.name, self.found = page, name, []

    def picture(self, what: str) -> None:
        if os.environ.get("PICTURES"):
            SHOTS.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=SHOTS / f"{self.name}-{what}.png", full_page=True)

    def __call__(self, what: str) -> None:
        self.picture(what)
        self.found += [f"{what}: {line}" for line in axe(self.page)]
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        if wide > self.page.viewport_size["width"]:
            self.found.append(f"{what}: {wide} pixels wide")


def next_message(world, channel: str = "email", links: bool = False):
    """The next message with a code, or with links, that no one of the test has read. Waits for it:
    a worker hands it over."""
    for _ in range(600):
        messages = world.messages()
        fresh = [
            one
            for one in messages[world.read :]
            if one.channel == channel and bool(one.links if links else one.code)
        ]
        if fresh:
            world.read = len(messages)
            return fresh[-1]
        threading.Event().wait(0.05)
    raise AssertionError(f"no {channel} came")


def next_code(world, channel: str = "email") -> str:
    return next_message(world, channel).code
