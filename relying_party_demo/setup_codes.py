"""SETUP: registration codes of one's organizations."""

from urllib.parse import quote

from flask import Blueprint, abort, request

from relying_party_demo.acts import Act, perform
from relying_party_demo.desk import page
from relying_party_demo.provider import Answer as Page
from relying_party_demo.setup import form_key, got

bp = Blueprint("setup_codes", __name__, url_prefix="/setup")


@bp.post("/organizations/<organization_id>/codes")
def make_code(organization_id: str) -> Page:
    """Make a registration code."""
    path, back = (
        f"/organizations/{quote(organization_id, safe='')}/registration-codes",
        "/setup?tab=groups",
    )
    return perform(
        Act(
            "POST",
            path,
            "This is the registration code. Copy it now: it is shown only once.",
            back,
            back,
            {"name": request.form.get("name", "").strip()},
            form_key(),
            shows="code",
        )
    )


@bp.get("/organizations/<organization_id>/codes/<code_id>/end")
def confirm_end(organization_id: str, code_id: str) -> Page:
    """Whether they are sure: it cannot be undone."""
    codes = got(f"/organizations/{quote(organization_id, safe='')}/registration-codes")["items"]
    number, code = next(
        ((number, one) for number, one in enumerate(codes, 1) if one["id"] == code_id), (0, None)
    )
    if code is None:
        abort(404)
    return page(
        "end_code.html", code=code, called=f"Code {number}", organization_id=organization_id
    )


@bp.post("/organizations/<organization_id>/codes/<code_id>/end")
def end_code(organization_id: str, code_id: str) -> Page:
    """End a registration code."""
    path, back = (
        f"/organizations/{quote(organization_id, safe='')}/registration-codes/{quote(code_id, safe='')}",
        "/setup?tab=groups",
    )
    return perform(Act("DELETE", path, "The registration code no longer works.", back, back))
