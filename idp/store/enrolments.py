"""Enrolments: what someone has shown on the way to multi-factor sign-in. Nothing of it counts
before it is kept."""

from typing import Any

from sqlalchemy import ForeignKey, and_, bindparam, exists, func, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from idp import secret
from idp.store import audit, directory, organizations
from idp.store.accounts import ACCOUNTS, RELEASED, Account
from idp.store.database import Base, LongText, claimed, lock, row, rows, run, table
from idp.store.links import INVITATION, LINKS
from idp.store.organizations import MEMBERSHIPS
from idp.typed import fold


class Enrolment(Base):
    """`method` is phone or email, or the kind of what is set up within a sign-in. An address on file
    is given from the start, and fixed."""

    __tablename__ = "enrolments"

    id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    interaction_id: Mapped[str] = mapped_column(index=True)
    method: Mapped[str]
    address: Mapped[str | None]
    address_key: Mapped[str | None] = mapped_column(index=True)
    address_verified_at: Mapped[float | None]
    password_hash: Mapped[str | None] = mapped_column(LongText)
    phone: Mapped[str | None]  # E.164
    # of the phone, or of whatever else is set up
    factor_verified_at: Mapped[float | None] = mapped_column(
        "phone_verified_at", key="factor_verified_at"
    )
    created_at: Mapped[float] = mapped_column(index=True)
    kept_at: Mapped[float | None]
    # it was begun with a code to the phone that was on record
    by_old_phone: Mapped[bool] = mapped_column(server_default="0")
    # by a change of the account: nothing of it can be finished any more
    ended_at: Mapped[float | None]


ENROLMENTS = table(Enrolment)

_ONE = ENROLMENTS.c.id == bindparam("id_")
_ADD = insert(ENROLMENTS)
_BY_ID = select(ENROLMENTS).where(_ONE, ENROLMENTS.c.ended_at.is_(None))
_LEFT = (
    select(ENROLMENTS)
    .join(ACCOUNTS, ACCOUNTS.c.id == ENROLMENTS.c.account_id)
    .where(
        ENROLMENTS.c.address_verified_at.is_not(None),
        ENROLMENTS.c.password_hash.is_not(None),
        ENROLMENTS.c.kept_at.is_(None),
        ENROLMENTS.c.ended_at.is_(None),
        ACCOUNTS.c.sign_in_address.is_(None),  # who is registered registers again by a reset
    )
    .order_by(ENROLMENTS.c.created_at.desc())
    .limit(1)
)
_LEFT_AT, _LEFT_BY = (
    _LEFT.where(ENROLMENTS.c.address_key == bindparam("key")),
    _LEFT.where(ENROLMENTS.c.account_id == bindparam("who")),
)
_BY_NUMBER = (
    select(ENROLMENTS)
    .where(
        ENROLMENTS.c.interaction_id == bindparam("here"),
        ENROLMENTS.c.account_id == bindparam("who"),
        ENROLMENTS.c.phone == bindparam("number"),
        ENROLMENTS.c.kept_at.is_(None),
        ENROLMENTS.c.ended_at.is_(None),
    )
    .order_by(ENROLMENTS.c.created_at.desc())
    .limit(1)
)
_UNREGISTERED = and_(
    ACCOUNTS.c.sign_in_address.is_(None),
    ACCOUNTS.c.password_hash.is_(None),
    ACCOUNTS.c.upstream.is_(None),  # a company's people register nothing here
    # never: who was registered once keeps name and address
    ACCOUNTS.c.credentials_changed_at == ACCOUNTS.c.created_at,
    # and whom someone brought in stays
    ~exists().where(MEMBERSHIPS.c.account_id == ACCOUNTS.c.id, MEMBERSHIPS.c.code_id.is_(None)),
    # an invitation is the administrator's
    ~exists().where(LINKS.c.account_id == ACCOUNTS.c.id, LINKS.c.purpose == INVITATION),
)
_NEVER_REGISTERED = (
    select(ACCOUNTS)
    .where(
        _UNREGISTERED,
        ACCOUNTS.c.created_at < bindparam("then"),
        ACCOUNTS.c.username_key.not_like(f"{RELEASED}%"),
    )
    .order_by(ACCOUNTS.c.id)  # in which two workers lock them
    .limit(100)
)
_RELEASE = (
    update(ACCOUNTS)
    .where(ACCOUNTS.c.id == bindparam("id_"), _UNREGISTERED)
    .values(
        username=bindparam("new_name"),
        username_key=bindparam("new_key"),
        contact_email="",
        contact_email_key="",
    )
)
_OPEN = ENROLMENTS.c.kept_at.is_(None) & ENROLMENTS.c.ended_at.is_(None)
_OPEN_ONE = _ONE & _OPEN
_KEEP = update(ENROLMENTS).where(_OPEN_ONE).values(kept_at=bindparam("now"))
_VERIFY_ADDRESS = (
    update(ENROLMENTS)
    .where(_OPEN_ONE, ENROLMENTS.c.address_key == bindparam("key"))
    .values(address_verified_at=bindparam("now"))
)
_VERIFY_FACTOR = (
    update(ENROLMENTS)
    .where(_OPEN_ONE, func.coalesce(ENROLMENTS.c.phone, ENROLMENTS.c.id) == bindparam("target"))
    .values(factor_verified_at=bindparam("now"))
)
_END_ALL = (
    update(ENROLMENTS)
    .where(ENROLMENTS.c.account_id == bindparam("who"), _OPEN)
    .values(ended_at=bindparam("now"), password_hash=None)
)
_CHANGED = {
    name: ENROLMENTS.c[name]
    for name in (
        "method",
        "address",
        "address_key",
        "address_verified_at",
        "password_hash",
        "phone",
        "factor_verified_at",
    )
}
_CHANGE = {
    name: update(ENROLMENTS).where(_OPEN_ONE).values({name: bindparam("new")}) for name in _CHANGED
}


