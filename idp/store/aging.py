"""Demo and development only: lets time pass for everything that is kept, without touching a clock.
What was made a minute ago was then made four hours and a minute ago, so codes and links expire,
sessions lie idle and a trusted device is forgotten."""

from sqlalchemy import Double, bindparam, select, update

from idp.store.audit import AUDIT
from idp.store.database import Base, connection, run
from idp.store.endings import end_sessions
from idp.store.sessions import SESSIONS

# the trail is chained, decisions are told beside it, and keys are not what people wait for
LEFT_ALONE = {AUDIT.name, "audit_checkpoints", "decision_records", "signing_keys"}

_OPEN = select(SESSIONS.c.account_id).where(SESSIONS.c.ended_at.is_(None)).distinct()


def let_pass(seconds: float) -> None:
    """Make everything this much older."""
    for table in Base.metadata.sorted_tables:
        times = [
            column
            for column in table.c
            # that a row has changed is no matter of how old it is: forms that are open stay good
            if isinstance(column.type, Double) and column.name != "updated_at"
        ]
        if times and table.name not in LEFT_ALONE:
            run(
                update(table).values(
                    {column: column - bindparam("passed", type_=Double()) for column in times}
                ),
                passed=seconds,
            )


def end_every_session(now: float) -> int:
    """Everyone is signed out; how many sessions there were."""
    return sum(end_sessions(account_id, now) for account_id in connection().scalars(_OPEN).all())
