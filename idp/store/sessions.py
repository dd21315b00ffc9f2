"""Sessions: completed sign-ins of a browser at this provider. Half a sign-in never makes one."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ForeignKey, bindparam, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from idp import secret
from idp.store.database import Base, claimed, row, rows, run, table


class Session(Base):
    """`id` is the public sid; the browser's cookie holds a secret of which only the digest is here.
    `proofs` are `[method, at, interaction]`."""

    __tablename__ = "sessions"

    id: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(unique=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    interaction_id: Mapped[str | None] = mapped_column(index=True)
    proofs: Mapped[list[Any]]
    option: Mapped[str | None]
    auth_time: Mapped[float]
    created_at: Mapped[float]
    seen_at: Mapped[float]
    ended_at: Mapped[float | None]
    # the one at the company that an employee's goes back to
    upstream_session_id: Mapped[str | None] = mapped_column(index=True)


SESSIONS = table(Session)

_ONE = SESSIONS.c.id == bindparam("id_")
_OPEN = SESSIONS.c.ended_at.is_(None)
_ADD = insert(SESSIONS)
_BY_DIGEST = select(SESSIONS).where(SESSIONS.c.digest == bindparam("wanted"))
_BY_ID = select(SESSIONS).where(_ONE)
_OF_INTERACTION = select(SESSIONS).where(SESSIONS.c.interaction_id == bindparam("id_"))
_OF_ACCOUNT = (
    select(SESSIONS)
    .where(
        SESSIONS.c.account_id == bindparam("who"),
        _OPEN,
        SESSIONS.c.seen_at > bindparam("idle_since"),
        SESSIONS.c.created_at > bindparam("begun_since"),
    )
    .order_by(SESSIONS.c.created_at.desc())
)
_RENEW = (
    update(SESSIONS)
    .where(_ONE)
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in (
                "digest",
                "interaction_id",
                "proofs",
                "option",
                "auth_time",
                "created_at",
                "seen_at",
            )
        }
    )
)
_RAISE = (
    update(SESSIONS)
    .where(_ONE)
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in ("digest", "interaction_id", "proofs", "seen_at")
        }
    )
)
_SET_SECRET = update(SESSIONS).where(_ONE).values(digest=bindparam("new"))
_GO_BACK_TO = update(SESSIONS).where(_ONE).values(upstream_session_id=bindparam("there"))
_END_OF_UPSTREAM = (
    update(SESSIONS)
    .where(SESSIONS.c.upstream_session_id == bindparam("there"), _OPEN)
    .values(ended_at=bindparam("now"))
)
_SEEN = update(SESSIONS).where(_ONE).values(seen_at=bindparam("now"))
_END = update(SESSIONS).where(_ONE, _OPEN).values(ended_at=bindparam("now"))
_END_ALL = (
    update(SESSIONS)
    .where(SESSIONS.c.account_id == bindparam("who"), _OPEN)
    .values(ended_at=bindparam("now"))
)
ACTIVITY_STEP = 30  # seconds; activity is written no more often than this


@dataclass(frozen=True)
class Start:
    """What a completed sign-in makes of a session."""

    digest: str
    account_id: str
    interaction_id: str
    proofs: list[Any]
    option: str | None
    auth_time: float


def add(start: Start, now: float) -> str:
    """A new session; its id."""
    session_id = secret.token(16)
    run(_ADD, id=session_id, created_at=now, seen_at=now, **vars(start))
    return session_id


def renew(session_id: str, start: Start, now: float) -> None:
    """The same person signed in again: new proofs, a new secret (the old cookie is void), a life
    that begins again."""
    fresh = {"created_at": now, "seen_at": now, **vars(start)}
    del fresh["account_id"]
    run(_RENEW, id_=session_id, **{f"new_{name}": value for name, value in fresh.items()})


def raise_level(
    session_id: str, digest: str, interaction_id: str, proofs: list[Any], now: float
) -> None:
    """A proof was added that makes the session worth more: a new secret (the old cookie is void),
    the same life."""
    run(
        _RAISE,
        id_=session_id,
        new_digest=digest,
        new_interaction_id=interaction_id,
        new_proofs=proofs,
        new_seen_at=now,
    )


def by_id(session_id: str) -> Session | None:
    """The session with this ID, ended or not; None where there is none."""
    return row(_BY_ID, Session, id_=session_id)


def live(digest: str, now: float, idle: int, absolute: int) -> Session | None:
    """The session of this cookie, unless it ended, lay idle or grew too old (seconds)."""
    session = row(_BY_DIGEST, Session, wanted=digest)
    return session if session and _lives(session, now, idle, absolute) else None


def of_account(account_id: str, now: float, idle: int, absolute: int) -> list[Session]:
    """The sessions of an account that live, the newest first."""
    return list(
        rows(
            _OF_ACCOUNT, Session, who=account_id, idle_since=now - idle, begun_since=now - absolute
        )
    )


def of_interaction(interaction_id: str, now: float, idle: int, absolute: int) -> Session | None:
    """The session that finishing this interaction began or renewed, while it lives."""
    session = row(_OF_INTERACTION, Session, id_=interaction_id)
    return session if session and _lives(session, now, idle, absolute) else None


def _lives(session: Session, now: float, idle: int, absolute: int) -> bool:
    return (
        session.ended_at is None
        and now - session.seen_at < idle
        and now - session.created_at < absolute
    )


def set_secret(session_id: str, digest: str) -> None:
    """A new secret for the same session: the browser may never have got the first one."""
    run(_SET_SECRET, id_=session_id, new=digest)


def seen(session: Session, now: float) -> None:
    """Note activity."""
    if now - session.seen_at >= ACTIVITY_STEP:
        run(_SEEN, id_=session.id, now=now)


def go_back_to(session_id: str, upstream_session_id: str) -> None:
    """Note the session at the company by which this one came."""
    run(_GO_BACK_TO, id_=session_id, there=upstream_session_id)


def end_of_upstream(upstream_session_id: str, now: float) -> int:
    """End the sessions that came by one at the company; how many there were."""
    return run(_END_OF_UPSTREAM, there=upstream_session_id, now=now)


def end(session_id: str, now: float) -> bool:
    """Whether this call ended it."""
    return claimed(_END, id_=session_id, now=now)


def end_all(account_id: str, now: float) -> int:
    """End every session of an account; how many there were."""
    return run(_END_ALL, who=account_id, now=now)
