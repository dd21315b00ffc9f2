"""Signing out (RP-initiated logout): at once with a valid hint of the session at hand, else after a
question."""

from urllib.parse import urlencode

from flask import Blueprint, Response, request

from idp import clock, secret, store
from idp.oauth import logout as oauth
from idp.oauth.http import Request
from idp.oauth.logout import SignOut
from idp.store import audit, endings, sessions, trusted_devices
from idp.store.sessions import Session
from idp.web import cookies, guard, house, pages

bp = Blueprint("logout", __name__)
bp.before_request(guard.by_a_person)
bp.before_request(guard.in_a_window)
PURPOSE, DONE = "sign-out", "signed out"
QUESTION_LIFE = 14400  # seconds that the question may stand on the screen


@bp.post("/logout")
def sign_out_by_post() -> Response:
    """The same by POST (RP-Initiated Logout 2)."""
    return guard.sent_by_get("/logout")


@bp.get("/logout")
def sign_out() -> Response:
    """The endpoint that clients send people to."""
    if guard.too_many_fields():
        return pages.problem("too_many_fields", 400)
    wanted = oauth.read(
        house().server,
        Request("GET", "/logout", list(request.args.items(multi=True)), request.headers),
        clock.now(),
    )
    session = _session()
    # its session lay idle, but it would sign in again by itself
    if session is None and (known := _trusted()):
        if wanted.subject in {one.account_id for one in known.values()}:
            return _end(None, wanted)
    elif session is None:
        return _gone(wanted.redirect_uri, wanted.client_name, wanted.start_url)
    elif wanted.session == session.id and wanted.subject == session.account_id:
        return _end(session, wanted)
    kept = house().vault.sign(PURPOSE, [wanted.redirect_uri, wanted.client_name, wanted.start_url])
    cookies.bind_to(_key())
    return pages.page("sign_out.html", kept=kept, client_name=wanted.client_name)


@bp.post("/logout/confirmed")
def confirmed() -> Response:
    """The person's answer to the question."""
    cookies.bind_to(_key())
    kept = house().vault.read(PURPOSE, request.form.get("kept", ""), QUESTION_LIFE)
    if kept is None:
        return pages.redirect("/logout")  # which asks again
    redirect_uri, client_name, start_url = kept
    session = _session()
    if session is None and not _trusted():  # it ended while the question was on the screen
        return _gone(redirect_uri, client_name, start_url)
    if not cookies.csrf_valid():
        return pages.redirect("/logout")
    return _end(session, SignOut(client_name, start_url, None, None, redirect_uri))


def _session() -> Session | None:
    cookie, lifetimes = cookies.session_secret(), house().settings.lifetimes
    if cookie is None:
        return None
    return sessions.live(
        secret.digest(cookie), clock.now(), lifetimes.session_idle, lifetimes.session
    )


def _key() -> str:
    """What the form is tied to: the session's cookie, or that by which this browser is
    remembered."""
    return cookies.session_secret() or next(iter(cookies.trusted_devices()), "")


def _trusted() -> dict[str, trusted_devices.TrustedDevice]:
    """For which options this browser is trusted, and whom."""
    return trusted_devices.live(
        [secret.digest(one) for one in cookies.trusted_devices()], clock.now()
    )


def _end(session: Session | None, wanted: SignOut) -> Response:
    now = clock.now()
    store.rollback()
    store.writing()
    if session and endings.end_session(session.id, now):
        audit.add(
            now,
            "sign_out",
            actor=session.account_id,
            target=session.account_id,
            address=request.remote_addr,
            session=session.id,
        )
    known = list(_trusted().values())
    # who signs out is not remembered here
    trusted_devices.end([secret.digest(one) for one in cookies.trusted_devices()], now)
    way_out = house().standing.leaves_by(session, known, now)
    store.commit()
    there = (
        house().standing.way_out(
            way_out, [wanted.redirect_uri, wanted.client_name, wanted.start_url]
        )
        if way_out
        else None
    )
    response = (
        cookies.forget_session(pages.redirect(there))
        if there
        else _gone(wanted.redirect_uri, wanted.client_name, wanted.start_url)
    )
    return cookies.forget_remembered(response)


def _gone(redirect_uri: str | None, client_name: str | None, start_url: str | None) -> Response:
    if redirect_uri:
        return cookies.forget_session(pages.redirect(redirect_uri))
    return cookies.forget_session(
        pages.redirect(
            "/logout/done?"
            + urlencode({"from": house().vault.sign(DONE, [client_name, start_url])})
        )
    )


@bp.get("/logout/done")
def done() -> Response:
    """Signed out: a page of its own, without the hint in its address, that can be opened again."""
    client_name, start_url = house().vault.read(
        DONE, request.args.get("from", "")[: cookies.LONGEST_SIGNED * 5], QUESTION_LIFE
    ) or (None, None)
    return pages.page(
        "signed_out.html",
        client_name=client_name,
        start_url=start_url or house().settings.portal_url,
    )
