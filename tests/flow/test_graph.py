"""The journeys as a graph: every page can be reached, none is a dead end, and each has a way back
to the client."""

from collections import deque
from dataclasses import replace
from functools import cache

from idp.flow.decide import decide
from idp.flow.facts import Ask, Asked, AuthenticationEvent, Do, Issue, Refuse, Session
from idp.flow.journeys import LEADS_TO
from idp.flow.proofs import subject
from idp.flow.steps import own_enrolment
from idp.web.flow.stages import STAGES
from tests.flow.test_journeys import ACCEPTED, OMAR, PEOPLE, enrolment, facts, proof
from tests.flow.test_situations import MFA, NOW

# As a graph: what a page can do to the facts, and nothing else.

WHO = ("priya", "daisy", "omar", "eve")


def given(known, method, who):
    return replace(known, proofs=(*known.proofs, proof(method, who, NOW)))


def anew(known, **changes):
    return replace(
        facts(asked=known.asked, terms=known.terms, people=known.people, options=known.options),
        chosen_account="anew",
        **changes,
    )


def shown(known, **changes):
    return [replace(known, enrolment=replace(known.enrolment, **changes))]


def code_given(known):
    if known.journey == "enrol" and known.enrolment and not known.enrolment.kept:
        return [
            given(one, "email_code", subject(known)) for one in shown(known, address_verified=True)
        ]
    return [
        given(known, "email_code", subject(known) or who)
        for who in (WHO if known.journey == "recover" else WHO[:1])
    ]


def phone_given(known):
    registering = own_enrolment(known) and not known.enrolment.kept
    after = shown(known, factor_verified=True)[0] if registering else known
    return [given(after, "sms_code", subject(known))] + (
        [] if registering else [replace(known, call_refused=True)]
    )


def changed(known, who, **person):
    people = {
        **known.people,
        who: replace(
            known.people[who], credentials_changed_at=NOW, credentials_changed_in="here", **person
        ),
    }
    return replace(known, people=people)


def agreed(known):
    who = subject(known)
    return [
        replace(known, people={**known.people, who: replace(known.people[who], terms=known.terms)})
    ]


def consented(known):
    return [
        replace(known, allowed=(subject(known), frozenset(known.asked.scopes))),
        replace(known, denied=True),
    ]


def kept(known):
    who = subject(known)
    if known.journey == "sign-in":
        person = known.people[who]
        owner = replace(person, owns=person.owns | {"sms_code"}, phone_on_record=True)
        return [replace(shown(known, kept=True)[0], people={**known.people, who: owner})]
    owns = frozenset(
        {"password", "email_code"} | ({"sms_code"} if known.enrolment.method == "phone" else set())
    )
    after = changed(shown(known, kept=True)[0], who, registered=True, owns=owns)
    return [given(after, "password", who)]


def new_password(known):
    if known.journey == "enrol":
        return shown(known, password_made=True)
    who = subject(known)
    return [given(changed(known, who), "recovery", who)]


def came_from_company(known):
    """Sam is back, or what came back is no sign-in; whoever was here before, it is a sign-in that
    goes on."""
    trip = replace(known, journey="sign-in", option="employee", upstream="acme")
    return [given(trip, "upstream", "sam"), replace(trip, upstream_error="clock")]


