"""Mailed links. Opening one shows a button and changes nothing; the button goes on, in the browser
that pressed it last.

The secret leaves the address bar at once, into a cookie of this link's own: two links in two tabs
do not disturb each other."""

from flask import Blueprint, Response, request

from idp import clock, store
from idp.factors.mailed_link import PURPOSE
from idp.oauth.clients import RegisteredClient
from idp.store.links import INVITATION, Link
from idp.visit import InteractionClosed
from idp.visit.links import Opened
from idp.web import cookies, guard, house, pages
from idp.web.flow.routes import resume
from idp.web.reading import send_on

bp = Blueprint("links", __name__)
STATUS = {
    "unknown": 404,
    "expired": 410,
    "revoked": 410,
    "corrected": 410,
    "replaced": 410,
    "used": 409,
    "done": 200,
}


bp.before_request(guard.by_a_person)


@bp.get("/link/<signed>")
def follow(signed: str) -> Response:
    """The address in the mail."""
    parts = house().vault.read(PURPOSE, signed)
    if len(signed) > cookies.LONGEST_SIGNED - 60 or not isinstance(parts, list) or not parts:
        return _problem(Opened("unknown"))
    return cookies.remember_link(pages.redirect(f"/link/open/{parts[0]}"), str(parts[0]), signed)


@bp.get("/link/open/<link_id>")
def show(link_id: str) -> Response:
    """What the link is for, and the button that goes on by it."""
    signed, browser = cookies.link(link_id)
    opened = house().links.look(signed, browser, clock.now())
    if not opened.usable or opened.link is None:
        return _problem(opened)
    client = _client(opened.link)
    pages.use_brand(client.brand if client else None)
    cookies.bind_to(browser)
    response = pages.page(
        "link.html",
        account=opened.account,
        elsewhere=opened.state == "elsewhere",
        action=f"/link/open/{link_id}",
    )
    # the secret is not in this address any more
    response.headers["Referrer-Policy"] = "same-origin"
    return response


@bp.post("/link/open/<link_id>")
def use(link_id: str) -> Response:
    """The button: goes on in the interaction that asked for the link, if this browser holds it,
    else by the portal's own sign-in."""
    signed, browser = cookies.link(link_id)
    cookies.bind_to(browser)
    if not cookies.csrf_valid():
        return pages.redirect(request.path)
    now = clock.now()
    store.writing()
    opened = house().links.use(signed, browser, request.remote_addr, now)
    if not opened.usable or opened.link is None:
        store.rollback()
        # which says why it does not go on, as often as it is opened
        return pages.redirect(request.path)
    response = _go_on(opened.link, browser, now)
    store.commit()
    return response


def _go_on(link: Link, browser: str, now: float) -> Response:
    where = house().links.going_on(link, now)
    if where and cookies.holds(where):
        try:
            house().links.enter(link, resume(where, cookies.browser(where)), now)
            visit = resume(where, cookies.browser(where))
            house().visits.record(visit, f"link:{link.purpose}")
            return pages.redirect(f"/flow/{where}/{getattr(visit.answer, 'stage', 'options')}")
        except InteractionClosed:
            pass  # another browser's, or over by now: by the portal, then
    return send_on(_client(link), "link_waits", "link", link.id, browser)


def _client(link: Link) -> RegisteredClient | None:
    return house().registry.get(link.client_id) if link.client_id else None


def _problem(opened: Opened) -> Response:
    """Why it does not go on, and what to do."""
    link = opened.link
    client = _client(link) if link else None
    pages.use_brand(client.brand if client else None)
    invitation = (
        link is not None
        and link.purpose == INVITATION
        and opened.state in ("expired", "revoked", "used")
    )
    kind = f"invitation_{opened.state}" if invitation else f"link_{opened.state}"
    about = {
        "client": (link.client_id or "") if link else "",
        "link": link.purpose if link else "",
        "account": link.account_id if link else "",
    }
    return pages.problem(
        kind, STATUS[opened.state], start_url=client.start_url if client else None, **about
    )
