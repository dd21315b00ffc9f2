"""Invitations: accounts made by an administrator, whose owner registers by an emailed link."""

from collections.abc import Iterable
from dataclasses import dataclass

from idp.factors.mailed_link import AskedBy, MailedLink
from idp.operations import OperatorError, accounts
from idp.operations.accounts import not_an_employees
from idp.settings.upstreams import UpstreamSettings
from idp.store import accounts as account_rows
from idp.store import links, lock
from idp.store.accounts import Account
from idp.store.endings import end
from idp.store.links import Link


@dataclass(frozen=True)
class Invited:
    """An invitation that has just been mailed."""

    account_id: str
    address: str
    expires_at: float


def invite(
    now: float,
    actor: str,
    mailed_link: MailedLink,
    username: str,
    email: str,
    given_name: str,
    family_name: str,
    *,
    organization: str | None = None,
    role: str = "user",
    client_id: str | None = None,
    brand: str = "",
    upstreams: Iterable[UpstreamSettings] = (),
) -> Invited:
    """A new account without a password, and the mail with which its owner registers. Raises
    OperatorError."""
    if not email.strip():
        raise OperatorError("an invitation needs an email address", field="email")
    not_an_employees(email, upstreams, "email")
    if account_rows.by_username(username):
        raise OperatorError(
            f"the username {username} is already taken",
            "if its invitation was not used, send another one with `idp accounts resend "
            f"{username}`",
            "username",
        )
    accounts.add(
        now,
        actor,
        username,
        email,
        given_name,
        family_name,
        organization=organization,
        role=role,
    )
    return resend(now, actor, mailed_link, username, client_id=client_id, brand=brand)


def resend(
    now: float,
    actor: str,
    mailed_link: MailedLink,
    name: str | Account,
    *,
    client_id: str | None = None,
    brand: str = "",
) -> Invited:
    """A new invitation in the place of the one before. Raises OperatorError."""
    account = _unregistered(name)
    if account.password_hash:
        raise OperatorError(
            f"{account.username} has a portal password and registers with it; invitations "
            "are for people without one"
        )
    if not account.contact_email:
        raise OperatorError(
            f"{account.username} has no address on file to send an invitation to",
            "add one with `idp accounts set-email`",
        )
    before = links.invitation(account.id)
    asked_by = AskedBy(client_id=client_id or (before.client_id if before else None), brand=brand)
    mailed_link.mail(account, account.username, links.INVITATION, asked_by, now)
    made = links.invitation(account.id)
    assert made is not None
    accounts.record(now, actor, "invitation_sent", account, again=before is not None)
    return Invited(account.id, account.contact_email, made.expires_at)


def revoke(now: float, actor: str, name: str | Account) -> None:
    """The invitation works no more; the account stays, and can be invited again. Raises OperatorError."""
    account = _unregistered(name)
    lock(f"account:{account.id}")
    account = _unregistered(account.username)  # as it is now: they may just have registered by it
    if not links.revoke_invitations(account.id):
        raise OperatorError(
            f"{account.username} has no invitation that can still be used",
            "`idp accounts show` shows the state of the account",
        )
    end("invitation_revoked", account.id, now)  # what was begun by it cannot be finished either
    accounts.record(now, actor, "invitation_revoked", account)


ENDED = {
    "revoked": "invitation withdrawn",
    "corrected": "not invited at the new address yet",
}


def state(account: Account, invitation: Link | None, now: float) -> str:
    """How far someone is, in words: disabled, registered, invited, invitation expired, invitation
    withdrawn, not invited at the new address yet, not registered yet, or never registered."""
    if account.disabled_at is not None:
        return "disabled"
    if account.sign_in_address is not None:
        return "registered"
    if account.upstream:
        return "signs in through a company"
    if not account_rows.never_registered(account):
        return "reset, not registered again yet"
    if account.username.startswith(account_rows.RELEASED):
        return "never registered, username free again"
    if invitation is None:
        return "not registered yet"
    if invitation.outcome is not None:
        return ENDED.get(invitation.outcome, "invitation no longer valid")
    if now >= invitation.expires_at:
        return "invitation expired"
    return "invitation opened, not finished" if invitation.used_at is not None else "invited"


def _unregistered(name: str | Account) -> Account:
    account = accounts.found(name)
    if account.disabled_at is not None:
        raise OperatorError(
            f"{account.username} is disabled", "enable the account first with `idp accounts enable`"
        )
    if account.upstream:
        raise OperatorError(
            f"{account.username} signs in through {account.upstream} and does not register here"
        )
    if account.sign_in_address is not None:
        raise OperatorError(f"{account.username} is already registered")
    return account
