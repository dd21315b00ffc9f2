"""What the gallery shows: every state of every page with made-up people, every error and ending, every mail."""

from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

from idp.factors.phone_call import Call
from idp.factors.sent_code import Sent
from idp.web.flow.asking import PROFILE, STATES
from idp.web.flow.company import KINDS
from idp.web.flow.enrolling import CHECKS

DAISY = SimpleNamespace(id="daisy", username="ddunn2020", given_name="Daisy", family_name="Dunn")
MASKED, TYPED = "d*****@lakeside.example", "daisy.dunn@lakeside.example"
UNDER_WAY, SENT, EXPIRED = Sent(False, 0, False, False, 28, 0, 30), Sent(True, 25, False, False, 24, 0), Sent(True, 0, False, False, 0, 0)
WORN_OUT, LOST = Sent(True, 20, False, True, 9, 0), Sent(False, 0, True, False, 0, 0)
CODE: dict[str, Any] = {
    "address": MASKED,
    "asked_by": "",
    "sent": None,
    "life": 30,
    "next_send": 0,
    "phone_offered": True,
    "phone_instead": False,
    "mail_instead": False,
    "phone_follows": False,
    "more_time": True,
    "longer": 300,
    "longer_next": False,
    "change": "",
    "registering": False,
    "password_safe": True,
}
REGISTERING = {**CODE, "life": 300, "phone_offered": False, "phone_instead": True, "more_time": False, "registering": True, "password_safe": False}
RECOVERING = {**REGISTERING, "phone_instead": False, "registering": False, "address": TYPED, "change": "recover", "sent": Sent(True, 287, False, False, 12, 0)}
PHONE: dict[str, Any] = {
    "number": "XXX-XXX-9885",
    "asked_by": "",
    "showing": "start",
    "by_text": True,
    "by_call": True,
    "sent": None,
    "call": None,
    "next_send": 0,
    "next_call": 0,
    "registering": False,
    "recovering": False,
    "old_phone": False,
    "mail_instead": True,
    "email_offered": True,
}
NUMBER = {**PHONE, "number": "+1 303-555-0188", "registering": True, "email_offered": False}
OPTIONS = {
    "ways": ("phone", "email"),
    "client_name": "Atrezzo",
    "asked_again": False,
    "recommended": "phone",
    "remembered": [],
    "remembered_as": "",
    "employee_remembered_as": "",
    "remembered_ways": ("email",),
    "remember_offered": True,
    "remember_employees": False,
}
EMPLOYEES = {**OPTIONS, "ways": ("phone", "email", "employee")}
REMEMBERED_EMPLOYEE = {"remember_employees": True, "remembered": ["employee"], "employee_remembered_as": "s*****@atrezzo.example"}
ADDRESS = {"phone_instead": True, "mail_instead": True}
PASSWORD = {"address": TYPED, "own_address": TYPED, "recovering": False, "change": False, "checks": CHECKS}
MAILED = {"address": "mira.vale@lakeside.example", "minutes": 20, "can_send_again": True, "again_in": 24}
COMPANY = {"company": "Atrezzo Health Services", "email": ""}
COUNTRIES = [("US", "United States", 1), ("MX", "Mexico", 52)]
EMPTY = dict.fromkeys(PROFILE, "")
FILLED = {**EMPTY, "username": "mvale2026", "given_name": "Mira", "family_name": "Vale", "email": "mira.vale@lakeside.example", "state": "CO", "fax": "12"}
SIGN_IN = {"asked_again": False, "too_late": False, "client_name": "Atrezzo"}
CLINIC = SimpleNamespace(name="Lakeside Clinic", npi="1234567893")
CONSENT = {
    "account": DAISY,
    "address": MASKED,
    "client_name": "Chart Helper",
    "about": {"logo_uri": None, "client_uri": "https://chart.example", "policy_uri": "https://chart.example/privacy", "tos_uri": None},
    "known": False,
    "known_some": False,
    "returns_to": "chart.example",
    "shown": "",
}


