"""What an administrator does for someone whose phone, address or password is lost: a reset of the
registration, another address on file."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from idp import secret
from idp.factors.mailed_link import AskedBy, MailedLink
from idp.operations import OperatorError
from idp.operations.accounts import found, not_an_employees, record
from idp.operations.notices import OperationsNotices
from idp.settings.upstreams import UpstreamSettings
from idp.store import account_credentials, accounts, links, lock
from idp.store.accounts import Account
from idp.store.endings import end
from idp.typed import email, fold


@dataclass(frozen=True)
class Reset:
    """A reset that has just been done: where the link went, how long it works, and how much of the
    account has ended."""

    address: str
    expires_at: float
    ended: dict[str, int]


def reset(
    now: float,
    actor: str,
    mailed_link: MailedLink,
    notices: OperationsNotices,
    name: str | Account,
    *,
    password_lost: bool = False,
    asked_by: AskedBy | None = None,
) -> Reset:
    """End what someone signs in with, and mail the link to register again. The password stays as
    proof for that alone, unless it is lost too: then the link suffices. The holder of the sign-in
    address or the phone is told as well. Raises OperatorError."""
    account = found(name)
    lock(f"account:{account.id}")
    account = accounts.by_id(account.id) or account  # as it is now that no one else changes it
    if account.disabled_at is not None:
        raise OperatorError(
            f"{account.username} is disabled", "enable the account first with `idp accounts enable`"
        )
    if account.upstream:
        raise OperatorError(
            f"{account.username} signs in through {account.upstream}; lost sign-in "
            "details are replaced there"
        )
    if not resettable(account):
        raise OperatorError(
            f"{account.username} was never registered and needs an invitation",
            "send one with `idp accounts resend`",
        )
    asked_by = replace(asked_by or AskedBy(), administrator=True, password_lost=password_lost)
    address = account.contact_email or account.sign_in_address
    if not address:
        raise OperatorError(
            f"{account.username} has no address on file to send the link to",
            "add one with `idp accounts set-email`",
        )
    account_credentials.end_registration(account, now, address, keep_password=not password_lost)
    ended = end("registration_reset", account.id, now)
    mailed_link.mail(accounts.by_id(account.id), account.username, links.RESET, asked_by, now)
    notices.tell(
        account,
        "registration_reset",
        now,
        asked_by,
        *({account.sign_in_address} - {address}),
        phone=account.phone,
    )
    counted: dict[str, Any] = {**ended}
    record(now, actor, "registration_reset", account, password_lost=password_lost, **counted)
    return Reset(address, now + mailed_link.life(links.RESET), ended)


def lift_phone_hold(now: float, actor: str, name: str | Account) -> None:
    """A phone that replaced another one without it counts in full from now on: who lifts this
    knows that its owner did it. Raises OperatorError."""
    account = found(name)
    if not held(account, now):
        raise OperatorError(f"the phone of {account.username} is not on hold")
    account_credentials.hold_phone(account.id, None, None, None)
    record(now, actor, "phone_hold_lifted", account)


def held(account: Account, now: float) -> bool:
    """Whether the phone of an account counts for less for now."""
    return account.new_phone_until is not None and now < account.new_phone_until


def stop_new_phone(now: float, stop: str) -> bool:
    """The owner says that it was not them who replaced the phone: the one before comes back, and
    everything is signed out. Whether this secret stops anything any more."""
    account = account_credentials.by_phone_stop(secret.digest(stop), now)
    if account is None:
        return False
    lock(f"account:{account.id}")
    account = account_credentials.by_phone_stop(secret.digest(stop), now)
    if account is None:
        return False
    account_credentials.change_credentials(
        account, now, "", account.password_hash, account.sign_in_address, account.phone_before
    )
    account_credentials.hold_phone(account.id, None, None, None)
    ended: dict[str, Any] = {**end("phone_change_stopped", account.id, now)}
    record(now, None, "phone_change_stopped", account, **ended)
    return True


def resettable(account: Account) -> bool:
    """Whether there is something to reset: who is registered, was once, or has a password from
    before. Reset once more, a link that was too late or a password that is lost too are mended."""
    return bool(account.password_hash) or not accounts.never_registered(account)


def correct_email(
    now: float,
    actor: str,
    notices: OperationsNotices,
    name: str | Account,
    address: str,
    asked_by: AskedBy | None = None,
    upstreams: Iterable[UpstreamSettings] = (),
) -> None:
    """Another contact email: the address on file of who is not registered, or will register again.
    The one before and that of the sign-in are told. Raises OperatorError."""
    account = found(name)
    lock(f"account:{account.id}")
    if account.upstream:
        raise OperatorError(
            f"the address of {account.username} comes from {account.upstream} at each sign-in"
        )
    given = email(address)
    if given is None:
        raise OperatorError(f"{address} is not a valid email address", field="contact_email")
    address = given
    not_an_employees(address, upstreams, "contact_email")
    lock(f"address:{fold(address)}")
    if accounts.taken(address, account.id):
        raise OperatorError(
            f"the address {address} is already on file for another account", field="contact_email"
        )
    end("address_corrected", account.id, now)
    accounts.set_contact_email(account.id, now, address)
    notices.tell(
        account, "contact_email_corrected", now, asked_by or AskedBy(), *_others(account, address)
    )
    record(now, actor, "contact_email_corrected", account)


def _others(account: Account, address: str) -> list[str]:
    """The addresses on file that are not this one, however it is written."""
    return [
        one
        for one in dict.fromkeys((account.contact_email, account.sign_in_address))
        if one and fold(one) != fold(address)
    ]
