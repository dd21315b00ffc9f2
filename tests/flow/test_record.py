"""Decision records lose nothing: what was known and what came of it, to JSON and back; and every
decision can be taken again."""

import json
from dataclasses import replace

from hypothesis import given, settings

from idp.flow import earlier, record
from idp.flow.decide import TABLES_VERSION, decide
from idp.flow.facts import Ask, Asked, AuthenticationEvent, Enrolment, Facts, Issue, Person
from idp.flow.policy import Policy, Rule
from idp.flow.proofs import requirement
from idp.flow.requirements import Requirement
from idp.flow.rules import SHIPPED
from tests.flow.test_properties import everything

DAISY = Person("daisy", owns=frozenset({"password", "email_code", "sms_code"}))
BY_EMAIL = frozenset({"password", "email_code"})
SIGNED_IN = Facts(
    1000.0,
    "here",
    Asked(),
    (BY_EMAIL,),
    600,
    SHIPPED,
    ("phone", "email"),
    people={"daisy": DAISY},
    proofs=(
        AuthenticationEvent("password", "daisy", 990.0, "here"),
        AuthenticationEvent("email_code", "daisy", 995.0, "here"),
    ),
    option="email",
    confirmed_at=996.0,
)


@settings(max_examples=300)
@given(everything)
def test_facts_come_back_as_they_were(facts):
    kept = json.loads(json.dumps(record.encode(facts)))
    assert record.facts(kept, TABLES_VERSION) == facts


@settings(max_examples=200)
@given(everything)
def test_so_do_answers(facts):
    answer = decide(facts).answer
    assert record.answer(json.loads(json.dumps(record.encode_answer(answer)))) == answer


def test_a_record_is_small_and_says_only_what_is_not_usual():
    kept = record.encode(replace(SIGNED_IN, proofs=(), people={}, confirmed_at=None, option=None))
    assert (
        set(kept) == {"now", "interaction", "asked", "accepted", "proof_life", "options"}
        and kept["asked"] == {}
    )


def test_fields_of_a_newer_program_are_passed_over():
    assert record.facts({**record.encode(SIGNED_IN), "moon": "full"}, TABLES_VERSION) == SIGNED_IN


def test_a_record_of_the_tables_before_is_read():
    """Its phone is the factor that is set up."""
    enrolment = {"account": "priya", "method": "phone", "phone_given": True, "phone_verified": True}
    old = {**record.encode(SIGNED_IN), "enrolment": enrolment}
    assert record.facts(old, 9).enrolment == Enrolment(
        "priya", "phone", phone_given=True, factor_verified=True
    )
    assert earlier.word("number_unverified") == "factor_unverified"


def test_records_with_the_names_of_before_are_read():
    old = {
        "now": 5.0,
        "interaction": "i",
        "asked": {},
        "accepted": [["keyed_call", "password"], ["remembered"]],
        "proof_life": 600,
        "ways": ["phone", "employee"],
        "way": "employee",
        "company": "acme",
        "company_trouble": "company_error",
        "proofs": [
            {"method": "phone_call", "account": "sam", "at": 4.0, "interaction": "i"},
        ],
        "people": {"sam": {"id": "sam", "company": True, "owns": ["keyed_call"]}},
        "remembered": {"phone": {"account": "sam", "auth_time": 1.0}},
    }
    facts = record.facts(old, 8)
    assert facts.accepted == (frozenset({"password", "voice_code"}), frozenset({"trusted_device"}))
    assert (facts.options, facts.option) == (("phone", "employee"), "employee")
    assert (facts.upstream, facts.upstream_error) == ("acme", "upstream_error")
    assert facts.proofs[0].method == "voice_confirm" and facts.people["sam"].upstream
    assert facts.people["sam"].owns == {"voice_code"}
    assert facts.trusted_devices["phone"].account == "sam"
    ids = {"company": "company", "people": {"remembered": {"id": "remembered", "owns": []}}}
    assert earlier.words(ids) == {
        "upstream": "company",
        "people": {"remembered": {"id": "remembered", "owns": []}},
    }, "an id is no name"
    assert earlier.event("company:came") == "upstream:came"
    assert earlier.event("login:company") == "login:company", "a button"
    assert earlier.words(
        {"kind": "ask", "stage": "company-failed", "reason": "company_failed"}
    ) == {
        "kind": "ask",
        "stage": "upstream-failed",
        "reason": "upstream_failed",
    }


