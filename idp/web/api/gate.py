"""What every request to the management API passes: its token, how strong and recent the sign-in is,
its limits and its shape; and what is refused is written down."""

import json
import logging
from typing import Any

from flask import Response, request

from idp import clock, store
from idp.flow.methods import ACR_VALUES
from idp.oauth import access_tokens
from idp.oauth.access_tokens import AccessToken
from idp.oauth.granted import SignIn, live
from idp.oauth.http import bearer
from idp.oauth.resource_servers import PATH
from idp.operations import OperatorError
from idp.operations.rights import Forbidden, Rights
from idp.settings import Management
from idp.store import accounts, audit, idempotency
from idp.web import house
from idp.web.api import limits, problems
from idp.web.api.answers import PURPOSE, idempotency_key, repeated, response_of
from idp.web.api.asked import read_body, read_query
from idp.web.api.contract import Call, Route
from idp.web.api.problems import Problem
from idp.web.counted import counted

log = logging.getLogger("idp.web")

ENTRY_SECONDS = (
    60  # seconds of max_age that are left to come back from a new sign-in and repeat the request
)
# parts of a path that name what no one else changes in between
LOCKED = ("organization_id", "client_id")
# no attempt at what is not theirs
LATER = ("too_many", "changed", "precondition_required", "unavailable", "server_error")


def answer(route: Route, where: dict[str, str]) -> Response:
    """Answer a request to this route. Whatever is refused to someone we know is in the audit
    trail."""
    now, token = clock.now(), None
    try:
        token = _token(now)
        headers = limits.count(token.actor)
        audit.during(
            client_id=token.client_id,
            address=request.remote_addr,
            reference=token.grant.granted.sign_in.reference if token.grant else None,
        )
        reply = _through(route, where, token, now)
        reply.headers.update(headers)
        return reply
    except Problem as problem:
        return _refuse(route, where, token, now, problem)
    except Forbidden as refused:
        return _refuse(
            route,
            where,
            token,
            now,
            Problem("not_found" if refused.hidden else "forbidden", str(refused)),
        )
    except OperatorError as mistake:
        return _refuse(
            route, where, token, now, Problem("not_possible", mistake.says, **_field(mistake))
        )


def _field(mistake: OperatorError) -> dict[str, Any]:
    return {"errors": [{"field": mistake.field, "detail": mistake.says}]} if mistake.field else {}


def _through(route: Route, where: dict[str, str], token: AccessToken, now: float) -> Response:
    if route.scope not in token.scope.split():
        raise Problem(
            "insufficient_scope",
            f"This request needs the scope {route.scope}.",
            problems.challenge("insufficient_scope", scope=route.scope),
        )
    if route.acts and token.grant:
        _strong_and_recent(token.grant.granted.sign_in, house().settings.management, now)
    query = read_query(route.query)
    raw = request.get_data() if route.body else b""
    body = read_body(route.body, raw) if route.body else None
    kept = None
    if route.acts:
        store.writing(afresh=True)
        kept = idempotency_key(token, raw)
        people = {token.actor if token.grant else "", where.get("user_id", "")} - {""}
        for one in (
            *(f"member:{one}" for one in sorted(people)),
            *(f"{name}:{where[name]}" for name in LOCKED if name in where),
        ):
            store.lock(one)  # roles, and what is changed, stay as they are until this is done
        if token.grant and live(token.grant.id) is None:
            raise _invalid()
        if kept and (before := idempotency.held(kept[0])):
            return repeated(before, kept[1])
    call = Call(
        _rights(token),
        now,
        token.client_id,
        frozenset(token.scope.split()),
        where,
        query,
        body,
        request.headers.get("If-Match"),
    )
    reply = route.handler(call)
    response = response_of(route, reply)
    if kept:
        said = [
            response.status_code,
            response.get_data(as_text=True),
            {name: value for name, value in response.headers.items() if name != "Date"},
        ]
        idempotency.keep(kept[0], kept[1], house().vault.seal(PURPOSE, json.dumps(said)), now)
    if route.acts:
        store.commit()
    return response


