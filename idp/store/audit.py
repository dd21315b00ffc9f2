"""The audit trail: one row a security event, in its transaction, never changed; the worker chains
the rows."""

import json
from typing import Any

from sqlalchemy import ColumnElement, Index, bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from idp.flow import earlier
from idp.store import database
from idp.store.database import Base, claimed, lock, row, rows, run, scalar, table


class AuditRow(Base):
    """`reference` ties it to the interaction. `position` and `chain` are given by the worker, in
    order."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_actor_position", "actor", "position"),
        Index("ix_audit_target_position", "target", "position"),
        Index("ix_audit_organization_position", "organization_id", "position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[float] = mapped_column(index=True)
    action: Mapped[str]
    outcome: Mapped[str]
    actor: Mapped[str | None]
    target: Mapped[str | None]
    organization_id: Mapped[str | None]
    client_id: Mapped[str | None]
    address: Mapped[str | None]
    reference: Mapped[str | None] = mapped_column(index=True)
    detail: Mapped[dict[str, Any]]
    position: Mapped[int | None] = mapped_column(unique=True)
    chain: Mapped[str | None]


AUDIT = table(AuditRow)
_COVERED = (
    "at",
    "action",
    "outcome",
    "actor",
    "target",
    "organization_id",
    "client_id",
    "address",
    "reference",
    "detail",
)
_ADD = insert(AUDIT)
_LISTED = select(AUDIT).order_by(AUDIT.c.id)
_BY_REFERENCE = _LISTED.where(AUDIT.c.reference == bindparam("wanted"))
_UNCHAINED = _LISTED.where(AUDIT.c.position.is_(None)).limit(bindparam("most"))
_CHAINED = select(AUDIT).where(AUDIT.c.position.is_not(None)).order_by(AUDIT.c.position)
_LAST = (
    select(AUDIT).where(AUDIT.c.position.is_not(None)).order_by(AUDIT.c.position.desc()).limit(1)
)
_AFTER = _CHAINED.where(AUDIT.c.position > bindparam("position_")).limit(bindparam("most"))
_LAST_BEFORE = select(func.max(AUDIT.c.position)).where(
    AUDIT.c.position.is_not(None), AUDIT.c.at < bindparam("then")
)
_FORGET = delete(AUDIT).where(AUDIT.c.position <= bindparam("position_"))
_NEWEST = select(func.max(AUDIT.c.at))
_OLDEST_UNCHAINED = select(func.min(AUDIT.c.at)).where(AUDIT.c.position.is_(None))
_UNCHAINED_COUNT = select(func.count()).where(AUDIT.c.position.is_(None))
_LINK = (
    update(AUDIT)
    .where(AUDIT.c.id == bindparam("id_"), AUDIT.c.position.is_(None))
    .values(position=bindparam("place"), chain=bindparam("value"))
)


_ACTIONS = AUDIT.c.action.in_(bindparam("actions", expanding=True))
_COUNT_BY = select(func.count()).where(
    AUDIT.c.actor == bindparam("actor_"), AUDIT.c.at > bindparam("since"), _ACTIONS
)
_COUNT_OF = select(func.count()).where(
    AUDIT.c.target == bindparam("target_"), AUDIT.c.at > bindparam("since"), _ACTIONS
)
_NEXT = _CHAINED.where(AUDIT.c.position > bindparam("from_"), _ACTIONS).limit(bindparam("most"))
_BEFORE = (
    select(AUDIT)
    .where(AUDIT.c.position < bindparam("from_"), AUDIT.c.position > 0)
    .order_by(AUDIT.c.position.desc())
    .limit(bindparam("most"))
)
_ABOUT: dict[str, ColumnElement[bool]] = {
    "actor": AUDIT.c.actor == bindparam("actor_"),
    "target": AUDIT.c.target == bindparam("target_"),
    "organization_id": AUDIT.c.organization_id == bindparam("organization_id_"),
    "action": AUDIT.c.action.in_(bindparam("action_", expanding=True)),
    "nowhere": AUDIT.c.organization_id.is_(None),
}
_CONCERNING = {
    (names, forwards): (_NEXT if forwards else _BEFORE).where(*(_ABOUT[name] for name in names))
    for names in [
        tuple(name for n, name in enumerate(_ABOUT) if chosen >> n & 1)
        for chosen in range(2 ** len(_ABOUT))
    ]
    for forwards in (True, False)
}


def add(
    now: float,
    action: str,
    outcome: str = "success",
    *,
    actor: str | None = None,
    target: str | None = None,
    organization_id: str | None = None,
    client_id: str | None = None,
    address: str | None = None,
    reference: str | None = None,
    **detail: Any,
) -> None:
    """Record a security event. If it cannot be written, the transaction fails and with it the
    action."""
    about = {
        "organization_id": organization_id,
        "client_id": client_id,
        "address": address,
        "reference": reference,
    }
    about = {name: value if value is not None else ambient(name) for name, value in about.items()}
    run(
        _ADD,
        at=now,
        action=action,
        outcome=outcome,
        actor=actor,
        target=target,
        detail=detail,
        **about,
    )


def during(**about: str | None) -> None:
    """From now on, while this unit of work lasts, its rows say this of where they come from
    (organization_id, client_id, address, reference), unless they say something else themselves."""
    database.about().update(about)


def ambient(name: str) -> str | None:
    """What `during` said of this, or None."""
    return database.about().get(name)


def listed(reference: str | None = None) -> list[AuditRow]:
    """The rows in order: all, or those with this reference."""
    return list(
        rows(_LISTED, AuditRow)
        if reference is None
        else rows(_BY_REFERENCE, AuditRow, wanted=reference)
    )


def unchained(most: int = 500) -> list[AuditRow]:
    """The oldest rows that are not chained yet."""
    return list(rows(_UNCHAINED, AuditRow, most=most))


def after(position: int, most: int = 1000) -> list[AuditRow]:
    """The next chained rows after this position, in order."""
    return list(rows(_AFTER, AuditRow, position_=position, most=most))


def following(position: int, most: int, actions: list[str], **about: str) -> list[AuditRow]:
    """The chained rows after this position that are of these actions and about this actor, target
    or organization, in order."""
    return list(
        rows(
            _CONCERNING[_names(about), True],
            AuditRow,
            from_=position,
            most=most,
            actions=actions,
            **_values(about),
        )
    )


def preceding(position: int, most: int, **about: str) -> list[AuditRow]:
    """The chained rows before this position that are about this actor, target, organization or
    action, the newest first."""
    return list(
        rows(
            _CONCERNING[_names(about), False], AuditRow, from_=position, most=most, **_values(about)
        )
    )


def _names(about: dict[str, str]) -> tuple[str, ...]:
    return tuple(name for name in _ABOUT if name in about)


def _values(about: dict[str, str]) -> dict[str, Any]:
    """An action is looked for by the names that it had before, too."""
    values: dict[str, Any] = {f"{name}_": value for name, value in about.items()}
    values.pop("nowhere_", None)
    if "action" in about:
        values["action_"] = earlier.names_of(about["action"])
    return values


def count_of(target: str, actions: tuple[str, ...], since: float) -> int:
    """How many rows of these actions are about this target since then, chained or not."""
    return int(scalar(_COUNT_OF, target_=target, actions=list(actions), since=since))


def count_by(actor: str, actions: tuple[str, ...], since: float) -> int:
    """How many rows of these actions are by this actor since then, chained or not."""
    return int(scalar(_COUNT_BY, actor_=actor, actions=list(actions), since=since))


def last_before(then: float) -> int:
    """Position of the last chained row that is older than `then`; 0 for none."""
    return int(scalar(_LAST_BEFORE, then=then) or 0)


def forget(position: int) -> None:
    """Remove the rows up to this position."""
    run(_FORGET, position_=position)


def newest() -> float | None:
    """When the newest row says that it was written."""
    at: float | None = scalar(_NEWEST)
    return at


def oldest_unchained() -> float | None:
    """When the oldest row was written that waits for the worker."""
    at: float | None = scalar(_OLDEST_UNCHAINED)
    return at


def count_unchained() -> int:
    """How many rows are not chained yet."""
    return int(scalar(_UNCHAINED_COUNT))


def end_of_chain() -> tuple[int, str]:
    """Position and chain value of the last chained row."""
    last = row(_LAST, AuditRow)
    return (last.position or 0, last.chain or "") if last else (0, "")


def link(row_id: int, position: int, chain: str) -> bool:
    """Tie a row that is not in the chain yet; whether this call did."""
    return claimed(_LINK, id_=row_id, place=position, value=chain)


def hold_chain() -> None:
    """Let no other worker read or extend the chain until the transaction ends: its end is read,
    then written."""
    lock("audit chain")


def content(entry: AuditRow, previous: str) -> str:
    """What the chain value of a row covers: everything in it, and the value before it."""
    return json.dumps(
        [previous, *(getattr(entry, name) for name in _COVERED)],
        sort_keys=True,
        separators=(",", ":"),
    )
