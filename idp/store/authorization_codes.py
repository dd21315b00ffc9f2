"""Authorization codes (RFC 6749 4.1.2): short, single-use, bound to client, redirect URI and session."""

from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.database import Base, LongText, claimed, row, run, table


class AuthorizationCode(Base):
    """`grant_id` is the grant that redeeming it makes; a second use ends that grant."""

    __tablename__ = "authorization_codes"

    digest: Mapped[str] = mapped_column(primary_key=True)
    grant_id: Mapped[str]
    interaction_id: Mapped[str] = mapped_column(index=True)
    reference: Mapped[str]
    client_id: Mapped[str]
    account_id: Mapped[str]
    session_id: Mapped[str]
    redirect_uri: Mapped[str | None] = mapped_column(LongText)  # None where the request named none
    scope: Mapped[str] = mapped_column(LongText)
    nonce: Mapped[str | None] = mapped_column(LongText)
    code_challenge: Mapped[str | None]
    auth_time: Mapped[float]
    acr: Mapped[str]
    amr: Mapped[list[Any]]
    expires_at: Mapped[float]
    redeemed_at: Mapped[float | None]
    void_at: Mapped[float | None]  # its answer was given again, with a newer code


CODES = table(AuthorizationCode)


def add(values: dict[str, Any]) -> None:
    run(insert(CODES).values(values))


def by_digest(digest: str) -> AuthorizationCode | None:
    return row(select(CODES).where(CODES.c.digest == digest), AuthorizationCode)


def redeem(digest: str, now: float) -> bool:
    """Whether this call redeemed the code; that happens once."""
    open_ = (CODES.c.digest == digest) & CODES.c.redeemed_at.is_(None) & CODES.c.void_at.is_(None)
    return claimed(update(CODES).where(open_, CODES.c.expires_at > now).values(redeemed_at=now))


def void(interaction_id: str, now: float) -> bool:
    """Void the code of an interaction that nobody has redeemed yet; whether there was one."""
    open_ = (CODES.c.interaction_id == interaction_id) & CODES.c.redeemed_at.is_(None) & CODES.c.void_at.is_(None)
    return run(update(CODES).where(open_).values(void_at=now)) > 0
