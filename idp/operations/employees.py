"""Roles, and accounts that a company manages, as operators look after them."""

import re
from collections.abc import Sequence
from typing import Any

from idp.operations import Mistake
from idp.operations.accounts import found
from idp.settings.upstreams import ROLE
from idp.store import accounts, audit, lock
from idp.store.endings import end_everything

MOST_ROLES = 50


def set_roles(now: float, actor: str, name: str, roles: Sequence[str]) -> None:
    """Which roles somebody has, in the place of those before. An employee's come from the company. Raises Mistake."""
    account = found(name)
    if account.upstream:
        raise Mistake(f"the roles of {account.username} come from {account.upstream}, by `roles` in [[upstreams]], anew at each sign-in")
    wanted = list(dict.fromkeys(roles))
    if wrong := [role for role in wanted if not re.fullmatch(ROLE, role)]:
        raise Mistake(f"{wrong[0]} is no role: letters, digits and : . _ -, at most 64")
    if len(wanted) > MOST_ROLES:
        raise Mistake(f"somebody has at most {MOST_ROLES} roles")
    accounts.set_roles(account.id, now, wanted)
    audit.add(now, "roles_set", actor=actor, target=account.id, roles=wanted)


def move(now: float, actor: str, old: str, new: str, *, new_subjects: bool = False) -> int:
    """A company's provider has another issuer now; how many accounts that is about. With new subjects everything of them ends, and
    each is linked anew by its address. Raises Mistake."""
    moved = accounts.of_company(old)
    if not moved:
        known = accounts.issuers()
        raise Mistake(f"no account belongs to {old}" + (f"; there are those of {', '.join(known)}" if known else ""))
    if accounts.of_company(new):
        raise Mistake(f"accounts of {new} are there already: some people may have both")
    for account in moved:
        accounts.set_company(account.id, None if new_subjects else new, None if new_subjects else account.upstream_subject)
        if new_subjects:
            end_everything(account.id, now, "revoked")
    audit.add(now, "company_moved", actor=actor, company=old, to=new, accounts=len(moved), new_subjects=new_subjects)
    return len(moved)


def unlink(now: float, actor: str, name: str) -> str:
    """The account belongs to nobody at the company any more: whoever signs in there next with its address gets it anew. Everything
    of it ends. The company that it belonged to. Raises Mistake."""
    account = found(name)
    if not account.upstream:
        raise Mistake(f"{account.username} does not sign in through a company")
    lock(f"account:{account.id}")
    accounts.set_company(account.id, None, None)
    accounts.set_roles(account.id, now, [])
    ended: dict[str, Any] = {**end_everything(account.id, now, "revoked")}
    audit.add(now, "account_unlinked", actor=actor, target=account.id, company=account.upstream, **ended)
    return account.upstream
