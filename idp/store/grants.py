"""Grants: what a client got by redeeming one code; the family of its refresh tokens and access
tokens."""

from typing import Any, Protocol, cast

from sqlalchemy import ForeignKey, bindparam, func, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.accounts import ACCOUNTS
from idp.store.database import Base, claimed, row, run, scalar, table
from idp.store.sessions import SESSIONS


class Grant(Base):
    """Ends as a whole: by revocation, by reuse of a code or refresh token, with its session, with
    its account."""

    __tablename__ = "grants"

    id: Mapped[str] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(index=True)
    account_id: Mapped[str] = mapped_column(index=True)
    session_id: Mapped[str] = mapped_column(index=True)
    created_at: Mapped[float]
    expires_at: Mapped[float]  # of its refresh tokens, in all
    revoked_at: Mapped[float | None]
    # what its code stood for; oauth/granted.py reads and writes it
    granted: Mapped[dict[str, Any]] = mapped_column(nullable=True)
    # of the refresh tokens that may be used; each use begins another
    generation: Mapped[int] = mapped_column(server_default="0")
    rotated_at: Mapped[float | None]  # when the generation before was used


class RefreshToken(Base):
    """Of a generation there is one, and for the moment in which its predecessor is answered again
    perhaps some more."""

    __tablename__ = "refresh_tokens"

    digest: Mapped[str] = mapped_column(primary_key=True)
    grant_id: Mapped[str] = mapped_column(ForeignKey("grants.id"), index=True)
    created_at: Mapped[float]
    generation: Mapped[int] = mapped_column(server_default="0")


class GrantAndPerson(Protocol):
    """A row of `live`: the grant, and the person as they are now."""

    id: str
    expires_at: float
    generation: int
    rotated_at: float | None
    granted: dict[str, Any]
    username: str
    contact_email: str | None
    sign_in_address: str | None
    phone: str | None
    given_name: str
    family_name: str
    updated_at: float
    roles: list[str]
    upstream: str | None


GRANTS = table(Grant)
REFRESH_TOKENS = table(RefreshToken)

_LIVE = (
    (GRANTS.c.revoked_at.is_(None))
    & (ACCOUNTS.c.disabled_at.is_(None))
    & (SESSIONS.c.ended_at.is_(None))
)
_JOINED = GRANTS.join(ACCOUNTS, ACCOUNTS.c.id == GRANTS.c.account_id).join(
    SESSIONS, SESSIONS.c.id == GRANTS.c.session_id
)
_GRANT_AND_PERSON = select(
    GRANTS.c.id,
    GRANTS.c.expires_at,
    GRANTS.c.generation,
    GRANTS.c.rotated_at,
    GRANTS.c.granted,
    ACCOUNTS.c.username,
    ACCOUNTS.c.contact_email,
    ACCOUNTS.c.sign_in_address,
    ACCOUNTS.c.phone,
    ACCOUNTS.c.given_name,
    ACCOUNTS.c.family_name,
    ACCOUNTS.c.updated_at,
    ACCOUNTS.c.roles,
    ACCOUNTS.c.upstream,
).select_from(_JOINED)
_LIVE_GRANT = _GRANT_AND_PERSON.where(GRANTS.c.id == bindparam("id_"), _LIVE)
_ADD, _ADD_REFRESH_TOKEN = insert(GRANTS), insert(REFRESH_TOKENS)
_REVOKE = (
    update(GRANTS)
    .where(GRANTS.c.id == bindparam("id_"), GRANTS.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"))
)
_REVOKE_ALL = (
    update(GRANTS)
    .where(GRANTS.c.account_id == bindparam("who"), GRANTS.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"))
)
_REVOKE_OF_SESSION = (
    update(GRANTS)
    .where(GRANTS.c.session_id == bindparam("which"), GRANTS.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"))
)
_PEOPLE = (
    select(func.count(GRANTS.c.account_id.distinct()))
    .select_from(_JOINED)
    .where(GRANTS.c.client_id == bindparam("client"), GRANTS.c.expires_at > bindparam("now"), _LIVE)
)
_WHOSE = select(GRANTS).where(GRANTS.c.id == bindparam("id_"))
_REFRESH_TOKEN = select(REFRESH_TOKENS).where(REFRESH_TOKENS.c.digest == bindparam("wanted"))
_ROTATE = (
    update(GRANTS)
    .where(
        GRANTS.c.id == bindparam("id_"),
        GRANTS.c.generation == bindparam("from_"),
        GRANTS.c.revoked_at.is_(None),
    )
    .values(generation=GRANTS.c.generation + 1, rotated_at=bindparam("now"))
)


def add(grant_id: str, granted: dict[str, Any], now: float, expires_at: float) -> None:
    """Keep what was granted, with what it is looked up by."""
    found_by = {name: granted[name] for name in ("client_id", "account_id", "session_id")}
    run(_ADD, id=grant_id, created_at=now, expires_at=expires_at, granted=granted, **found_by)


def live(grant_id: str) -> GrantAndPerson | None:
    """The grant with the person it is about, in one read; None once grant, session or account has
    ended."""
    return cast("GrantAndPerson | None", row(_LIVE_GRANT, Grant, id_=grant_id))


def revoke(grant_id: str, now: float) -> bool:
    """Whether this call ended it."""
    return claimed(_REVOKE, id_=grant_id, now=now)


def whose(grant_id: str) -> Grant | None:
    """The grant, be it alive or not."""
    return row(_WHOSE, Grant, id_=grant_id)


def revoke_of_session(session_id: str, now: float) -> int:
    """End every grant that came of a session; how many there were."""
    return run(_REVOKE_OF_SESSION, which=session_id, now=now)


def revoke_all(account_id: str, now: float) -> int:
    """End every grant of an account; how many there were."""
    return run(_REVOKE_ALL, who=account_id, now=now)


def count_people(client_id: str, now: float) -> int:
    """How many people have a live grant at this client."""
    return int(scalar(_PEOPLE, client=client_id, now=now))


def add_refresh_token(digest: str, grant_id: str, generation: int, now: float) -> None:
    """Keep a refresh token by its digest; `generation` counts replacements."""
    run(_ADD_REFRESH_TOKEN, digest=digest, grant_id=grant_id, created_at=now, generation=generation)


def refresh_token(digest: str) -> RefreshToken | None:
    """The refresh token with this digest, used or not; None where there is none."""
    return row(_REFRESH_TOKEN, RefreshToken, wanted=digest)


def rotate(grant_id: str, generation: int, now: float) -> bool:
    """Use up the refresh tokens of this generation and begin the next; whether this call did: of
    several, one does."""
    return claimed(_ROTATE, id_=grant_id, from_=generation, now=now)
