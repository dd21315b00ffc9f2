"""The other journeys as a table of situations."""

from dataclasses import replace

import pytest

from idp.flow.decide import decide
from idp.flow.facts import (
    Ask,
    Asked,
    AuthenticationEvent,
    Do,
    Enrolment,
    Facts,
    Issue,
    Person,
    Refuse,
    Session,
    TrustedDevice,
)
from idp.flow.journeys import JOURNEYS, LEADS_TO, PURPOSES
from idp.flow.picture import pages_of
from idp.flow.rules import SHIPPED
from idp.web.flow.stages import STAGES
from tests.flow.test_employees import EMPLOYEES
from tests.flow.test_setting_up import SETTING_UP_SITUATIONS
from tests.flow.test_situations import BASE, MFA, NOW, SINGLE, SITUATIONS, TWO_STEP

ACCEPTED = (
    *BASE,
    frozenset({"email_code", "recovery"}),
    frozenset({"trusted_device"}),
    frozenset({"upstream"}),
)
NEWCOMER = Person("priya", owns=frozenset({"password"}), registered=False)
DAISY = Person(
    "daisy",
    phone_on_record=True,
    owns=frozenset({"password", "email_code", "sms_code", "voice_code"}),
)
OMAR = Person("omar")
BLOCKED = Person("eve", enabled=False)
SAM = Person("sam", owns=frozenset({"upstream"}), registered=False, upstream=True)
PEOPLE = {one.id: one for one in (NEWCOMER, DAISY, OMAR, BLOCKED, SAM)}


def facts(journey="sign-in", **known):
    asked, options = known.pop("asked", Asked()), known.pop("options", ("phone", "email"))
    return Facts(
        NOW,
        "here",
        asked,
        ACCEPTED,
        600,
        SHIPPED,
        options,
        journey=journey,
        **{"people": PEOPLE, **known},
    )


def proof(method, who="priya", at=NOW - 30):
    return AuthenticationEvent(method, who, at, "here")


def enrolment(method="email", who="priya", **shown):
    return Enrolment(who, method, **shown)


PASSWORD, LINK = proof("password"), proof("mailed_link")
SHOWN = {"address_given": True, "address_verified": True, "password_made": True}
WITH_PHONE = {**SHOWN, "phone_given": True, "factor_verified": True}
KEPT = replace(
    NEWCOMER,
    registered=True,
    owns=frozenset({"password", "email_code"}),
    credentials_changed_at=NOW,
    credentials_changed_in="here",
)
DONE = {
    "proofs": (PASSWORD, proof("email_code"), proof("password", at=NOW)),
    "enrolment": enrolment(kept=True, **SHOWN),
    "people": {"priya": KEPT},
}
RECOVERED = replace(OMAR, credentials_changed_at=NOW, credentials_changed_in="here")