def test_records_of_the_release_before_are_read():
    old = {
        "now": 5.0,
        "journey": "sign-in",
        "prompt": ["login"],
        "max_age": None,
        "acr_values": [],
        "hinted": None,
        "third_party": False,
        "accepted": [["email_code", "password"]],
        "because": ["prompt_login"],
        "proof_life": 600,
        "ways": ["email"],
        "session": ["daisy", 3.0, [["password", 3.0]]],
        "way": "email",
        "given_up": False,
        "chosen_account": None,
        "confirmed_at": None,
        "scopes": ["openid"],
        "consented": [],
        "allowed": None,
        "denied": False,
        "proofs": [["password", "daisy", 4.0]],
        "remembered": {"email": ["daisy", 1.0]},
        "enrolment": None,
        "people": {
            "daisy": {
                "enabled": True,
                "owns": ["password"],
                "locked": [],
                "credentials_changed_at": 0.0,
                "registered": True,
                "terms": None,
            }
        },
    }
    facts = record.facts(old, 6)
    assert (
        facts.proofs[0].method == "password"
        and facts.session.account == "daisy"
        and facts.asked.prompt == {"login"}
    )
    assert (
        facts.people["daisy"].owns == {"password"}
        and facts.trusted_devices["email"].account == "daisy"
    )


def phone_always(facts: Facts) -> Requirement:
    """Everyone needs a phone."""
    return Requirement(sets=(frozenset({"password", "sms_code"}),))


def test_a_shadow_rule_is_noted_and_asks_for_nothing():
    shadow = Policy((*SHIPPED.rules, Rule("phone_always", phone_always, shadow=True)))
    facts = replace(SIGNED_IN, policy=shadow)
    assert isinstance(decide(facts).answer, Issue) and shadow.shadows(
        facts, requirement(facts)
    ) == ("phone_always",)
    met = replace(
        facts,
        proofs=(
            AuthenticationEvent("password", "daisy", 990.0, "here"),
            AuthenticationEvent("sms_code", "daisy", 995.0, "here"),
        ),
    )
    met = replace(met, accepted=(frozenset({"password", "sms_code"}),))
    assert shadow.shadows(met, requirement(met)) == ()


def test_another_policy_can_be_tried_on_what_was_recorded():
    kept = record.facts(record.encode(SIGNED_IN), TABLES_VERSION)
    stricter = Policy(
        (*SHIPPED.rules, Rule("phone_always", phone_always, "everyone needs a phone"))
    )
    tried = replace(kept, policy=stricter)
    assert decide(tried).answer == Ask("phone", "proof_too_weak") and stricter.because(
        tried, requirement(tried)
    ) == ("phone_always",)


def test_a_rule_applies_where_its_condition_holds():
    def new_device(facts: Facts) -> bool:
        return facts.known_device is False

    policy = Policy(
        (
            *SHIPPED.rules,
            Rule(
                "phone_on_new_devices",
                phone_always,
                "this browser is new",
                when=new_device,
                needs=("known_device",),
            ),
        )
    )
    assert policy.needs == {"known_device"}
    assert isinstance(decide(replace(SIGNED_IN, policy=policy, known_device=True)).answer, Issue)
    assert decide(replace(SIGNED_IN, policy=policy, known_device=False)).answer == Ask(
        "phone", "proof_too_weak"
    )
