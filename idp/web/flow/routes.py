"""One route and one guard for every page of every journey.

Whatever is sent, the facts say which page is due. A page that is not due redirects to the one that
is; a form that was not asked for proves nothing.
"""

import re

from flask import Blueprint, Response, abort, g, request

from idp import clock, store
from idp.factors import FieldError
from idp.flow import history
from idp.flow.facts import Ask, Do, Issue
from idp.flow.journeys import LEADS_TO
from idp.store import interactions
from idp.visit import Browser, Departure, InteractionClosed, Visit
from idp.web import cookies, guard, house, pages
from idp.web.flow import last_form, upstream
from idp.web.flow.prefill import fill_in_next
from idp.web.flow.stages import STAGES
from idp.web.flow.words import WAITS, field_and_text

bp = Blueprint("flow", __name__)
bp.before_request(guard.a_form_by_a_person)
LONGEST_EVENT = 200  # characters
ACTION = re.compile(r"[a-z-]{1,20}")


def resume(interaction_id: str, browser: Browser, finished_too: bool = False) -> Visit:
    """Come back to an interaction; the log's lines of this request carry its reference. Raises
    InteractionClosed."""
    visit = house().visits.resume(interaction_id, browser, clock.now(), finished_too)
    g.reference = visit.interaction.reference
    pages.use_brand(visit.brand.id)
    return visit


def proceed(visit: Visit) -> Response:
    """Where the visit leads: the page that is due, or back to the client. Before a code is issued
    the account is held, and looked at once more where another node could have changed it:
    what was ended then opens nothing."""
    if isinstance(visit.answer, Issue) and store.lock(f"account:{visit.answer.account}"):
        visit = house().visits.again(visit)
    if isinstance(visit.answer, Ask):
        return pages.redirect(f"/flow/{visit.interaction.id}/{visit.answer.stage}")
    # since then something is due that needs no page: the next request does it
    if isinstance(visit.answer, Do):
        return pages.redirect(f"/flow/{visit.interaction.id}/options")
    outcome = house().ending.finish(visit)
    return cookies.keep(pages.redirect(outcome.answer.location or ""), outcome)


@bp.get("/flow/<interaction_id>/<stage>")
def show(interaction_id: str, stage: str) -> Response:
    """The page that is due, or an earlier one while nothing but choices came after it; any other
    leads to the one that is due."""
    if stage not in STAGES:
        abort(404)
    browser = cookies.browser(interaction_id)
    visit = resume(interaction_id, browser, finished_too=True)
    if visit.interaction.finished_at is not None:
        if not house().ending.answers_again(visit):
            raise InteractionClosed("finished", visit.interaction)
        store.rollback()
        store.writing()
        return _once_more(resume(interaction_id, browser, finished_too=True))
    if isinstance(visit.answer, Ask):
        opened = visit if visit.answer.stage == stage else house().visits.earlier(visit, stage)
        return _page(opened) if opened else proceed(visit)
    store.rollback()
    # someone has signed in since then, in another tab: this one ends too; or what was missing is not
    # wanted any more
    store.writing()
    visit = house().deeds.settle(resume(interaction_id, browser))[0]
    house().visits.record(visit, f"{stage}:returned")
    response = proceed(visit)
    store.commit()
    return response


@bp.get("/flow/<interaction_id>/status")
def status(interaction_id: str) -> Response:
    """What a page's script asks about while it waits: which stage is due, and how the newest code
    or call stands. Asking is no activity."""
    visit = resume(interaction_id, cookies.browser(interaction_id))
    proofs = house().proofs
    stage = visit.answer.stage if isinstance(visit.answer, Ask) else None
    method = {"email-code": "email_code", "phone": "sms_code"}.get(stage or "")
    sent = proofs.show(visit, method)["sent"] if method else None
    call = proofs.show(visit, "voice_code")["call"] if stage == "phone" else None
    return pages.json_response(
        {"stage": stage, "sent": vars(sent) if sent else None, "call": call.state if call else None}
    )


@bp.post("/flow/<interaction_id>/<stage>")
def submit(interaction_id: str, stage: str) -> Response:
    """Do what a form asks, decide again, and redirect to what is due (303)."""
    if stage not in STAGES:
        abort(404)
    visits, browser = house().visits, cookies.browser(interaction_id)
    if not cookies.csrf_valid():  # reads the form whole, before the write lock is taken
        raise InteractionClosed("foreign")
    store.writing()
    visit = resume(interaction_id, browser, finished_too=True)
    if visit.interaction.finished_at is not None:
        return _once_more(visit)
    before, outcome = visit, _act(visit, stage)
    store.writing()
    visit, late = house().deeds.settle(visits.again(visit))
    error = late if outcome is None or isinstance(outcome, Departure) else outcome
    interactions.seen(visit.interaction.id, visit.now)
    visits.record(visit, f"{stage}:{_reasons(error) if error else _action()}")
    due = visit.answer.stage if isinstance(visit.answer, Ask) else None
    if error and due and (due == stage or error.elsewhere):
        last_form.keep_error(visit, due, error, request.form)
    elif due:
        fill_in_next(before, stage, due, request.form)
    else:
        last_form.forget(visit)
    response = (
        pages.redirect(outcome.location) if isinstance(outcome, Departure) else proceed(visit)
    )
    store.commit()
    return response


