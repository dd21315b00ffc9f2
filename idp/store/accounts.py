"""Accounts: a person's record. Usernames and addresses are unique, compared without regard to
case."""

from typing import Any

from sqlalchemy import Executable, Index, bindparam, insert, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from idp import secret
from idp.store import credentials, directory
from idp.store.database import Base, LongText, claimed, lock, row, rows, run, table
from idp.typed import fold


class Account(Base):
    """`id` is the opaque subject (sub). The sign-in address is set once its owner has registered
    for multi-factor sign-in; until then only the contact email is on file."""

    __tablename__ = "accounts"
    __table_args__ = (Index("ix_accounts_upstream", "upstream", "upstream_subject", unique=True),)

    id: Mapped[str] = mapped_column(primary_key=True)
    username: Mapped[str]
    username_key: Mapped[str] = mapped_column(unique=True)
    contact_email: Mapped[str]  # empty where none is on file
    contact_email_key: Mapped[str] = mapped_column(index=True)
    sign_in_address: Mapped[str | None]
    sign_in_address_key: Mapped[str | None] = mapped_column(unique=True)
    phone: Mapped[str | None]  # E.164
    given_name: Mapped[str]
    family_name: Mapped[str]
    password_hash: Mapped[str | None] = mapped_column(LongText)
    created_at: Mapped[float]
    updated_at: Mapped[float]
    credentials_changed_at: Mapped[float]  # proofs made before do not count
    # the interaction that did it: proofs given in it go on counting
    credentials_changed_in: Mapped[str | None]
    # by brand, the version of the terms of use that was accepted last
    terms: Mapped[dict[str, Any]]
    disabled_at: Mapped[float | None]
    # the issuer at the company that manages this account; nothing else signs in with it
    upstream: Mapped[str | None]
    upstream_subject: Mapped[str | None]  # who the person is there
    # until then a proof by the phone counts for less: it replaced another one without it
    new_phone_until: Mapped[float | None]
    phone_before: Mapped[str | None]  # which the owner gets back who says that it was not them
    # digest of the secret with which they say so
    phone_stop: Mapped[str | None] = mapped_column(index=True)
    # last, anywhere; None for an account that has not signed in yet
    signed_in_at: Mapped[float | None]
    roles: Mapped[list[Any]]  # by the company's mapping, or given by an operator


ACCOUNTS = table(Account)

ONE = ACCOUNTS.c.id == bindparam("id_")
_ADD = insert(ACCOUNTS)
_BY_ID = select(ACCOUNTS).where(ONE)
_BY_IDS = select(ACCOUNTS).where(ACCOUNTS.c.id.in_(bindparam("ids", expanding=True)))
_BY_ADDRESS = select(ACCOUNTS).where(ACCOUNTS.c.sign_in_address_key == bindparam("key"))
_BY_USERNAME = select(ACCOUNTS).where(ACCOUNTS.c.username_key == bindparam("key"))
_TAKEN = select(ACCOUNTS.c.id).where(
    or_(
        ACCOUNTS.c.sign_in_address_key == bindparam("key"),
        ACCOUNTS.c.contact_email_key == bindparam("key"),
    ),
    ACCOUNTS.c.id != bindparam("but"),
)
_ANY_BY_ADDRESS = (
    select(ACCOUNTS)
    .where(
        or_(
            ACCOUNTS.c.sign_in_address_key == bindparam("key"),
            ACCOUNTS.c.contact_email_key == bindparam("key"),
        )
    )
    .order_by(ACCOUNTS.c.sign_in_address_key.is_(None), ACCOUNTS.c.created_at)
)
# how the usernames begin that were freed; no one can choose one with a space
RELEASED = "forgotten "
_LISTED = (
    select(ACCOUNTS)
    .where(ACCOUNTS.c.username_key.not_like(f"{RELEASED}%"))
    .order_by(ACCOUNTS.c.username_key)
)
_DISABLE = (
    update(ACCOUNTS)
    .where(ONE, ACCOUNTS.c.disabled_at.is_(None))
    .values(disabled_at=bindparam("now"))
)
_ENABLE = update(ACCOUNTS).where(ONE, ACCOUNTS.c.disabled_at.is_not(None)).values(disabled_at=None)

