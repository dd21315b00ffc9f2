"""Pages that anybody may read, from the portal's foot or an error page: help and terms. And the way
from them into a sign-in."""

from flask import Blueprint, Response, abort, request

from idp import clock
from idp.address import origin
from idp.flow.journeys import JOURNEYS
from idp.oauth.clients import RegisteredClient
from idp.oauth.http import with_parameters
from idp.web import cookies, house, pages

bp = Blueprint("reading", __name__)
LONGEST = 2000  # characters of an address that BACK leads to


@bp.get("/help")
def help_() -> Response:
    """LOGIN HELP, for who comes from outside a sign-in."""
    client = _client(request.args.get("client_id", ""))
    return pages.page(
        "help.html", client=client.client_id if client else "", start_url=_back(client)
    )


@bp.get("/terms")
def terms() -> Response:
    """The terms of use that are in force for the brand of a client."""
    client = _client(request.args.get("client_id", ""))
    brand = house().settings.brand_of(client.brand if client else None)
    return pages.page("terms.html", terms=brand.terms_at(clock.now()), start_url=_back(client))


@bp.post("/begin/<journey>")
def begin(journey: str) -> Response:
    """Let the client's own sign-in begin, and in it this journey. Changes nothing but where that
    begins."""
    from_here = origin(request.headers.get("Origin", house().settings.issuer)) == origin(
        house().settings.issuer
    )
    if (
        journey not in JOURNEYS
        or journey == "sign-in"
        or not from_here
        or request.headers.get("Sec-Fetch-Site") == "cross-site"
    ):
        abort(404)
    client = _client(request.form.get("client", ""))
    if (
        journey not in house().settings.brand_of(client.brand if client else None).journeys
        and journey != "help"
    ):
        abort(404)
    return send_on(client, "home", "journey", journey, "")


@bp.get("/next/<waiting>")
def waits(waiting: str) -> Response:
    """Where something waits for a sign-in that begins elsewhere: no one has told us where."""
    if waiting not in ("home", "link_waits"):
        abort(404)
    return pages.problem(waiting, 200)


def send_on(client: RegisteredClient | None, waiting: str, *begins: str) -> Response:
    """Let a sign-in at this client begin, or at the portal, and in it what `begins` names (see
    cookies.send_on). Where no one knows where that is, the page `waiting` says so, and it waits."""
    start, what = _start(client), (*begins, client.client_id if client else "")
    if not start:
        return cookies.send_on(pages.redirect(f"/next/{waiting}"), *what)
    return cookies.send_on(
        pages.redirect(with_parameters(start, [("iss", house().settings.issuer)])), *what
    )


def _client(client_id: str) -> RegisteredClient | None:
    client = house().registry.get(client_id[:255]) if client_id else None
    pages.use_brand(client.brand if client else None)
    return client


def _back(client: RegisteredClient | None) -> str:
    """Where BACK leads: the page of the client that the reader came from, if the client named it and
    it is the client's own; else where its sign-in begins (OIDC Core 4)."""
    start, target = _start(client), request.args.get("target_link_uri", "")
    if not start or not target or len(target) > LONGEST or origin(target) != origin(start):
        return start
    return with_parameters(start, [("target_link_uri", target)])


def _start(client: RegisteredClient | None) -> str:
    return (client.start_url if client else None) or house().settings.portal_url
