"""Signing keys. What each is good for at a moment follows from when it was made and when it takes
over."""

from sqlalchemy import create_engine, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.clients import touch
from idp.store.database import Base, LongText, rows, run, table


class SigningKey(Base):
    """A private JWK, sealed. It signs from `active_from` until a later key of its algorithm
    does."""

    __tablename__ = "signing_keys"

    kid: Mapped[str] = mapped_column(primary_key=True)
    alg: Mapped[str]
    sealed: Mapped[str] = mapped_column(LongText)
    created_at: Mapped[float]
    active_from: Mapped[float]


KEYS = table(SigningKey)

_ADD = insert(KEYS)
_ANY = select(KEYS.c.sealed).limit(1)
_LISTED = select(KEYS).order_by(KEYS.c.active_from, KEYS.c.created_at)


def add(kid: str, alg: str, sealed: str, now: float, active_from: float) -> None:
    """Keep a signing key, sealed."""
    run(_ADD, kid=kid, alg=alg, sealed=sealed, created_at=now, active_from=active_from)
    touch("keys")


def any_sealed(url: str) -> str | None:
    """One sealed key of the database at `url`, to see whether the root secret opens it; None where
    there is none."""
    used = create_engine(url)
    try:
        with used.connect() as connection:
            found: str | None = connection.execute(_ANY).scalar()
            return found
    finally:
        used.dispose()


def listed() -> list[SigningKey]:
    """All keys, the one that takes over first, first."""
    return list(rows(_LISTED, SigningKey))