_SET_CONTACT = (
    update(ACCOUNTS)
    .where(ONE)
    .values(
        contact_email=bindparam("new"),
        contact_email_key=bindparam("new_key"),
        updated_at=bindparam("now"),
    )
)
_SET_ROLES = (
    update(ACCOUNTS).where(ONE).values(roles=bindparam("new_roles"), updated_at=bindparam("now"))
)
_SIGNED_IN = update(ACCOUNTS).where(ONE).values(signed_in_at=bindparam("now"))
_SET_TERMS = update(ACCOUNTS).where(ONE).values(terms=bindparam("new_terms"))


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
    """A new account; its id. Raises sqlalchemy's IntegrityError where the username or address is
    taken."""
    account_id = secret.plain_token(22)
    values: dict[str, Any] = {
        "id": account_id,
        "username": username.strip(),
        "username_key": fold(username),
        "contact_email": contact_email.strip(),
        "contact_email_key": fold(contact_email),
        "sign_in_address": sign_in_address.strip() if sign_in_address else None,
        "sign_in_address_key": fold(sign_in_address) if sign_in_address else None,
        "phone": phone,
        "given_name": given_name,
        "family_name": family_name,
        "password_hash": password_hash,
        "created_at": now,
        "updated_at": now,
        "credentials_changed_at": now,
        "terms": {},
        "roles": [],
    }
    run(_ADD, **values)
    credentials.set_only(account_id, now, password_hash, values["sign_in_address"], phone)
    directory.add(
        account_id,
        values["username_key"],
        _found_by(username, given_name, family_name, contact_email, sign_in_address),
    )
    return account_id


def _found_by(*texts: str | None) -> str:
    return " ".join(dict.fromkeys(fold(text) for text in texts if text))


def change_found(statement: Executable, account_id: str, **values: Any) -> bool:
    """Whether this call changed the account. The lock of an account comes before its row, always:
    two that took them the other way around would wait for each other."""
    lock(f"account:{account_id}")
    return claimed(statement, id_=account_id, **values)


def enter_in_directory(account_id: str) -> None:
    """Let the account be found by what it says now."""
    account = by_id(account_id)
    if account:
        said = (
            account.username,
            account.given_name,
            account.family_name,
            account.contact_email,
            account.sign_in_address,
        )
        directory.change(account_id, account.username_key, _found_by(*said))


def by_id(account_id: str) -> Account | None:
    """The account with this ID; None where there is none."""
    return row(_BY_ID, Account, id_=account_id)


def by_ids(account_ids: set[str]) -> dict[str, Account]:
    """Those that exist, by ID."""
    found = rows(_BY_IDS, Account, ids=sorted(account_ids)) if account_ids else []
    return {account.id: account for account in found}


def by_address(address: str) -> Account | None:
    """The account that signs in with this address."""
    return row(_BY_ADDRESS, Account, key=fold(address))


def by_username(username: str) -> Account | None:
    """The account with this username, in any case."""
    return row(_BY_USERNAME, Account, key=fold(username))


def taken(address: str, but: str = "") -> bool:
    """Whether an address is on file for any account, but for one."""
    return row(_TAKEN, Account, key=fold(address), but=but) is not None


def signed_in_with(address: str, but: str) -> bool:
    """Whether any account but this one signs in with an address. What is only on file for others
    may be anybody's who proves it: offices share mailboxes."""
    owner = by_address(address)
    return owner is not None and owner.id != but


def reached_by(address: str) -> Account | None:
    """The account that has this address on file, one that signs in with it first."""
    return row(_ANY_BY_ADDRESS, Account, key=fold(address))


def with_address(address: str) -> list[Account]:
    """Every account that has this address on file, one that signs in with it first."""
    return list(rows(_ANY_BY_ADDRESS, Account, key=fold(address)))


def set_roles(account_id: str, now: float, roles: list[str]) -> None:
    """Replace all roles of an account."""
    change_found(_SET_ROLES, account_id, now=now, new_roles=roles)


def never_registered(account: Account) -> bool:
    """Whether its owner has not registered for multi-factor sign-in, now or before a reset."""
    untouched = account.credentials_changed_at == account.created_at
    return account.sign_in_address is None and untouched


def on_file(account: Account) -> str:
    """The address on file: that of sign-in, else of contact; empty for none."""
    return account.sign_in_address or account.contact_email


def set_contact_email(account_id: str, now: float, address: str) -> None:
    """Replace the contact address, also in the directory."""
    change_found(_SET_CONTACT, account_id, now=now, new=address.strip(), new_key=fold(address))
    enter_in_directory(account_id)


def signed_in(account_id: str, now: float) -> None:
    """Note when its owner signed in last. That is no change of the account."""
    change_found(_SIGNED_IN, account_id, now=now)


def accept_terms(account_id: str, brand: str, version: str) -> None:
    """Note the version that was accepted last."""
    lock(f"account:{account_id}")  # what is read is what is changed
    account = by_id(account_id)
    if account:
        change_found(_SET_TERMS, account_id, new_terms={**account.terms, brand: version})


def listed() -> list[Account]:
    """All accounts, in the order of usernames, but those whose username was freed."""
    return list(rows(_LISTED, Account))


def disable(account_id: str, now: float) -> bool:
    """Whether this call disabled it."""
    return change_found(_DISABLE, account_id, now=now)


def enable(account_id: str) -> bool:
    """Whether this call enabled it."""
    return change_found(_ENABLE, account_id)
