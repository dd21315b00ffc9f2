"""The address itself: no one signs in here without a client, so people are shown the way to the
portal."""

from flask import Blueprint, Response

from idp.web import pages

bp = Blueprint("home", __name__)


@bp.get("/")
def home() -> Response:
    """What this address is, for who opens it."""
    return pages.problem("home", 200)
