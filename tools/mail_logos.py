"""Draws each brand's logo as the PNG that mails carry, since mail programs show no SVG: `python -m
tools.mail_logos`.

Needs Chromium, so it runs when artwork changes and the pictures are kept beside it."""

from base64 import b64encode

from playwright.sync_api import sync_playwright

from idp.brand import shipped
from tests.support.chromium import launch
from tools.demo import demo_brands

PIXELS = 88  # shown at 44


def main() -> None:
    with sync_playwright() as playwright:
        page = launch(playwright).new_page(viewport={"width": PIXELS, "height": PIXELS})
        for brand in [*shipped().values(), *demo_brands().values()]:
            drawn = brand.file(brand.logo)
            page.set_content(
                "<body style='margin:0'><img "
                f"src='data:image/svg+xml;base64,{b64encode(drawn.read_bytes()).decode()}' "
                f"width={PIXELS} height={PIXELS}>"
            )
            page.wait_for_function("document.images[0].complete")
            page.screenshot(path=drawn.with_suffix(".png"), omit_background=True)


if __name__ == "__main__":
    main()
