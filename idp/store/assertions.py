"""Assertions by which clients have authenticated: each is taken once (RFC 7523 3)."""

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.database import Base, rollback, run, table


class UsedAssertion(Base):
    """`digest` is of the client and the jti together."""

    __tablename__ = "used_assertions"

    digest: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[float] = mapped_column(index=True)


USED = table(UsedAssertion)
_ADD = insert(USED)


def use(digest: str, expires_at: float) -> bool:
    """Whether this call used it; that happens once. Where it is lost, the transaction is: nothing
    may have been written before."""
    try:
        run(_ADD, digest=digest, expires_at=expires_at)
    except IntegrityError:
        rollback()
        return False
    return True
