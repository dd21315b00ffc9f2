"""Telling people what an administrator did to their account, by mail and by text: each channel that
an attacker might not hold."""

from idp.delivery import post
from idp.factors.mailed_link import AskedBy
from idp.secret import Vault
from idp.settings import Settings
from idp.store.accounts import Account

LIFE = 86400  # seconds that a notice is tried


class OperationsNotices:
    """One for a process."""

    def __init__(self, settings: Settings, vault: Vault) -> None:
        self._settings = settings
        self._vault = vault

    def tell(
        self,
        account: Account,
        kind: str,
        now: float,
        asked_by: AskedBy,
        *addresses: str | None,
        phone: str | None = None,
    ) -> None:
        """Write notices of this kind to these addresses, and to the phone where texts leave
        here."""
        to = [("email", address) for address in sorted(filter(None, addresses))]
        if phone and "phone" in self._settings.sign_in.options:
            to.append(("sms", phone))
        for channel, recipient in to:
            post.write(
                self._vault,
                now,
                channel=channel,
                recipient=recipient,
                kind=kind,
                data={
                    "name": account.given_name or account.family_name,
                    "username": account.username,
                    "registered": account.sign_in_address is not None,
                    "at": now,
                },
                locale=asked_by.locale,
                brand=asked_by.brand or self._settings.look.id,
                not_after=now + LIFE,
            )