def add(account_id: str, interaction_id: str, method: str, now: float, **shown: Any) -> str:
    """A new enrolment; its id. `shown` is what is known from the start."""
    enrolment_id = secret.token(16)
    key = fold(shown["address"]) if shown.get("address") else None
    run(
        _ADD,
        id=enrolment_id,
        account_id=account_id,
        interaction_id=interaction_id,
        method=method,
        created_at=now,
        address_key=key,
        **shown,
    )
    return enrolment_id


def by_id(enrolment_id: str) -> Enrolment | None:
    """The one of this id, unless a change of the account has ended it."""
    return row(_BY_ID, Enrolment, id_=enrolment_id)


def left_at(address: str) -> Enrolment | None:
    """The newest one that verified this address and made a password, and was left."""
    return row(_LEFT_AT, Enrolment, key=fold(address))


def left(account_id: str) -> Enrolment | None:
    """The same, of an account, at whatever address."""
    return row(_LEFT_BY, Enrolment, who=account_id)


def of_number(interaction_id: str, account_id: str, number: str) -> Enrolment | None:
    """The one that registers this phone in this interaction."""
    return row(_BY_NUMBER, Enrolment, here=interaction_id, who=account_id, number=number)


def verify_address(enrolment_id: str, key: str, now: float) -> bool:
    """Whether this address (folded) is still the one that is being registered; it is verified
    then."""
    return claimed(_VERIFY_ADDRESS, id_=enrolment_id, key=key, now=now)


def verify_factor(enrolment_id: str, target: str, now: float) -> bool:
    """Whether what a code confirmed is still what is being set up; it is verified then. `target` is
    the number of a phone, and the enrolment's ID for what has none."""
    return claimed(_VERIFY_FACTOR, id_=enrolment_id, target=target, now=now)


def end_all(account_id: str, now: float) -> int:
    """What was begun and left cannot be finished any more; how many there were."""
    return run(_END_ALL, who=account_id, now=now)


def release(then: float, now: float) -> int:
    """Free the usernames and addresses of accounts that people made by a registration code before
    `then` and never registered. How many there were; at most some at once."""
    released = 0
    for account in list(rows(_NEVER_REGISTERED, Account, then=then)):
        places = organizations.of_account(account.id)
        if not release_one(account.id, now):
            continue  # they have just registered, or were invited
        released += 1
        for place in places:
            audit.add(
                now,
                "member_removed",
                target=account.id,
                organization_id=place["id"],
                never_registered=True,
            )
    return released


def release_one(account_id: str, now: float) -> bool:
    """Free the username and address of an account that its owner made by a registration code and
    never registered, which belongs to no organization any more; whether that was so."""
    lock(f"account:{account_id}")
    if not claimed(
        _RELEASE,
        id_=account_id,
        new_name=f"{RELEASED}{account_id}",
        new_key=f"{RELEASED}{account_id}".casefold(),
    ):
        return False
    end_all(account_id, now)  # what was begun of it leads nowhere
    for place in organizations.of_account(account_id):
        organizations.leave(account_id, place["id"])
    directory.remove(account_id)
    return True


def change(enrolment_id: str, **values: Any) -> None:
    """Set columns, unless it has been kept."""
    if "address" in values:
        values["address_key"] = fold(values["address"]) if values["address"] else None
    for name, value in values.items():
        run(_CHANGE[name], id_=enrolment_id, new=value)


def keep(enrolment_id: str, now: float) -> bool:
    """Whether this call kept it; that happens once."""
    return claimed(_KEEP, id_=enrolment_id, now=now)