def states() -> Mapping[str, tuple[str, dict[str, Any]]]:
    """By name: the stage, and what it shows. `said` names the troubles of the form, `reason` the question that is open."""
    terms = {"again": False}
    return {
        "options": ("options", OPTIONS),
        "options-remembered": ("options", {**OPTIONS, "recommended": "email", "remembered": ["customer"], "remembered_as": MASKED}),
        "options-again": ("options", {**OPTIONS, "asked_again": True}),
        "options-employees": ("options", EMPLOYEES),
        "options-employees-remembered": (
            "options",
            {**EMPLOYEES, **REMEMBERED_EMPLOYEE},
        ),
        "options-registered": ("options", {**OPTIONS, "reason": "registered_already"}),
        "options-phone-only": ("options", {**OPTIONS, "ways": ("phone",)}),
        "choose-account": ("choose-account", {"account": DAISY, "address": MASKED}),
        "sign-in": ("sign-in", {**SIGN_IN, "email": "", "ways": OPTIONS["ways"]}),
        "sign-in-again": ("sign-in", {**SIGN_IN, "email": TYPED, "ways": OPTIONS["ways"], "asked_again": True}),
        "sign-in-too-late": ("sign-in", {**SIGN_IN, "email": TYPED, "ways": OPTIONS["ways"], "too_late": True}),
        "sign-in-alone": ("sign-in", {**SIGN_IN, "email": "", "ways": ("email",)}),
        "sign-in-employee": ("sign-in", {**SIGN_IN, "email": "sam.kim@atrezzo.example", "ways": OPTIONS["ways"], "said": ["employee_email"]}),
        "company": ("company", COMPANY),
        "company-stronger": ("company", {**COMPANY, "reason": "proof_too_weak"}),
        "company-which": ("company", {"company": "", "email": ""}),
        "company-unknown": ("company", {"company": "", "email": "sam@elsewhere.example", "said": ["company_unknown"]}),
        **{f"company-failed-{kind}": ("company-failed", {"company": COMPANY["company"], "kind": kind}) for kind in dict.fromkeys(KINDS.values())},
        "sign-in-wrong": ("sign-in", {**SIGN_IN, "email": TYPED, "ways": OPTIONS["ways"], "said": ["password_wrong"]}),
        "sign-in-empty": ("sign-in", {**SIGN_IN, "email": "", "ways": OPTIONS["ways"], "said": ["email_missing", "password_missing"]}),
        "email-code": ("email-code", CODE),
        "email-code-step-up": ("email-code", {**CODE, "asked_by": "Atrezzo"}),
        "email-code-under-way": ("email-code", {**CODE, "sent": UNDER_WAY}),
        "email-code-sent": ("email-code", {**CODE, "sent": SENT}),
        "email-code-wrong": ("email-code", {**CODE, "sent": SENT, "said": ["code_wrong"]}),
        "email-code-expired": ("email-code", {**CODE, "sent": EXPIRED}),
        "email-code-longer": ("email-code", {**CODE, "sent": EXPIRED, "longer_next": True}),
        "email-code-wait": ("email-code", {**CODE, "sent": SENT, "waits": ["send_wait"]}),
        "email-code-worn-out": ("email-code", {**CODE, "sent": WORN_OUT}),
        "email-code-lost": ("email-code", {**CODE, "sent": LOST}),
        "email-code-registering": ("email-code", REGISTERING),
        "email-code-registering-sent": ("email-code", {**REGISTERING, "address": TYPED, "change": "address", "sent": Sent(True, 290, False, False, 20, 0)}),
        "email-code-recovering": ("email-code", RECOVERING),
        "email-verified": ("email-verified", {"address": MASKED, "recovering": False}),
        "email-verified-recovering": ("email-verified", {"address": TYPED, "recovering": True}),
        "phone": ("phone", PHONE),
        "phone-before": ("phone", {**PHONE, "old_phone": True, "email_offered": False}),
        "phone-step-up": ("phone", {**PHONE, "asked_by": "Atrezzo", "purpose": "reset a registration"}),
        "phone-sent": ("phone", {**PHONE, "showing": "code", "sent": Sent(True, 280, False, False, 12, 0), "next_send": 12}),
        "phone-calling": ("phone", {**PHONE, "showing": "call", "call": Call("ringing", "417", 30, 0)}),
        "phone-calling-bare": ("phone", {**PHONE, "showing": "call", "call": Call("ringing", None, 30, 0)}),
        **{
            f"phone-{state}": ("phone", {**PHONE, "call": Call(state, None, 21, 0), "next_call": 21})
            for state in ("no_answer", "busy", "machine", "wrong", "failed")
        },
        "phone-registering": ("phone", {**NUMBER, "showing": "code", "sent": Sent(True, 280, False, False, 12, 0), "next_send": 12}),
        "phone-registering-refused": ("phone", {**NUMBER, "call": Call("refused", None, 3600, 0), "next_call": 3600}),
        "phone-recovering": ("phone", {**PHONE, "recovering": True, "email_offered": False}),
        "no-phone": ("no-phone", {"email_offered": True}),
        "login": ("login", {"username": ""}),
        "login-wrong": ("login", {"username": "pnair2019", "said": ["login_wrong"]}),
        "current-password": ("current-password", {"registered": True, "username": "pnair2019"}),
        "login-method": ("login-method", {"account": DAISY, "ways": ("phone", "email")}),
        "address": ("address", {**ADDRESS, "email": "", "method": "email"}),
        "address-malformed": (
            "address",
            {**ADDRESS, "email": "daisy@lakeside", "method": "phone", "said": ["email_malformed"]},
        ),
        "new-password": ("new-password", {**PASSWORD, "address": MASKED}),
        "new-password-refused": ("new-password", {**PASSWORD, "change": True, "said": ["password_common"]}),
        "new-password-recovering": ("new-password", {**PASSWORD, "recovering": True}),
        "number": ("number", {"number": "", "country": "US", "countries": COUNTRIES, "email_offered": True}),
        "number-extension": (
            "number",
            {"number": "303 555 0188 x12", "country": "US", "countries": COUNTRIES, "email_offered": True, "said": ["phone_extension"]},
        ),
        "organization": ("organization", {"npi": "", "code": "", "over": False}),
        "organization-over": ("organization", {"npi": "", "code": "", "over": True}),
        "organization-wrong": ("organization", {"npi": "1234567893", "code": "GUESS", "over": False, "said": ["organization_wrong"]}),
        "profile": ("profile", {"organization": CLINIC, "typed": EMPTY, "states": STATES}),
        "profile-wrong": (
            "profile",
            {"organization": CLINIC, "typed": FILLED, "states": STATES, "said": ["username_taken", "confirm_email_missing", "fax_malformed"]},
        ),
        **{f"mail-sent-{journey}": ("mail-sent", {**MAILED, "journey": journey}) for journey in ("register", "reset", "forgot", "complete")},
        "reset": ("reset", {"username": ""}),
        "forgot": ("forgot", {"username": ""}),
        "complete": ("complete", {"email": ""}),
        "recover": ("recover", {"email": ""}),
        "terms": ("terms", terms),
        "terms-not-ticked": ("terms", {**terms, "said": ["terms_missing"]}),
        "terms-again": ("terms", {"again": True}),
        "consent": ("consent", CONSENT),
        "consent-more": ("consent", {**CONSENT, "known_some": True}),
        "help": ("help", {}),
        "blocked": ("blocked", {}),
        "refused-recovering": ("refused", {"registering": False, "recovering": True, "seconds": 0}),
        "refused": ("refused", {"registering": False, "recovering": False, "seconds": 0}),
        "stopped": ("stopped", {"registering": True, "seconds": 0}),
        "stopped-sign-in": ("stopped", {"registering": False, "seconds": 2400}),
        "stopped-for-good": ("stopped", {"registering": False, "seconds": 0}),
        "link-over": ("link-over", {}),
        "link-moved": ("link-moved", {}),
    }


