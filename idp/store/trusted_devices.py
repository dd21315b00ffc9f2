"""Trusted devices: browsers, for a sign-in option, after a sign-in by it. And known devices: where someone has
signed in before, so that a new one is told."""

from sqlalchemy import ForeignKey, Index, bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.accounts import ACCOUNTS
from idp.store.database import Base, claimed, lock, row, rows, run, scalar, table
from idp.store.tries import Asker


class TrustedDevice(Base):
    """`digest` is of the secret in the browser's cookie for this option. `auth_time` is of the sign-in
    that it goes back to."""

    __tablename__ = "trusted_devices"

    digest: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    option: Mapped[str]
    auth_time: Mapped[float]
    created_at: Mapped[float] = mapped_column(index=True)
    expires_at: Mapped[float]
    ended_at: Mapped[float | None]
    # the session at the company that an employee's goes back to
    upstream_session_id: Mapped[str | None]


class KnownDevice(Base):
    """`digest` is of the secret in a cookie that says nothing but that this browser has been
    here."""

    __tablename__ = "known_devices"
    __table_args__ = (Index("ix_known_devices_digest", "digest"),)

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    first_at: Mapped[float]
    last_at: Mapped[float] = mapped_column(index=True)
    option: Mapped[str | None]  # by which someone signed in there last


TRUSTED_DEVICES = table(TrustedDevice)
KNOWN = table(KnownDevice)

_ADD, _ADD_KNOWN = insert(TRUSTED_DEVICES), insert(KNOWN)
_LIVE = (
    select(TRUSTED_DEVICES)
    .join(ACCOUNTS, ACCOUNTS.c.id == TRUSTED_DEVICES.c.account_id)
    .where(
        TRUSTED_DEVICES.c.digest.in_(bindparam("held", expanding=True)),
        TRUSTED_DEVICES.c.ended_at.is_(None),
        TRUSTED_DEVICES.c.expires_at > bindparam("now"),
        ACCOUNTS.c.disabled_at.is_(None),
        # made since, whenever the person signed in at a company
        TRUSTED_DEVICES.c.created_at >= ACCOUNTS.c.credentials_changed_at,
    )
)
_OF_ACCOUNT = (
    select(TRUSTED_DEVICES)
    .where(
        TRUSTED_DEVICES.c.account_id == bindparam("who"),
        TRUSTED_DEVICES.c.ended_at.is_(None),
        TRUSTED_DEVICES.c.expires_at > bindparam("now"),
    )
    .order_by(TRUSTED_DEVICES.c.created_at.desc())
)
_END = (
    update(TRUSTED_DEVICES)
    .where(
        TRUSTED_DEVICES.c.digest.in_(bindparam("held", expanding=True)),
        TRUSTED_DEVICES.c.ended_at.is_(None),
    )
    .values(ended_at=bindparam("now"))
)
_END_OPTION = _END.where(TRUSTED_DEVICES.c.option == bindparam("option_"))
_END_ALL = (
    update(TRUSTED_DEVICES)
    .where(TRUSTED_DEVICES.c.account_id == bindparam("who"), TRUSTED_DEVICES.c.ended_at.is_(None))
    .values(ended_at=bindparam("now"))
)
_MINE = KNOWN.c.account_id == bindparam("who")
_SEEN = (
    update(KNOWN)
    .where(_MINE, KNOWN.c.digest == bindparam("this"))
    .values(last_at=bindparam("now"), option=func.coalesce(bindparam("by"), KNOWN.c.option))
)
_LAST_OPTION = (
    select(KNOWN.c.option)
    .where(KNOWN.c.digest == bindparam("this"), KNOWN.c.option.is_not(None))
    .order_by(KNOWN.c.last_at.desc())
    .limit(1)
)
_IS_KNOWN = select(KNOWN.c.digest).where(_MINE, KNOWN.c.digest == bindparam("this"))
_FORGET_KNOWN = delete(KNOWN).where(_MINE)
_ANY = select(KNOWN.c.digest).where(_MINE).limit(1)


def add(
    digest: str,
    account_id: str,
    option: str,
    auth_time: float,
    now: float,
    life: int,
    upstream_session_id: str | None = None,
) -> None:
    """Trust a browser for an option for `life` seconds; `auth_time` is of the sign-in."""
    about = {
        "account_id": account_id,
        "option": option,
        "auth_time": auth_time,
        "upstream_session_id": upstream_session_id,
    }
    run(_ADD, digest=digest, created_at=now, expires_at=now + life, **about)


def live(digests: list[str], now: float) -> dict[str, TrustedDevice]:
    """By option, what these cookies of a browser stand for."""
    return (
        {one.option: one for one in rows(_LIVE, TrustedDevice, held=digests, now=now)}
        if digests
        else {}
    )


def of_account(account_id: str, now: float) -> list[TrustedDevice]:
    """The browsers of an account that are remembered, the newest first."""
    return list(rows(_OF_ACCOUNT, TrustedDevice, who=account_id, now=now))


def end(digests: list[str], now: float) -> int:
    """Forget these; how many there were."""
    return run(_END, held=digests, now=now) if digests else 0


def end_option(digests: list[str], option: str, now: float) -> int:
    """Forget those that are for this option; how many there were."""
    return run(_END_OPTION, held=digests, option_=option, now=now) if digests else 0


def end_all(account_id: str, now: float) -> int:
    """Forget every browser of an account; how many there were."""
    return run(_END_ALL, who=account_id, now=now)


def is_known(account_id: str, digest: str) -> bool:
    """Whether this account has signed in by this browser before. Takes the same time for who is no
    account."""
    return row(_IS_KNOWN, KnownDevice, who=account_id, this=digest) is not None


def forget_known(account_id: str) -> int:
    """No browser of an account is known any more: a sign-in by any of them is told its owner. How
    many there were."""
    return run(_FORGET_KNOWN, who=account_id)


def last_option(digest: str) -> str | None:
    """The option by which someone signed in last in this browser."""
    found: str | None = scalar(_LAST_OPTION, this=digest)
    return found


def seen(account_id: str, digest: str, option: str | None, now: float) -> str:
    """Note that this account signs in by this browser: `known`, `first` (of the account) or
    `new`."""
    lock(f"browsers:{account_id}")
    if claimed(_SEEN, who=account_id, this=digest, by=option, now=now):
        return "known"
    first = row(_ANY, KnownDevice, who=account_id) is None
    run(_ADD_KNOWN, account_id=account_id, digest=digest, first_at=now, last_at=now, option=option)
    return "first" if first else "new"


def asker(subject: str, device: str, network: str) -> Asker:
    """Who tries something at the secret of this subject, or has something sent there: a device that
    is known for it, or a stranger of a network."""
    known = bool(device) and is_known(subject, device)
    return Asker(f"device:{device}" if known else f"network:{network}", known, network)
