"""What happened: the audit trail, newest first, and events in order, for programs that follow them;
and the terms in force."""

from heapq import merge
from typing import Any

from idp.flow.methods import SET_UP_METHODS
from idp.store import accounts, audit, organizations
from idp.store.accounts import Account
from idp.store.audit import AuditRow
from idp.web import house
from idp.web.api import event_shapes, paging, shapes
from idp.web.api.contract import Call, Reply, route
from idp.web.api.event_shapes import Event, Kind, Who
from idp.web.api.shapes import when

EVENTS = (  # what people are told of: what was done to accounts and organizations, not each sign-in
    *(
        "registration_reset",
        "contact_email_corrected",
        "invitation_sent",
        "invitation_revoked",
        "registered",
        "registered_anew",
        *(f"{kind}_set_up" for kind in SET_UP_METHODS),
    ),
    *("account_registered", "account_linked", "administrator_made", "password_recovered"),
    *(
        "account_added",
        "account_disabled",
        "account_enabled",
        "account_unlocked",
        "session_ended",
        "sessions_ended",
        "browsers_forgotten",
    ),
    *("member_added", "member_role_changed", "member_removed", "roles_set"),
    *(
        "organization_added",
        "organization_renamed",
        "registration_code_added",
        "registration_code_ended",
        "registration_codes_ended",
    ),
    *("client_added", "client_changed", "client_secret_rotated", "client_removed"),
)
LAST = 2**31 - 1  # after every position


@route(
    "GET",
    "/audit",
    "audit:read",
    "Read the audit trail",
    query=event_shapes.AuditQuery,
    answer=event_shapes.AuditPage,
)
def read_audit(call: Call) -> Reply:
    """Newest first. Without a filter, you get what you did, what was done to your account, and what
    was done in the organizations you administer. People who manage all organizations get
    everything. An entry appears within a second."""
    asked, rights = call.query, call.rights
    (before,) = paging.place(asked.cursor, 1)
    only = {"action": asked.type} if asked.type else {}
    if asked.organization_id:
        only["organization_id"] = rights.organization(asked.organization_id, manages=True).id
    if asked.user_id:
        only["target"] = rights.person(asked.user_id).id
    free = rights.everything or asked.user_id or asked.organization_id
    views = [only] if free else [{**only, **view} for view in _views(call)]
    if (
        asked.user_id
        and not rights.everything
        and asked.user_id != rights.account_id
        and not asked.organization_id
    ):
        views = [
            {**only, "nowhere": ""},
            *({**only, "organization_id": one} for one in sorted(rights.administers)),
        ]
    found = _merged(
        [audit.preceding(int(before or LAST), asked.limit + 1, **view) for view in views],
        newest_first=True,
    )
    shown = found[: asked.limit]
    following = paging.cursor(str(shown[-1].position)) if len(found) > len(shown) else None
    return Reply(
        event_shapes.AuditPage(items=_shown(call, shown), next=following),
        headers=paging.link(following),
    )


@route(
    "GET",
    "/events",
    "audit:read",
    "Read new events",
    query=event_shapes.EventQuery,
    answer=event_shapes.EventPage,
)
def read_events(call: Call) -> Reply:
    """In order and without gaps. To continue later, send `next` as `after`. You get what you did,
    what was done to your account, and what was done in the organizations you administer."""
    asked = call.query
    end = audit.end_of_chain()[0]
    if asked.after == "now":
        return Reply(event_shapes.EventPage(items=[], next=str(end)))
    after = min(int(asked.after or 0), LAST)
    views: list[dict[str, str]] = [{}] if call.rights.everything else _views(call)
    found = _merged([audit.following(after, asked.limit, list(EVENTS), **view) for view in views])
    shown = [row for row in found if (row.position or 0) <= end][: asked.limit]
    following = shown[-1].position if len(shown) == asked.limit else max(end, after)
    return Reply(event_shapes.EventPage(items=_shown(call, shown), next=str(following)))


@route("GET", "/terms", "users:read", "List the terms of use in force", answer=shapes.AllTerms)
def list_terms(call: Call) -> Reply:
    """The terms of use of every brand."""
    settings = house().settings
    found = [(name, look.terms_at(call.now)) for name, look in sorted(settings.looks.items())]
    items = [
        shapes.Terms(
            brand=name, version=terms.version if terms else None, url=f"{settings.issuer}/terms"
        )
        for name, terms in found
    ]
    return Reply(shapes.AllTerms(items=items))


def _views(call: Call) -> list[dict[str, str]]:
    """What may be seen without a filter, as rows that are about one thing each: each is a quick
    read."""
    own = [{"actor": call.rights.actor}, {"target": call.rights.actor}]
    return [*own, *({"organization_id": one} for one in sorted(call.rights.administers))]


def _merged(found: list[list[AuditRow]], newest_first: bool = False) -> list[AuditRow]:
    sign = -1 if newest_first else 1
    rows = {row.position: row for row in merge(*found, key=lambda row: sign * (row.position or 0))}
    return list(rows.values())


def _shown(call: Call, rows: list[AuditRow]) -> list[Event]:
    ids = {one for row in rows for one in (row.actor, row.target) if one}
    known = accounts.by_ids(ids)
    places = organizations.of_accounts(set(known)) if not call.rights.everything else {}
    return [_event(call, row, known, places) for row in rows]


def _event(
    call: Call, row: AuditRow, known: dict[str, Account], places: dict[str, list[Any]]
) -> Event:
    rights = call.rights
    concerned = row.target == rights.account_id  # the person it was done to is told who did it

    def who(name: str | None, told: bool) -> Who:
        account = known.get(name or "")
        if account is None:
            kind: Kind = "system" if name is None else "operator"
            kind = "client" if name and name.startswith("client:") else kind
            return Who(
                kind=kind, id=name if kind == "client" or rights.everything else None, name=None
            )
        seen = (
            told
            or rights.everything
            or account.id == rights.account_id
            or any(one.id in rights.administers for one in places[account.id])
        )
        return Who(
            kind="person",
            id=account.id,
            name=f"{account.given_name} {account.family_name} ({account.username})"
            if seen
            else None,
        )

    return Event(
        id=str(row.position),
        at=when(row.at),
        type=row.action,
        outcome="failure" if row.outcome == "failure" else "success",
        actor=who(row.actor, concerned),
        target=who(row.target, row.actor == rights.account_id) if row.target in known else None,
        organization_id=row.organization_id,
        client_id=row.client_id,
        reference=row.reference,
        address=row.address if rights.everything else None,
        detail=row.detail if rights.everything else None,
    )
