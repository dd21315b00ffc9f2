"""HOME: what waits for the person, and how they signed in."""

import json
import secrets
from datetime import UTC, datetime

from flask import Blueprint, redirect, render_template, session
from werkzeug.wrappers import Response

from relying_party_demo import store
from relying_party_demo.sign_in import current

bp = Blueprint("home", __name__)
ACR = {
    "urn:stagedoor:acr:single": "one proof",
    "urn:stagedoor:acr:two-step": "two steps: password, then a second one",
    "urn:stagedoor:acr:mfa": "multi-factor: password and phone",
    "phr": "phishing-resistant: passkey",
}
AMR = {"pwd": "password", "otp": "one-time code", "sms": "text message", "tel": "telephone call", "mfa": "multiple factors"}


@bp.get("/")
def home() -> str | Response:
    found = current()
    if found is None:
        return redirect("/login")
    claims = json.loads(found["claims"])
    organizations = claims.get("organizations", [])
    administered = [one for one in organizations if "administrator" in one["roles"]]
    context = next(iter(administered + organizations), None)
    npi = context["npi"] if context else ""
    session.setdefault("csrf", secrets.token_urlsafe(16))
    signed_in = claims["sign_in"]
    return render_template(
        "home.html",
        person=claims,
        organization=context,
        counts=store.counts(npi),
        cases=store.saved_cases(npi),
        acr=signed_in["acr"],
        acr_says=ACR.get(signed_in["acr"], "as the provider defines it"),
        amr=[(value, AMR.get(value, "")) for value in signed_in["amr"] or []],
        since=datetime.fromtimestamp(signed_in["auth_time"], UTC).strftime("%Y-%m-%d %H:%M:%S UTC"),
        reference=signed_in["txn"],
        csrf=session["csrf"],
    )