def _token(now: float) -> AccessToken:
    """The token of the request: alive, and for this API. Raises Problem."""
    given = bearer(request.headers)
    if given is None:
        raise Problem(
            "invalid_token",
            "Send an access token in the header: Authorization: Bearer …",
            problems.challenge(),
        )
    token = access_tokens.read(
        house().registry, house().keyring, house().settings.issuer, given, now
    )
    if token is None or f"{house().settings.issuer}{PATH}" not in token.audience:
        raise _invalid()
    return token


def _invalid() -> Problem:
    says = "The access token has expired, was revoked or is not for this API."
    return Problem(
        "invalid_token",
        says,
        problems.challenge("invalid_token", "The access token is not valid for this API"),
    )


def _rights(token: AccessToken) -> Rights:
    role = house().settings.management.role
    if token.grant is None:
        return Rights.of_machine(token.client_id, role)
    account = accounts.by_id(token.actor)
    if account is None or account.disabled_at is not None:
        raise _invalid()
    return Rights.of_person(account, role)


def _strong_and_recent(sign_in: SignIn, wanted: Management, now: float) -> None:
    """Step-up authentication (RFC 9470): what a person changes wants a sign-in that is strong, and
    not long ago. Raises Problem."""
    strong = sign_in.acr in ACR_VALUES[ACR_VALUES.index(wanted.acr) :]
    recent = now - sign_in.auth_time <= wanted.max_age
    if strong and recent:
        return
    says = "a stronger sign-in is required" if not strong else "a more recent sign-in is required"
    asked = {"acr_values": wanted.acr, "max_age": str(wanted.max_age - ENTRY_SECONDS)}
    header = problems.challenge("insufficient_user_authentication", says, **asked)
    raise Problem(
        "insufficient_user_authentication",
        f"For this request, {says}.",
        header,
        acr=sign_in.acr,
        acr_values=wanted.acr,
        max_age=wanted.max_age - ENTRY_SECONDS,
    )


def _refuse(
    route: Route, where: dict[str, str], token: AccessToken | None, now: float, problem: Problem
) -> Response:
    seen = [value for name, value in where.items() if name not in ("user_id", "organization_id")]
    _write_down(
        token,
        now,
        problem.kind,
        f"{route.method} {route.path}",
        where.get("user_id"),
        at=where.get("organization_id"),
        resource=seen,
    )
    return problems.response(problem)


def nowhere() -> Response:
    """The answer at an address that is none; who looked for it is written down, if we know them."""
    _write_down(None, clock.now(), "not_found", f"{request.method} {request.path[:200]}", None)
    return problems.response(Problem("not_found"))


def _write_down(
    token: AccessToken | None, now: float, why: str, act: str, target: str | None, **more: Any
) -> None:
    """What was refused to someone we know goes into the audit trail."""
    store.rollback()
    whose = _whose(token, now)
    if whose and token is None and not counted().seldom(whose[0]):
        whose = None  # a token from long ago fills no trail
    if whose and why not in LATER:
        store.writing(afresh=True)
        about: dict[str, Any] = {"why": why, "act": act, **more}
        audit.add(
            now,
            "management_refused",
            "failure",
            actor=whose[0],
            target=target,
            client_id=whose[1],
            address=request.remote_addr,
            **about,
        )
        store.commit()
    log.info(
        "management request refused",
        extra={"about": {"why": why, "act": act, "who": whose[0] if whose else None}},
    )


def _whose(token: AccessToken | None, now: float) -> tuple[str, str] | None:
    """Who asked: by the token or, where it does not count any more, by what it was."""
    if token:
        return (token.actor if token.grant else f"client:{token.client_id}"), token.client_id
    given = bearer(request.headers)
    return access_tokens.former(house().keyring, given, now) if given else None