def _reasons(error: FieldError) -> str:
    """Everything that was wrong with a form, as far as a decision record holds it."""
    found = error.reason
    for one in error.also:
        if len(found) + len(one.reason) < LONGEST_EVENT:
            found += f"+{one.reason}"
    return found


def _action() -> str:
    """The button's word, as far as it is one of ours."""
    other = next(
        (name for name in ("another", "forget", "set-up") if request.form.get(name)), "submit"
    )
    action = request.form.get("journey") or request.form.get("action", other)
    return action if ACTION.fullmatch(action) else "submit"


def _act(visit: Visit, stage: str) -> Departure | FieldError | None:
    """Do what the form asks, if it is the form of the page that is due, or of an earlier one that
    can still be opened."""
    if request.form.get("action") == "cancel":
        if stage == "mail-sent" and visit.answer != Ask(stage, "mail_awaited"):
            # the link was followed in another tab, where it goes on: an old page ends nothing there
            return None
        if stage == "options" or house().choices.at_the_start(visit, stage):
            visit.add_fact(history.GIVEN_UP)
        else:
            house().choices.start_over(visit)
        return None
    if isinstance(visit.answer, Ask) and visit.answer.stage != stage:
        visit = house().visits.go_back(visit, stage)
    if not isinstance(visit.answer, Ask) or visit.answer.stage != stage:
        return None
    if (
        request.form.get("journey") in LEADS_TO.get(stage, ())
        and request.form["journey"] in visit.brand.journeys
    ):
        if stage == "mail-sent" and request.form["journey"] == visit.facts.journey == "register":
            house().registering.enter_again(visit)
        else:
            house().choices.choose_journey(visit, request.form["journey"])
        return None
    return upstream.pointed(visit, stage, request.form) or STAGES[stage].submit(visit, request.form)


def _once_more(visit: Visit) -> Response:
    """A second click on the last button, or the page once more because the answer was lost: the
    same answer again, unless the client has already used it."""
    if isinstance(visit.answer, Ask | Do):
        raise InteractionClosed("finished", visit.interaction)
    response = proceed(visit)
    store.commit()
    return response


def _page(visit: Visit) -> Response:
    """The page that is due, with what the last form was answered with: 422 where something was
    wrong with it."""
    assert isinstance(visit.answer, Ask)
    stage, answered = STAGES[visit.answer.stage], last_form.of(visit, visit.answer.stage)
    error = answered.error
    # nothing is wrong: it is told, and takes a moment
    waits = error is not None and error.reason in WAITS
    messages = dict(field_and_text(one) for one in (error, *error.also)) if error else {}
    context = stage.show(visit, answered.form)
    return pages.page(
        stage.template,
        422 if error else 200,
        action=f"/flow/{visit.interaction.id}/{visit.answer.stage}",
        status_url=f"/flow/{visit.interaction.id}/status",
        reference=visit.interaction.reference,
        reason=visit.answer.reason,
        errors={} if waits else messages,
        waits=messages if waits else {},
        to_company=error is not None and error.reason.startswith("employee_"),
        journeys_offered=visit.brand.journeys,
        purpose=visit.request.purpose,
        **context,
    )


@bp.app_errorhandler(InteractionClosed)
def closed(error: InteractionClosed) -> Response:
    """An interaction that cannot go on here: what happened, and a way that starts again at the
    client."""
    store.rollback()
    if request.method == "POST" and request.endpoint == "flow.submit":
        # what is wrong is wrong with the page too, and there Reload is harmless
        return pages.redirect(request.path)
    found = error.interaction
    g.reference = found.reference if found else None
    client = house().registry.get(found.client_id) if found else None
    pages.use_brand(client.brand if client else None)
    reference = found.reference if found and error.why != "foreign" else None
    outcome = found.outcome if found and error.why == "finished" else None
    kind = "cancelled" if outcome not in (None, "issued") else error.why
    if kind == "expired" and found and not house().visits.registers(found):
        kind = "expired_sign_in"
    status = {
        "unknown": 404,
        "foreign": 403,
        "expired": 410,
        "expired_sign_in": 410,
        "finished": 200,
        "cancelled": 200,
    }[kind]
    return pages.problem(
        kind,
        status,
        reference=reference,
        start_url=client.start_url if client else None,
        client=client.client_id if client else "",
    )