PROBLEMS = (
    *(
        "home",
        "unknown",
        "foreign",
        "expired",
        "expired_sign_in",
        "finished",
        "cancelled",
        "not_found",
        "bad_request",
        "too_large",
        "too_many",
        "busy",
        "crash",
        "wrong_host",
    ),
    *("client_unknown", "redirect_uri_unregistered", "link_unknown", "link_expired", "link_used", "link_replaced", "link_done", "link_waits"),
    *("invitation_expired", "invitation_revoked", "invitation_used"),
)
MAILS: Mapping[str, dict[str, Any]] = {
    **{kind: {"code": "042917", "seconds": 30 if kind == "sign_in_code" else 300} for kind in ("sign_in_code", "recovery_code", "address_code")},
    **{kind: {"seconds": 172800 if kind == "invitation" else 1200} for kind in ("registration", "invitation", "reset", "forgot", "complete")},
    **{
        kind: {}
        for kind in (
            *("registered_already", "invitation_needed", "address_taken", "call_refused", "password_changed", "company_account"),
            *("registration_reset", "contact_email_corrected"),
        )
    },
    "reset_by_administrator": {"seconds": 1200, "password_lost": False},
    "registered": {"phone": "0188", "address": TYPED},
    "registered_anew": {"phone": None, "address": TYPED},
    "address_changed": {"address": "sam.lee@atrezzo.example"},
    "phone_replaced": {"phone": "0188", "seconds": 86400},
    "not_registered": {},
    "completion_refused": {},
    "no_account": {},
    "many_wrong_tries": {"what": "password"},
    "new_browser": {"browser": "Firefox on Windows"},
}

OUTSIDE: Mapping[str, tuple[str, dict[str, Any]]] = {  # pages outside of any sign-in: their template, and what it is given
    "link": ("link.html", {"account": DAISY, "elsewhere": False}),
    "link-elsewhere": ("link.html", {"account": DAISY, "elsewhere": True}),
    "sign-out": ("sign_out.html", {"kept": ""}),
    "signed-out": ("signed_out.html", {"start_url": "#"}),
    "stop-phone": ("stop_phone.html", {"state": "ask"}),
    "stop-phone-done": ("stop_phone.html", {"state": "done"}),
    "stop-phone-over": ("stop_phone.html", {"state": "over"}),
    "help": ("help.html", {"client": "", "start_url": "#"}),
    "terms-read": ("terms.html", {"start_url": "#"}),
}
CONSENTED = ("openid", "profile", "organizations")
KINDS_OF_PICTURE = ("pages", "outside", "problems", "mails")


def names() -> Iterator[tuple[str, str]]:
    """Every picture of the gallery: its kind and name."""
    yield from (("pages", name) for name in states())
    yield from (("outside", name) for name in OUTSIDE)
    yield from (("problems", name) for name in PROBLEMS)
    yield from (("mails", name) for name in MAILS)
