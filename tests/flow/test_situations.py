"""The flow as a table of situations: what is known, and what must come of it."""

import pytest

from idp.flow.decide import decide
from idp.flow.facts import (
    ANOTHER,
    Ask,
    Asked,
    AuthenticationEvent,
    Facts,
    Issue,
    Person,
    Refuse,
    Session,
)
from idp.flow.rules import SHIPPED

NOW = 10_000.0
BASE = tuple(
    frozenset({"password", name})
    for name in ("sms_code", "voice_code", "voice_confirm", "email_code")
)
MFA, TWO_STEP, SINGLE = (
    "urn:stagedoor:acr:mfa",
    "urn:stagedoor:acr:two-step",
    "urn:stagedoor:acr:single",
)
SIGN_IN_OPTIONS = ("phone", "email")
WITH_PHONE = frozenset({"password", "email_code", "sms_code", "voice_code"})


def password(who="daisy", at=NOW - 60, where="here"):
    return AuthenticationEvent("password", who, at, where)


def code(who="daisy", at=NOW - 30, where="here"):
    return AuthenticationEvent("email_code", who, at, where)


def text(who="daisy", at=NOW - 30, where="here"):
    return AuthenticationEvent("sms_code", who, at, where)


def keyed(who="daisy", at=NOW - 30, where="here"):
    return AuthenticationEvent("voice_code", who, at, where)


def bare(who="daisy", at=NOW - 30, where="here"):
    return AuthenticationEvent("voice_confirm", who, at, where)


def owner(*more, **known):
    """Daisy, with a phone on record."""
    return {"daisy": Person("daisy", owns=WITH_PHONE | set(more), **known), "omar": Person("omar")}


def session(who="daisy", auth_time=NOW - 300):
    return Session(
        f"session-of-{who}",
        who,
        auth_time,
        (password(who, auth_time - 20, "then"), code(who, auth_time, "then")),
    )


def facts(**known):
    asked = Asked(**known.pop("asked", {}))
    people = known.pop("people", {name: Person(name) for name in ("daisy", "omar")})
    return Facts(
        NOW,
        "here",
        asked,
        known.pop("accepted", BASE),
        600,
        SHIPPED,
        known.pop("options", SIGN_IN_OPTIONS),
        people=people,
        **known,
    )


PHONE = {"option": "phone", "people": owner()}
BOTH = {"option": "email", "proofs": (password(), code()), "confirmed_at": NOW - 10}

THIRD = {"third_party": True, "scopes": ("openid", "email")}
SIGNED_IN = Issue("daisy", TWO_STEP, ("pwd", "otp"), NOW - 30, (password(), code()), None)

