"""What the person at hand could do next: the proof that is due, what they could give instead, and
what they could set up."""

from idp.flow.facts import Enrolment, Facts, once
from idp.flow.methods import (
    ACR_VALUES,
    FULL_SIGN_INS,
    HAS,
    METHODS,
    PHONE_CODES,
    SET_UP_METHODS,
    SIGN_IN_OPTIONS,
    methods_for,
)
from idp.flow.proofs import given_methods, requirement, satisfied, subject, usable, valid_events

EVERY = frozenset(METHODS)


@once
def next_step(facts: Facts) -> tuple[str, ...]:
    """The methods any of which is the next proof, all of one page: that of the method that was
    chosen, else one of the chosen option as long as it leads to what is required, else what the person
    used last, or has the means for. Empty when nothing leads there, or nothing is missing."""
    # what is locked is still the next step: the page says that it is
    coming = _coming(facts)
    able = usable(facts) | _locked(facts) | coming
    missing = _missing(facts, able)
    chosen = facts.method if facts.method in missing else None
    option = SIGN_IN_OPTIONS.get(facts.option or "", frozenset())
    along = missing if chosen else _missing(facts, able, within=option)
    person = facts.people.get(subject(facts) or "")
    last = person.used_last if person else frozenset()
    missing = (along or missing) - coming
    in_order = sorted(
        (method for method in METHODS.values() if method.name in missing),
        # sorting is stable: what comes first in the table comes first here
        key=lambda one: (one.name != chosen, not one.identifies, one.name not in last),
    )
    return tuple(
        method.name
        for method in METHODS.values()
        if method in in_order and method.stage == in_order[0].stage
    )


@once
def choices(facts: Facts) -> tuple[str, ...]:
    """What the person could do instead of the step that is due: a method for each other page that
    leads to what is required."""
    step = next_step(facts)
    if not step or facts.journey != "sign-in" or METHODS[step[0]].identifies:
        return ()
    missing, pages = _missing(facts, usable(facts)), dict[str, str]()
    for one in METHODS.values():
        if one.name in missing:
            pages.setdefault(one.stage, one.name)
    pages.pop(METHODS[step[0]].stage, None)
    return tuple(pages.values())


def _coming(facts: Facts) -> frozenset[str]:
    """The methods that the person at hand will own when what they set up here is done."""
    row = facts.enrolment
    mine = facts.set_up and row and not row.kept and row.account == subject(facts)
    kind = facts.enrolment.method if mine and facts.enrolment else None
    return frozenset(name for name in METHODS if kind and METHODS[name].set_up == kind)


def _missing(facts: Facts, able: frozenset[str], within: frozenset[str] = EVERY) -> frozenset[str]:
    """The methods that are missing from the required sets (`within` these) that a person who is
    able to give those would complete."""
    if satisfied(facts):
        return frozenset()
    given = given_methods(facts, valid_events(facts))
    sets = (wanted - given for wanted in requirement(facts).sets if wanted <= within)
    return frozenset().union(*(missing for missing in sets if missing <= able))


@once
def expected(facts: Facts) -> tuple[str, ...]:
    """The methods that the page at hand may try: the next proof of a sign-in, or what registering
    and recovering ask for."""
    given = {proof.method for proof in valid_events(facts)}
    if old_phone_wanted(facts):
        return tuple(
            name for name in PHONE_CODES if name in facts.people[subject(facts) or ""].owns
        )
    if (enrolment := own_enrolment(facts)) and not enrolment.kept:
        if not enrolment.address_verified:
            return ("email_code",)
        entered = enrolment.method != "phone" or enrolment.phone_given
        confirming = entered and not enrolment.factor_verified
        return SET_UP_METHODS.get(enrolment.method, ()) if confirming else ()
    if facts.journey == "recover" and "recovery" not in given:
        person = facts.people.get(subject(facts) or "")
        return (
            tuple(name for name in PHONE_CODES if person and name in person.owns)
            if "email_code" in given
            else ("email_code",)
        )
    return next_step(facts)


@once
def old_phone_wanted(facts: Facts) -> bool:
    """Whether a person who registers again has a phone on record: it is asked for first, unless
    they say that it is lost."""
    person = facts.people.get(subject(facts) or "")
    if (
        facts.journey != "enrol"
        or facts.link != "reset"
        or person is None
        or facts.old_phone_lost
        or own_enrolment(facts) is not None
    ):
        return False
    here = {proof.method for proof in valid_events(facts)}
    return (
        person.phone_on_record
        and bool(set(PHONE_CODES) & person.owns)
        and not here & set(PHONE_CODES)
    )


@once
def own_enrolment(facts: Facts) -> Enrolment | None:
    """The registration under way here, if it is that of the person at hand; or what they set up
    within a sign-in, while that sign-in is full and recent."""
    mine = facts.enrolment and facts.enrolment.account == subject(facts)
    may = facts.journey == "enrol" or may_set_up(facts)
    return facts.enrolment if mine and may else None


@once
def may_set_up(facts: Facts) -> bool:
    """Whether the person at hand has given a password and a second step, recently, and has asked to
    set up what they lack."""
    given = {proof.method for proof in valid_events(facts)}
    full = any(one <= given for one in FULL_SIGN_INS)
    return facts.journey == "sign-in" and facts.set_up is True and full


@once
def to_set_up(facts: Facts) -> tuple[str, ...]:
    """What this person could set up to give the proof that is asked for and that they have no means
    for. Nothing for who has a factor beside the password: a stolen password could add the very one
    that was to stop it."""
    person = facts.people.get(subject(facts) or "")
    if facts.journey != "sign-in" or "none" in facts.asked.prompt or not person:
        return ()
    second = any(METHODS[name].kinds & HAS for name in person.owns)
    held = facts.now < person.new_phone_until  # a phone proves too little then
    if second or held or person.phone_on_record or person.upstream or not person.registered:
        return ()
    offered = frozenset().union(*(SIGN_IN_OPTIONS[option] for option in facts.options))
    new = frozenset(name for name in offered if METHODS[name].set_up)
    able, given = usable(facts), given_methods(facts, valid_events(facts))
    if not any(one <= able for one in FULL_SIGN_INS):
        return ()  # no full sign-in is possible that would come before it
    wanted = [one - given for one in _out_of_reach(facts, able)]
    leading = frozenset().union(*(one & new for one in wanted if one <= able | new))
    return tuple(name for name in METHODS if name in leading)


def _out_of_reach(facts: Facts, able: frozenset[str]) -> tuple[frozenset[str], ...]:
    """The sets that are required, where this person can give none; else those of the strongest acr
    value that was asked for, where they can give none of those."""
    if not satisfied(facts):
        sets = requirement(facts).sets
    else:
        asked = [acr for acr in ACR_VALUES if acr in facts.asked.acr_values]
        sets = methods_for(asked[-1]) if asked else ()
    given = given_methods(facts, valid_events(facts))
    return () if any(one - given <= able | _locked(facts) for one in sets) else sets


def _locked(facts: Facts) -> frozenset[str]:
    person = facts.people.get(subject(facts) or "")
    return person.locked if person else frozenset()