ELSEWHERE = [
    ("registering: nobody is known", "enrol", {}, Ask("login", "registrant_unproven")),
    (
        "registering: somebody is signed in here, which says nothing",
        "enrol",
        {
            "session": Session(
                "s", "omar", NOW, (AuthenticationEvent("password", "omar", NOW, "then"),)
            )
        },
        Ask("login", "registrant_unproven"),
    ),
    (
        "registering: the account is switched off",
        "enrol",
        {"proofs": (proof("password", "eve"),)},
        Ask("blocked", "account_blocked"),
    ),
    (
        "registering: they are registered",
        "enrol",
        {"proofs": (proof("password", "omar"),)},
        Ask("options", "registered_already"),
    ),
    (
        "registering anew by a link wants the password",
        "enrol",
        {"proofs": (proof("mailed_link", "omar"),), "link": "reset"},
        Ask("current-password", "password_unproven"),
    ),
    (
        "and then goes on",
        "enrol",
        {"proofs": (proof("mailed_link", "omar"), proof("password", "omar")), "link": "reset"},
        Ask("login-method", "method_not_chosen"),
    ),
    (
        "a reset of who has a phone on record: it is asked for first",
        "enrol",
        {"proofs": (proof("mailed_link", "daisy"), proof("password", "daisy")), "link": "reset"},
        Ask("phone", "old_phone_unproven"),
    ),
    (
        "the old phone is at hand",
        "enrol",
        {
            "proofs": (
                proof("mailed_link", "daisy"),
                proof("password", "daisy"),
                proof("sms_code", "daisy"),
            ),
            "link": "reset",
        },
        Ask("login-method", "method_not_chosen"),
    ),
    (
        "the old phone is lost",
        "enrol",
        {
            "proofs": (proof("mailed_link", "daisy"), proof("password", "daisy")),
            "link": "reset",
            "old_phone_lost": True,
        },
        Ask("login-method", "method_not_chosen"),
    ),
    (
        "too many wrong codes to the old phone",
        "enrol",
        {
            "proofs": (proof("mailed_link", "daisy"), proof("password", "daisy")),
            "link": "reset",
            "people": {
                **PEOPLE,
                "daisy": replace(DAISY, locked=frozenset({"sms_code", "voice_code"})),
            },
        },
        Ask("stopped", "old_phone_closed"),
    ),
    (
        "a reset of who has no password",
        "enrol",
        {
            "proofs": (proof("mailed_link", "lena"),),
            "link": "reset",
            "people": {"lena": replace(NEWCOMER, id="lena", owns=frozenset())},
        },
        Ask("login-method", "method_not_chosen"),
    ),
    (
        "registering: the password was given",
        "enrol",
        {"proofs": (PASSWORD,)},
        Ask("login-method", "method_not_chosen"),
    ),
    (
        "registering: an enrolment of somebody else",
        "enrol",
        {"proofs": (PASSWORD,), "enrolment": enrolment(who="omar", **SHOWN)},
        Ask("login-method", "method_not_chosen"),
    ),
    (
        "registering: no address on file",
        "enrol",
        {"proofs": (PASSWORD,), "enrolment": enrolment()},
        Ask("address", "address_not_given"),
    ),
    (
        "registering: the address is given",
        "enrol",
        {"proofs": (PASSWORD,), "enrolment": enrolment(address_given=True)},
        Ask("email-code", "address_unverified"),
    ),
    (
        "registering: too many wrong codes",
        "enrol",
        {
            "proofs": (PASSWORD,),
            "enrolment": enrolment(address_given=True),
            "people": {"priya": replace(NEWCOMER, locked=frozenset({"email_code"}))},
        },
        Ask("stopped", "codes_exhausted"),
    ),
    (
        "registering: the address is verified",
        "enrol",
        {"proofs": (PASSWORD,), "enrolment": enrolment(address_given=True, address_verified=True)},
        Ask("new-password", "password_not_made"),
    ),
    (
        "registering by phone: no number",
        "enrol",
        {"proofs": (PASSWORD,), "enrolment": enrolment("phone", **SHOWN)},
        Ask("number", "number_not_given"),
    ),
    (
        "registering by phone: a number",
        "enrol",
        {"proofs": (PASSWORD,), "enrolment": enrolment("phone", **SHOWN, phone_given=True)},
        Ask("phone", "factor_unverified"),
    ),
    (
        "registering: terms",
        "enrol",
        {"proofs": (PASSWORD,), "enrolment": enrolment("phone", **WITH_PHONE), "terms": "1"},
        Ask("terms", "terms_not_accepted"),
    ),
    (
        "registering: all of it is there",
        "enrol",
        {"proofs": (PASSWORD,), "enrolment": enrolment(**SHOWN)},
        Do("keep", "registration_not_kept"),
    ),
    (
        "registering: kept",
        "enrol",
        DONE,
        Issue(
            "priya",
            TWO_STEP,
            ("pwd", "otp"),
            NOW,
            (PASSWORD, proof("email_code"), proof("password", at=NOW)),
            None,
        ),
    ),
    (
        "registering: the proof is an hour old",
        "enrol",
        {"proofs": (proof("password", at=NOW - 700),)},
        Ask("login", "registrant_unproven"),
    ),
    (
        "registering: a client of somebody else",
        "enrol",
        {**DONE, "asked": Asked(third_party=True, scopes=("openid",))},
        Ask("consent", "consent_not_given"),
    ),
    ("a new account", "register", {}, Ask("organization", "organization_not_named")),
    (
        "a new account: the code works",
        "register",
        {"organization": True},
        Ask("profile", "profile_missing"),
    ),
    ("a new account: made", "register", {"mail_asked": True}, Ask("mail-sent", "mail_awaited")),
    ("forgotten: by nobody yet", "recover", {}, Ask("recover", "address_not_named")),
    (
        "forgotten: an address, anybody's or nobody's",
        "recover",
        {"address_given": True},
        Ask("email-code", "mailbox_unproven"),
    ),
    (
        "forgotten: too many wrong codes",
        "recover",
        {"address_given": True, "address_locked": True},
        Ask("stopped", "codes_exhausted"),
    ),
    (
        "forgotten: a password of this visit proves nothing",
        "recover",
        {"address_given": True, "proofs": (proof("password", "omar"),)},
        Ask("email-code", "mailbox_unproven"),
    ),
    (
        "forgotten: the mailbox is proven",
        "recover",
        {"address_given": True, "proofs": (proof("email_code", "omar"),)},
        Ask("email-verified", "continue_not_pressed"),
    ),
    (
        "forgotten: who is switched off",
        "recover",
        {"address_given": True, "proofs": (proof("email_code", "eve"),)},
        Ask("blocked", "account_blocked"),
    ),
    (
        "forgotten: and there is a phone",
        "recover",
        {"address_given": True, "proofs": (proof("email_code", "daisy"),), "confirmed_at": NOW},
        Ask("phone", "phone_unproven"),
    ),
    (
        "forgotten: the phone too",
        "recover",
        {
            "address_given": True,
            "proofs": (proof("email_code", "daisy"), proof("sms_code", "daisy")),
            "confirmed_at": NOW,
        },
        Ask("new-password", "new_password_missing"),
    ),
    (
        "forgotten: a bare key proves too little",
        "recover",
        {
            "address_given": True,
            "proofs": (proof("email_code", "daisy"), proof("voice_confirm", "daisy")),
            "confirmed_at": NOW,
        },
        Ask("phone", "phone_unproven"),
    ),
    (
        "forgotten: the phone is locked by wrong codes, and is asked for all the same",
        "recover",
        {
            "address_given": True,
            "proofs": (proof("email_code", "daisy"),),
            "confirmed_at": NOW,
            "people": {
                "daisy": replace(
                    DAISY, locked=frozenset({"sms_code", "voice_code", "voice_confirm"})
                )
            },
        },
        Ask("stopped", "codes_exhausted"),
    ),
    (
        "forgotten: the phone can be neither texted nor called any more",
        "recover",
        {
            "address_given": True,
            "proofs": (proof("email_code", "daisy"),),
            "confirmed_at": NOW,
            "people": {"daisy": replace(DAISY, owns=frozenset({"password", "email_code"}))},
        },
        Ask("phone", "phone_unproven"),
    ),
    (
        "the link that this began with was withdrawn",
        "enrol",
        {"link": "invitation", "link_over": True},
        Ask("link-over", "link_over"),
    ),
    (
        "another browser goes on by the link",
        "enrol",
        {"link": "invitation", "link_moved": True},
        Ask("link-moved", "link_moved"),
    ),
    (
        "the link of one person, the password of another",
        "enrol",
        {"link": "reset", "proofs": (proof("mailed_link", "priya"), proof("password", "omar"))},
        Ask("options", "registered_already"),
    ),
    (
        "a link goes on counting while its row does",
        "enrol",
        {"link": "invitation", "proofs": (proof("mailed_link", at=NOW - 9000),)},
        Ask("login-method", "method_not_chosen"),
    ),
    (
        "forgotten: whoever took the call said not me",
        "recover",
        {
            "address_given": True,
            "proofs": (proof("email_code", "daisy"),),
            "confirmed_at": NOW,
            "call_refused": True,
        },
        Ask("refused", "call_refused"),
    ),
    (
        "forgotten: a new one is made",
        "recover",
        {
            "address_given": True,
            "proofs": (proof("email_code", "omar"), proof("recovery", "omar", NOW)),
            "confirmed_at": NOW,
            "people": {"omar": RECOVERED},
        },
        Issue(
            "omar",
            SINGLE,
            ("otp",),
            NOW,
            (proof("email_code", "omar"), proof("recovery", "omar", NOW)),
            None,
        ),
    ),
    ("reset", "reset", {}, Ask("reset", "username_missing")),
    ("reset: asked", "reset", {"mail_asked": True}, Ask("mail-sent", "mail_awaited")),
    ("a forgotten portal password", "forgot", {}, Ask("forgot", "portal_username_missing")),
    ("unfinished", "complete", {}, Ask("complete", "unfinished_unknown")),
    ("help", "help", {}, Ask("help", "help_wanted")),
    (
        "Cancel on the options, wherever one is",
        "enrol",
        {"given_up": True},
        Refuse("access_denied", "given_up"),
    ),
    (
        "a remembered browser at its way",
        "sign-in",
        {"option": "email", "trusted_devices": {"email": TrustedDevice("omar", NOW - 9000)}},
        Issue(
            "omar",
            SINGLE,
            (),
            NOW - 9000,
            (AuthenticationEvent("trusted_device", "omar", NOW - 9000, "here", NOW - 9000),),
            None,
        ),
    ),
    (
        "a remembered browser at another way",
        "sign-in",
        {"option": "phone", "trusted_devices": {"email": TrustedDevice("omar", NOW - 9000)}},
        Ask("sign-in", "identity_unproven"),
    ),
    (
        "a remembered browser, no way chosen",
        "sign-in",
        {"trusted_devices": {"email": TrustedDevice("omar", NOW - 9000)}},
        Ask("options", "option_not_chosen"),
    ),
    (
        "a remembered browser and max_age",
        "sign-in",
        {
            "option": "email",
            "trusted_devices": {"email": TrustedDevice("omar", NOW - 90)},
            "asked": Asked(max_age=9999),
        },
        Ask("sign-in", "identity_unproven"),
    ),
    (
        "a remembered browser and prompt=login",
        "sign-in",
        {
            "option": "email",
            "trusted_devices": {"email": TrustedDevice("omar", NOW - 90)},
            "asked": Asked(prompt=frozenset({"login"})),
        },
        Ask("sign-in", "identity_unproven"),
    ),
    (
        "a remembered browser and a step-up",
        "sign-in",
        {
            "option": "email",
            "trusted_devices": {"email": TrustedDevice("daisy", NOW - 90)},
            "asked": Asked(acr_values=(MFA,)),
        },
        Ask("sign-in", "proof_too_weak"),
    ),
    (
        "a remembered browser whose account is switched off",
        "sign-in",
        {"option": "email", "trusted_devices": {"email": TrustedDevice("eve", NOW - 90)}},
        Ask("sign-in", "identity_unproven"),
    ),
    (
        "a remembered browser from before the password changed",
        "sign-in",
        {
            "option": "email",
            "trusted_devices": {"email": TrustedDevice("omar", NOW - 90)},
            "people": {"omar": RECOVERED},
        },
        Ask("sign-in", "identity_unproven"),
    ),
]


