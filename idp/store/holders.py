"""Accounts together with what their owners can prove their identity with."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import bindparam, select

from idp.store import credentials
from idp.store.accounts import ACCOUNTS, Account
from idp.store.credentials import CREDENTIALS, HELD, LIVE, Held, held
from idp.store.database import rows


@dataclass(frozen=True)
class Holder:
    """An account and what its owner can prove their identity with."""

    account: Account
    credentials: tuple[Held, ...]

    def newest(self, kind: str) -> Held | None:
        """The credential of this kind that was made last."""
        mine = [one for one in self.credentials if one.kind == kind]
        return max(mine, key=lambda one: one.made_at) if mine else None


_HOLDERS = (
    select(ACCOUNTS, *HELD)
    .outerjoin_from(ACCOUNTS, CREDENTIALS, (CREDENTIALS.c.account_id == ACCOUNTS.c.id) & LIVE)
    .where(ACCOUNTS.c.id.in_(bindparam("ids", expanding=True)))
)


def by_ids(account_ids: set[str]) -> dict[str, Holder]:
    """Accounts with their live credentials, by id."""
    found = rows(_HOLDERS, Account, ids=sorted(account_ids)) if account_ids else []
    by_account: dict[str, list[Account]] = {}
    for one in found:
        by_account.setdefault(one.id, []).append(one)
    return {
        account_id: Holder(some[0], _as_on_record(some[0], [held(one) for one in some]))
        for account_id, some in by_account.items()
    }


def _as_on_record(account: Account, found: Iterable[Held | None]) -> tuple[Held, ...]:
    """The credentials as the account's own columns have them: a node of the release before changes
    those alone."""
    on_record = {
        credentials.PASSWORD: ("", account.password_hash),
        credentials.EMAIL: (account.sign_in_address_key or "", None),
        credentials.PHONE: (account.phone or "", None),
    }
    right = [
        one
        for one in found
        if one and on_record.get(one.kind, (one.key, one.sealed)) == (one.key, one.sealed)
    ]
    since, there = account.credentials_changed_at, {one.kind for one in right}
    return (
        *right,
        *(
            Held("", kind, "", key, sealed, 0, since, None)
            for kind, (key, sealed) in on_record.items()
            if kind not in there and (key or sealed)
        ),
    )
