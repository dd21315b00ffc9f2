"""SETUP: one's organizations and their people; for administrators, through the provider's
management API."""

import re
import secrets
from typing import Any
from urllib.parse import quote, urlencode

from flask import Blueprint, abort, flash, redirect, request

from relying_party_demo import forms, management
from relying_party_demo.acts import Act, perform
from relying_party_demo.desk import desk, page
from relying_party_demo.provider import Answer as Page

bp = Blueprint("setup", __name__, url_prefix="/setup")
PEOPLE = 25  # on a page
ONLY = {"registered": "true", "unregistered": "false"}  # which of them
MAX_ORGANIZATIONS = 200  # organizations that are listed
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
MALFORMED = "Enter an email address in the right format, like name@example.com."
NEEDED_EMAIL = "Enter an email address, like name@example.com."


@bp.get("")
def home() -> Page:
    """Both tabs. The people are those of the organization in which one works now."""
    here, tab = desk(), request.args.get("tab", "")
    groups = got(f"/organizations?limit={MAX_ORGANIZATIONS}")["items"]
    among = (
        groups
        if len(groups) < MAX_ORGANIZATIONS or not here.npi
        else got(f"/organizations?search={here.npi}")["items"]
    )
    now = next((one for one in among if one["identifier"] == here.npi), None)
    manages = now is not None and now["members"] is not None
    first = "users" if manages else "groups"
    tab = tab if tab in ("groups", "users") else first
    shown: dict[str, Any] = {
        "tab": tab,
        "groups": groups,
        "now": now,
        "manages": manages,
        "search": "",
        "only": "",
        "people": None,
        "codes": {},
    }
    if tab == "users" and manages and now:
        search, cursor = (
            request.args.get("search", "")[:100].strip(),
            request.args.get("cursor", "")[:1000],
        )
        only = request.args.get("only", "") if request.args.get("only") in ONLY else ""
        asked = {
            "organization_id": now["id"],
            "limit": PEOPLE,
            "search": search,
            "cursor": cursor,
            "registered": ONLY.get(only, ""),
        }
        answer = management.ask(
            "GET", f"/users?{urlencode({name: value for name, value in asked.items() if value})}"
        )
        if not answer.well:
            flash(answer.says, "wrong")
            return redirect("/setup")
        shown |= {"search": search, "only": only, "people": answer.body, "first": not cursor}
    if tab == "groups":
        shown["codes"] = (
            {now["id"]: got(f"/organizations/{now['id']}/registration-codes")["items"]}
            if now and manages
            else {}
        )
    waiting = forms.kept("/setup?tab=groups") if tab == "groups" else forms.Form()
    return page(
        "setup.html",
        waiting.status,
        **shown,
        typed=waiting.typed,
        errors=waiting.errors,
        key=secrets.token_urlsafe(12),
    )


@bp.get("/users/<user_id>")
def person(user_id: str) -> Page:
    """The page of a person."""
    answer = management.ask("GET", f"/users/{quote(user_id, safe='')}")
    if not answer.well:
        abort(404)
    sessions = got(f"/users/{quote(user_id, safe='')}/sessions")["items"]
    waiting = forms.kept(f"/setup/users/{quote(user_id, safe='')}")
    shown = {
        "user": answer.body,
        "etag": answer.etag,
        "sessions": sessions,
        "typed": waiting.typed,
        "errors": waiting.errors,
    }
    return page(
        "person.html",
        waiting.status,
        key=secrets.token_urlsafe(12),
        administers=administered(),
        **shown,
    )


@bp.get("/users/<user_id>/reset")
def confirm_reset(user_id: str) -> Page:
    """Ask before a registration is reset."""
    answer = management.ask("GET", f"/users/{quote(user_id, safe='')}")
    if not answer.well or "reset" not in answer.body["acts"]:
        abort(404)
    return page("reset.html", user=answer.body, key=secrets.token_urlsafe(12))


@bp.post("/users/<user_id>/reset")
def reset(user_id: str) -> Page:
    """Reset a person's registration."""
    lost = request.form.get("password_lost") == "on"
    done = "The registration was reset. We emailed a link to {mailed_to}. It works for 20 minutes."
    return perform(_act(user_id, "POST", "/resets", done, {"password_lost": lost}))