SITUATIONS = [
    ("nothing is known", {}, Ask("options", "option_not_chosen")),
    (
        "a way that is not offered was chosen",
        {"option": "phone", "options": ("email",)},
        Ask("options", "option_not_chosen"),
    ),
    ("the e-mail way was chosen", {"option": "email"}, Ask("sign-in", "identity_unproven")),
    (
        "the password was given",
        {"option": "email", "proofs": (password(),)},
        Ask("email-code", "proof_too_weak"),
    ),
    (
        "a code without a password proves too little",
        {"option": "email", "proofs": (code(),)},
        Ask("sign-in", "identity_unproven"),
    ),
    (
        "password of one and code of another person",
        {"option": "email", "proofs": (password("daisy"), code("omar"))},
        Ask("sign-in", "identity_unproven"),
    ),
    (
        "the code was given too, and not yet continued",
        {"option": "email", "proofs": (password(), code())},
        Ask("email-verified", "continue_not_pressed"),
    ),
    (
        "Continue came before the code",
        BOTH | {"confirmed_at": NOW - 31},
        Ask("email-verified", "continue_not_pressed"),
    ),
    (
        "everything was given",
        BOTH,
        Issue("daisy", TWO_STEP, ("pwd", "otp"), NOW - 30, (password(), code()), None),
    ),
    ("Cancel on the options", {"given_up": True}, Refuse("access_denied", "given_up")),
    ("Cancel wins over everything", BOTH | {"given_up": True}, Refuse("access_denied", "given_up")),
    (
        "the account is disabled",
        BOTH | {"people": {"daisy": Person("daisy", enabled=False)}},
        Ask("blocked", "account_blocked"),
    ),
    (
        "the account is disabled after the password",
        {
            "option": "email",
            "proofs": (password(),),
            "people": {"daisy": Person("daisy", enabled=False)},
        },
        Ask("blocked", "account_blocked"),
    ),
    ("the account is gone", BOTH | {"people": {}}, Ask("sign-in", "identity_unproven")),
    (
        "too many wrong codes",
        {
            "option": "email",
            "proofs": (password(),),
            "people": {"daisy": Person("daisy", locked=frozenset({"email_code"}))},
        },
        Ask("stopped", "tries_exhausted"),
    ),
    (
        "a lock on codes does not matter once the code was given",
        BOTH | {"people": {"daisy": Person("daisy", locked=frozenset({"email_code"}))}},
        Issue("daisy", TWO_STEP, ("pwd", "otp"), NOW - 30, (password(), code()), None),
    ),
    (
        "the password was changed after it was given",
        BOTH | {"people": {"daisy": Person("daisy", credentials_changed_at=NOW - 5)}},
        Ask("sign-in", "identity_unproven"),
    ),
    (
        "a session serves",
        {"session": session()},
        Issue("daisy", TWO_STEP, ("pwd", "otp"), NOW - 300, session().proofs, "session-of-daisy"),
    ),
    (
        "prompt=login, and a session",
        {"session": session(), "asked": {"prompt": frozenset({"login"})}},
        Ask("options", "option_not_chosen"),
    ),
    (
        "max_age has passed",
        {"session": session(), "asked": {"max_age": 299}},
        Ask("options", "option_not_chosen"),
    ),
    (
        "max_age has not passed",
        {"session": session(), "asked": {"max_age": 300}},
        Issue("daisy", TWO_STEP, ("pwd", "otp"), NOW - 300, session().proofs, "session-of-daisy"),
    ),
    (
        "max_age=0, and everything given here",
        BOTH | {"asked": {"max_age": 0}},
        Issue("daisy", TWO_STEP, ("pwd", "otp"), NOW - 30, (password(), code()), None),
    ),
    (
        "the session's person is disabled",
        {"session": session(), "people": {"daisy": Person("daisy", enabled=False)}},
        Ask("options", "option_not_chosen"),
    ),
    (
        "the session's password was changed since",
        {
            "session": session(),
            "people": {"daisy": Person("daisy", credentials_changed_at=NOW - 100)},
        },
        Ask("options", "option_not_chosen"),
    ),
    (
        "somebody else gives a password here",
        {"session": session(), "option": "email", "proofs": (password("omar"),)},
        Ask("email-code", "proof_too_weak"),
    ),
    (
        "somebody else signs in here",
        {
            "session": session(),
            "option": "email",
            "proofs": (password("omar"), code("omar")),
            "confirmed_at": NOW,
        },
        Issue("omar", TWO_STEP, ("pwd", "otp"), NOW - 30, (password("omar"), code("omar")), None),
    ),
    (
        "the password alone adds nothing to a session that serves",
        {"session": session(), "option": "email", "proofs": (password(),)},
        Issue(
            "daisy",
            TWO_STEP,
            ("pwd", "otp"),
            NOW - 300,
            (*session().proofs, password()),
            "session-of-daisy",
        ),
    ),
    (
        "select_account, and somebody is here",
        {"session": session(), "asked": {"prompt": frozenset({"select_account"})}},
        Ask("choose-account", "account_not_chosen"),
    ),
    (
        "select_account, and nobody is here",
        {"asked": {"prompt": frozenset({"select_account"})}},
        Ask("options", "option_not_chosen"),
    ),
    (
        "the account here was chosen",
        {
            "session": session(),
            "asked": {"prompt": frozenset({"select_account"})},
            "chosen_account": "daisy",
        },
        Issue("daisy", TWO_STEP, ("pwd", "otp"), NOW - 300, session().proofs, "session-of-daisy"),
    ),
    (
        "an account was chosen that is not here any more",
        {
            "session": session("omar"),
            "asked": {"prompt": frozenset({"select_account"})},
            "chosen_account": "daisy",
        },
        Ask("choose-account", "account_not_chosen"),
    ),
    (
        "another account was chosen",
        {
            "session": session(),
            "asked": {"prompt": frozenset({"select_account"})},
            "chosen_account": ANOTHER,
        },
        Ask("options", "option_not_chosen"),
    ),
    (
        "the hint names this person",
        {"session": session(), "asked": {"subject": "daisy"}},
        Issue("daisy", TWO_STEP, ("pwd", "otp"), NOW - 300, session().proofs, "session-of-daisy"),
    ),
    (
        "the hint names another person",
        {"session": session(), "asked": {"subject": "omar"}},
        Refuse("login_required", "someone_else"),
    ),
    (
        "prompt=none, and nobody is here",
        {"asked": {"prompt": frozenset({"none"})}},
        Refuse("login_required", "option_not_chosen"),
    ),
    (
        "prompt=none, and a session serves",
        {"session": session(), "asked": {"prompt": frozenset({"none"})}},
        Issue("daisy", TWO_STEP, ("pwd", "otp"), NOW - 300, session().proofs, "session-of-daisy"),
    ),
    ("the client is a third party's", BOTH | {"asked": THIRD}, Ask("consent", "consent_not_given")),
    (
        "a third party, and prompt=none",
        {"session": session(), "asked": THIRD | {"prompt": frozenset({"none"})}},
        Refuse("consent_required", "consent_not_given"),
    ),
    (
        "it was allowed before",
        BOTH | {"asked": THIRD, "consented": frozenset({"openid", "email", "phone"})},
        SIGNED_IN,
    ),
    (
        "less was allowed before",
        BOTH | {"asked": THIRD, "consented": frozenset({"openid"})},
        Ask("consent", "consent_not_given"),
    ),
    (
        "it was allowed before, and prompt=consent",
        BOTH
        | {
            "asked": THIRD | {"prompt": frozenset({"consent"})},
            "consented": frozenset({"openid", "email"}),
        },
        Ask("consent", "consent_not_given"),
    ),
    (
        "Allow was pressed",
        BOTH
        | {
            "asked": THIRD | {"prompt": frozenset({"consent"})},
            "allowed": ("daisy", frozenset({"openid", "email"})),
        },
        SIGNED_IN,
    ),
    (
        "somebody else pressed Allow",
        BOTH | {"asked": THIRD, "allowed": ("omar", frozenset({"openid", "email"}))},
        Ask("consent", "consent_not_given"),
    ),
    (
        "less was shown",
        BOTH | {"asked": THIRD, "allowed": ("daisy", frozenset({"openid"}))},
        Ask("consent", "consent_not_given"),
    ),
    (
        "Deny was pressed",
        BOTH | {"asked": THIRD, "denied": True},
        Refuse("access_denied", "consent_denied"),
    ),
    (
        "nobody is asked before the sign-in is whole",
        {"option": "email", "proofs": (password(),), "asked": THIRD},
        Ask("email-code", "proof_too_weak"),
    ),
    (
        "our own clients need no consent",
        BOTH | {"asked": {"scopes": ("openid",), "prompt": frozenset({"consent"})}},
        SIGNED_IN,
    ),
    (
        "the proofs lie ten minutes back",
        BOTH | {"proofs": (password(at=NOW - 700), code(at=NOW - 601))},
        Ask("sign-in", "identity_unproven"),
    ),
    (
        "the password lies ten minutes back, the code does not",
        BOTH | {"proofs": (password(at=NOW - 601), code())},
        Ask("sign-in", "identity_unproven"),
    ),
    (
        "max_age=60, and the code lies 61 seconds back",
        BOTH | {"asked": {"max_age": 60}, "proofs": (password(at=NOW - 90), code(at=NOW - 61))},
        Ask("sign-in", "identity_unproven"),
    ),
    (
        "max_age=1 leaves a person the time to press Continue",
        BOTH | {"asked": {"max_age": 1}},
        Issue("daisy", TWO_STEP, ("pwd", "otp"), NOW - 30, (password(), code()), None),
    ),
    (
        "a lower acr was asked for",
        BOTH | {"asked": {"acr_values": (SINGLE,)}},
        Issue("daisy", SINGLE, ("pwd", "otp"), NOW - 30, (password(), code()), None),
    ),
    (
        "an unknown acr was asked for",
        BOTH | {"asked": {"acr_values": ("urn:x",)}},
        Issue("daisy", TWO_STEP, ("pwd", "otp"), NOW - 30, (password(), code()), None),
    ),
    ("the phone way was chosen", PHONE, Ask("sign-in", "identity_unproven")),
    (
        "the password was given, and there is a phone",
        PHONE | {"proofs": (password(),)},
        Ask("phone", "proof_too_weak"),
    ),
    (
        "the code by text was given",
        PHONE | {"proofs": (password(), text())},
        Issue("daisy", MFA, ("pwd", "sms", "mfa"), NOW - 30, (password(), text()), None),
    ),
    (
        "the number was keyed",
        PHONE | {"proofs": (password(), keyed())},
        Issue("daisy", MFA, ("pwd", "tel", "mfa"), NOW - 30, (password(), keyed()), None),
    ),
    (
        "the bare # was pressed",
        PHONE | {"people": owner("voice_confirm"), "proofs": (password(), bare())},
        Issue("daisy", TWO_STEP, ("pwd", "tel"), NOW - 30, (password(), bare()), None),
    ),
    (
        "the bare # was pressed, and mfa was asked for",
        PHONE
        | {
            "people": owner("voice_confirm"),
            "proofs": (password(), bare()),
            "asked": {"acr_values": (MFA,)},
        },
        Ask("phone", "proof_too_weak"),
    ),
    (
        "the phone was confirmed for somebody else",
        PHONE | {"proofs": (password("daisy"), text("omar"))},
        Ask("sign-in", "identity_unproven"),
    ),
    (
        "a text without a password",
        PHONE | {"proofs": (text(),)},
        Ask("sign-in", "identity_unproven"),
    ),
    (
        "the phone way, and no phone on record",
        {"option": "phone", "proofs": (password(),)},
        Ask("no-phone", "no_phone_on_record"),
    ),
    (
        "no phone, and e-mail is not offered",
        {"option": "phone", "options": ("phone",), "proofs": (password(),)},
        Ask("no-phone", "no_phone_on_record"),
    ),
    (
        "the e-mail was chosen instead",
        {"option": "email", "proofs": (password(),)},
        Ask("email-code", "proof_too_weak"),
    ),
    (
        "the Someone pressed the star key",
        PHONE | {"proofs": (password(),), "call_refused": True},
        Ask("refused", "call_refused"),
    ),
    (
        "the phone is locked",
        PHONE
        | {
            "proofs": (password(),),
            "people": owner(locked=frozenset({"sms_code", "voice_code", "voice_confirm"})),
        },
        Ask("stopped", "tries_exhausted"),
    ),
    (
        "mfa was asked for by the e-mail way, and there is a phone",
        {
            "option": "email",
            "people": owner(),
            "proofs": (password(),),
            "asked": {"acr_values": (MFA,)},
        },
        Ask("phone", "proof_too_weak"),
    ),
    (
        "mfa was asked for, the phone is locked, and the e-mail was proven",
        BOTH
        | {
            "asked": {"acr_values": (MFA,)},
            "people": owner(locked=frozenset({"sms_code", "voice_code", "voice_confirm"})),
        },
        Issue("daisy", TWO_STEP, ("pwd", "otp"), NOW - 30, (password(), code()), None),
    ),
    (
        "mfa was asked for, and a session of two steps is here",
        {"session": session(), "people": owner(), "asked": {"acr_values": (MFA,)}},
        Ask("phone", "proof_too_weak"),
    ),
    (
        "mfa was asked for, and the phone was added to the session",
        {
            "session": session(),
            "people": owner(),
            "asked": {"acr_values": (MFA,)},
            "proofs": (text(),),
        },
        Issue(
            "daisy",
            MFA,
            ("pwd", "sms", "otp", "mfa"),
            NOW - 300,
            (*session().proofs, text()),
            "session-of-daisy",
        ),
    ),
    (
        "mfa was asked for with prompt=none",
        {
            "session": session(),
            "people": owner(),
            "asked": {"acr_values": (MFA,), "prompt": frozenset({"none"})},
        },
        Issue("daisy", TWO_STEP, ("pwd", "otp"), NOW - 300, session().proofs, "session-of-daisy"),
    ),
    (
        "two-step was asked for, and more was given",
        PHONE | {"proofs": (password(), text()), "asked": {"acr_values": (TWO_STEP,)}},
        Issue("daisy", TWO_STEP, ("pwd", "sms", "mfa"), NOW - 30, (password(), text()), None),
    ),
    (
        "the sets accepted have changed, and the session's are not among them",
        {
            "session": session(),
            "people": owner(),
            "accepted": (frozenset({"password", "sms_code"}),),
        },
        Ask("phone", "proof_too_weak"),
    ),
    (
        "a new version of the terms is in force",
        BOTH | {"terms": "2"},
        Ask("terms", "terms_not_accepted"),
    ),
    (
        "the terms in force were accepted",
        BOTH | {"terms": "2", "people": {"daisy": Person("daisy", terms="2")}},
        SIGNED_IN,
    ),
    (
        "terms and prompt=none",
        BOTH | {"terms": "2", "asked": {"prompt": frozenset({"none"})}},
        Refuse("interaction_required", "terms_not_accepted"),
    ),
    (
        "no set of proofs is accepted at all",
        BOTH | {"accepted": ()},
        Refuse("unmet_authentication_requirements", "unreachable"),
    ),
]


@pytest.mark.parametrize(
    ("known", "answer"), [row[1:] for row in SITUATIONS], ids=[row[0] for row in SITUATIONS]
)
def test_situation(known, answer):
    assert decide(facts(**known)).answer == answer
