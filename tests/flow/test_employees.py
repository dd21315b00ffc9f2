"""Employees as a table of situations: what their company says counts, and what it does not say does
not."""

import pytest

from idp.flow.decide import decide
from idp.flow.facts import (
    Ask,
    Asked,
    AuthenticationEvent,
    Facts,
    Issue,
    Person,
    Refuse,
    Session,
    TrustedDevice,
)
from idp.flow.rules import SHIPPED
from tests.flow.test_situations import BASE, MFA, NOW, SINGLE, TWO_STEP

ACCEPTED = (
    *BASE,
    frozenset({"email_code", "recovery"}),
    frozenset({"trusted_device"}),
    frozenset({"upstream"}),
)
SIGN_IN_OPTIONS = ("phone", "email", "employee")
SAM = Person("sam", owns=frozenset({"upstream", "upstream_mfa"}), registered=False, upstream=True)
GONE = Person("sam", enabled=False, upstream=True)
AT = NOW - 3600  # when Sam signed in at the company
ASKED_MFA = Asked(acr_values=(MFA,))


def facts(**known):
    asked, people = (
        known.pop("asked", Asked()),
        known.pop("people", {"sam": SAM, "omar": Person("omar")}),
    )
    return Facts(
        NOW,
        "here",
        asked,
        ACCEPTED,
        600,
        SHIPPED,
        known.pop("options", SIGN_IN_OPTIONS),
        people=people,
        **known,
    )


def proof(method, who="sam", at=NOW - 20, where="here", there=AT, upstream_amr=("pwd", "otp")):
    return AuthenticationEvent(method, who, at, where, there, upstream_amr)


CAME, STRONG = proof("upstream"), proof("upstream_mfa")
UNDATED = proof("upstream", there=None)
THEN = proof("upstream", at=NOW - 300, where="then")
THERE = {"option": "employee", "proofs": (CAME,)}


def session(*proofs):
    return Session("s", "sam", AT, proofs)


def issued(*proofs, acr=SINGLE, amr=("pwd", "otp"), auth_time=AT, goes_on=None):
    return Issue("sam", acr, amr, auth_time, proofs, goes_on)


