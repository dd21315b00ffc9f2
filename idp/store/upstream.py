"""Trips to a company's own provider, and the sessions that people have there: what is told to end, and asked whether it goes on."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ForeignKey, Index, bindparam, func, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from idp import secret
from idp.store.database import Base, LongText, claimed, row, rows, run, table


class Trip(Base):
    """One request at the company's provider. `digest` is of its state, from which nonce and verifier are derived."""

    __tablename__ = "trips"

    digest: Mapped[str] = mapped_column(primary_key=True)
    interaction_id: Mapped[str] = mapped_column(ForeignKey("interactions.id"), index=True)
    upstream: Mapped[str]  # the id of its table in the settings
    again: Mapped[bool]  # the person was to sign in there anew
    max_age: Mapped[int | None]  # seconds
    created_at: Mapped[float]
    used_at: Mapped[float | None]


class UpstreamSession(Base):
    """What a company's provider gave when somebody signed in there. `session_id` is of our session, once there is one; `sid` is theirs.
    The tokens are sealed."""

    __tablename__ = "upstream_sessions"
    __table_args__ = (Index("ix_upstream_sessions_theirs", "upstream", "sid"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    interaction_id: Mapped[str] = mapped_column(index=True)
    session_id: Mapped[str | None] = mapped_column(index=True)
    upstream: Mapped[str]
    sid: Mapped[str | None]
    id_token: Mapped[str] = mapped_column(LongText)
    refresh_token: Mapped[str | None] = mapped_column(LongText)
    created_at: Mapped[float]
    checked_at: Mapped[float]  # when the company was asked last, or is being asked
    answered_at: Mapped[float]  # when that came to an end, whatever it was
    confirmed_at: Mapped[float]  # when it last said that the person is still there
    silent_since: Mapped[float | None]  # the first time since then that it did not answer
    ended_at: Mapped[float | None]


TRIPS = table(Trip)
SESSIONS = table(UpstreamSession)

_ADD_TRIP, _ADD = insert(TRIPS), insert(SESSIONS)
_TRIP = select(TRIPS).where(TRIPS.c.digest == bindparam("wanted"))
_USE = update(TRIPS).where(TRIPS.c.digest == bindparam("wanted"), TRIPS.c.used_at.is_(None)).values(used_at=bindparam("now"))
_LIVE = select(SESSIONS).where(SESSIONS.c.ended_at.is_(None))
_OF_ACCOUNT = _LIVE.where(SESSIONS.c.account_id == bindparam("who")).order_by(SESSIONS.c.created_at.desc())
_OF_SESSION = _LIVE.where(SESSIONS.c.session_id == bindparam("ours")).order_by(SESSIONS.c.created_at.desc())
_BY_SID = _LIVE.where(SESSIONS.c.upstream == bindparam("upstream_"), SESSIONS.c.sid == bindparam("theirs"))
_BY_ID = _LIVE.where(SESSIONS.c.id == bindparam("id_"))
_IN = _LIVE.where(SESSIONS.c.interaction_id == bindparam("where_"), SESSIONS.c.account_id == bindparam("who"))
_ONE, _OPEN = SESSIONS.c.id == bindparam("id_"), SESSIONS.c.ended_at.is_(None)
_HERE = (SESSIONS.c.interaction_id == bindparam("where_"), SESSIONS.c.account_id == bindparam("who"), _OPEN)
_BEGIN = update(SESSIONS).where(*_HERE).values(session_id=bindparam("ours"))
_CLAIM = update(SESSIONS).where(_ONE, _OPEN, SESSIONS.c.checked_at == bindparam("seen")).values(checked_at=bindparam("now"))
_CONFIRM = (
    update(SESSIONS).where(_ONE, _OPEN).values(answered_at=bindparam("now"), confirmed_at=bindparam("now"), silent_since=None, refresh_token=bindparam("fresh"))
)
_SILENT = update(SESSIONS).where(_ONE, _OPEN).values(answered_at=bindparam("now"), silent_since=func.coalesce(SESSIONS.c.silent_since, bindparam("now")))
_ENDING: dict[str, Any] = {"ended_at": bindparam("now"), "id_token": "", "refresh_token": None}  # what is over is not kept
_END = update(SESSIONS).where(_ONE, _OPEN).values(_ENDING)
_OURS = SESSIONS.c.session_id == bindparam("ours")
_END_OF_SESSION = update(SESSIONS).where(_OURS, _OPEN).values(_ENDING)
_END_OLDER = update(SESSIONS).where(_OURS, SESSIONS.c.interaction_id != bindparam("where_"), _OPEN).values(_ENDING)
_END_MUTE = update(SESSIONS).where(SESSIONS.c.account_id == bindparam("who"), SESSIONS.c.refresh_token.is_(None), _OPEN).values(_ENDING)
_END_ALL = update(SESSIONS).where(SESSIONS.c.account_id == bindparam("who"), _OPEN).values(_ENDING)


@dataclass(frozen=True)
class Given:
    """What came with a sign-in at the company; tokens are sealed."""

    upstream: str
    sid: str | None
    id_token: str
    refresh_token: str | None


def add_trip(digest: str, interaction_id: str, upstream: str, again: bool, max_age: int | None, now: float) -> None:
    run(_ADD_TRIP, digest=digest, interaction_id=interaction_id, upstream=upstream, again=again, max_age=max_age, created_at=now)


def trip(digest: str) -> Trip | None:
    return row(_TRIP, Trip, wanted=digest)


def use_trip(digest: str, now: float) -> bool:
    """Whether this call is the one that takes up what came back; that happens once."""
    return claimed(_USE, wanted=digest, now=now)


def add(account_id: str, interaction_id: str, given: Given, now: float, session_id: str | None = None) -> None:
    """Somebody signed in at the company just now."""
    about = {"account_id": account_id, "interaction_id": interaction_id, "session_id": session_id, **vars(given)}
    run(_ADD, id=secret.token(12), created_at=now, checked_at=now, answered_at=now, confirmed_at=now, **about)


def begin(interaction_id: str, account_id: str, session_id: str, now: float) -> UpstreamSession | None:
    """The sign-in of this interaction is this session of ours now, and no earlier one is; None where it did not come by a company."""
    found = row(_IN, UpstreamSession, where_=interaction_id, who=account_id)
    if found:
        run(_END_OLDER, ours=session_id, where_=interaction_id, now=now)
        run(_BEGIN, where_=interaction_id, who=account_id, ours=session_id)
    return found


def lives(interaction_id: str, account_id: str) -> bool:
    """Whether what somebody brought from the company into this interaction has not ended meanwhile."""
    return row(_IN, UpstreamSession, where_=interaction_id, who=account_id) is not None


def by_id(row_id: str) -> UpstreamSession | None:
    """The one of this id, unless it has ended."""
    return row(_BY_ID, UpstreamSession, id_=row_id)


def of_account(account_id: str) -> list[UpstreamSession]:
    """Those that have not ended, newest first."""
    return list(rows(_OF_ACCOUNT, UpstreamSession, who=account_id))


def of_session(session_id: str) -> UpstreamSession | None:
    """The newest by which a session of ours came."""
    return row(_OF_SESSION, UpstreamSession, ours=session_id)


def by_sid(upstream: str, sid: str) -> list[UpstreamSession]:
    return list(rows(_BY_SID, UpstreamSession, upstream_=upstream, theirs=sid))


def claim_check(one: UpstreamSession, now: float) -> bool:
    """Whether this call may ask the company: a refresh token that is used twice at once ends there."""
    return claimed(_CLAIM, id_=one.id, seen=one.checked_at, now=now)


def confirm(row_id: str, now: float, refresh_token: str | None) -> None:
    """The company said that the person is still there, and gave this refresh token for the next time."""
    run(_CONFIRM, id_=row_id, now=now, fresh=refresh_token)


def silent(row_id: str, now: float) -> None:
    """The company did not say."""
    run(_SILENT, id_=row_id, now=now)


def end(row_id: str, now: float) -> bool:
    """Whether this call ended it."""
    return claimed(_END, id_=row_id, now=now)


def end_mute(account_id: str, now: float) -> int:
    """End those of an account that nobody can be asked about; how many there were."""
    return run(_END_MUTE, who=account_id, now=now)


def end_of_session(session_id: str, now: float) -> int:
    """End those by which a session of ours came; how many there were."""
    return run(_END_OF_SESSION, ours=session_id, now=now)


def end_all(account_id: str, now: float) -> int:
    """End all of an account; how many there were."""
    return run(_END_ALL, who=account_id, now=now)
