"""Roles, and accounts that a company manages, as operators look after them."""

import re
from collections.abc import Sequence
from typing import Any

from idp.operations import NotFound, OperatorError
from idp.operations.accounts import found
from idp.settings.upstreams import ROLE
from idp.store import accounts, audit, links, lock, upstream_accounts
from idp.store.endings import end

MOST_ROLES = 50


def set_roles(now: float, actor: str, name: str, roles: Sequence[str]) -> None:
    """Which roles someone has, in the place of those before. An employee's come from the company.
    Raises OperatorError."""
    account = found(name)
    if account.upstream:
        raise OperatorError(
            f"the roles of {account.username} come from {account.upstream} at each "
            "sign-in, by `roles` in [[upstreams]]"
        )
    wanted = list(dict.fromkeys(roles))
    if wrong := [role for role in wanted if not re.fullmatch(ROLE, role)]:
        raise OperatorError(
            f"{wrong[0]} is not a valid role; use at most 64 letters, digits and : . _ -"
        )
    if len(wanted) > MOST_ROLES:
        raise OperatorError(f"a person can have at most {MOST_ROLES} roles")
    lock(f"member:{account.id}")
    accounts.set_roles(account.id, now, wanted)
    audit.add(now, "roles_set", actor=actor, target=account.id, roles=wanted)


def move(now: float, actor: str, old: str, new: str, *, new_subjects: bool = False) -> int:
    """A company's provider has another issuer now; how many accounts that is about. Everything of
    them ends: they sign in there once more. With new subjects each is linked again by its address.
    Raises OperatorError."""
    moved, there = (
        upstream_accounts.of_upstream(old),
        {account.upstream_subject for account in upstream_accounts.of_upstream(new)},
    )
    if not moved:
        known = upstream_accounts.issuers()
        raise NotFound(
            f"no account belongs to {old}"
            + (f"; accounts belong to {', '.join(known)}" if known else "")
        )
    if not new_subjects and (
        both := [account.username for account in moved if account.upstream_subject in there]
    ):
        raise OperatorError(
            f"{', '.join(both)}: someone with the same subject has already signed in at "
            f"{new}; if the subjects are new there, use --new-subjects"
        )
    for account in moved:
        upstream_accounts.set_upstream(
            account.id,
            None if new_subjects else new,
            None if new_subjects else account.upstream_subject,
        )
        if new_subjects:  # no one has them until someone signs in there
            accounts.set_roles(account.id, now, [])
        end("upstream_moved", account.id, now)
    audit.add(
        now,
        "upstream_moved",
        actor=actor,
        upstream=old,
        to=new,
        accounts=len(moved),
        new_subjects=new_subjects,
    )
    return len(moved)


def retire(now: float, actor: str, name: str) -> None:
    """The owner has left the company, and address or subject may be someone else's: the account is
    switched off, and neither is on file any more. A person who has them now gets an account of their
    own. Raises OperatorError."""
    account = found(name)
    invited = account.upstream is None and links.invitation(account.id) is not None
    if account.password_hash or account.sign_in_address or account.phone or invited:
        raise OperatorError(
            f"{account.username} does not sign in through a company; `idp accounts "
            "disable` disables it"
        )
    lock(f"member:{account.id}")
    lock(f"account:{account.id}")
    upstream_accounts.set_upstream(account.id, None, None)
    accounts.set_roles(account.id, now, [])
    accounts.set_contact_email(account.id, now, "")
    accounts.disable(account.id, now)
    ended: dict[str, Any] = {**end("retired", account.id, now)}
    audit.add(
        now, "account_retired", actor=actor, target=account.id, upstream=account.upstream, **ended
    )


def unlink(now: float, actor: str, name: str) -> str:
    """The account belongs to no one at the company for now: the next person who signs in there with its
    address gets it, so it must be the same person. Everything of it ends. The company that it
    belonged to. Raises OperatorError."""
    account = found(name)
    if not account.upstream:
        raise OperatorError(f"{account.username} does not sign in through a company")
    lock(f"member:{account.id}")
    lock(f"account:{account.id}")
    upstream_accounts.set_upstream(account.id, None, None)
    accounts.set_roles(account.id, now, [])
    ended: dict[str, Any] = {**end("upstream_unlinked", account.id, now)}
    audit.add(
        now, "account_unlinked", actor=actor, target=account.id, upstream=account.upstream, **ended
    )
    return account.upstream