EMPLOYEES = [
    ("employees are offered their button", {}, Ask("options", "option_not_chosen")),
    ("it was pressed", {"option": "employee"}, Ask("upstream", "identity_unproven")),
    (
        "it is the only one there is",
        {"option": "employee", "options": ("employee",)},
        Ask("upstream", "identity_unproven"),
    ),
    (
        "the company does not answer",
        {"option": "employee", "upstream": "acme", "upstream_error": "slow"},
        Ask("upstream-failed", "upstream_failed"),
    ),
    (
        "it did not, and another way was chosen",
        {"option": "email", "upstream": "acme", "upstream_error": "slow"},
        Ask("sign-in", "identity_unproven"),
    ),
    ("Sam came back", THERE, issued(CAME)),
    (
        "and is switched off here",
        {**THERE, "people": {"sam": GONE}},
        Ask("blocked", "account_blocked"),
    ),
    (
        "the terms are asked for, as of everybody",
        {**THERE, "terms": "2"},
        Ask("terms", "terms_not_accepted"),
    ),
    (
        "a password that Sam never had proves nothing",
        {"option": "email", "proofs": (AuthenticationEvent("password", "sam", NOW, "here"),)},
        Ask("upstream", "proof_too_weak"),
    ),
    (
        "nor do password and code, whoever gave Sam a mailbox here",
        {
            "option": "email",
            "proofs": (
                AuthenticationEvent("password", "sam", NOW, "here"),
                AuthenticationEvent("email_code", "sam", NOW, "here"),
            ),
            "confirmed_at": NOW,
        },
        Ask("upstream", "proof_too_weak"),
    ),
    (
        "registering here is not for Sam",
        {"journey": "enrol", "proofs": (AuthenticationEvent("password", "sam", NOW, "here"),)},
        Ask("upstream", "signs_in_elsewhere"),
    ),
    (
        "nor is recovering",
        {
            "journey": "recover",
            "address_given": True,
            "proofs": (AuthenticationEvent("email_code", "sam", NOW, "here"),),
        },
        Ask("upstream", "signs_in_elsewhere"),
    ),
    (
        "more is asked for than was said, and was not asked of the company yet",
        {"session": session(THEN), "asked": ASKED_MFA},
        Ask("upstream", "proof_too_weak"),
    ),
    (
        "it was asked, and said so",
        {**THERE, "proofs": (CAME, STRONG), "asked": ASKED_MFA},
        issued(CAME, STRONG, acr=MFA, amr=("pwd", "otp", "mfa")),
    ),
    ("it was asked, and did not say so", {**THERE, "asked": ASKED_MFA}, issued(CAME)),
    (
        "several factors there are not asked for twice",
        {**THERE, "proofs": (CAME, STRONG), "asked": Asked(acr_values=(TWO_STEP,))},
        issued(CAME, STRONG, acr=TWO_STEP, amr=("pwd", "otp", "mfa")),
    ),
    (
        "a session that came by the company serves",
        {"session": session(THEN)},
        issued(THEN, goes_on="s"),
    ),
    (
        "max_age counts from the sign-in there",
        {"session": session(THEN), "asked": Asked(max_age=3599)},
        Ask("options", "option_not_chosen"),
    ),
    (
        "max_age has not passed",
        {"session": session(THEN), "asked": Asked(max_age=3600)},
        issued(THEN, goes_on="s"),
    ),
    (
        "an old sign-in there, and max_age",
        {**THERE, "asked": Asked(max_age=600)},
        Ask("upstream", "identity_unproven"),
    ),
    (
        "the company does not say when",
        {**THERE, "proofs": (UNDATED,)},
        issued(UNDATED, auth_time=NOW - 20),
    ),
    (
        "it does not say when, and max_age",
        {**THERE, "proofs": (UNDATED,), "asked": Asked(max_age=600)},
        Ask("upstream", "identity_unproven"),
    ),
    (
        "a session of which it did not say when, and max_age",
        {"session": session(UNDATED), "asked": Asked(max_age=86400)},
        Ask("options", "option_not_chosen"),
    ),
    (
        "a clock that runs ahead makes nothing younger",
        {**THERE, "proofs": (proof("upstream", there=NOW + 50),)},
        issued(proof("upstream", there=NOW + 50), auth_time=NOW - 20),
    ),
    (
        "the company said so eleven minutes ago",
        {"option": "employee", "proofs": (proof("upstream", at=NOW - 601),)},
        Ask("upstream", "identity_unproven"),
    ),
    (
        "a remembered browser skips the trip",
        {"option": "employee", "trusted_devices": {"employee": TrustedDevice("sam", AT)}},
        issued(AuthenticationEvent("trusted_device", "sam", AT, "here", AT), amr=()),
    ),
    (
        "remembered for another button",
        {"option": "employee", "trusted_devices": {"email": TrustedDevice("omar", AT)}},
        Ask("upstream", "identity_unproven"),
    ),
    (
        "remembered, and more is asked for",
        {
            "option": "employee",
            "trusted_devices": {"employee": TrustedDevice("sam", AT)},
            "asked": ASKED_MFA,
        },
        Ask("upstream", "proof_too_weak"),
    ),
    (
        "prompt=none sends nobody away",
        {"option": "employee", "asked": Asked(prompt=frozenset({"none"}))},
        Refuse("login_required", "identity_unproven"),
    ),
]


@pytest.mark.parametrize(
    ("known", "answer"), [row[1:] for row in EMPLOYEES], ids=[row[0] for row in EMPLOYEES]
)
def test_situation(known, answer):
    assert decide(facts(**known)).answer == answer
