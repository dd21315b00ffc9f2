"""One-time codes sent to an address or a number, and calls placed to one. Only the newest of an
interaction can be used, once."""

from collections.abc import Sequence

from sqlalchemy import ForeignKey, and_, bindparam, func, insert, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.database import Base, claimed, row, rows, run, scalar, table


class Code(Base):
    """`digest` is a peppered HMAC. The life of a code begins when its message was handed over, that
    of a call when it rings; `outcome` is how a call ended that was not confirmed: no_answer, busy,
    machine, refused, failed or cancelled."""

    __tablename__ = "codes"

    id: Mapped[str] = mapped_column(primary_key=True)
    interaction_id: Mapped[str] = mapped_column(ForeignKey("interactions.id"), index=True)
    account_id: Mapped[str] = mapped_column(index=True)
    factor: Mapped[str]
    target: Mapped[str] = mapped_column(index=True)  # the folded address or E.164 number
    digest: Mapped[str]
    tries: Mapped[int]
    created_at: Mapped[float] = mapped_column(index=True)
    handed_over_at: Mapped[float | None]
    dropped_at: Mapped[float | None]  # the message could not leave
    replaced_at: Mapped[float | None]
    used_at: Mapped[float | None]
    outcome: Mapped[str | None]
    # seconds, where it is not that of its factor: who needs more time got more
    life: Mapped[int | None]
    network: Mapped[str] = mapped_column(server_default="")  # that asked for it, as a fingerprint
    # the known device that asked for it, as `Asker.key`; empty for others
    asked_by: Mapped[str] = mapped_column(server_default="")


CODES = table(Code)

_ONE = CODES.c.id == bindparam("id_")
_OPEN = _ONE & CODES.c.used_at.is_(None) & CODES.c.replaced_at.is_(None) & CODES.c.outcome.is_(None)
_BY = CODES.c.factor.in_(bindparam("by", expanding=True))
_TO = (CODES.c.target == bindparam("to")) | (CODES.c.account_id == bindparam("who"))
_HERE = (CODES.c.interaction_id == bindparam("here")) & _BY & CODES.c.replaced_at.is_(None)
_ADD = insert(CODES)
_BY_ID = select(CODES).where(_ONE)
_REPLACE = update(CODES).where(_HERE).values(replaced_at=bindparam("now"))
_NEWEST = select(CODES).where(_HERE, CODES.c.account_id == bindparam("who"))
_UNUSED = CODES.c.used_at.is_(None) & (CODES.c.created_at > bindparam("since"))
_UNUSED_SENDS = (
    select(CODES.c.created_at, CODES.c.target, CODES.c.asked_by)
    .where(_TO, _BY, _UNUSED)
    .order_by(CODES.c.created_at)
)
_COUNT_HERE = select(func.count()).where(
    CODES.c.interaction_id == bindparam("here"),
    CODES.c.factor == bindparam("factor_"),
    CODES.c.used_at.is_(None),
)
_END_CALLS = (
    update(CODES)
    .where(
        CODES.c.account_id == bindparam("who"),
        _BY,
        CODES.c.used_at.is_(None),
        CODES.c.outcome.is_(None),
    )
    .values(outcome="cancelled")
)
_LIVE = select(CODES.c.id).where(
    CODES.c.target == bindparam("to"),
    CODES.c.account_id != bindparam("who"),
    _BY,
    CODES.c.used_at.is_(None),
    CODES.c.dropped_at.is_(None),
    or_(  # cancelled on the page, a phone that rings goes on ringing
        and_(
            CODES.c.handed_over_at > bindparam("ringing"),
            or_(CODES.c.outcome.is_(None), CODES.c.outcome == "cancelled"),
        ),
        and_(
            CODES.c.handed_over_at.is_(None),
            CODES.c.outcome.is_(None),
            CODES.c.created_at > bindparam("placing"),
        ),
    ),
)
_REFUSED = select(func.max(CODES.c.created_at)).where(
    CODES.c.account_id == bindparam("who"),
    CODES.c.target == bindparam("to"),
    CODES.c.outcome == "refused",
)
_LEFT = _BY & CODES.c.dropped_at.is_(None)  # what never left cost nothing
_SHARE = select(func.count(), func.count(CODES.c.used_at)).where(
    _LEFT, CODES.c.created_at > bindparam("since"), CODES.c.created_at <= bindparam("until")
)
_SHARE_OF_NETWORK = _SHARE.where(CODES.c.network == bindparam("network_"))
_SHARE_OF_PREFIX = _SHARE.where(CODES.c.target.startswith(bindparam("prefix_"), autoescape=False))
_END_ALL = (
    update(CODES)
    .where(
        CODES.c.account_id == bindparam("who"), CODES.c.used_at.is_(None), CODES.c.outcome.is_(None)
    )
    .values(outcome="cancelled")
)
_COUNT_TRY = (
    update(CODES).where(_OPEN, CODES.c.tries < bindparam("most")).values(tries=CODES.c.tries + 1)
)
_USE = (
    update(CODES)
    .where(_OPEN, CODES.c.handed_over_at > bindparam("since"))
    .values(used_at=bindparam("now"))
)
_USE_SINCE_MADE = (
    update(CODES)
    .where(_OPEN, CODES.c.created_at > bindparam("since"))
    .values(used_at=bindparam("now"))
)
_EXTEND = update(CODES).where(_OPEN).values(life=bindparam("seconds"))
_END = update(CODES).where(_OPEN).values(outcome=bindparam("how"))
_END_HERE = (
    update(CODES)
    .where(_HERE, CODES.c.used_at.is_(None), CODES.c.outcome.is_(None))
    .values(outcome=bindparam("how"))
)
_HANDED_OVER = update(CODES).where(_ONE).values(handed_over_at=bindparam("now"))
_DROPPED = update(CODES).where(_ONE).values(dropped_at=bindparam("now"))
_WANTED = select(CODES.c.id).where(_OPEN)