@pytest.mark.parametrize(
    ("journey", "known", "answer"),
    [row[1:] for row in ELSEWHERE],
    ids=[row[0] for row in ELSEWHERE],
)
def test_situation(journey, known, answer):
    assert decide(facts(journey, **known)).answer == answer


def test_every_question_decides_some_situation():
    reasons = {
        row[-1].reason
        for row in (*SITUATIONS, *SETTING_UP_SITUATIONS, *ELSEWHERE, *EMPLOYEES)
        if not isinstance(row[-1], Issue)
    }
    assert {question.__name__ for journey in JOURNEYS.values() for question in journey} <= reasons


def test_what_is_printed_of_a_question_names_every_page_that_it_leads_to():
    for *_, answer in (*SITUATIONS, *SETTING_UP_SITUATIONS, *ELSEWHERE, *EMPLOYEES):
        if not isinstance(answer, Ask):
            continue
        question = next(
            one for some in JOURNEYS.values() for one in some if one.__name__ == answer.reason
        )
        assert answer.stage in pages_of(question), answer


def test_every_stage_that_is_asked_for_has_a_page():
    asked = {
        row[-1].stage
        for row in (*SITUATIONS, *SETTING_UP_SITUATIONS, *ELSEWHERE, *EMPLOYEES)
        if isinstance(row[-1], Ask)
    }
    assert asked == set(STAGES)


def test_every_journey_is_described_and_every_door_leads_somewhere():
    assert set(PURPOSES) == set(JOURNEYS)
    assert set(LEADS_TO) <= set(STAGES) and {
        journey for doors in LEADS_TO.values() for journey in doors
    } <= set(JOURNEYS)
