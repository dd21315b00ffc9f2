"""Clients' pictures, as registered: served from here, so that no page of ours fetches anything from
elsewhere."""

from flask import Blueprint, Response, abort

from idp.store import clients

bp = Blueprint("logos", __name__)


@bp.get("/clients/<client_id>/logo")
def logo(client_id: str) -> Response:
    found = clients.logo(client_id) if client_id.isascii() and client_id.isprintable() else None
    if found is None:
        abort(404)
    headers = {
        "Cache-Control": "public, max-age=3600",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Response(found.content, mimetype=found.media_type, headers=headers)
