"""The authorization endpoint (RFC 6749 3.1): opens an interaction, and answers at once where nothing need be asked."""

from urllib.parse import urlencode

from flask import Blueprint, g, request
from werkzeug.wrappers import Response

from idp import clock, store
from idp.oauth.authorization import PageError, RedirectError
from idp.web import cookies, guard, house
from idp.web.flow.routes import go, redirect

bp = Blueprint("authorize", __name__)


@bp.get("/authorize")
def authorize() -> Response:
    if guard.too_many_fields():
        raise PageError("too_many_fields")
    visits, parameters = house().visits, list(request.args.items(multi=True))
    try:
        visit = visits.begin(parameters, cookies.browser(), clock.now())
    except RedirectError as error:
        return redirect(house().server.answer_error(error).location or "")
    g.reference = visit.interaction.reference
    response = cookies.remember(go(visit), visit)
    store.commit()
    return response


@bp.post("/authorize")
def authorize_by_post() -> Response:
    """A POST from another site carries no Lax cookie, so it is answered by a redirect to the GET, which does."""
    if guard.too_many_fields():
        raise PageError("too_many_fields")
    return redirect("/authorize?" + urlencode(list(request.form.items(multi=True))))
