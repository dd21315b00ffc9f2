"""Mails, texts, calls and pages outside of a sign-in, for the gallery."""

from collections.abc import Mapping
from typing import Any

from idp.web.gallery.samples import (
    PERSON,
    TYPED,
)

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
    *(
        "client_unknown",
        "redirect_uri_unregistered",
        "link_unknown",
        "link_expired",
        "link_revoked",
        "link_corrected",
        "link_used",
        "link_replaced",
        "link_done",
        "link_waits",
    ),
    *("invitation_expired", "invitation_revoked", "invitation_used"),
)


MAILS: Mapping[str, dict[str, Any]] = {
    **{
        kind: {"code": "042917", "seconds": 30 if kind == "sign_in_code" else 300}
        for kind in ("sign_in_code", "recovery_code", "address_code")
    },
    **{
        kind: {"seconds": 172800 if kind == "invitation" else 1200}
        for kind in ("registration", "invitation", "reset", "forgot", "complete")
    },
    **{
        kind: {}
        for kind in (
            *(
                "registered_already",
                "invitation_needed",
                "address_taken",
                "call_refused",
                "password_changed",
                "upstream_account",
            ),
            "registration_reset",
        )
    },
    "contact_email_corrected": {"registered": True},
    "reset_by_administrator": {"seconds": 1200, "password_lost": False},
    "phone_set_up": {"phone": "0188"},
    "registered": {"phone": "0188", "address": TYPED},
    "registered_anew": {"phone": None, "address": TYPED},
    "address_changed": {"address": "sam.lee@company.example"},
    "phone_replaced": {"phone": "0188", "seconds": 86400},
    "not_registered": {},
    "account_disabled": {},
    "completion_refused": {},
    "completion_needed": {},
    "no_account": {},
    "many_wrong_tries": {"what": "password"},
    "new_browser": {"browser": "Firefox on Windows"},
}


# pages outside of any sign-in: their template, and what it is given
OUTSIDE: Mapping[str, tuple[str, dict[str, Any]]] = {
    "link": ("link.html", {"account": PERSON, "elsewhere": False}),
    "link-elsewhere": ("link.html", {"account": PERSON, "elsewhere": True}),
    "sign-out": ("sign_out.html", {"kept": ""}),
    "signed-out": ("signed_out.html", {"start_url": "#"}),
    "stop-phone": ("stop_phone.html", {"state": "ask"}),
    "stop-phone-done": ("stop_phone.html", {"state": "done"}),
    "stop-phone-over": ("stop_phone.html", {"state": "over"}),
    "help": ("help.html", {"client": "", "start_url": "#"}),
    "terms-read": ("terms.html", {"start_url": "#"}),
}


CONSENTED = ("openid", "profile", "organizations")
