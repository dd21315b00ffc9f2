"""Credentials: what a person proves their identity with, and what they did so with before.

The live password, sign-in address and phone of an account stand in its own columns too: those are
found by, shared with clients, and read by nodes of the release before, which know nothing of this
table. `accounts` and `account_credentials` write both in one transaction.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ForeignKey, Index, bindparam, func, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from idp import secret
from idp.store.database import Base, LongText, rows, run, table
from idp.typed import fold

PASSWORD, EMAIL, PHONE = "password", "email", "phone"


class Credential(Base):
    """`kind` is that of its factor; `key` what it is found by: the folded address, the number as
    E.164. `sealed` is its secret, wiped when it ends: the hash of a password. `counter` only rises:
    what was used once is not used again. Times are in seconds; one that has not ended is live."""

    __tablename__ = "credentials"
    __table_args__ = (Index("ix_credentials_account_id_ended_at", "account_id", "ended_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    kind: Mapped[str]
    label: Mapped[str]  # what its owner calls it
    key: Mapped[str] = mapped_column(index=True)
    data: Mapped[dict[str, Any]]
    sealed: Mapped[str | None] = mapped_column(LongText)
    counter: Mapped[int]
    made_at: Mapped[float]
    used_at: Mapped[float | None]
    ended_at: Mapped[float | None] = mapped_column(index=True)


CREDENTIALS = table(Credential)

LIVE = CREDENTIALS.c.ended_at.is_(None)
_OF = CREDENTIALS.c.account_id == bindparam("who")
_OF_KIND = _OF & (CREDENTIALS.c.kind == bindparam("kind_")) & LIVE
_SAME = (CREDENTIALS.c.key == bindparam("key_")) & (
    func.coalesce(CREDENTIALS.c.sealed, "") == bindparam("sealed_")
)
_ADD = insert(CREDENTIALS)
_END_OTHERS = (
    update(CREDENTIALS).where(_OF_KIND, ~_SAME).values(ended_at=bindparam("now"), sealed=None)
)
_LIVE_SAME = select(CREDENTIALS.c.id).where(_OF_KIND, _SAME)
_HISTORY = select(CREDENTIALS).where(_OF).order_by(CREDENTIALS.c.made_at, CREDENTIALS.c.id)
_USED = update(CREDENTIALS).where(_OF_KIND).values(used_at=bindparam("now"))
_RESEAL = (
    update(CREDENTIALS)
    .where(_OF_KIND, CREDENTIALS.c.sealed == bindparam("old"))
    .values(sealed=bindparam("new"))
)


@dataclass(frozen=True)
class Held:
    """A live credential, as factors see it."""

    id: str
    kind: str
    label: str
    key: str
    sealed: str | None
    counter: int
    made_at: float
    used_at: float | None


# the columns of `Held`, for a statement that joins them to something else
HELD = tuple(CREDENTIALS.c[name].label(f"credential_{name}") for name in Held.__annotations__)


def held(row: Any) -> Held | None:
    """The credential of a row with the columns of `HELD`; None where there is none."""
    if row.credential_id is None:
        return None
    return Held(*(getattr(row, f"credential_{name}") for name in Held.__annotations__))


def add(
    account_id: str,
    kind: str,
    now: float,
    *,
    key: str = "",
    sealed: str | None = None,
    label: str = "",
    data: dict[str, Any] | None = None,
    counter: int = 0,
) -> str:
    """A new credential beside those that are there; its id."""
    credential_id = secret.token(16)
    run(
        _ADD,
        id=credential_id,
        account_id=account_id,
        kind=kind,
        label=label,
        key=key,
        data=data or {},
        sealed=sealed,
        counter=counter,
        made_at=now,
    )
    return credential_id


def set_only(
    account_id: str,
    now: float,
    password_hash: str | None,
    sign_in_address: str | None,
    phone: str | None,
) -> None:
    """Let these be the account's password, sign-in address and phone, each the only one of its
    kind, or none. What was there before has ended; what is the same goes on."""
    address = fold(sign_in_address) if sign_in_address else ""
    for kind, key, sealed, data in (
        (PASSWORD, "", password_hash, {}),
        (EMAIL, address, None, {"address": sign_in_address}),
        (PHONE, phone or "", None, {}),
    ):
        same: dict[str, Any] = {"who": account_id, "kind_": kind, "key_": key}
        same["sealed_"] = sealed or ""
        run(_END_OTHERS, now=now, **same)
        if (key or sealed) and not rows(_LIVE_SAME, Credential, **same):
            add(account_id, kind, now, key=key, sealed=sealed, data=data)


def used(account_id: str, kind: str, now: float) -> None:
    """Note when the account's credential of this kind proved its owner last."""
    run(_USED, who=account_id, kind_=kind, now=now)


def reseal(account_id: str, kind: str, old: str, new: str) -> None:
    """Store the same secret in a newer form, unless it was changed in the meantime."""
    run(_RESEAL, who=account_id, kind_=kind, old=old, new=new)


def history(account_id: str) -> list[Credential]:
    """Every credential that an account has or had, oldest first."""
    return list(rows(_HISTORY, Credential, who=account_id))
