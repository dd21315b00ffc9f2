"""Interactions: one authorization request being answered, kept word for word, and the facts added
to it.

Facts are only ever appended. No row says which page anybody is on.
"""

from typing import Any

from sqlalchemy import ForeignKey, bindparam, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from idp.flow.history import Event
from idp.store.database import Base, LongText, claimed, row, rows, run, table


class Interaction(Base):
    """Bound to one browser by the digest of its cookie. `request` is the authorization request,
    resolved (oauth.authorization.request)."""

    __tablename__ = "interactions"

    id: Mapped[str] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(unique=True)
    browser: Mapped[str]
    client_id: Mapped[str]
    created_at: Mapped[float] = mapped_column(index=True)
    seen_at: Mapped[float]
    finished_at: Mapped[float | None]
    outcome: Mapped[str | None]  # issued, or the error the client was given
    request: Mapped[dict[str, Any]] = mapped_column(nullable=True)
    # sealed: what was wrong with the form that was sent last, or what the next one is filled in with
    last_form: Mapped[str | None] = mapped_column("said", LongText, key="last_form")


class Fact(Base):
    """Something a person did. `kind` is one of those of `flow/history.py`, `account_id` whom a
    proof is about."""

    __tablename__ = "facts"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    interaction_id: Mapped[str] = mapped_column(ForeignKey("interactions.id"), index=True)
    kind: Mapped[str]
    value: Mapped[str | None] = mapped_column(LongText)
    account_id: Mapped[str | None]
    at: Mapped[float]


INTERACTIONS = table(Interaction)
FACTS = table(Fact)

_ADD, _ADD_FACT = insert(INTERACTIONS).returning(INTERACTIONS), insert(FACTS)
_BY_ID = select(INTERACTIONS).where(INTERACTIONS.c.id == bindparam("id_"))
_BY_REFERENCE = select(INTERACTIONS).where(INTERACTIONS.c.reference == bindparam("wanted"))
_FACTS_OF = select(FACTS).where(FACTS.c.interaction_id == bindparam("id_")).order_by(FACTS.c.id)
_SEEN = (
    update(INTERACTIONS)
    .where(INTERACTIONS.c.id == bindparam("id_"))
    .values(seen_at=bindparam("now"))
)
_KEEP_FORM = (
    update(INTERACTIONS)
    .where(INTERACTIONS.c.id == bindparam("id_"))
    .values(last_form=bindparam("what"))
)
_FINISH = (
    update(INTERACTIONS)
    .where(INTERACTIONS.c.id == bindparam("id_"), INTERACTIONS.c.finished_at.is_(None))
    .values(finished_at=bindparam("now"), outcome=bindparam("how"), last_form=None)
)


def add(
    interaction_id: str,
    reference: str,
    browser: str,
    client_id: str,
    request: dict[str, Any],
    now: float,
) -> Interaction:
    """A new interaction, read back in the same statement."""
    values = {
        "id": interaction_id,
        "reference": reference,
        "browser": browser,
        "client_id": client_id,
        "request": request,
    }
    made = row(_ADD, Interaction, **values, created_at=now, seen_at=now)
    assert made is not None
    return made


def by_id(interaction_id: str) -> Interaction | None:
    """The interaction with this ID; None where there is none."""
    return row(_BY_ID, Interaction, id_=interaction_id)


def by_reference(reference: str) -> Interaction | None:
    """The interaction with this reference; None where there is none."""
    return row(_BY_REFERENCE, Interaction, wanted=reference)


def add_fact(
    interaction_id: str,
    kind: str,
    now: float,
    value: str | None = None,
    account_id: str | None = None,
) -> None:
    """Append what a person did; `account_id` is whom it is about."""
    run(
        _ADD_FACT,
        interaction_id=interaction_id,
        kind=kind,
        value=value,
        account_id=account_id,
        at=now,
    )


def seen(interaction_id: str, now: float) -> None:
    """Someone did something here: it does not lie idle."""
    run(_SEEN, id_=interaction_id, now=now)


def keep_form(interaction_id: str, sealed: str | None) -> None:
    """Keep what the form that was sent last was answered with, sealed; None once that is over."""
    run(_KEEP_FORM, id_=interaction_id, what=sealed)


def facts_of(interaction_id: str) -> list[Fact]:
    """The rows of what was done in an interaction, in order."""
    return list(rows(_FACTS_OF, Fact, id_=interaction_id))


def events_of(interaction_id: str) -> list[Event]:
    """What was done there, in order, as the flow reads it."""
    return [Event(one.kind, one.value, one.account_id, one.at) for one in facts_of(interaction_id)]


def finish(interaction_id: str, outcome: str, now: float) -> bool:
    """Whether this call finished it; that happens once."""
    return claimed(_FINISH, id_=interaction_id, how=outcome, now=now)
