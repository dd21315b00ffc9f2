"""Authorization requests to a company's own provider, and the sessions that people have there: what is told to end,
and asked whether it goes on."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ForeignKey, Index, bindparam, exists, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from idp import secret
from idp.store.database import Base, LongText, claimed, row, rows, run, table
from idp.store.sessions import SESSIONS as OUR_SESSIONS
from idp.store.trusted_devices import TRUSTED_DEVICES


class UpstreamRequest(Base):
    """One request at the company's provider. `digest` is of its state, from which nonce and
    verifier are derived."""

    __tablename__ = "upstream_requests"

    digest: Mapped[str] = mapped_column(primary_key=True)
    interaction_id: Mapped[str] = mapped_column(ForeignKey("interactions.id"), index=True)
    upstream: Mapped[str]  # the id of its table in the settings
    again: Mapped[bool]  # the person was to sign in there again
    max_age: Mapped[int | None]  # seconds
    created_at: Mapped[float]
    used_at: Mapped[float | None]


class UpstreamSession(Base):
    """What a company's provider gave when someone signed in there; `sid` is theirs, the tokens are
    sealed. Our sessions and trusted devices that go back to it refer to it."""

    __tablename__ = "upstream_sessions"
    __table_args__ = (Index("ix_upstream_sessions_theirs", "upstream", "sid"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    interaction_id: Mapped[str] = mapped_column(index=True)
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


REQUESTS = table(UpstreamRequest)
SESSIONS = table(UpstreamSession)

_ADD_REQUEST, _ADD = insert(REQUESTS), insert(SESSIONS)
_REQUEST = select(REQUESTS).where(REQUESTS.c.digest == bindparam("wanted"))
_USE = (
    update(REQUESTS)
    .where(REQUESTS.c.digest == bindparam("wanted"), REQUESTS.c.used_at.is_(None))
    .values(used_at=bindparam("now"))
)
_LIVE = select(SESSIONS).where(SESSIONS.c.ended_at.is_(None))
_OF_ACCOUNT = _LIVE.where(SESSIONS.c.account_id == bindparam("who")).order_by(
    SESSIONS.c.created_at.desc()
)
_BY_SID = _LIVE.where(
    SESSIONS.c.upstream == bindparam("upstream_"), SESSIONS.c.sid == bindparam("theirs")
)
_BY_ID = _LIVE.where(SESSIONS.c.id == bindparam("id_"))
_HERE = (
    SESSIONS.c.interaction_id == bindparam("where_"),
    SESSIONS.c.account_id == bindparam("who"),
)
_IN = _LIVE.where(*_HERE)
_ONE, _OPEN = SESSIONS.c.id == bindparam("id_"), SESSIONS.c.ended_at.is_(None)
_CLAIM = (
    update(SESSIONS)
    .where(_ONE, _OPEN, SESSIONS.c.checked_at == bindparam("seen"))
    .values(checked_at=bindparam("now"))
)
_CONFIRM = (
    update(SESSIONS)
    .where(_ONE, _OPEN)
    .values(
        answered_at=bindparam("now"),
        confirmed_at=bindparam("now"),
        silent_since=None,
        refresh_token=bindparam("fresh"),
    )
)
_SILENT = (
    update(SESSIONS)
    .where(_ONE, _OPEN)
    .values(
        answered_at=bindparam("now"),
        silent_since=bindparam("since"),
        refresh_token=bindparam("fresh"),
    )
)
# what is over is not kept
_ENDING: dict[str, Any] = {"ended_at": bindparam("now"), "id_token": "", "refresh_token": None}
_END = update(SESSIONS).where(_ONE, _OPEN).values(_ENDING)
_OF_WHO = SESSIONS.c.account_id == bindparam("who")
_END_IN = update(SESSIONS).where(*_HERE, _OPEN).values(_ENDING)
_END_UNCONFIRMABLE = (
    update(SESSIONS)
    .where(
        _OF_WHO,
        SESSIONS.c.refresh_token.is_(None),
        SESSIONS.c.created_at <= bindparam("before"),
        _OPEN,
    )
    .values(_ENDING)
)
_END_ALL = update(SESSIONS).where(_OF_WHO, _OPEN).values(_ENDING)
_IN_USE = exists().where(
    OUR_SESSIONS.c.upstream_session_id == SESSIONS.c.id,
    OUR_SESSIONS.c.ended_at.is_(None),
    OUR_SESSIONS.c.created_at > bindparam("since"),
)
_REMEMBERED = exists().where(
    TRUSTED_DEVICES.c.upstream_session_id == SESSIONS.c.id,
    TRUSTED_DEVICES.c.ended_at.is_(None),
    TRUSTED_DEVICES.c.expires_at > bindparam("now"),
)
_END_UNUSED = (
    update(SESSIONS)
    .where(_OF_WHO, _OPEN, SESSIONS.c.created_at < bindparam("since"), ~_IN_USE, ~_REMEMBERED)
    .values(_ENDING)
)
_REFERRED = [  # our sessions, and the browsers that are remembered
    update(OUR_SESSIONS)
    .where(OUR_SESSIONS.c.upstream_session_id == bindparam("old"))
    .values(upstream_session_id=bindparam("new")),
    update(TRUSTED_DEVICES)
    .where(TRUSTED_DEVICES.c.upstream_session_id == bindparam("old"))
    .values(upstream_session_id=bindparam("new")),
]


@dataclass(frozen=True)
class Given:
    """What came with a sign-in at the company; tokens are sealed."""

    upstream: str
    sid: str | None
    id_token: str
    refresh_token: str | None


def add_request(
    digest: str, interaction_id: str, upstream: str, again: bool, max_age: int | None, now: float
) -> None:
    """Keep a request at an upstream until its answer comes."""
    run(
        _ADD_REQUEST,
        digest=digest,
        interaction_id=interaction_id,
        upstream=upstream,
        again=again,
        max_age=max_age,
        created_at=now,
    )


def pending(digest: str) -> UpstreamRequest | None:
    """The request with this digest of its state, answered or not; None where there is none."""
    return row(_REQUEST, UpstreamRequest, wanted=digest)


def use_request(digest: str, now: float) -> bool:
    """Whether this call is the one that takes up what came back; that happens once."""
    return claimed(_USE, wanted=digest, now=now)


def add(account_id: str, interaction_id: str, given: Given, now: float) -> None:
    """Someone signed in at the company just now; what they brought into this interaction before is
    over."""
    run(_END_IN, where_=interaction_id, who=account_id, now=now)
    about = {"account_id": account_id, "interaction_id": interaction_id, **vars(given)}
    run(
        _ADD,
        id=secret.token(12),
        created_at=now,
        checked_at=now,
        answered_at=now,
        confirmed_at=now,
        **about,
    )


def lives(interaction_id: str, account_id: str) -> UpstreamSession | None:
    """What someone brought from the company into this interaction, unless it has ended
    since then."""
    return row(_IN, UpstreamSession, where_=interaction_id, who=account_id)


def replace(old: str, new: str, now: float) -> None:
    """Someone signed in at the company once more, in the same session: whatever goes back to the
    former sign-in goes back to this one."""
    for statement in _REFERRED:
        run(statement, old=old, new=new)
    run(_END, id_=old, now=now)


def by_id(row_id: str) -> UpstreamSession | None:
    """The one of this id, unless it has ended."""
    return row(_BY_ID, UpstreamSession, id_=row_id)


def of_account(account_id: str) -> list[UpstreamSession]:
    """Those that have not ended, newest first."""
    return list(rows(_OF_ACCOUNT, UpstreamSession, who=account_id))


def by_sid(upstream: str, sid: str) -> list[UpstreamSession]:
    """The sessions here that began by this session there."""
    return list(rows(_BY_SID, UpstreamSession, upstream_=upstream, theirs=sid))


def claim_check(one: UpstreamSession, now: float) -> bool:
    """Whether this call may ask the company: a refresh token that is used twice at once ends
    there."""
    return claimed(_CLAIM, id_=one.id, seen=one.checked_at, now=now)


def confirm(row_id: str, now: float, refresh_token: str | None) -> None:
    """The company said that the person is still there, and gave this refresh token for the next
    time."""
    run(_CONFIRM, id_=row_id, now=now, fresh=refresh_token)


def silent(row_id: str, now: float, since: float | None, refresh_token: str | None) -> None:
    """The company did not say, since when; and the refresh token for the next time."""
    run(_SILENT, id_=row_id, now=now, since=since, fresh=refresh_token)


def end(row_id: str, now: float) -> bool:
    """Whether this call ended it."""
    return claimed(_END, id_=row_id, now=now)


def end_unconfirmable(account_id: str, before: float, now: float) -> int:
    """End those of an account from before a time that no one can be asked about; how many there
    were."""
    return run(_END_UNCONFIRMABLE, who=account_id, before=before, now=now)


def end_unused(account_id: str, since: float, now: float) -> int:
    """End those of an account to which nothing goes back that began since then; how many there
    were."""
    return run(_END_UNUSED, who=account_id, since=since, now=now)


def end_all(account_id: str, now: float) -> int:
    """End all of an account; how many there were."""
    return run(_END_ALL, who=account_id, now=now)
