"""Authorization codes (RFC 6749 4.1.2): short, single-use, bound to client, redirect URI and
session."""

from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.database import Base, LongText, claimed, row, run, scalar, table


class AuthorizationCode(Base):
    """`grant_id` is the grant that redeeming it makes; a second use ends that grant."""

    __tablename__ = "authorization_codes"

    digest: Mapped[str] = mapped_column(primary_key=True)
    grant_id: Mapped[str]
    interaction_id: Mapped[str] = mapped_column(index=True)
    redirect_uri: Mapped[str | None] = mapped_column(LongText)  # None where the request named none
    code_challenge: Mapped[str | None]
    expires_at: Mapped[float]
    redeemed_at: Mapped[float | None]
    # what it stands for; oauth/granted.py reads and writes it
    granted: Mapped[dict[str, Any]] = mapped_column(nullable=True)
    void_at: Mapped[float | None]  # its answer was given again, with a newer code


CODES = table(AuthorizationCode)

_OPEN = CODES.c.redeemed_at.is_(None) & CODES.c.void_at.is_(None)
_ADD = insert(CODES)
_BY_DIGEST = select(CODES).where(CODES.c.digest == bindparam("wanted"))
_REDEEM = (
    update(CODES)
    .where(CODES.c.digest == bindparam("wanted"), _OPEN, CODES.c.expires_at > bindparam("now"))
    .values(redeemed_at=bindparam("now"))
)
_WAITING = select(CODES.c.digest).where(CODES.c.interaction_id == bindparam("id_"), _OPEN).limit(1)
_VOID = (
    update(CODES)
    .where(CODES.c.interaction_id == bindparam("id_"), _OPEN)
    .values(void_at=bindparam("now"))
)


def add(**values: Any) -> None:
    """A new code; `values` are its columns."""
    run(_ADD, **values)


def by_digest(digest: str) -> AuthorizationCode | None:
    """The code with this digest, redeemed or not; None where there is none."""
    return row(_BY_DIGEST, AuthorizationCode, wanted=digest)


def redeem(digest: str, now: float) -> bool:
    """Whether this call redeemed the code; that happens once."""
    return claimed(_REDEEM, wanted=digest, now=now)


def waiting(interaction_id: str) -> bool:
    """Whether an interaction has a code that no one has redeemed yet."""
    return scalar(_WAITING, id_=interaction_id) is not None


def void(interaction_id: str, now: float) -> bool:
    """Void the code of an interaction that no one has redeemed yet; whether there was one."""
    return run(_VOID, id_=interaction_id, now=now) > 0
