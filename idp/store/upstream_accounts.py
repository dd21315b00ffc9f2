"""Accounts that belong to a company: found by its issuer and subject, and kept as it says."""

from sqlalchemy import bindparam, select, update

from idp.store.accounts import ACCOUNTS, ONE, Account, change_found, enter_in_directory
from idp.store.database import row, rows
from idp.typed import fold

_BY_SUBJECT = select(ACCOUNTS).where(
    ACCOUNTS.c.upstream == bindparam("issuer"), ACCOUNTS.c.upstream_subject == bindparam("sub")
)


_SET_UPSTREAM = (
    update(ACCOUNTS)
    .where(ONE)
    .values(upstream=bindparam("issuer"), upstream_subject=bindparam("sub"))
)


_PERSON = ("contact_email", "contact_email_key", "given_name", "family_name", "roles")


_SET_PERSON = (
    update(ACCOUNTS)
    .where(ONE)
    .values({name: bindparam(f"new_{name}") for name in (*_PERSON, "updated_at")})
)


_OF_UPSTREAM = (
    select(ACCOUNTS)
    .where(ACCOUNTS.c.upstream == bindparam("issuer"))
    .order_by(ACCOUNTS.c.username_key)
)


_ISSUERS = (
    select(ACCOUNTS.c.upstream)
    .where(ACCOUNTS.c.upstream.is_not(None))
    .distinct()
    .order_by(ACCOUNTS.c.upstream)
)


def by_subject(issuer: str, subject: str) -> Account | None:
    """The account of this person at a company's provider."""
    return row(_BY_SUBJECT, Account, issuer=issuer, sub=subject)


def of_upstream(issuer: str) -> list[Account]:
    """The accounts that this company manages."""
    return list(rows(_OF_UPSTREAM, Account, issuer=issuer))


def issuers() -> list[str]:
    """The issuers of all companies that manage accounts, be they in the settings or not."""
    return [str(one.upstream) for one in rows(_ISSUERS, Account)]


def set_upstream(account_id: str, issuer: str | None, subject: str | None) -> None:
    """Which person at which company it belongs to; None for no one any more. Raises sqlalchemy's
    IntegrityError where they have another one."""
    change_found(_SET_UPSTREAM, account_id, issuer=issuer, sub=subject)


def set_person(
    account_id: str,
    now: float,
    contact_email: str,
    given_name: str,
    family_name: str,
    roles: list[str],
) -> None:
    """What the company says of its person."""
    about = {
        "contact_email": contact_email,
        "contact_email_key": fold(contact_email),
        "given_name": given_name,
        "family_name": family_name,
        "roles": roles,
    }
    change_found(
        _SET_PERSON,
        account_id,
        new_updated_at=now,
        **{f"new_{name}": value for name, value in about.items()},
    )
    enter_in_directory(account_id)
