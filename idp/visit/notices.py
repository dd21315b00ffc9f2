"""Telling the owner of an account what happened to it: a mail in the transaction of what it
tells."""

from typing import Any

from idp.delivery import post
from idp.secret import Vault
from idp.store.accounts import Account, on_file
from idp.visit.visit import Visit

LIFE = 86400  # seconds that a notice is tried
BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


class Notices:
    """One for a process."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def tell(self, visit: Visit, account: Account, kind: str, also: str = "", **data: Any) -> None:
        """Mail a notice of this kind to the address on file, and to a former one."""
        said = {
            "name": account.given_name or account.family_name,
            "reference": visit.interaction.reference,
            "at": visit.now,
            **data,
        }
        for address in dict.fromkeys(one for one in (on_file(account), also) if one):
            post.write(
                self._vault,
                visit.now,
                channel="email",
                recipient=address,
                kind=kind,
                data=said,
                locale=visit.browser.locale,
                brand=visit.brand.id,
                not_after=visit.now + LIFE,
                reference=visit.interaction.reference,
            )

    def phone_replaced(
        self, visit: Visit, account: Account, link: str, last_digits: str, seconds: int
    ) -> None:
        """Tell the mailbox, and the phone that was replaced or removed where there was one, with a
        link by which the owner stops it."""
        self.tell(
            visit,
            account,
            "phone_replaced",
            also=account.contact_email,
            link=link,
            phone=last_digits,
            seconds=seconds,
        )
        if phone := account.phone_before or account.phone:
            post.write(
                self._vault,
                visit.now,
                channel="sms",
                recipient=phone,
                kind="phone_replaced",
                data={"link": link, "removed": not last_digits},
                locale=visit.browser.locale,
                brand=visit.brand.id,
                not_after=visit.now + LIFE,
                reference=visit.interaction.reference,
            )


def browser_in_words(agent: str) -> str:
    """A browser by what it calls itself: 'Firefox on Windows'. What it says may be untrue."""
    browser = next((name for mark, name in BROWSERS if mark in agent), "")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    return " on ".join(one for one in (browser, system) if one) or "unknown"
