"""Forgetting what is over: for every kind of row a rule, a few rows at a time, so that no lock is
held for long."""

from collections.abc import Mapping

from sqlalchemy import BindParameter, Column, Delete, Table, bindparam, delete, exists, or_, select

from idp.store.access_tokens import REVOKED, TOKENS
from idp.store.assertions import USED
from idp.store.authorization_codes import CODES as AUTHORIZATION_CODES
from idp.store.codes import CODES
from idp.store.credentials import CREDENTIALS
from idp.store.database import run
from idp.store.decisions import RECORDS
from idp.store.enrolments import ENROLMENTS
from idp.store.grants import GRANTS, REFRESH_TOKENS
from idp.store.idempotency import KEPT
from idp.store.inbox import INBOX
from idp.store.interactions import FACTS, INTERACTIONS
from idp.store.links import LINKS
from idp.store.outbox import OUTBOX
from idp.store.registration_codes import CODES as REGISTRATION_CODES
from idp.store.sessions import SESSIONS
from idp.store.tries import TRIES
from idp.store.trusted_devices import KNOWN, TRUSTED_DEVICES
from idp.store.upstream_sessions import REQUESTS
from idp.store.upstream_sessions import SESSIONS as UPSTREAM_SESSIONS

BATCH = 1000
Rule = Delete  # what forgets some rows
# kinds of rows that are about what is, not about what was; they go when an operator or their owner
# ends them
NEVER = {
    "accounts",
    "resource_servers",
    "audit_checkpoints",
    "client_logos",
    "clients",
    "consents",
    "directory",
    "memberships",
    "organizations",
    "profiles",
    "signing_keys",
    "terms_acceptances",
    "versions",
}

THEN: "BindParameter[float]" = bindparam("then")
_OLD_VISITS = select(INTERACTIONS.c.id).where(INTERACTIONS.c.created_at < THEN)
_OLD_GRANTS = select(GRANTS.c.id).where(GRANTS.c.expires_at < THEN)
_IN_USE = exists().where(
    GRANTS.c.session_id == SESSIONS.c.id, GRANTS.c.expires_at > bindparam("now")
)
_REFERRED = exists().where(SESSIONS.c.upstream_session_id == UPSTREAM_SESSIONS.c.id)


def _some(table: Table, key: "Column[object]", *conditions: object) -> Delete:
    return delete(table).where(key.in_(select(key).where(*conditions).limit(BATCH)))  # type: ignore[arg-type]  # conditions of SQLAlchemy


# by the setting in [retention]; what refers to others goes before them
RULES: Mapping[str, tuple[Delete, ...]] = {
    "visits": (
        _some(RECORDS, RECORDS.c.id, RECORDS.c.at < THEN),
        _some(CODES, CODES.c.id, CODES.c.interaction_id.in_(_OLD_VISITS)),
        _some(REQUESTS, REQUESTS.c.digest, REQUESTS.c.interaction_id.in_(_OLD_VISITS)),
        _some(FACTS, FACTS.c.id, FACTS.c.interaction_id.in_(_OLD_VISITS)),
        _some(INTERACTIONS, INTERACTIONS.c.id, INTERACTIONS.c.created_at < THEN),
    ),
    "enrolments": (_some(ENROLMENTS, ENROLMENTS.c.id, ENROLMENTS.c.created_at < THEN),),
    "credentials": (_some(CREDENTIALS, CREDENTIALS.c.id, CREDENTIALS.c.ended_at < THEN),),
    "links": (_some(LINKS, LINKS.c.id, LINKS.c.expires_at < THEN),),
    "browsers": (
        _some(TRUSTED_DEVICES, TRUSTED_DEVICES.c.digest, TRUSTED_DEVICES.c.expires_at < THEN),
        _some(KNOWN, KNOWN.c.digest, KNOWN.c.last_at < THEN),
    ),
    "sessions": (
        _some(SESSIONS, SESSIONS.c.id, SESSIONS.c.created_at < THEN, ~_IN_USE),
        _some(
            UPSTREAM_SESSIONS,
            UPSTREAM_SESSIONS.c.id,
            UPSTREAM_SESSIONS.c.created_at < THEN,
            ~_REFERRED,
        ),
    ),
    "tokens": (
        _some(
            AUTHORIZATION_CODES,
            AUTHORIZATION_CODES.c.digest,
            AUTHORIZATION_CODES.c.expires_at < THEN,
        ),
        _some(TOKENS, TOKENS.c.digest, TOKENS.c.expires_at < THEN),
        _some(REVOKED, REVOKED.c.digest, REVOKED.c.expires_at < THEN),
        _some(USED, USED.c.digest, USED.c.expires_at < THEN),
        _some(REFRESH_TOKENS, REFRESH_TOKENS.c.digest, REFRESH_TOKENS.c.grant_id.in_(_OLD_GRANTS)),
        _some(GRANTS, GRANTS.c.id, GRANTS.c.expires_at < THEN),
    ),
    "messages": (
        _some(
            OUTBOX,
            OUTBOX.c.id,
            OUTBOX.c.created_at < THEN,
            or_(OUTBOX.c.sent_at.is_not(None), OUTBOX.c.dropped_at.is_not(None)),
        ),
    ),
    "tries": (_some(TRIES, TRIES.c.id, TRIES.c.at < THEN),),
    "registration_codes": (
        _some(REGISTRATION_CODES, REGISTRATION_CODES.c.id, REGISTRATION_CODES.c.expires_at < THEN),
    ),
    "answers": (_some(KEPT, KEPT.c.id, KEPT.c.created_at < THEN),),
    "inbox": (_some(INBOX, INBOX.c.id, INBOX.c.at < THEN),),
}

# seconds until a request that nothing was done with is forgotten, whatever the settings keep of
# visits
DAY = 86400.0
_UNANSWERED = select(INTERACTIONS.c.id).where(
    INTERACTIONS.c.created_at < THEN,
    # a look an hour reads a day's rows by the index; what a worker missed goes with its kind
    INTERACTIONS.c.created_at > THEN - DAY,
    INTERACTIONS.c.finished_at.is_(None),
    INTERACTIONS.c.seen_at == INTERACTIONS.c.created_at,
    ~exists().where(REQUESTS.c.interaction_id == INTERACTIONS.c.id),
    ~exists().where(CODES.c.interaction_id == INTERACTIONS.c.id),
)
UNANSWERED = (  # anybody can ask for a sign-in page, and need not be anybody
    _some(RECORDS, RECORDS.c.id, RECORDS.c.interaction_id.in_(_UNANSWERED)),
    _some(FACTS, FACTS.c.id, FACTS.c.interaction_id.in_(_UNANSWERED)),
    _some(INTERACTIONS, INTERACTIONS.c.id, INTERACTIONS.c.id.in_(_UNANSWERED)),
)


def forget(rule: Delete, then: float, now: float) -> bool:
    """Forget some rows that are older than `then` by one rule; whether there may be more."""
    return (
        run(rule, **{"then": then, **({"now": now} if rule is RULES["sessions"][0] else {})})
        == BATCH
    )
