"""Access tokens that are rows: reference tokens, and the JWTs of service clients that were revoked before they
expired."""

from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.database import Base, LongText, claimed, lock, row, run, scalar, table


class AccessToken(Base):
    """A reference token. `grant_id` is the grant it dies with; a service client's own token has none."""

    __tablename__ = "access_tokens"

    digest: Mapped[str] = mapped_column(primary_key=True)
    grant_id: Mapped[str | None] = mapped_column(index=True)
    client_id: Mapped[str] = mapped_column(index=True)
    scope: Mapped[str] = mapped_column(LongText)
    audience: Mapped[list[Any]]
    created_at: Mapped[float]
    expires_at: Mapped[float] = mapped_column(index=True)
    revoked_at: Mapped[float | None]


class RevokedToken(Base):
    """A JWT without a grant that does not count any more, until it expires by itself."""

    __tablename__ = "revoked_tokens"

    digest: Mapped[str] = mapped_column(primary_key=True)  # of its jti
    expires_at: Mapped[float] = mapped_column(index=True)


TOKENS = table(AccessToken)
REVOKED = table(RevokedToken)

_ADD, _ADD_REVOKED = insert(TOKENS), insert(REVOKED)
_BY_DIGEST = select(TOKENS).where(TOKENS.c.digest == bindparam("wanted"))
_REVOKE = (
    update(TOKENS)
    .where(TOKENS.c.digest == bindparam("wanted"), TOKENS.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"))
)
_IS_REVOKED = select(REVOKED.c.expires_at).where(REVOKED.c.digest == bindparam("wanted"))


def add(
    digest: str,
    grant_id: str | None,
    client_id: str,
    scope: str,
    audience: list[str],
    now: float,
    expires_at: float,
) -> None:
    """Keep a reference token by its digest; `grant_id` is None for a service client's."""
    run(
        _ADD,
        digest=digest,
        grant_id=grant_id,
        client_id=client_id,
        scope=scope,
        audience=audience,
        created_at=now,
        expires_at=expires_at,
    )


def by_digest(digest: str) -> AccessToken | None:
    """The reference token with this digest; None where there is none."""
    return row(_BY_DIGEST, AccessToken, wanted=digest)


def revoke(digest: str, now: float) -> bool:
    """Whether this call ended a reference token."""
    return claimed(_REVOKE, wanted=digest, now=now)


def revoke_jwt(digest: str, expires_at: float) -> None:
    """End a JWT, named by the digest of its jti."""
    lock(f"revoke:{digest}")
    if not jwt_revoked(digest):
        run(_ADD_REVOKED, digest=digest, expires_at=expires_at)


def jwt_revoked(digest: str) -> bool:
    """Whether a JWT access token with this digest of its `jti` was revoked (RFC 7009)."""
    return scalar(_IS_REVOKED, wanted=digest) is not None
