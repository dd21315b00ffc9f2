"""The authorization endpoint (RFC 6749 3.1): opens an interaction, and answers at once where
nothing need be asked."""

from flask import Blueprint, g, request
from werkzeug.wrappers import Response

from idp import clock, store
from idp.flow.journeys import JOURNEYS
from idp.oauth.authorization import PageError, RedirectError
from idp.visit import Begin
from idp.web import cookies, guard, house, pages
from idp.web.flow.routes import proceed
from idp.web.upstream import check_employees

bp = Blueprint("authorize", __name__)
bp.before_request(guard.by_a_person)


@bp.get("/authorize")
def authorize() -> Response:
    """The authorization endpoint (RFC 6749 3.1, OIDC Core 3.1.2): it begins a visit."""
    if guard.too_many_fields():
        raise PageError("too_many_fields")
    visits, parameters, now = house().visits, list(request.args.items(multi=True)), clock.now()
    found = _waiting()
    if found and found[0] == "link" and house().links.overtaken(found[1], found[2], now):
        # which says so, and lets them take it back
        return cookies.forget_next(pages.redirect(f"/link/open/{found[1]}"))
    try:
        check_employees()
        begins = _begins(found, now)
        visit = visits.begin(parameters, cookies.browser(), now, begins)
    except RedirectError as error:
        return pages.redirect(house().server.answer_error(error).location or "")
    g.reference = visit.interaction.reference
    visit, _ = house().deeds.settle(visit)
    response = cookies.remember(proceed(visit), visit)
    store.commit()
    return cookies.forget_next(response) if begins else response


def _waiting() -> list[str] | None:
    """What waits in this browser for a sign-in at this client. A silent check shows no page, so it
    leaves that alone."""
    found = cookies.begins()
    if (
        found is None
        or "none" in request.args.get("prompt", "").split()
        or found[3] not in ("", request.args.get("client_id"))
    ):
        return None
    return found


def _begins(found: list[str] | None, now: float) -> Begin | None:
    """What this browser was sent here for: by an emailed link that it has used, or by a page
    outside of any sign-in."""
    if found is None:
        return None
    if found[0] == "link" and (link := house().links.carried(found[1], found[2], now)):
        return Begin(link=link)
    return Begin(journey=found[1]) if found[0] == "journey" and found[1] in JOURNEYS else None


@bp.post("/authorize")
def authorize_by_post() -> Response:
    """The same by POST (OIDC Core 3.1.2.1)."""
    return guard.sent_by_get("/authorize")
