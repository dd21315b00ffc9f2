"""How the person signed in, in words, as the ID token says it; for the user menu."""

from dataclasses import dataclass
from typing import Any

from relying_party_demo.moments import iso, when

ACR = {
    "urn:stagedoor:acr:single": "one step",
    "urn:stagedoor:acr:two-step": "two steps",
    "urn:stagedoor:acr:mfa": "multi-factor: password and phone",
    "phr": "phishing-resistant: passkey",
}
AMR = {"pwd": "password", "otp": "email code", "sms": "text message", "tel": "phone call"}


@dataclass(frozen=True)
class How:
    """How someone signed in, in words."""

    level: str
    by: str
    since: str
    since_iso: str
    reference: str | None
    acr: str
    amr: list[str]


def how(signed_in: dict[str, Any]) -> How:
    """`signed_in` holds acr, amr, auth_time and txn of the ID token."""
    acr, amr, at = signed_in["acr"], signed_in["amr"] or [], signed_in["auth_time"]
    level = ACR.get(acr, "set by your company")
    by = ", ".join(AMR.get(value, value) for value in amr if value != "mfa") or "Remember Me"
    return How(level, by, when(at), iso(at), signed_in["txn"], acr, amr)
