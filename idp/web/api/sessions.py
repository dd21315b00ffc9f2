"""Sessions, trusted devices and accepted terms of a person."""

from idp.operations import accounts
from idp.store import sessions, terms, trusted_devices
from idp.web import house
from idp.web.api import shapes
from idp.web.api.contract import Call, Reply, route
from idp.web.api.shapes import when
from idp.web.api.users import acted_on


@route(
    "GET",
    "/users/{user_id}/sessions",
    "users:read",
    "List where a person is signed in",
    answer=shapes.Sessions,
)
def list_sessions(call: Call) -> Reply:
    """The sessions that have not ended, newest first."""
    account, life = call.rights.person(call.where["user_id"]), house().settings.lifetimes
    found = sessions.of_account(account.id, call.now, life.session_idle, life.session)
    return Reply(
        shapes.Sessions(
            items=[
                shapes.Session(
                    id=one.id,
                    option=one.option,
                    signed_in_at=when(one.auth_time),
                    seen_at=when(one.seen_at),
                )
                for one in found
            ]
        )
    )


@route(
    "DELETE",
    "/users/{user_id}/sessions",
    "users:manage",
    "Sign a person out everywhere",
    status=204,
)
def end_sessions(call: Call) -> Reply:
    """Ends sessions and refresh tokens, and notifies clients (back-channel logout)."""
    accounts.sign_out(call.now, call.rights.actor, acted_on(call))
    return Reply(status=204)


@route(
    "DELETE",
    "/users/{user_id}/sessions/{session_id}",
    "users:manage",
    "Sign a person out of one browser",
    status=204,
)
def end_session(call: Call) -> Reply:
    """The session ends, and so do its tokens."""
    accounts.end_session(call.now, call.rights.actor, acted_on(call), call.where["session_id"])
    return Reply(status=204)


@route(
    "GET",
    "/users/{user_id}/trusted-devices",
    "users:read",
    "List a person's trusted devices",
    answer=shapes.TrustedDevices,
)
def list_browsers(call: Call) -> Reply:
    """The browsers that Remember Me was chosen in, by sign-in option."""
    found = trusted_devices.of_account(call.rights.person(call.where["user_id"]).id, call.now)
    items = [
        shapes.TrustedDevice(
            option=one.option, since=when(one.created_at), expires_at=when(one.expires_at)
        )
        for one in found
    ]
    return Reply(shapes.TrustedDevices(items=items))


@route(
    "DELETE",
    "/users/{user_id}/trusted-devices",
    "users:manage",
    "End a person's trusted devices",
    status=204,
)
def forget_browsers(call: Call) -> Reply:
    """Every browser asks this person for everything again."""
    accounts.forget_browsers(call.now, call.rights.actor, acted_on(call))
    return Reply(status=204)


@route(
    "GET",
    "/users/{user_id}/terms",
    "users:read",
    "List which terms of use a person has accepted",
    answer=shapes.Acceptances,
)
def list_acceptances(call: Call) -> Reply:
    """The terms of use that this person has accepted."""
    found = terms.of_account(call.rights.person(call.where["user_id"]).id)
    return Reply(
        shapes.Acceptances(
            items=[
                shapes.Acceptance(brand=one.brand, version=one.version, accepted_at=when(one.at))
                for one in found
            ]
        )
    )
