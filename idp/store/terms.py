"""Acceptances of terms of use: who accepted which version of which brand's terms, when, and from
where. Never changed."""

from sqlalchemy import ForeignKey, bindparam, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.database import Base, rows, run, table


class Acceptance(Base):
    """`address` is the network address it came from; `reference` names the interaction."""

    __tablename__ = "terms_acceptances"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    brand: Mapped[str]
    version: Mapped[str]
    at: Mapped[float]
    address: Mapped[str | None]
    reference: Mapped[str | None]


ACCEPTANCES = table(Acceptance)

_ADD = insert(ACCEPTANCES)
_OF_ACCOUNT = (
    select(ACCEPTANCES)
    .where(ACCEPTANCES.c.account_id == bindparam("who"))
    .order_by(ACCEPTANCES.c.id)
)


def add(
    account_id: str,
    brand: str,
    version: str,
    now: float,
    address: str | None,
    reference: str | None,
) -> None:
    """Keep that a person accepted this version, when and from where."""
    run(
        _ADD,
        account_id=account_id,
        brand=brand,
        version=version,
        at=now,
        address=address,
        reference=reference,
    )


def of_account(account_id: str) -> list[Acceptance]:
    """What a person has accepted, in order."""
    return list(rows(_OF_ACCOUNT, Acceptance, who=account_id))
