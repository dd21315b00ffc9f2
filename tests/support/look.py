"""Looking at a page as a designer, a screen reader and a phone would."""

import threading

from tests.browser.conftest import SHOTS
from tests.support.chromium import axe


class Look:
    """Looks at a page as a designer, a screen reader and a phone would: picture, axe, nothing wider than the screen."""

    def __init__(self, page, name: str) -> None:
        self.page, self.name, self.found, self.folder = page, name, [], SHOTS
        SHOTS.mkdir(parents=True, exist_ok=True)

    def __call__(self, what: str) -> None:
        self.page.screenshot(path=SHOTS / f"{self.name}-{what}.png", full_page=True)
        self.found += [f"{what}: {line}" for line in axe(self.page)]
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        if wide > self.page.viewport_size["width"]:
            self.found.append(f"{what}: {wide} pixels wide")


def newest_code(world, by: str = "") -> str:
    """The code of the newest message, to an address or number that begins so."""
    for _ in range(100):
        messages = [message for message in world.messages() if message.recipient.startswith(by)]
        if messages:
            return messages[-1].code
        threading.Event().wait(0.05)
    raise AssertionError("no mail came")