@bp.post("/users/<user_id>/email")
def correct_email(user_id: str) -> Page:
    """Change a person's contact address."""
    address = request.form.get("contact_email", "").strip()
    if not ADDRESS.fullmatch(address):
        return forms.again(
            f"/setup/users/{quote(user_id, safe='')}",
            {"contact_email": address},
            {"contact_email": MALFORMED if address else NEEDED_EMAIL},
        )
    act = _act(
        user_id,
        "PATCH",
        "",
        "The contact email is now {contact_email}. Links that we emailed before no longer work.",
        {"contact_email": address},
        etag=request.form.get("etag", ""),
    )
    return perform(act)


@bp.post("/users/<user_id>/invitation")
def invite_again(user_id: str) -> Page:
    """Email another invitation."""
    return perform(
        _act(user_id, "POST", "/invitations", "We emailed another invitation to {mailed_to}.")
    )


@bp.post("/users/<user_id>/invitation/withdraw")
def withdraw(user_id: str) -> Page:
    """Withdraw an invitation."""
    return perform(_act(user_id, "DELETE", "/invitations", "The invitation was withdrawn."))


@bp.post("/users/<user_id>/sign-out")
def sign_out(user_id: str) -> Page:
    """End a person's sessions."""
    return perform(_act(user_id, "DELETE", "/sessions", f"{called()} was signed out everywhere."))


@bp.get("/users/<user_id>/role")
def confirm_role(user_id: str) -> Page:
    """Whether they are sure; for who comes here otherwise, the person's page."""
    organization_id, role = request.args.get("organization_id", ""), request.args.get("role", "")
    answer = management.ask("GET", f"/users/{quote(user_id, safe='')}")
    at = _membership(answer, organization_id)
    if role not in ("administrator", "none"):
        return redirect(f"/setup/users/{quote(user_id, safe='')}")
    if at is None:
        abort(404)
    return page("role.html", user=answer.body, at=at, role=role)


@bp.post("/users/<user_id>/role")
def change_role(user_id: str) -> Page:
    """Change what a person is in an organization."""
    organization_id, role = request.form.get("organization_id", ""), request.form.get("role", "")
    path = f"/organizations/{quote(organization_id, safe='')}/members/{quote(user_id, safe='')}"
    back = f"/setup/users/{quote(user_id, safe='')}"
    if role in ("administrator", "none") and request.form.get("sure") != "yes":
        return redirect(
            f"{back}/role?{urlencode({'organization_id': organization_id, 'role': role})}"
        )
    if role == "user":
        answer = management.ask("GET", f"/users/{quote(user_id, safe='')}")
        if (_membership(answer, organization_id) or {}).get("role") == role:
            flash(f"Nothing was changed: {called()} is already a user.", "note")
            return redirect(back)
    if role == "none":
        return perform(
            Act(
                "DELETE",
                path,
                f"{called()} was removed from the organization.",
                back,
                "/setup?tab=users",
            )
        )
    return perform(Act("PUT", path, "The role is now {role}.", back, back, {"role": role}))


def _membership(answer: management.Answer, organization_id: str) -> dict[str, Any] | None:
    """What a person who was asked for is in an organization; None where that is not known."""
    places = answer.body["organizations"] if answer.well else []
    return next((one for one in places if one["id"] == organization_id), None)


def _act(
    user_id: str,
    method: str,
    path: str,
    done: str,
    body: dict[str, Any] | None = None,
    etag: str = "",
) -> Act:
    back = f"/setup/users/{quote(user_id, safe='')}"
    return Act(
        method,
        f"/users/{quote(user_id, safe='')}{path}",
        done,
        back,
        back,
        body,
        form_key() if method == "POST" else "",
        etag,
    )


def called() -> str:
    """The person as the form named them, to say what was done."""
    name = request.form.get("called", "").strip()[:130]
    return re.sub(r"[{}]", "", name) or "The person"


def form_key() -> str:
    """The key that the form brought: pressed twice, it is done once."""
    return request.form.get("key", "")[:100] or secrets.token_urlsafe(12)


def administered() -> list[dict[str, Any]]:
    """The organizations that one administers, by what the provider says now: the claims of the
    sign-in may be some minutes old."""
    groups = got(f"/organizations?limit={MAX_ORGANIZATIONS}")["items"]
    return [one for one in groups if one["role"] == "administrator"]


def got(path: str) -> Any:
    """What the management API answers to a read. Aborts with its status for anything else."""
    answer = management.ask("GET", path)
    if not answer.well:
        abort(answer.status)
    return answer.body
