"""What ends together: a session and, by back-channel logout, what clients made of it; and, when credentials change or are taken away,
whatever the old ones opened."""

from sqlalchemy import ColumnElement, Double, Insert, bindparam, insert, literal, null, select

from idp.store import grants, links, remembered, sessions, tries, upstream
from idp.store.clients import CLIENTS
from idp.store.database import run
from idp.store.grants import GRANTS
from idp.store.outbox import LOGOUT, OUTBOX
from idp.store.sessions import SESSIONS

NOTICE_LIFE = 3600.0  # seconds that a client is told again while it does not answer; its own sessions end by themselves soon after


def _tell(which: ColumnElement[bool]) -> Insert:
    """A notice (OIDC Back-Channel Logout 2.3) to each client with a grant of these sessions, if it wants to be told of their end."""
    told = (
        select(
            literal(LOGOUT).label("channel"),
            GRANTS.c.client_id,
            literal("backchannel_logout").label("kind"),
            null().label("sealed"),
            SESSIONS.c.id.label("about"),
            bindparam("now", type_=Double()).label("created_at"),
            bindparam("until", type_=Double()).label("not_after"),
            bindparam("now", type_=Double()).label("next_at"),
            literal(0).label("attempts"),
        )
        .distinct()
        .select_from(SESSIONS.join(GRANTS, GRANTS.c.session_id == SESSIONS.c.id).join(CLIENTS, CLIENTS.c.id == GRANTS.c.client_id))
        .where(which, SESSIONS.c.ended_at.is_(None), CLIENTS.c.registration["backchannel_logout_uri"].as_string().is_not(None))
    )
    return insert(OUTBOX).from_select(["channel", "recipient", "kind", "sealed", "about", "created_at", "not_after", "next_at", "attempts"], told)


_TELL_OF_ONE = _tell(SESSIONS.c.id == bindparam("which"))
_TELL_OF_ACCOUNT = _tell(SESSIONS.c.account_id == bindparam("which"))
_TELL_OF_UPSTREAM = _tell(SESSIONS.c.upstream_session_id == bindparam("which"))


def end_session(session_id: str, now: float) -> bool:
    """Whether this call ended it."""
    run(_TELL_OF_ONE, which=session_id, now=now, until=now + NOTICE_LIFE)
    return sessions.end(session_id, now)


def end_sessions(account_id: str, now: float) -> int:
    """End every session of an account; how many there were."""
    run(_TELL_OF_ACCOUNT, which=account_id, now=now, until=now + NOTICE_LIFE)
    return sessions.end_all(account_id, now)


def end_sessions_of_upstream(upstream_session_id: str, now: float) -> int:
    """End the sessions that came by one at the company; how many there were."""
    run(_TELL_OF_UPSTREAM, which=upstream_session_id, now=now, until=now + NOTICE_LIFE)
    return sessions.end_of_upstream(upstream_session_id, now)


def end_everything(account_id: str, now: float, links_are: str) -> dict[str, int]:
    """End every session, grant, remembered browser and mailed link of an account (`links_are` is the links' outcome), and forget its
    wrong tries: what comes next is proven anew. How many of what people notice there were."""
    links.end_all(account_id, links_are)
    tries.forget(account_id)
    upstream.end_all(account_id, now)
    return {
        "sessions": end_sessions(account_id, now),
        "grants": grants.revoke_all(account_id, now),
        "browsers": remembered.end_all(account_id, now),
    }
