"""Where a company's provider sends people and messages to: the answer to a request, the way back from
signing out, back-channel logout."""

from flask import Blueprint, Response, abort, request

from idp import clock, secret, store
from idp.factors.upstream import Upstream, UpstreamError, UpstreamSignIn
from idp.flow.facts import Ask
from idp.store import interactions, sessions, upstream_sessions
from idp.web import cookies, guard, house, pages
from idp.web.flow.routes import proceed, resume

bp = Blueprint("upstream", __name__)
bp.before_request(guard.a_form_by_a_person)
LONGEST = 200  # characters of a state of ours
MOST_QUESTIONS = 50  # that one request asks a company about someone; it goes on after a "no" alone


def _upstream(upstream_id: str) -> Upstream:
    found = house().employees.upstreams.get(upstream_id)
    return found or abort(404)


@bp.get("/upstream/<upstream_id>/callback")
def callback(upstream_id: str) -> Response:
    """The answer to an authorization request of ours (RFC 6749 4.1.2): taken once, in the browser
    that was sent, from the company that it was sent to."""
    upstream, answer = _upstream(upstream_id), request.args.to_dict()
    if len(answer) < len(list(request.args.items(multi=True))):
        abort(400)
    state = answer.get("state", "")
    digest = secret.digest(state[:LONGEST])
    pending = upstream_sessions.pending(digest)
    if pending is None or pending.upstream != upstream_id:
        return pages.problem("unknown", 404)
    browser, now, employees = (
        cookies.browser(pending.interaction_id),
        clock.now(),
        house().employees,
    )
    resume(pending.interaction_id, browser)
    store.rollback()
    store.writing()
    visit = resume(pending.interaction_id, browser)
    mine = upstream_sessions.use_request(digest, now) and employees.awaited(visit, pending)
    interactions.seen(visit.interaction.id, now)
    store.commit()
    if not mine:  # loaded once more, or no longer wanted: whatever page is due now
        due = visit.answer.stage if isinstance(visit.answer, Ask) else "options"
        return pages.redirect(f"/flow/{visit.interaction.id}/{due}")
    sign_in: UpstreamSignIn | UpstreamError
    try:
        sign_in = upstream.redeem(
            state, answer, pending.again, pending.max_age, pending.created_at, now
        )
    except UpstreamError as error:
        sign_in = error
    store.writing(afresh=True)  # signing an assertion has looked for keys
    visit = resume(pending.interaction_id, browser)
    outcome = "came"
    if employees.awaited(visit, pending):
        try:
            if isinstance(sign_in, UpstreamError):
                raise sign_in
            employees.enter(visit, upstream, sign_in)
        except UpstreamError as error:
            store.rollback()  # of whatever `enter` had begun
            store.writing()
            employees.fail(visit, upstream, error)
            outcome = error.reason
    visit, _ = house().deeds.settle(house().visits.again(visit))
    house().visits.record(visit, f"upstream:{outcome}")
    response = proceed(visit)
    store.commit()
    return response


@bp.get("/upstream/<upstream_id>/signed-out")
def signed_out(upstream_id: str) -> Response:
    """Back from signing out at the company: on to where the person was going."""
    _upstream(upstream_id)
    kept = house().standing.kept(request.args.get("state", ""))
    redirect_uri, client_name, start_url = kept or (None, None, None)
    if redirect_uri:
        return pages.redirect(redirect_uri)
    return pages.page(
        "signed_out.html",
        client_name=client_name,
        start_url=start_url or house().settings.portal_url,
    )


@bp.post("/upstream/<upstream_id>/backchannel-logout")
def logout_by_upstream(upstream_id: str) -> Response:
    """OpenID Connect Back-Channel Logout 1.0, received."""
    upstream, now = _upstream(upstream_id), clock.now()
    try:
        ended = upstream.ended(request.form.get("logout_token", ""), now)
        store.writing(afresh=True)
        house().standing.ended_there(upstream, ended, now)
    except UpstreamError as error:
        store.rollback()
        return pages.json_response(
            {"error": "invalid_request", "error_description": error.reason}, 400
        )
    store.commit()
    return pages.json_response({})


def still_there(account_id: str) -> bool:
    """Ask the company whether the person is still theirs, where that was not asked just now; what
    ends then has ended. No transaction may be open."""
    standing = house().standing
    if not standing.doubtful(account_id, clock.now()):
        store.rollback()
        return True
    store.rollback()
    store.writing()
    for _ in range(MOST_QUESTIONS):
        question = standing.question(account_id, clock.now())
        if question is None:
            break
        store.commit()
        reply = standing.ask(question, clock.now())
        store.writing(afresh=True)
        standing.note(question, reply, clock.now())
    there = standing.conclude(account_id, clock.now())
    store.commit()
    return there


def check_employees() -> None:
    """Before anybody is signed in without a request there: whom the company has let go has nothing left to
    sign in with."""
    if not house().employees.upstreams:
        return
    settings, cookie, now = house().settings, cookies.session_secret(), clock.now()
    lifetimes = settings.lifetimes
    session = (
        sessions.live(secret.digest(cookie), now, lifetimes.session_idle, lifetimes.session)
        if cookie
        else None
    )
    known = house().standing.employees_of(cookies.trusted_devices(), session, now)
    store.rollback()
    for account_id in known:
        still_there(account_id)
