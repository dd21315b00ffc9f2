"""Mailed links: random, used up when what they lead to is done; the newest of an account wins.

The row decides. A link is in the hands of one browser at a time: the last that pressed its button,
which may come back to it."""

from sqlalchemy import bindparam, insert, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from idp import secret
from idp.store.database import Base, claimed, row, rows, run, table

MOST_COUNTED = 100  # more than any setting allows in a day
# times that a link passes to another browser: mail scanners press buttons too, and people change
# devices
MOST_TAKEN_OVER = 10
INVITATION, REGISTRATION, RESET, FORGOT, COMPLETE = (
    "invitation",
    "registration",
    "reset",
    "forgot",
    "complete",
)


class Link(Base):
    """`digest` is of the secret in the address. `browser` is the digest of what the browser holds
    that goes on by it. `outcome` says how it ended otherwise: replaced, revoked, corrected (the
    address on file was) or done; or that it never was one, because no one was there to mail it
    to."""

    __tablename__ = "links"

    id: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]
    purpose: Mapped[str]
    account_id: Mapped[str] = mapped_column(index=True)  # stands for the name, where no one has it
    asked_in: Mapped[str | None]  # the interaction in which it was asked for
    client_id: Mapped[str | None]  # where the person comes from, and goes on
    created_at: Mapped[float] = mapped_column(index=True)
    expires_at: Mapped[float]
    used_at: Mapped[float | None]
    browser: Mapped[str | None]
    # how often it passed to another browser
    taken_over: Mapped[int] = mapped_column(server_default="0")
    interaction_id: Mapped[str | None]  # the one that it was followed into, where alone it counts
    outcome: Mapped[str | None]
    enrolment_id: Mapped[str | None]  # the registration that it finishes
    # the known device that asked for it, as `Asker.key`, or `password` where that was entered right
    asked_by: Mapped[str] = mapped_column(server_default="")


LINKS = table(Link)

_ONE = LINKS.c.id == bindparam("id_")
_OPEN = LINKS.c.outcome.is_(None)
_ADD = insert(LINKS)
_BY_ID = select(LINKS).where(_ONE)
_ALIVE = _ONE & _OPEN & (LINKS.c.expires_at > bindparam("now"))
_USE = (
    update(LINKS)
    .where(_ALIVE, or_(LINKS.c.used_at.is_(None), LINKS.c.browser == bindparam("by")))
    .values(used_at=bindparam("now"), browser=bindparam("by"))
)
_TAKE_OVER = (
    update(LINKS)
    .where(
        _ALIVE,
        LINKS.c.used_at.is_not(None),
        LINKS.c.browser != bindparam("by"),
        LINKS.c.taken_over < MOST_TAKEN_OVER,
    )
    .values(
        used_at=bindparam("now"),
        browser=bindparam("by"),
        taken_over=LINKS.c.taken_over + 1,
        interaction_id=None,
    )
)
_ENTER = update(LINKS).where(_ONE, _OPEN).values(interaction_id=bindparam("into"))
_OF_ACCOUNT = (LINKS.c.account_id == bindparam("who")) & _OPEN
_END = update(LINKS).where(_OF_ACCOUNT).values(outcome=bindparam("how"))
_END_INVITATIONS = (
    update(LINKS).where(_OF_ACCOUNT, LINKS.c.purpose == INVITATION).values(outcome=bindparam("how"))
)
_END_OTHERS = (
    update(LINKS).where(_OF_ACCOUNT, LINKS.c.purpose != INVITATION).values(outcome=bindparam("how"))
)
_SINCE = (
    select(LINKS.c.created_at, LINKS.c.asked_by)
    .where(LINKS.c.account_id == bindparam("who"), LINKS.c.created_at > bindparam("since"))
    .order_by(LINKS.c.created_at.desc())
    .limit(MOST_COUNTED)
)
_INVITATIONS = select(LINKS).where(LINKS.c.purpose == INVITATION).order_by(LINKS.c.created_at)
_INVITATIONS_OF = _INVITATIONS.where(LINKS.c.account_id.in_(bindparam("ids", expanding=True)))
_INVITATION = (
    _INVITATIONS.where(LINKS.c.account_id == bindparam("who"))
    .order_by(None)
    .order_by(LINKS.c.created_at.desc())
    .limit(1)
)


def add(
    link_id: str,
    digest: str,
    purpose: str,
    account_id: str,
    asked_in: str | None,
    client_id: str | None,
    now: float,
    life: int,
    outcome: str | None,
    enrolment_id: str | None = None,
    asked_by: str = "",
) -> None:
    """A new link; those before it of this account end, but no other kind ends an invitation, which
    is the administrator's. One with an outcome was over from the start, and ends none."""
    run(
        _END if purpose == INVITATION else _END_OTHERS,
        who="" if outcome else account_id,
        how="replaced",
    )
    about = {
        "purpose": purpose,
        "account_id": account_id,
        "asked_in": asked_in,
        "client_id": client_id,
        "enrolment_id": enrolment_id,
        "asked_by": asked_by,
    }
    run(
        _ADD,
        id=link_id,
        digest=digest,
        created_at=now,
        expires_at=now + life,
        outcome=outcome,
        **about,
    )


def note(account_id: str, now: float) -> None:
    """Count a mail without a link among those of this account, so that no one's mailbox is
    flooded."""
    run(
        _ADD,
        id=secret.token(12),
        digest="",
        purpose="note",
        account_id=account_id,
        created_at=now,
        expires_at=now,
        outcome="a note",
    )


def by_id(link_id: str) -> Link | None:
    """The link with this ID; None where there is none."""
    return row(_BY_ID, Link, id_=link_id)


def use(link_id: str, browser: str, now: float) -> bool:
    """Whether this browser may go on by it: the first that comes, or the one that has been here
    last."""
    return claimed(_USE, id_=link_id, by=browser, now=now)


def take_over(link_id: str, browser: str, now: float) -> bool:
    """Whether it passes to this browser from another one, which does not go on by it any more. Up
    to MOST_TAKEN_OVER times."""
    return claimed(_TAKE_OVER, id_=link_id, by=browser, now=now)


def enter(link_id: str, interaction_id: str) -> bool:
    """Note the interaction that it is followed into."""
    return claimed(_ENTER, id_=link_id, into=interaction_id)


def end_all(account_id: str, outcome: str) -> int:
    """End every open link of an account; how many there were."""
    return run(_END, who=account_id, how=outcome)


def revoke_invitations(account_id: str) -> int:
    """End a person's open invitations; how many there were."""
    return run(_END_INVITATIONS, who=account_id, how="revoked")


def made_since(account_id: str, since: float) -> list[tuple[float, str]]:
    """When links were made for this account, in rising order, and the known device that asked;
    the newest MOST_COUNTED of them."""
    found = rows(_SINCE, Link, who=account_id, since=since)
    return [(link.created_at, link.asked_by) for link in reversed(found)]


def invitation(account_id: str) -> Link | None:
    """The newest invitation of an account."""
    return row(_INVITATION, Link, who=account_id)


def invitations_of(account_ids: set[str]) -> dict[str, Link]:
    """The newest invitation of each of these accounts that was ever invited."""
    return (
        {link.account_id: link for link in rows(_INVITATIONS_OF, Link, ids=sorted(account_ids))}
        if account_ids
        else {}
    )


def invitations() -> dict[str, Link]:
    """The newest invitation of each account that was ever invited."""
    return {link.account_id: link for link in rows(_INVITATIONS, Link)}
