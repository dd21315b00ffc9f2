"""Remembered browsers: for a way, after a sign-in by it. And known browsers: where someone has
signed in before, so that a new one is told."""

from sqlalchemy import ForeignKey, Index, bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.accounts import ACCOUNTS
from idp.store.database import Base, claimed, lock, row, rows, run, scalar, table


class Remembered(Base):
    """`digest` is of the secret in the browser's cookie for this way. `auth_time` is of the sign-in
    that it goes back to."""

    __tablename__ = "remembered"

    digest: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    way: Mapped[str]
    auth_time: Mapped[float]
    created_at: Mapped[float] = mapped_column(index=True)
    expires_at: Mapped[float]
    ended_at: Mapped[float | None]
    # the session at the company that an employee's goes back to
    upstream_session_id: Mapped[str | None]


class KnownBrowser(Base):
    """`digest` is of the secret in a cookie that says nothing but that this browser has been
    here."""

    __tablename__ = "known_browsers"
    __table_args__ = (Index("ix_known_browsers_digest", "digest"),)

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    first_at: Mapped[float]
    last_at: Mapped[float] = mapped_column(index=True)
    way: Mapped[str | None]  # by which someone signed in there last


REMEMBERED = table(Remembered)
KNOWN = table(KnownBrowser)

_ADD, _ADD_KNOWN = insert(REMEMBERED), insert(KNOWN)
_LIVE = (
    select(REMEMBERED)
    .join(ACCOUNTS, ACCOUNTS.c.id == REMEMBERED.c.account_id)
    .where(
        REMEMBERED.c.digest.in_(bindparam("held", expanding=True)),
        REMEMBERED.c.ended_at.is_(None),
        REMEMBERED.c.expires_at > bindparam("now"),
        ACCOUNTS.c.disabled_at.is_(None),
        # made since, whenever the person signed in at a company
        REMEMBERED.c.created_at >= ACCOUNTS.c.credentials_changed_at,
    )
)
_OF_ACCOUNT = (
    select(REMEMBERED)
    .where(
        REMEMBERED.c.account_id == bindparam("who"),
        REMEMBERED.c.ended_at.is_(None),
        REMEMBERED.c.expires_at > bindparam("now"),
    )
    .order_by(REMEMBERED.c.created_at.desc())
)
_END = (
    update(REMEMBERED)
    .where(
        REMEMBERED.c.digest.in_(bindparam("held", expanding=True)), REMEMBERED.c.ended_at.is_(None)
    )
    .values(ended_at=bindparam("now"))
)
_END_WAY = _END.where(REMEMBERED.c.way == bindparam("way_"))
_END_ALL = (
    update(REMEMBERED)
    .where(REMEMBERED.c.account_id == bindparam("who"), REMEMBERED.c.ended_at.is_(None))
    .values(ended_at=bindparam("now"))
)
_MINE = KNOWN.c.account_id == bindparam("who")
_SEEN = (
    update(KNOWN)
    .where(_MINE, KNOWN.c.digest == bindparam("this"))
    .values(last_at=bindparam("now"), way=func.coalesce(bindparam("by"), KNOWN.c.way))
)
_LAST_WAY = (
    select(KNOWN.c.way)
    .where(KNOWN.c.digest == bindparam("this"), KNOWN.c.way.is_not(None))
    .order_by(KNOWN.c.last_at.desc())
    .limit(1)
)
_IS_KNOWN = select(KNOWN.c.digest).where(_MINE, KNOWN.c.digest == bindparam("this"))
_FORGET_KNOWN = delete(KNOWN).where(_MINE)
_ANY = select(KNOWN.c.digest).where(_MINE).limit(1)


def add(
    digest: str,
    account_id: str,
    way: str,
    auth_time: float,
    now: float,
    life: int,
    upstream_session_id: str | None = None,
) -> None:
    about = {
        "account_id": account_id,
        "way": way,
        "auth_time": auth_time,
        "upstream_session_id": upstream_session_id,
    }
    run(_ADD, digest=digest, created_at=now, expires_at=now + life, **about)


def live(digests: list[str], now: float) -> dict[str, Remembered]:
    """By way, what these cookies of a browser stand for."""
    return (
        {one.way: one for one in rows(_LIVE, Remembered, held=digests, now=now)} if digests else {}
    )


def of_account(account_id: str, now: float) -> list[Remembered]:
    """The browsers of an account that are remembered, the newest first."""
    return list(rows(_OF_ACCOUNT, Remembered, who=account_id, now=now))


def end(digests: list[str], now: float) -> int:
    """Forget these; how many there were."""
    return run(_END, held=digests, now=now) if digests else 0


def end_way(digests: list[str], way: str, now: float) -> int:
    """Forget those that are for this way; how many there were."""
    return run(_END_WAY, held=digests, way_=way, now=now) if digests else 0


def end_all(account_id: str, now: float) -> int:
    """Forget every browser of an account; how many there were."""
    return run(_END_ALL, who=account_id, now=now)


def is_known(account_id: str, digest: str) -> bool:
    """Whether this account has signed in by this browser before. Takes the same time for who is no
    account."""
    return row(_IS_KNOWN, KnownBrowser, who=account_id, this=digest) is not None


def forget_known(account_id: str) -> int:
    """No browser of an account is known any more: a sign-in by any of them is told its owner. How
    many there were."""
    return run(_FORGET_KNOWN, who=account_id)


def last_way(digest: str) -> str | None:
    """The way by which whoever used this browser last signed in."""
    found: str | None = scalar(_LAST_WAY, this=digest)
    return found


def seen(account_id: str, digest: str, way: str | None, now: float) -> str:
    """Note that this account signs in by this browser: `known`, `first` (of the account) or
    `new`."""
    lock(f"browsers:{account_id}")
    if claimed(_SEEN, who=account_id, this=digest, by=way, now=now):
        return "known"
    first = row(_ANY, KnownBrowser, who=account_id) is None
    run(_ADD_KNOWN, account_id=account_id, digest=digest, first_at=now, last_at=now, way=way)
    return "first" if first else "new"
