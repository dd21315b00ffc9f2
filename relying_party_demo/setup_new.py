"""SETUP: inviting a user into one of one's organizations."""

import re
import secrets

from flask import Blueprint, flash, redirect, request

from relying_party_demo import forms
from relying_party_demo.acts import Act, perform
from relying_party_demo.desk import desk, page
from relying_party_demo.provider import Answer as Page
from relying_party_demo.setup import ADDRESS, MALFORMED, NEEDED_EMAIL, administered, form_key

bp = Blueprint("setup_new", __name__, url_prefix="/setup")
LONGEST = {
    "given_name": ("a first name", 100),
    "family_name": ("a last name", 100),
    "email": ("an email address", 254),
}
NEEDED = {
    "username": "Enter a username, like mvale2026.",
    "email": NEEDED_EMAIL,
}


@bp.get("/new")
def new() -> Page:
    """REGISTER NEW PROVIDER."""
    return _invitation()


@bp.post("/new")
def invite() -> Page:
    """Register a new provider: an invitation into one's own organization."""
    typed = {
        name: request.form.get(name, "").strip()
        for name in ("username", "email", "given_name", "family_name", "organization_id", "role")
    }
    errors = {name: says for name, says in NEEDED.items() if not typed[name]}
    if not typed["given_name"] and not typed["family_name"]:
        errors["family_name"] = "Enter a last name. If the person has only one name, enter it here."
    if typed["email"] and not ADDRESS.fullmatch(typed["email"]):
        errors["email"] = MALFORMED
    if typed["username"] and not re.fullmatch(r"[^@\s]{3,64}", typed["username"]):
        errors["username"] = "Enter a username of 3 to 64 characters, without spaces or the @ sign."
    errors |= {
        name: f"Enter {says} of at most {most} characters."
        for name, (says, most) in LONGEST.items()
        if len(typed[name]) > most
    }
    if typed["organization_id"] not in {one["id"] for one in administered()}:
        errors["organization_id"] = "Choose one of your organizations."
    if errors:
        return forms.again("/setup/new", typed, errors)
    typed["role"] = typed["role"] if typed["role"] == "administrator" else "user"
    return perform(
        Act(
            "POST",
            "/users",
            "We emailed an invitation to {mailed_to}.",
            "/setup/new",
            "/setup?tab=users",
            typed,
            form_key(),
        )
    )


def _invitation() -> Page:
    places, here = administered(), desk().here
    if not places:
        flash(
            "You are not an administrator of any organization, so you cannot register users.",
            "note",
        )
        return redirect("/setup")
    first = {"organization_id": here["id"] if here else "", "role": "user"}
    waiting = forms.kept("/setup/new")
    values = {
        **dict.fromkeys(("username", "email", "given_name", "family_name"), ""),
        **first,
        **waiting.typed,
    }
    return page(
        "invite.html",
        waiting.status,
        values=values,
        errors=waiting.errors,
        organizations=places,
        key=secrets.token_urlsafe(12),
    )
