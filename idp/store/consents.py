"""Consents: what a person has allowed a client that someone else runs, remembered until more is
asked."""

from sqlalchemy import ForeignKey, bindparam, delete, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.database import Base, LongText, lock, row, run, table


class Consent(Base):
    """`scope` is everything that was ever shown and allowed, separated by spaces."""

    __tablename__ = "consents"

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    client_id: Mapped[str] = mapped_column(primary_key=True, index=True)
    scope: Mapped[str] = mapped_column(LongText)
    given_at: Mapped[float]


CONSENTS = table(Consent)

_ONE = (CONSENTS.c.account_id == bindparam("who")) & (CONSENTS.c.client_id == bindparam("to"))
_FIND = select(CONSENTS).where(_ONE)
_ADD = insert(CONSENTS)
_FORGET_CLIENT = delete(CONSENTS).where(CONSENTS.c.client_id == bindparam("to"))
_CHANGE = (
    update(CONSENTS).where(_ONE).values(scope=bindparam("all_of_it"), given_at=bindparam("now"))
)


def scopes(account_id: str, client_id: str) -> frozenset[str]:
    """What this person has allowed this client."""
    found = row(_FIND, Consent, who=account_id, to=client_id)
    return frozenset(found.scope.split()) if found else frozenset()


def forget_client(client_id: str) -> int:
    """No one has allowed this client anything any more; how many had."""
    return run(_FORGET_CLIENT, to=client_id)


def remember(account_id: str, client_id: str, shown: frozenset[str], now: float) -> bool:
    """Add what was shown and allowed to what was allowed before; whether that is more."""
    lock(f"consent:{account_id}:{client_id}")
    known = scopes(account_id, client_id)
    together = " ".join(sorted(known | shown))
    if not run(_CHANGE, who=account_id, to=client_id, all_of_it=together, now=now):
        run(_ADD, account_id=account_id, client_id=client_id, scope=together, given_at=now)
    return not shown <= known
