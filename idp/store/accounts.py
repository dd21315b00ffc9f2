"""Accounts: a person's record. Usernames and addresses are unique, compared without regard to case."""

from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from idp import secret
from idp.store.database import Base, LongText, claimed, row, rows, run, table


class Account(Base):
    """`id` is the opaque subject (sub). The sign-in address is set once its owner has registered for
    multi-factor sign-in; until then only the contact e-mail is on file."""

    __tablename__ = "accounts"

    id: Mapped[str] = mapped_column(primary_key=True)
    username: Mapped[str]
    username_key: Mapped[str] = mapped_column(unique=True)
    contact_email: Mapped[str]
    sign_in_address: Mapped[str | None]
    sign_in_address_key: Mapped[str | None] = mapped_column(unique=True)
    phone: Mapped[str | None]  # E.164
    given_name: Mapped[str]
    family_name: Mapped[str]
    password_hash: Mapped[str | None] = mapped_column(LongText)
    created_at: Mapped[float]
    updated_at: Mapped[float]
    credentials_changed_at: Mapped[float]  # proofs made before do not count
    disabled_at: Mapped[float | None]


ACCOUNTS = table(Account)

_ADD = insert(ACCOUNTS)
_BY_ID = select(ACCOUNTS).where(ACCOUNTS.c.id == bindparam("id_"))
_BY_IDS = select(ACCOUNTS).where(ACCOUNTS.c.id.in_(bindparam("ids", expanding=True)))
_BY_ADDRESS = select(ACCOUNTS).where(ACCOUNTS.c.sign_in_address_key == bindparam("key"))
_BY_USERNAME = select(ACCOUNTS).where(ACCOUNTS.c.username_key == bindparam("key"))
_LISTED = select(ACCOUNTS).order_by(ACCOUNTS.c.username_key)
_DISABLE = update(ACCOUNTS).where(ACCOUNTS.c.id == bindparam("id_"), ACCOUNTS.c.disabled_at.is_(None)).values(disabled_at=bindparam("now"))
_ENABLE = update(ACCOUNTS).where(ACCOUNTS.c.id == bindparam("id_"), ACCOUNTS.c.disabled_at.is_not(None)).values(disabled_at=None)
_UPGRADE = update(ACCOUNTS).where(ACCOUNTS.c.id == bindparam("id_"), ACCOUNTS.c.password_hash == bindparam("old")).values(password_hash=bindparam("new"))


def fold(name: str) -> str:
    """How usernames and addresses are compared: without surrounding space and regard to case."""
    return name.strip().casefold()


def add(
    now: float,
    username: str,
    contact_email: str,
    given_name: str,
    family_name: str,
    password_hash: str | None = None,
    sign_in_address: str | None = None,
    phone: str | None = None,
) -> str:
    """A new account; its id. Raises sqlalchemy's IntegrityError where the username or address is taken."""
    account_id = secret.token(16)
    values: dict[str, Any] = {
        "id": account_id,
        "username": username.strip(),
        "username_key": fold(username),
        "contact_email": contact_email.strip(),
        "sign_in_address": sign_in_address.strip() if sign_in_address else None,
        "sign_in_address_key": fold(sign_in_address) if sign_in_address else None,
        "phone": phone,
        "given_name": given_name,
        "family_name": family_name,
        "password_hash": password_hash,
        "created_at": now,
        "updated_at": now,
        "credentials_changed_at": now,
    }
    run(_ADD, **values)
    return account_id


def by_id(account_id: str) -> Account | None:
    return row(_BY_ID, Account, id_=account_id)


def by_ids(account_ids: set[str]) -> dict[str, Account]:
    found = rows(_BY_IDS, Account, ids=sorted(account_ids)) if account_ids else []
    return {account.id: account for account in found}


def by_address(address: str) -> Account | None:
    """The account that signs in with this address."""
    return row(_BY_ADDRESS, Account, key=fold(address))


def by_username(username: str) -> Account | None:
    return row(_BY_USERNAME, Account, key=fold(username))


def listed() -> list[Account]:
    return list(rows(_LISTED, Account))


def disable(account_id: str, now: float) -> bool:
    """Whether this call disabled it."""
    return claimed(_DISABLE, id_=account_id, now=now)


def enable(account_id: str) -> bool:
    """Whether this call enabled it."""
    return claimed(_ENABLE, id_=account_id)


def upgrade_hash(account_id: str, old: str, new: str) -> None:
    """Store the same password under newer parameters, unless it was changed meanwhile."""
    run(_UPGRADE, id_=account_id, old=old, new=new)