MOVES = {
    "options": lambda known: (
        [replace(anew(known), option=option) for option in known.options]
        + [replace(known, given_up=True)]
    ),
    "upstream": came_from_company,
    "upstream-failed": lambda known: [replace(known, upstream_error=None)],
    "choose-account": lambda known: [
        replace(known, chosen_account="another"),
        replace(known, chosen_account=known.session.account),
    ],
    "sign-in": lambda known: [
        given(known, "password", who) for who in WHO if known.people[who].registered
    ],
    "email-code": code_given,
    "email-verified": lambda known: [replace(known, confirmed_at=NOW)],
    "phone": phone_given,
    "no-phone": lambda known: [replace(known, option="email")],
    "login": lambda known: [given(known, "password", who) for who in WHO],
    "current-password": lambda known: [given(known, "password", subject(known))],
    "login-method": lambda known: [
        replace(known, enrolment=enrolment(method, subject(known), address_given=on_file))
        for method in ("phone", "email")
        for on_file in (True, False)
    ],
    "address": lambda known: shown(known, address_given=True),
    "new-password": new_password,
    "set-up": lambda known: [
        replace(
            known,
            set_up=True,
            option=known.option or "email",
            enrolment=enrolment("phone", subject(known), address_given=True, address_verified=True),
        ),
        replace(known, set_up=False),
    ],
    "number": lambda known: [
        *shown(known, phone_given=True),
        *(
            shown(known, method="email")
            if known.journey == "enrol"
            else [replace(known, set_up=False)]
        ),
    ],
    "organization": lambda known: [replace(known, organization=True)],
    "profile": lambda known: [replace(known, mail_asked=True)],
    "recover": lambda known: [
        replace(known, address_given=True),
        replace(known, address_given=True, address_locked=True),
    ],
    "reset": lambda known: [replace(known, mail_asked=True)],
    "forgot": lambda known: [replace(known, mail_asked=True)],
    "complete": lambda known: [replace(known, mail_asked=True)],
    "mail-sent": lambda known: (
        [
            replace(
                anew(known),
                journey="enrol",
                link="reset" if known.journey == "reset" else known.journey,
                proofs=(proof("mailed_link", who, NOW),),
            )
            for who in WHO
        ]
        + [
            replace(anew(known), journey="enrol", link="reset", link_over=True),
            replace(anew(known), journey="enrol", link="reset", link_moved=True),
        ]
    ),
    "terms": agreed,
    "consent": consented,
    "help": lambda known: [],
    "blocked": lambda known: [],
    "refused": lambda known: [],
    "link-over": lambda known: [],
    "link-moved": lambda known: [],
    "stopped": lambda known: [],
}


def after(known):
    """Every state that may follow: what the page does, where it leads, and Cancel."""
    answer = decide(known).answer
    if isinstance(answer, Do):
        return kept(known)
    if not isinstance(answer, Ask):
        return []
    on = MOVES[answer.stage](known)
    on += [replace(anew(known), journey=journey) for journey in LEADS_TO.get(answer.stage, ())]
    return on + ([] if answer.stage == "options" else [anew(known)])


@cache
def walked():
    """Every state that can be reached from a request, and what each leads to."""
    third = Asked(third_party=True, scopes=("openid",))
    someone = Session(
        "s",
        "daisy",
        NOW - 60,
        (
            AuthenticationEvent("password", "daisy", NOW - 60, "then"),
            AuthenticationEvent("email_code", "daisy", NOW - 60, "then"),
        ),
    )
    begins = [
        facts(terms="1"),
        facts(terms="1", asked=third),
        facts(terms="1", asked=Asked(acr_values=(MFA,))),
        facts(terms="1", session=someone, asked=Asked(acr_values=(MFA,), max_age=900)),
        replace(facts(terms="1"), accepted=(frozenset({"password", "sms_code"}),)),
        facts(terms="1", session=someone, asked=Asked(prompt=frozenset({"select_account"}))),
        facts(terms="1", options=("phone", "email", "employee")),
        facts(
            terms="1", people={**PEOPLE, "omar": replace(OMAR, locked=frozenset({"email_code"}))}
        ),
    ]
    seen, waiting = {}, deque(begins)
    while waiting:
        known = waiting.popleft()
        key = (decide(known).answer, repr(known))
        if key not in seen:
            following = after(known)
            seen[key] = [(decide(one).answer, repr(one)) for one in following]
            waiting.extend(following)
    return seen


def test_every_page_is_reached_none_is_a_dead_end_and_each_has_a_way_back_to_the_client():
    graph = walked()
    reached = {answer.stage for answer, _ in graph if isinstance(answer, Ask)}
    assert reached == set(STAGES)
    ends = {key for key in graph if isinstance(key[0], Issue | Refuse)}
    leading, grown = set(ends), True
    while grown:
        more = {
            key
            for key, following in graph.items()
            if key not in leading and any(one in leading for one in following)
        }
        leading, grown = leading | more, bool(more)
    assert {key[0] for key in graph if key not in leading} == set()
    back = {key for key in graph if isinstance(key[0], Refuse) and key[0].error == "access_denied"}
    assert back and {type(key[0]) for key in ends} == {Issue, Refuse}


def test_no_walk_reaches_a_code_without_proofs_of_one_enabled_person():
    for answer, _ in walked():
        if isinstance(answer, Issue):
            assert answer.account != "eve" and {one.account for one in answer.proofs} == {
                answer.account
            }
            assert any(accepted <= {one.method for one in answer.proofs} for accepted in ACCEPTED)
