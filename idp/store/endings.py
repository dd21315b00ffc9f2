"""What ends together: a session and, by back-channel logout, what clients made of it; and, when
credentials change or are taken away, whatever the old ones opened."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, Double, Insert, bindparam, insert, literal, null, select

from idp.store import (
    codes,
    enrolments,
    grants,
    links,
    sessions,
    tries,
    trusted_devices,
    upstream_sessions,
)
from idp.store.clients import CLIENTS
from idp.store.database import lock, run
from idp.store.grants import GRANTS
from idp.store.outbox import LOGOUT, OUTBOX
from idp.store.sessions import SESSIONS

# seconds that a client is told again while it does not answer; its own sessions end by themselves
# soon after
NOTICE_LIFE = 3600.0


def _tell(which: ColumnElement[bool]) -> Insert:
    """A notice (OIDC Back-Channel Logout 2.3) to each client with a grant of these sessions, if it
    wants to be told of their end."""
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
        .select_from(
            SESSIONS.join(GRANTS, GRANTS.c.session_id == SESSIONS.c.id).join(
                CLIENTS, CLIENTS.c.id == GRANTS.c.client_id
            )
        )
        .where(
            which,
            SESSIONS.c.ended_at.is_(None),
            CLIENTS.c.registration["backchannel_logout_uri"].as_string().is_not(None),
        )
    )
    return insert(OUTBOX).from_select(
        [
            "channel",
            "recipient",
            "kind",
            "sealed",
            "about",
            "created_at",
            "not_after",
            "next_at",
            "attempts",
        ],
        told,
    )


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


ALL = frozenset(
    {"links", "enrolments", "codes", "tries", "upstream", "sessions", "grants", "trusted", "known"}
)
ENDS: Mapping[str, frozenset[str]] = {  # what ends with which change: nothing else says so
    # from now on someone signs in with what they have just registered, and with nothing else
    "registered": ALL,
    "password_recovered": ALL,
    "registration_reset": ALL,
    # a factor more takes nothing from those before it, but for what goes without any
    "factor_set_up": frozenset({"links", "enrolments", "trusted"}),
    "phone_change_stopped": ALL,
    "upstream_linked": ALL,
    "upstream_moved": ALL,
    "upstream_unlinked": ALL,
    "upstream_left": ALL,
    "retired": ALL,
    # a code that comes back is told what has happened
    "disabled": ALL - {"tries", "known", "codes"},
    "signed_out": frozenset({"codes", "upstream", "sessions", "grants", "trusted"}),
    "browsers_forgotten": frozenset({"trusted"}),
    # what was sent to the address before opens nothing any more
    "address_corrected": frozenset({"links", "enrolments", "codes"}),
    "invitation_revoked": frozenset({"links", "enrolments", "codes"}),
}
# the outcome of the emailed links that end; `done` where they led to what has happened
LINKS_ARE: Mapping[str, str] = {
    "registered": "done",
    "password_recovered": "done",
    "registration_reset": "replaced",
    "upstream_linked": "done",
    "upstream_left": "done",
    "address_corrected": "corrected",
}


def end(change: str, account_id: str, now: float) -> dict[str, int]:
    """End all that ends with this change of an account (a key of ENDS): links, enrolments, open
    codes and calls, wrong tries, sessions at the company, sessions here, grants, trusted devices,
    known devices. How many there were of what people notice: sessions, grants, browsers. Who
    finishes a sign-in at this moment waits for it, and is asked again."""
    lock(f"account:{account_id}")
    what = ENDS[change]
    if "links" in what:
        links.end_all(account_id, LINKS_ARE.get(change, "revoked"))
    if "enrolments" in what:
        enrolments.end_all(account_id, now)
    if "codes" in what:
        codes.end_all(account_id)
    if "tries" in what:
        tries.forget(account_id)
    if "upstream" in what:
        upstream_sessions.end_all(account_id, now)
    if "known" in what:
        trusted_devices.forget_known(account_id)
    counted = {}
    if "sessions" in what:
        counted["sessions"] = end_sessions(account_id, now)
    if "grants" in what:
        counted["grants"] = grants.revoke_all(account_id, now)
    if "trusted" in what:
        counted["browsers"] = trusted_devices.end_all(account_id, now)
    return counted
