"""Profiles: how someone is reached beside signing in, as they wrote it when they registered. The
fax takes determination letters."""

from sqlalchemy import ForeignKey, bindparam, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.database import Base, row, rows, run, table

FIELDS = ("address_1", "address_2", "city", "state", "zip_code", "phone", "fax")


class Profile(Base):
    """`phone` is for people who want to talk; the one that proves who someone is stands in the
    account."""

    __tablename__ = "profiles"

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    address_1: Mapped[str]
    address_2: Mapped[str]
    city: Mapped[str]
    state: Mapped[str]
    zip_code: Mapped[str]
    phone: Mapped[str]
    fax: Mapped[str]


PROFILES = table(Profile)

_ADD = insert(PROFILES)
_OF_ACCOUNTS = select(PROFILES).where(PROFILES.c.account_id.in_(bindparam("ids", expanding=True)))
_OF = select(PROFILES).where(PROFILES.c.account_id == bindparam("who"))


def add(account_id: str, **values: str) -> None:
    """`values` are the FIELDS."""
    run(_ADD, account_id=account_id, **values)


def of_accounts(account_ids: set[str]) -> dict[str, Profile]:
    """The profiles of those accounts that have one."""
    return (
        {one.account_id: one for one in rows(_OF_ACCOUNTS, Profile, ids=sorted(account_ids))}
        if account_ids
        else {}
    )


def of(account_id: str) -> Profile | None:
    return row(_OF, Profile, who=account_id)
