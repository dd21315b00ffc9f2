"""What the gallery shows: every state of every page with made-up people, every error and ending,
every mail."""

from collections.abc import Iterator, Mapping
from typing import Any

from idp.factors.sent_code import Sent
from idp.profiles import PLAIN, US_HEALTHCARE, Profile
from idp.web.flow.asking import labels
from idp.web.flow.upstream import KINDS
from idp.web.gallery.letters import MAILS, OUTSIDE, PROBLEMS
from idp.web.gallery.phone_states import phone_states
from idp.web.gallery.samples import (
    ADDRESS,
    CODE,
    COMPANY,
    CONSENT,
    EMPLOYEES,
    EMPTY,
    EXPIRED,
    FILLED,
    LOST,
    MAILED,
    MASKED,
    NEW_NUMBER,
    OPTIONS,
    ORGANIZATION,
    PASSWORD,
    PERSON,
    PLACE,
    RECOVERING,
    REGISTERING,
    REMEMBERED_EMPLOYEE,
    SENT,
    SET_UP,
    SIGN_IN,
    TYPED,
    UNDER_WAY,
    WORN_OUT,
)

STOPPED = {"registering": False, "invited": False, "seconds": 0}


def states() -> Mapping[str, tuple[str, dict[str, Any]]]:
    """By name: the stage, and what it shows. `said` names the troubles of the form, `reason` the
    question that is open."""
    terms = {"again": False}
    return {
        "options": ("options", OPTIONS),
        "options-remembered": (
            "options",
            {
                **OPTIONS,
                "recommended": "email",
                "remembered": ["customer"],
                "remembered_as": [("email", MASKED)],
            },
        ),
        "options-forgotten": ("options", {**OPTIONS, "forgotten": True}),
        "options-link-left": ("options", {**OPTIONS, "link_left": True}),
        "options-again": ("options", {**OPTIONS, "asked_again": True}),
        "options-employees": ("options", EMPLOYEES),
        "options-employees-remembered": (
            "options",
            {**EMPLOYEES, **REMEMBERED_EMPLOYEE},
        ),
        "options-registered": ("options", {**OPTIONS, "reason": "registered_already"}),
        "options-phone-only": ("options", {**OPTIONS, "options": ("phone",)}),
        "choose-account": ("choose-account", {"account": PERSON, "address": MASKED}),
        "sign-in": ("sign-in", {**SIGN_IN, "email": "", "options": OPTIONS["options"]}),
        "sign-in-again": (
            "sign-in",
            {**SIGN_IN, "email": TYPED, "options": OPTIONS["options"], "asked_again": True},
        ),
        "sign-in-too-late": (
            "sign-in",
            {**SIGN_IN, "email": TYPED, "options": OPTIONS["options"], "too_late": True},
        ),
        "sign-in-alone": ("sign-in", {**SIGN_IN, "email": "", "options": ("email",)}),
        "sign-in-employee": (
            "sign-in",
            {
                **SIGN_IN,
                "email": "sam.lee@company.example",
                "options": OPTIONS["options"],
                "said": ["employee_email"],
            },
        ),
        "upstream": ("upstream", COMPANY),
        "upstream-stronger": ("upstream", {**COMPANY, "reason": "proof_too_weak"}),
        "upstream-which": ("upstream", {"company": "", "email": ""}),
        "upstream-unknown": (
            "upstream",
            {"company": "", "email": "sam@elsewhere.example", "said": ["upstream_unknown"]},
        ),
        **{
            f"upstream-failed-{kind}": (
                "upstream-failed",
                {"company": COMPANY["company"], "kind": kind},
            )
            for kind in dict.fromkeys(KINDS.values())
        },
        "sign-in-wrong": (
            "sign-in",
            {**SIGN_IN, "email": TYPED, "options": OPTIONS["options"], "said": ["password_wrong"]},
        ),
        "sign-in-empty": (
            "sign-in",
            {
                **SIGN_IN,
                "email": "",
                "options": OPTIONS["options"],
                "said": ["email_missing", "password_missing"],
            },
        ),
        "email-code": ("email-code", CODE),
        "email-code-step-up": ("email-code", {**CODE, "asked_by": "Example app"}),
        "email-code-under-way": ("email-code", {**CODE, "sent": UNDER_WAY}),
        "email-code-sent": ("email-code", {**CODE, "sent": SENT}),
        "email-code-wrong": ("email-code", {**CODE, "sent": SENT, "said": ["code_wrong"]}),
        "email-code-expired": ("email-code", {**CODE, "sent": EXPIRED}),
        "email-code-longer": ("email-code", {**CODE, "sent": EXPIRED, "longer_next": True}),
        "email-code-wait": ("email-code", {**CODE, "sent": SENT, "waits": ["send_wait"]}),
        "email-code-worn-out": ("email-code", {**CODE, "sent": WORN_OUT}),
        "email-code-lost": ("email-code", {**CODE, "sent": LOST}),
        "email-code-registering": ("email-code", REGISTERING),
        "email-code-registering-sent": (
            "email-code",
            {
                **REGISTERING,
                "address": TYPED,
                "change": "address",
                "sent": Sent(True, 290, False, False, 20, 0),
            },
        ),
        "email-code-recovering": ("email-code", RECOVERING),
        "email-verified": ("email-verified", {"address": MASKED, "recovering": False}),
        "email-verified-recovering": ("email-verified", {"address": TYPED, "recovering": True}),
        **phone_states(),
        "no-phone": ("no-phone", {"instead_of_it": "email_code"}),
        "login": ("login", {"username": ""}),
        "login-wrong": ("login", {"username": "pnair2019", "said": ["login_wrong"]}),
        "current-password": (
            "current-password",
            {"registered": True, "username": "pnair2019", "never_registered": False},
        ),
        "login-method": ("login-method", {"account": PERSON, "options": ("phone", "email")}),
        "address": ("address", {**ADDRESS, "email": "", "method": "email"}),
        "address-malformed": (
            "address",
            {**ADDRESS, "email": "alex@example", "method": "phone", "said": ["email_malformed"]},
        ),
        "new-password": ("new-password", {**PASSWORD, "address": MASKED}),
        "new-password-refused": (
            "new-password",
            {**PASSWORD, "change": True, "said": ["password_common"]},
        ),
        "new-password-recovering": ("new-password", {**PASSWORD, "recovering": True}),
        "set-up": ("set-up", {**SET_UP, "purpose": "reset a registration"}),
        "set-up-required": ("set-up", {**SET_UP, "asked_by": "", "skippable": False}),
        "number": ("number", {**NEW_NUMBER, "number": ""}),
        "number-set-up": ("number", {**NEW_NUMBER, "number": "", "setting_up": True}),
        "number-extension": (
            "number",
            {**NEW_NUMBER, "number": "303 555 0188 x12", "said": ["phone_extension"]},
        ),
        "organization": ("organization", ORGANIZATION),
        "organization-over": ("organization", {**ORGANIZATION, "over": True}),
        "organization-plain": ("organization", {**ORGANIZATION, "identifier": None}),
        "organization-wrong": (
            "organization",
            {
                **ORGANIZATION,
                "known_by": "1234567893",
                "code": "GUESS",
                "said": ["npi_mismatch"],
            },
        ),
        "profile": ("profile", _profile(US_HEALTHCARE, typed=EMPTY)),
        "profile-plain": ("profile", _profile(PLAIN, typed=EMPTY)),
        "profile-wrong": (
            "profile",
            {
                "organization": PLACE,
                "typed": FILLED,
                "profile": US_HEALTHCARE,
                "labels": labels(US_HEALTHCARE),
                "said": ["username_taken", "confirm_email_missing", "profile_fax_wrong"],
            },
        ),
        **{
            f"mail-sent-{journey}": ("mail-sent", {**MAILED, "journey": journey})
            for journey in ("register", "reset", "forgot", "complete")
        },
        "mail-sent-again": ("mail-sent", {**MAILED, "journey": "register", "sent_again": True}),
        "mail-sent-registered": (
            "mail-sent",
            {**MAILED, "journey": "register", "registered": True, "can_send_again": False},
        ),
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
        "refused-recovering": (
            "refused",
            {"registering": False, "recovering": True, "signed_in": False, "seconds": 0},
        ),
        "refused": (
            "refused",
            {"registering": False, "recovering": False, "signed_in": False, "seconds": 0},
        ),
        "stopped": ("stopped", {**STOPPED, "registering": True, "seconds": 2400}),
        "stopped-invited": (
            "stopped",
            {**STOPPED, "registering": True, "invited": True, "seconds": 2400},
        ),
        "stopped-sign-in": ("stopped", {**STOPPED, "seconds": 2400}),
        "stopped-for-good": ("stopped", STOPPED),
        "link-over": ("link-over", {}),
        "link-moved": ("link-moved", {}),
    }


KINDS_OF_PICTURE = ("pages", "outside", "problems", "mails")


def names() -> Iterator[tuple[str, str]]:
    """Every picture of the gallery: its kind and name."""
    yield from (("pages", name) for name in states())
    yield from (("outside", name) for name in OUTSIDE)
    yield from (("problems", name) for name in PROBLEMS)
    yield from (("mails", name) for name in MAILS)


def _profile(profile: Profile, **shown: Any) -> dict[str, Any]:
    """The form for user information, as this profile of registration has it."""
    return {"organization": PLACE, "profile": profile, "labels": labels(profile), **shown}
