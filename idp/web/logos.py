"""Pictures of clients, as registered, and the files of brands: served from here, so that no page of
ours fetches anything from elsewhere."""

from flask import Blueprint, Response, abort, send_file

from idp.store import clients
from idp.web import house

bp = Blueprint("logos", __name__)


@bp.get("/clients/<client_id>/logo")
def logo(client_id: str) -> Response:
    """A client's logo, as it was fetched when the client was registered."""
    found = clients.logo(client_id) if client_id.isascii() and client_id.isprintable() else None
    if found is None:
        abort(404)
    headers = {
        "Cache-Control": "public, max-age=3600",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Response(found.content, mimetype=found.media_type, headers=headers)


@bp.get("/brands/<brand_id>/<name>")
def file_of_brand(brand_id: str, name: str) -> Response:
    """The style sheet or the logo of a brand; nothing else that may lie beside them."""
    settings = house().settings
    brand = {settings.look.id: settings.look, **settings.looks}.get(brand_id)
    found = (
        next((one for one in (brand.style, brand.logo) if one.rpartition("/")[2] == name), None)
        if brand
        else None
    )
    if brand is None or found is None:
        abort(404)
    return send_file(brand.file(found), max_age=3600)
