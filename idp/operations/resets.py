"""What an administrator does for somebody whose phone, address or password is lost: a reset of the registration, another address on file."""

from typing import Any

from idp.factors.email_code import plausible
from idp.factors.mailed_link import AskedBy, MailedLink
from idp.operations import Mistake
from idp.operations.accounts import found
from idp.store import accounts, audit, enrolments, links, lock
from idp.store.endings import end_everything


def reset(now: float, actor: str, mailed_link: MailedLink, name: str, *, password_lost: bool = False, client_id: str | None = None, brand: str = "") -> str:
    """End what somebody signs in with, and mail the link to register anew; the address it goes to. The password stays as proof for
    that alone, unless it is lost too: then the link suffices. Raises Mistake."""
    account = found(name)
    if account.disabled_at is not None:
        raise Mistake(f"{account.username} is disabled; `idp accounts enable` first")
    if account.upstream:
        raise Mistake(f"{account.username} signs in through {account.upstream}: whatever is lost is made anew there")
    if account.sign_in_address is None:
        raise Mistake(f"{account.username} is not registered; `idp accounts show` tells how it stands")
    lock(f"account:{account.id}")
    address = account.contact_email or account.sign_in_address
    accounts.end_registration(account, now, address, keep_password=not password_lost)
    ended: dict[str, Any] = {**end_everything(account.id, now, "replaced")}
    enrolments.give_up(account.id)
    fresh = accounts.by_id(account.id)
    mailed_link.mail(fresh, account.username, links.RESET, AskedBy(client_id=client_id, brand=brand, administrator=True), now)
    audit.add(now, "registration_reset", actor=actor, target=account.id, password_lost=password_lost, **ended)
    return address


def correct_email(now: float, actor: str, name: str, address: str) -> None:
    """Another contact e-mail: the address on file of who is not registered, or will register anew. Raises Mistake."""
    account = found(name)
    if account.upstream:
        raise Mistake(f"the address of {account.username} comes from {account.upstream}, anew at each sign-in")
    if not plausible(address):
        raise Mistake(f"{address} is not an e-mail address")
    lock(f"address:{accounts.fold(address)}")
    if accounts.taken(address, account.id):
        raise Mistake(f"the address {address} is on file for another account")
    accounts.set_contact_email(account.id, now, address)
    audit.add(now, "contact_email_corrected", actor=actor, target=account.id)
