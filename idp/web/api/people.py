"""A person as the API shows them, and what may be done to them."""

from typing import Any

from idp.factors.phone import masked
from idp.operations import OperatorError, invitations, resets
from idp.store import audit, links, organizations, profiles
from idp.store.accounts import Account
from idp.typed import fold
from idp.web.api import shapes
from idp.web.api.contract import Call
from idp.web.api.shapes import User, when

MAILED = ("registration_reset", "invitation_sent", "contact_email_corrected")
MAILS = ((10, 900, "15 minutes"), (30, 86400, "a day"))
MAILS_BY_ONE = ((100, 900, "15 minutes"), (500, 86400, "a day"))  # and how many one person causes


def users(call: Call, found: list[Account]) -> list[User]:
    """These people, as the caller may see them; with four reads, however many they are."""
    ids = {account.id for account in found}
    memberships, invited, written = (
        organizations.of_accounts(ids),
        links.invitations_of(ids),
        profiles.of_accounts(ids),
    )
    return [
        _shown(
            call,
            account,
            memberships[account.id],
            invited.get(account.id),
            written.get(account.id, {}),
        )
        for account in found
    ]


def user(call: Call, account: Account) -> User:
    """A person in the shape of the API."""
    return users(call, [account])[0]


def _shown(
    call: Call,
    account: Account,
    memberships: list[Any],
    invitation: links.Link | None,
    profile: dict[str, str],
) -> User:
    rights = call.rights
    seen = [
        one
        for one in memberships
        if rights.everything or account.id == rights.account_id or one.id in rights.administers
    ]
    return User(
        id=account.id,
        username=account.username,
        given_name=account.given_name,
        family_name=account.family_name,
        contact_email=account.contact_email,
        sign_in_address=account.sign_in_address,
        phone=masked(account.phone) if account.phone else None,
        profile=profile,
        state=invitations.state(account, invitation, call.now),
        upstream=account.upstream,
        roles=account.roles,
        organizations=[
            shapes.Membership(
                id=one.id,
                name=one.name,
                role=one.role,
                identifier=one.identifier,
            )
            for one in seen
        ],
        created_at=when(account.created_at),
        updated_at=when(account.updated_at),
        last_sign_in_at=when(account.signed_in_at) if account.signed_in_at is not None else None,
        acts=_acts(call, account, memberships, invitation),
    )


def _acts(
    call: Call, account: Account, memberships: list[Any], invitation: links.Link | None
) -> list[str]:
    """What the caller may do for someone as they stand now."""
    rights = call.rights
    if rights.refuses(account, memberships):
        return []
    takes_over = rights.refuses(account, memberships, replaces_proofs=True) is None
    enabled, ours = account.disabled_at is None, not account.upstream
    resettable = (
        enabled
        and ours
        and resets.resettable(account)
        and bool(account.contact_email or account.sign_in_address)
    )
    invitable = enabled and ours and not resets.resettable(account)
    may = {
        "reset": resettable and (takes_over or proven(account)),
        "password_lost": resettable and takes_over,
        "correct_email": ours and takes_over,
        "invite": invitable and takes_over,
        "revoke_invitation": invitable
        and invitation is not None
        and invitation.outcome is None
        and call.now < invitation.expires_at,
        "lift_phone_hold": takes_over and resets.held(account, call.now),
        "sign_out": account.sign_in_address is not None or account.upstream is not None,
        "disable": rights.everything and enabled,
        "enable": rights.everything and not enabled,
    }
    return [name for name, allowed in may.items() if allowed]


def held_back(call: Call, account: Account | None = None) -> None:
    """What is too much for a mailbox waits, and what is too much of one person, to anyone.
    Raises OperatorError."""
    if account:
        for most, seconds, says in MAILS:
            if audit.count_of(account.id, MAILED, call.now - seconds) >= most:
                raise OperatorError(
                    f"administrators sent {account.username} {most} emails within {says}; "
                    "wait before you send another one"
                )
    for most, seconds, says in MAILS_BY_ONE if call.rights.account_id else ():
        if audit.count_by(call.rights.actor, MAILED, call.now - seconds) >= most:
            raise OperatorError(
                f"you sent {most} emails to people within {says}; wait before you send another one"
            )


def proven(account: Account) -> bool:
    """Whether the address on file, to which a reset mails its link, is the one that its owner signs
    in with: an administrator may have written another."""
    return account.sign_in_address is not None and fold(
        account.contact_email or account.sign_in_address
    ) == fold(account.sign_in_address)
