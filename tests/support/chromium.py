"""A real Chromium, kept off the network, and axe to look at its pages."""

import os
import shutil
from pathlib import Path

from playwright.sync_api import Browser, Page, Playwright

AXE = Path(__file__).parent.parent / "node" / "node_modules" / "axe-core" / "axe.min.js"
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def launch(playwright: Playwright) -> Browser:
    """Debian's Chromium where there is one, else Playwright's own. Raises where there is
    neither."""
    executable = next(
        (
            path
            for name in ("chromium", "chromium-browser", "google-chrome")
            if (path := shutil.which(name))
        ),
        None,
    )
    flags = [*FLAGS, "--no-sandbox"] if os.getuid() == 0 else FLAGS
    return playwright.chromium.launch(executable_path=executable, args=flags)


def axe(page: Page) -> list[str]:
    """What axe finds on the page by WCAG 2.2 AA and its best practices, one line each."""
    page.evaluate(AXE.read_text("utf-8"))
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    run = (
        "async tags => (await axe.run(document, {resultTypes: ['violations'], runOnly: "
        "{type: 'tag', values: tags}})).violations"
    )
    return [
        f"{rule['id']}: {rule['help']} {[node['html'][:120] for node in rule['nodes']]}"
        for rule in page.evaluate(run, tags)
    ]
