"""The factor `email_code`: a code sent to an address, to sign in, to recover a password, or to
register the address."""

from typing import ClassVar

from idp.factors import Recipient
from idp.factors.factor import RECOVERY, SET_UP
from idp.factors.sent_code import SentCode
from idp.flow.throttle import Cap
from idp.secret import Vault
from idp.settings import Settings
from idp.store import accounts, credentials
from idp.store.accounts import Account
from idp.store.enrolments import Enrolment
from idp.store.holders import Holder
from idp.texts import mark
from idp.typed import fold


def masked(address: str) -> str:
    """An address as it may be shown: first letter, five stars, the domain."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}*****@{domain}"


def to_account(account: Account) -> Recipient:
    """The address with which someone signs in."""
    return Recipient(
        account.id,
        fold(account.sign_in_address or ""),
        account.sign_in_address or "",
        account.given_name,
    )


def to_new_address(account: Account, address: str, taken: bool) -> Recipient:
    """An address that someone registers. Where it is another account's, its owner is told, and no
    code is."""
    return Recipient(
        account.id,
        fold(address),
        address,
        account.given_name,
        instead="address_taken" if taken else "",
    )


def to_forgetful(
    account: Account | None, owner: Account | None, address: str, vault: Vault
) -> Recipient:
    """A person who says that the password of this address is forgotten. Where no one signs in with it no
    code leaves: its owner reads in a mail what to do instead (`owner` has it on
    file)."""
    if account is None or not account.sign_in_address:
        name = owner.given_name or owner.family_name if owner else ""
        return Recipient(
            "name:" + vault.fingerprint("name", fold(address)),
            fold(address),
            address,
            name,
            silent=True,
            instead=_instead(owner),
        )
    return to_account(account)


def _instead(owner: Account | None) -> str:
    """The mail that says what to do instead."""
    if owner is None:
        return "no_account"
    if owner.disabled_at is not None:
        return "account_disabled"
    return "upstream_account" if owner.upstream else "not_registered"


class EmailCode(SentCode):
    """To sign in. One for a process."""

    name = method = tried_as = "email_code"
    credential = credentials.EMAIL
    locks = frozenset({"email_code"})
    channel = "email"
    message = "sign_in_code"
    offer = (mark("Not near your phone?"), mark("Use your email address"))
    counted_with: ClassVar[tuple[str, ...]] = ("email_code",)

    def __init__(self, settings: Settings, vault: Vault) -> None:
        limits = settings.limits
        caps = (Cap(limits.sends_per_quarter_hour, 900), Cap(limits.sends_per_day, 86400))
        super().__init__(settings, vault, self.lifetime(settings), caps)

    @staticmethod
    def lifetime(settings: Settings) -> int:
        """Seconds that a code to sign in works after its email was handed over."""
        return settings.lifetimes.sign_in_email_code

    def owned(self, holder: Holder) -> frozenset[str]:
        """By everyone who signs in with an address."""
        return self.locks if holder.newest(self.credential) else frozenset()

    def recipient(self, account: Account, enrolment: Enrolment | None) -> Recipient | None:
        """The address with which they sign in."""
        return to_account(account)


class RecoveryCode(EmailCode):
    """To recover a forgotten password. Counted apart, so that a stranger who asks for it bars
    no one from signing in."""

    name = tried_as = message = "recovery_code"
    by_strangers = True
    purpose = RECOVERY
    counted_with = ("recovery_code",)

    @staticmethod
    def lifetime(settings: Settings) -> int:
        """Seconds that every other emailed code works."""
        return settings.lifetimes.code


class AddressCode(RecoveryCode):
    """To register an address."""

    name = tried_as = message = "address_code"
    by_strangers = False
    purpose = SET_UP
    counted_with = ("address_code",)

    def recipient(self, account: Account, enrolment: Enrolment | None) -> Recipient | None:
        """The address that was entered, or that is on file."""
        address = enrolment.address if enrolment else None
        if not address:
            return None
        return to_new_address(account, address, accounts.signed_in_with(address, account.id))
