"""Situations in which something is set up within a sign-in, or chosen among several: what is known,
and what must come of it."""

from dataclasses import replace

import pytest

from idp.flow.decide import decide
from idp.flow.facts import Ask, Do, Enrolment, Issue, Person, Session, TrustedDevice
from tests.flow.test_situations import (
    BASE,
    BOTH,
    MFA,
    NOW,
    TWO_STEP,
    code,
    facts,
    owner,
    password,
    session,
    text,
)


def single(who="daisy", auth_time=NOW - 300):
    return Session(f"session-of-{who}", who, auth_time, (password(who, auth_time, "then"),))


NEW_PHONE = Enrolment("daisy", "phone", address_given=True, address_verified=True)
SETTING_UP = {"asked": {"acr_values": (MFA,)}, "set_up": True, "enrolment": NEW_PHONE}


SETTING_UP_SITUATIONS = [
    (
        "mfa was asked for, and there is no phone: one can be set up",
        BOTH | {"asked": {"acr_values": (MFA,)}},
        Ask("set-up", "set_up_offered"),
    ),
    (
        "not now, so what was given is enough",
        BOTH | {"asked": {"acr_values": (MFA,)}, "set_up": False},
        Issue("daisy", TWO_STEP, ("pwd", "otp"), NOW - 30, (password(), code()), None),
    ),
    (
        "a phone is being set up right after the sign-in",
        BOTH | SETTING_UP,
        Ask("number", "number_not_given"),
    ),
    (
        "its number was given",
        BOTH | SETTING_UP | {"enrolment": replace(NEW_PHONE, phone_given=True)},
        Ask("phone", "factor_unverified"),
    ),
    (
        "its code came back",
        BOTH
        | SETTING_UP
        | {"enrolment": replace(NEW_PHONE, phone_given=True, factor_verified=True)},
        Do("keep", "registration_not_kept"),
    ),
    (
        "it is set up, and is the second factor of this very sign-in",
        BOTH
        | SETTING_UP
        | {
            "enrolment": replace(NEW_PHONE, phone_given=True, factor_verified=True, kept=True),
            "people": owner(phone_on_record=True),
            "proofs": (password(), code(), text(at=NOW)),
        },
        Issue(
            "daisy",
            MFA,
            ("pwd", "sms", "otp", "mfa"),
            NOW,
            (password(), code(), text(at=NOW)),
            None,
        ),
    ),
    (
        "who is signed in since a while signs in again before a phone is set up",
        {"session": session(auth_time=NOW - 301), "option": "email"} | SETTING_UP,
        Ask("sign-in", "identity_unproven"),
    ),
    (
        "who has just signed in does not",
        {"session": session(auth_time=NOW - 299)} | SETTING_UP,
        Ask("number", "number_not_given"),
    ),
    (
        "a password alone sets nothing up",
        {"option": "email", "proofs": (password(),)} | SETTING_UP,
        Ask("email-code", "proof_too_weak"),
    ),
    (
        "a remembered browser sets nothing up",
        {
            "option": "email",
            "accepted": (*BASE, frozenset({"trusted_device"})),
            "trusted_devices": {"email": TrustedDevice("daisy", NOW - 60, NOW - 60)},
        }
        | SETTING_UP,
        Ask("sign-in", "proof_too_weak"),
    ),
    (
        "another person's set-up is not this person's",
        {"option": "email", "proofs": (password("omar"), code("omar")), "confirmed_at": NOW}
        | SETTING_UP,
        Issue("omar", TWO_STEP, ("pwd", "otp"), NOW - 30, (password("omar"), code("omar")), None),
    ),
    (
        "a phone is required, and there is none: it is set up first",
        {
            "option": "phone",
            "proofs": (password(),),
            "accepted": (frozenset({"password", "sms_code"}),),
        },
        Ask("set-up", "set_up_needed"),
    ),
    (
        "a phone is required, and is not set up now",
        {
            "option": "phone",
            "proofs": (password(),),
            "accepted": (frozenset({"password", "sms_code"}),),
            "set_up": False,
        },
        Ask("no-phone", "no_phone_on_record"),
    ),
    (
        "a phone is required and is being set up: the sign-in is made full for it",
        {
            "option": "email",
            "proofs": (password(),),
            "accepted": (frozenset({"password", "sms_code"}),),
        }
        | SETTING_UP
        | {"asked": {}},
        Ask("email-code", "proof_too_weak"),
    ),
    (
        "mfa was asked for with a phone that may not be texted: another one is not set up",
        BOTH
        | {
            "asked": {"acr_values": (MFA,)},
            "people": {"daisy": Person("daisy", phone_on_record=True)},
        },
        Issue("daisy", TWO_STEP, ("pwd", "otp"), NOW - 30, (password(), code()), None),
    ),
    (
        "either step is enough, and the one used last comes first",
        {
            "session": single(),
            "people": owner(used_last=frozenset({"email_code"})),
            "asked": {"acr_values": (TWO_STEP,)},
            "accepted": (*BASE, frozenset({"password"})),
        },
        Ask("email-code", "proof_too_weak"),
    ),
    (
        "another one was chosen",
        {
            "session": single(),
            "people": owner(used_last=frozenset({"email_code"})),
            "asked": {"acr_values": (TWO_STEP,)},
            "accepted": (*BASE, frozenset({"password"})),
            "method": "sms_code",
        },
        Ask("phone", "proof_too_weak"),
    ),
]


@pytest.mark.parametrize(
    ("known", "answer"),
    [row[1:] for row in SETTING_UP_SITUATIONS],
    ids=[row[0] for row in SETTING_UP_SITUATIONS],
)
def test_situation(known, answer):
    assert decide(facts(**known)).answer == answer