def add(
    code_id: str,
    interaction_id: str,
    account_id: str,
    factor: str,
    target: str,
    digest: str,
    now: float,
    replaces: Sequence[str],
    network: str = "",
    life: int | None = None,
    asked_by: str = "",
) -> None:
    """A new code; it replaces those of the same interaction by the factors of `replaces`."""
    run(_REPLACE, here=interaction_id, by=list(replaces), now=now)
    run(
        _ADD,
        id=code_id,
        interaction_id=interaction_id,
        account_id=account_id,
        factor=factor,
        target=target,
        digest=digest,
        tries=0,
        created_at=now,
        network=network,
        life=life,
        asked_by=asked_by,
    )


def by_id(code_id: str) -> Code | None:
    """The code or call with this ID, whatever its state; None where there is none."""
    return row(_BY_ID, Code, id_=code_id)


def newest(interaction_id: str, account_id: str, factors: Sequence[str]) -> Code | None:
    """The code that counts, used or not."""
    return row(_NEWEST, Code, here=interaction_id, who=account_id, by=list(factors))


def unused_sends(
    account_id: str, target: str, factors: Sequence[str], since: float
) -> list[tuple[float, bool, str]]:
    """When codes were sent to this destination or account that no one used, in rising order;
    whether it was to this destination, and the known device that asked, if any."""
    found = rows(_UNUSED_SENDS, Code, who=account_id, to=target, by=list(factors), since=since)
    return [(code.created_at, code.target == target, code.asked_by) for code in found]


def sent_here(interaction_id: str, factor: str) -> int:
    """How many codes of a factor were sent in an interaction and not used."""
    return int(scalar(_COUNT_HERE, here=interaction_id, factor_=factor))


def end_calls(account_id: str, factors: Sequence[str]) -> int:
    """End every call of an account that no one has confirmed, in whatever interaction: a new one is
    placed. How many there were."""
    return run(_END_CALLS, who=account_id, by=list(factors))


def live_elsewhere(
    account_id: str, target: str, factors: Sequence[str], ringing: float, placing: float
) -> bool:
    """Whether a call to this destination rings for another account since after `ringing`, or waits
    to be placed since after `placing`."""
    return (
        row(
            _LIVE,
            Code,
            who=account_id,
            to=target,
            by=list(factors),
            ringing=ringing,
            placing=placing,
        )
        is not None
    )


def refused_at(account_id: str, target: str) -> float | None:
    """When the last call for this account was placed that was refused at this destination."""
    found = row(_REFUSED, tuple, who=account_id, to=target)
    return found[0] if found else None


def share_used(
    factors: Sequence[str], since: float, until: float, network: str = "", prefix: str = ""
) -> tuple[int, int]:
    """How many codes were made in this time, over all accounts, and how many of them were used;
    asked for by this network alone, or sent to numbers that begin like this."""
    if network:
        found = row(
            _SHARE_OF_NETWORK, tuple, by=list(factors), since=since, until=until, network_=network
        )
    elif prefix:
        found = row(
            _SHARE_OF_PREFIX, tuple, by=list(factors), since=since, until=until, prefix_=prefix
        )
    else:
        found = row(_SHARE, tuple, by=list(factors), since=since, until=until)
    return (found[0], found[1]) if found else (0, 0)


def count_try(code_id: str, limit: int) -> bool:
    """Take one of the code's tries; False when none is left or it is used, replaced or over."""
    return claimed(_COUNT_TRY, id_=code_id, most=limit)


def extend(code_id: str, life: int) -> bool:
    """Whether the code lives this long (seconds) from now on, counted from when it began; not one
    that is used or over."""
    return claimed(_EXTEND, id_=code_id, seconds=life)


def use(code_id: str, now: float, life: int, since_made: bool = False) -> bool:
    """Whether this call used the code up, within its life (seconds) since it was handed over, or
    made."""
    return claimed(_USE_SINCE_MADE if since_made else _USE, id_=code_id, now=now, since=now - life)


def end(code_id: str, outcome: str) -> bool:
    """Whether this call ended it: a telephone call that no one confirms any more."""
    return claimed(_END, id_=code_id, how=outcome)


def end_all(account_id: str) -> int:
    """End every code and call of an account that is open; how many there were."""
    return run(_END_ALL, who=account_id)


def end_here(interaction_id: str, factors: Sequence[str], outcome: str) -> int:
    """End what is open in an interaction by these factors; how many there were."""
    return run(_END_HERE, here=interaction_id, by=list(factors), how=outcome)


def wanted(code_id: str) -> bool:
    """Whether it can still be used, so that its message is worth sending."""
    return row(_WANTED, Code, id_=code_id) is not None


def handed_over(code_id: str, now: float) -> None:
    """The carrier took the message: the code's life begins."""
    run(_HANDED_OVER, id_=code_id, now=now)


def dropped(code_id: str, now: float) -> None:
    """The message never left; the page says so."""
    run(_DROPPED, id_=code_id, now=now)
