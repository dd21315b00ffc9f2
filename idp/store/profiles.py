"""What people entered when they registered, beside name, username and email, as the deployment's
profile of registration asks for it."""

from typing import Any

from sqlalchemy import ForeignKey, bindparam, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.database import Base, row, rows, run, table


class Profile(Base):
    """`fields` are those of the profile of registration (`idp/profiles`), by name. A phone among
    them is for people who want to talk; the one that proves who someone is is a credential."""

    __tablename__ = "profiles"

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    fields: Mapped[dict[str, Any]]


PROFILES = table(Profile)

_ADD = insert(PROFILES)
_OF_ACCOUNTS = select(PROFILES).where(PROFILES.c.account_id.in_(bindparam("ids", expanding=True)))
_OF = select(PROFILES).where(PROFILES.c.account_id == bindparam("who"))


def add(account_id: str, fields: dict[str, str]) -> None:
    """Keep what was entered; what was left empty is not kept."""
    run(_ADD, account_id=account_id, fields={name: text for name, text in fields.items() if text})


def of_accounts(account_ids: set[str]) -> dict[str, dict[str, str]]:
    """What those accounts entered that entered something."""
    if not account_ids:
        return {}
    found = rows(_OF_ACCOUNTS, Profile, ids=sorted(account_ids))
    return {one.account_id: one.fields for one in found}


def of(account_id: str) -> dict[str, str]:
    """What was entered, by field; nothing where nothing was asked."""
    found = row(_OF, Profile, who=account_id)
    return found.fields if found else {}
