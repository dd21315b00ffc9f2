"""What holds for any facts whatever: no code without its proofs, no one without a way on."""

from dataclasses import fields

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idp.flow.decide import decide
from idp.flow.facts import (
    ANOTHER,
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
from idp.flow.journeys import JOURNEYS
from idp.flow.methods import ACR_VALUES, METHODS, achieved, reported_amr
from idp.flow.requirements import Requirement
from idp.flow.rules import SHIPPED
from idp.flow.throttle import Cap, password_wait, wait
from idp.settings import SignIn
from idp.store import links
from idp.web.flow.stages import STAGES

NOW = 1_000.0
WHO = ("daisy", "omar")
times = st.sampled_from([0.0, 400.0, 700.0, 900.0, 999.0, NOW])
methods = st.sampled_from(list(METHODS))
sets = st.lists(st.frozensets(methods, min_size=1), min_size=0, max_size=3).map(tuple) | st.just(
    tuple(map(frozenset, SignIn().accepted))
)


PROOF = {
    "method": methods,
    "account": st.sampled_from(WHO),
    "at": times,
    "interaction": st.just("here"),
    "signed_in_at": st.none() | times,
    "upstream_amr": st.sampled_from([(), ("pwd",)]),
}
proofs = st.lists(st.builds(AuthenticationEvent, **PROOF), max_size=4).map(tuple)
TRUSTED_DEVICE = {"account": st.sampled_from(WHO), "auth_time": times, "made_at": st.none() | times}
ENROLMENT = {
    "account": st.sampled_from(WHO),
    "method": st.sampled_from(["phone", "email"]),
    **dict.fromkeys(
        (
            "address_given",
            "address_verified",
            "password_made",
            "phone_given",
            "factor_verified",
            "kept",
        ),
        st.booleans(),
    ),
}
LINKS = (links.INVITATION, links.REGISTRATION, links.RESET, links.FORGOT, links.COMPLETE)


@st.composite
def sessions(draw):
    who, auth_time = draw(st.sampled_from(WHO)), draw(times)
    given = tuple(
        AuthenticationEvent(name, who, auth_time, "before") for name in draw(st.frozensets(methods))
    )
    return Session("s", who, auth_time, given)


PERSON = {
    "enabled": st.booleans(),
    "credentials_changed_at": times,
    "locked": st.frozensets(methods),
    "owns": st.frozensets(methods),
    "credentials_changed_in": st.none() | st.sampled_from(["here", "before"]),
    "registered": st.booleans(),
    "phone_on_record": st.booleans(),
    "terms": st.none() | st.sampled_from(["1", "2"]),
    "new_phone_until": st.just(0.0) | times,
    "upstream": st.booleans(),
    "used_last": st.frozensets(methods),
}
people = st.fixed_dictionaries({who: st.builds(Person, id=st.just(who), **PERSON) for who in WHO})
ASKED = {
    "prompt": st.frozensets(st.sampled_from(["login", "select_account", "consent"]))
    | st.just(frozenset({"none"})),
    "max_age": st.none() | st.integers(0, 1200),
    "acr_values": st.lists(st.sampled_from([*ACR_VALUES, "urn:x"]), max_size=3).map(tuple),
    "subject": st.none() | st.sampled_from(WHO),
    "third_party": st.booleans(),
    "scopes": st.lists(st.sampled_from(["openid", "email"]), unique=True).map(tuple),
}
asked = st.builds(Asked, **ASKED)
FACTS = {
    "now": st.just(NOW),
    "interaction": st.just("here"),
    "asked": asked,
    "accepted": sets,
    "proof_life": st.just(600),
    "options": st.sampled_from(
        [
            (),
            ("email",),
            ("phone",),
            ("phone", "email"),
            ("phone", "email", "employee"),
            ("employee",),
        ]
    ),
    "session": st.none() | sessions(),
    "people": people,
    "proofs": proofs,
    "given_up": st.booleans(),
    "option": st.none() | st.sampled_from(["email", "phone", "employee"]),
    "chosen_account": st.none() | st.sampled_from([ANOTHER, *WHO]),
    "confirmed_at": st.none() | times,
    "consented": st.frozensets(st.sampled_from(["openid", "email", "phone"])),
    "allowed": st.none()
    | st.tuples(st.sampled_from(WHO), st.frozensets(st.sampled_from(["openid", "email"]))),
    "denied": st.booleans(),
    "call_refused": st.booleans(),
    "journey": st.just("sign-in") | st.sampled_from(list(JOURNEYS)),
    "trusted_devices": st.dictionaries(
        st.sampled_from(["email", "phone", "employee"]), st.builds(TrustedDevice, **TRUSTED_DEVICE)
    ),
    "terms": st.none() | st.sampled_from(["1", "2"]),
    "link": st.none() | st.sampled_from(LINKS),
    "link_over": st.booleans(),
    "link_moved": st.booleans(),
    "enrolment": st.none() | st.builds(Enrolment, **ENROLMENT),
    "address_given": st.booleans(),
    "address_locked": st.booleans(),
    "organization": st.booleans(),
    "mail_asked": st.booleans(),
    "old_phone_lost": st.booleans(),
    "upstream": st.none() | st.just("acme"),
    "upstream_error": st.none() | st.just("clock"),
    "network": st.none() | st.just("203.0.113.9"),
    "known_device": st.none() | st.booleans(),
    "last_sign_in_at": st.none() | times,
    "policy": st.just(SHIPPED),
    "method": st.none() | methods,
    "set_up": st.none() | st.booleans(),
    "set_up_by": st.none() | st.sampled_from(WHO),
}
everything = st.builds(Facts, **FACTS)


KINDS = [
    (Facts, FACTS),
    (Asked, ASKED),
    (Person, {"id": "", **PERSON}),
    (AuthenticationEvent, PROOF),
    (TrustedDevice, TRUSTED_DEVICE),
    (Enrolment, ENROLMENT),
]


@pytest.mark.parametrize(("kind", "drawn"), KINDS)
def test_every_fact_is_drawn(kind, drawn):
    """A fact that is added is varied here too, or the properties below say less than they seem
    to."""
    assert set(drawn) == {field.name for field in fields(kind)}


@settings(max_examples=1000, deadline=None)
@given(everything)
def test_a_code_is_issued_only_for_the_proofs_of_one_enabled_person_with_unchanged_credentials(
    facts,
):
    answer = decide(facts).answer
    if not isinstance(answer, Issue):
        return
    person = facts.people[answer.account]
    assert person.enabled
    assert {proof.account for proof in answer.proofs} == {answer.account}
    assert any(accepted <= {proof.method for proof in answer.proofs} for accepted in facts.accepted)
    assert all(
        proof.at >= person.credentials_changed_at
        or proof.interaction == person.credentials_changed_in
        for proof in answer.proofs
    )
    trusted_devices = {
        proof
        for proof in answer.proofs
        if proof.method == "trusted_device" and proof not in facts.proofs
    }
    assert set(answer.proofs) - trusted_devices <= set(facts.proofs) | set(
        facts.session.proofs if facts.session else ()
    )
    for proof in trusted_devices - set(facts.session.proofs if facts.session else ()):
        kept = facts.trusted_devices[facts.option]
        assert (facts.journey, facts.asked.max_age, kept.account, kept.auth_time) == (
            "sign-in",
            None,
            proof.account,
            proof.signed_in_at,
        )
        assert proof.at == (kept.made_at or kept.auth_time) >= person.credentials_changed_at
        assert len(answer.proofs) > 1 or answer.auth_time == proof.made_at, (
            "remembering makes no sign-in younger"
        )
    assert facts.terms in (None, person.terms)
    if facts.journey != "sign-in":
        assert all(proof.interaction == "here" for proof in answer.proofs)
    assert facts.journey in ("sign-in", "enrol", "recover")
    if facts.journey == "enrol":
        assert facts.enrolment.account == answer.account and facts.enrolment.kept
        assert not facts.link_over and not facts.link_moved
    if facts.journey == "recover":
        phone = person.phone_on_record and "phone" in facts.options
        assert (
            not phone
            or {"sms_code", "voice_code"} & {proof.method for proof in answer.proofs}
            or person.credentials_changed_in == "here"
        )
        assert {"email_code", "recovery"} <= {proof.method for proof in answer.proofs}
    if "login" in facts.asked.prompt or facts.asked.max_age == 0 or facts.chosen_account == ANOTHER:
        assert all(proof.interaction == "here" for proof in answer.proofs)
        assert answer.session is None
        assert not trusted_devices
    if facts.asked.max_age:
        assert all(
            proof.signed_in_at is not None
            for proof in answer.proofs
            if proof.method.startswith("upstream")
        )
        assert answer.auth_time >= NOW - (
            facts.asked.max_age if answer.session else max(facts.asked.max_age, 60)
        )
    assert all(
        proof.at >= NOW - 600
        for proof in set(answer.proofs) - trusted_devices
        if proof.interaction == "here"
    )
    if facts.asked.third_party:
        allowed = (
            facts.allowed[1]
            if facts.allowed and facts.allowed[0] == answer.account
            else frozenset()
        )
        asked = set(facts.asked.scopes)
        assert (
            asked <= (allowed if "consent" in facts.asked.prompt else facts.consented)
            or asked <= allowed
        )
    if person.upstream:
        assert {"upstream", "trusted_device"} & {proof.method for proof in answer.proofs}
    assert not facts.denied
    assert facts.asked.subject in (None, answer.account)
    assert answer.acr in achieved({proof.method for proof in answer.proofs})
    assert not facts.given_up


@settings(max_examples=500, deadline=None)
@given(everything)
def test_every_answer_leads_on_and_prompt_none_never_shows_a_page(facts):
    answer = decide(facts).answer
    if "none" in facts.asked.prompt:
        assert not isinstance(answer, Ask)
    if isinstance(answer, Ask):
        assert answer.stage in STAGES
    if isinstance(answer, Refuse):
        assert answer.error in {
            "access_denied",
            "login_required",
            "consent_required",
            "interaction_required",
            "unmet_authentication_requirements",
        }
    if isinstance(answer, Do):
        mine = facts.enrolment
        assert (
            facts.journey == "enrol"
            and not mine.kept
            and mine.address_verified
            and mine.password_made
        )
        assert mine.factor_verified or mine.method == "email"


@given(everything)
def test_a_decision_is_a_function_of_the_facts(facts):
    assert decide(facts) == decide(facts)


@settings(max_examples=200, deadline=None)
@given(everything)
def test_fewer_proofs_never_give_more(facts):
    """Taking all proofs, the session and what is remembered away never turns a page into a code."""
    from dataclasses import replace

    bare = decide(replace(facts, proofs=(), session=None, trusted_devices={})).answer
    assert not isinstance(bare, Issue)


requirements = st.builds(
    Requirement,
    st.lists(st.frozensets(methods), min_size=1, max_size=3).map(tuple),
    times,
    times,
    st.booleans(),
)


@given(requirements, requirements)
def test_two_requirements_together_are_at_least_as_strict_as_each(left, right):
    both = left & right
    for one in (left, right):
        assert all(any(wanted <= stricter for wanted in one.sets) for stricter in both.sets)
        assert both.since >= one.since
        assert both.fresh >= one.fresh
        assert both.here >= one.here


@given(st.frozensets(methods))
def test_two_kinds_make_mfa_and_neither_email_nor_a_bare_key_is_a_kind(given_methods):
    strong = "password" in given_methods and bool({"sms_code", "voice_code"} & given_methods)
    there = "upstream_mfa" in given_methods  # the company has counted
    assert ("mfa" in reported_amr(given_methods)) == (strong or there)
    assert (ACR_VALUES[-1] in achieved(given_methods)) == (
        strong or (there and "upstream" in given_methods)
    )


@given(
    st.lists(st.floats(0, 1000), max_size=30).map(sorted), st.integers(1, 10), st.integers(1, 900)
)
def test_waiting_as_long_as_told_is_always_enough(events, count, seconds):
    caps = (Cap(count, seconds),)
    waited = wait(NOW, events, caps)
    assert 0 <= waited <= seconds
    assert wait(NOW + waited + 0.001, events, caps) == 0


@given(st.integers(0, 60))
def test_password_waits_grow_and_stay_bounded(failures):
    shorter, longer = (password_wait(NOW, n, NOW, 5, 5, 300) for n in (failures, failures + 1))
    assert shorter <= longer <= 300
    assert (shorter == 0) == (failures < 5)
