"""What an account signs in with, and what follows when that changes."""

from sqlalchemy import bindparam, select, update

from idp.store import credentials
from idp.store.accounts import (
    ACCOUNTS,
    ONE,
    Account,
    change_found,
    enter_in_directory,
    set_contact_email,
)
from idp.store.database import row
from idp.typed import fold

_UPGRADE = (
    update(ACCOUNTS)
    .where(ONE, ACCOUNTS.c.password_hash == bindparam("old"))
    .values(password_hash=bindparam("new"))
)


_CHANGE_CREDENTIALS = (
    update(ACCOUNTS)
    .where(ONE)
    .values(
        password_hash=bindparam("new_hash"),
        sign_in_address=bindparam("new_address"),
        sign_in_address_key=bindparam("new_key"),
        phone=bindparam("new_phone"),
        credentials_changed_at=bindparam("now"),
        credentials_changed_in=bindparam("where_"),
        updated_at=bindparam("now"),
    )
)


_HOLD_PHONE = (
    update(ACCOUNTS)
    .where(ONE)
    .values(
        new_phone_until=bindparam("until"),
        phone_before=bindparam("before"),
        phone_stop=bindparam("stop"),
    )
)


_BY_PHONE_STOP = select(ACCOUNTS).where(
    ACCOUNTS.c.phone_stop == bindparam("digest"), ACCOUNTS.c.new_phone_until > bindparam("now")
)


_ADD_PHONE = (
    update(ACCOUNTS)
    .where(ONE, ACCOUNTS.c.phone.is_(None))
    .values(phone=bindparam("new_phone"), updated_at=bindparam("now"))
)


_CHANGE_PASSWORD = (
    update(ACCOUNTS)
    .where(ONE, ACCOUNTS.c.credentials_changed_at == bindparam("seen"))
    .values(
        password_hash=bindparam("new_hash"),
        credentials_changed_at=bindparam("now"),
        credentials_changed_in=bindparam("where_"),
        updated_at=bindparam("now"),
    )
)


def change_credentials(
    account: Account,
    now: float,
    interaction_id: str,
    password_hash: str | None,
    sign_in_address: str | None,
    phone: str | None,
) -> None:
    """Set what the person signs in with. Proofs from before count no more, but for those of this
    interaction. Raises sqlalchemy's IntegrityError where the address is another's."""
    key = fold(sign_in_address) if sign_in_address else None
    new = {
        "new_hash": password_hash,
        "new_address": sign_in_address,
        "new_key": key,
        "new_phone": phone,
    }
    change_found(_CHANGE_CREDENTIALS, account.id, now=now, where_=interaction_id, **new)
    credentials.set_only(account.id, now, password_hash, sign_in_address, phone)
    enter_in_directory(account.id)


def add_phone(account_id: str, now: float, phone: str) -> bool:
    """Whether this gave the account its phone; not where it has one already. Nothing that was
    proven before counts less for it."""
    added = change_found(_ADD_PHONE, account_id, new_phone=phone, now=now)
    if added:
        credentials.add(account_id, credentials.PHONE, now, key=phone)
    return added


def change_password(account: Account, now: float, interaction_id: str, password_hash: str) -> bool:
    """Set the password alone; False where the credentials have changed since the account was
    read."""
    changed = change_found(
        _CHANGE_PASSWORD,
        account.id,
        seen=account.credentials_changed_at,
        now=now,
        where_=interaction_id,
        new_hash=password_hash,
    )
    if changed:
        credentials.set_only(account.id, now, password_hash, account.sign_in_address, account.phone)
    return changed


def hold_phone(account_id: str, until: float | None, before: str | None, stop: str | None) -> None:
    """A phone counts for less until then, since it replaced `before` without a proof by it; None
    lifts that. `stop` is the digest of a secret that undoes the change."""
    change_found(_HOLD_PHONE, account_id, until=until, before=before, stop=stop)


def by_phone_stop(digest: str, now: float) -> Account | None:
    """The account whose change of phone this secret stops, while it can be stopped."""
    return row(_BY_PHONE_STOP, Account, digest=digest, now=now)


def end_registration(account: Account, now: float, contact_email: str, keep_password: bool) -> None:
    """Nothing signs in any more; what is on file is the contact email, and the password for
    registering again."""
    kept = account.password_hash if keep_password else None
    change_credentials(account, now, "", kept, None, None)
    hold_phone(account.id, None, None, None)
    set_contact_email(account.id, now, contact_email)


def upgrade_hash(account_id: str, old: str, new: str) -> None:
    """Store the same password under newer parameters, unless it was changed since then."""
    if change_found(_UPGRADE, account_id, old=old, new=new):
        credentials.reseal(account_id, credentials.PASSWORD, old, new)
