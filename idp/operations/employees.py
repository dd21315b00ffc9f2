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
