"""What follows from the facts: whom the sign-in is about, which proofs count, what they are worth,
and what is missing."""

from collections.abc import Iterable

from idp.flow.facts import ANOTHER, AuthenticationEvent, Facts, Person, once
from idp.flow.methods import (
    EMPLOYEE,
    METHODS,
    SIGN_IN_OPTIONS,
    UPSTREAM_METHODS,
    weighed,
)
from idp.flow.requirements import NOTHING, Requirement


@once
def timing(facts: Facts) -> Requirement:
    """What the rules want of when and where the proofs were given."""
    return facts.policy.timing(facts)


@once
def requirement(facts: Facts) -> Requirement:
    """What all rules together want of this sign-in."""
    return facts.policy.requirement(facts)


@once
def usable(facts: Facts) -> frozenset[str]:
    """The methods that the person at hand could give by one of the options that are offered."""
    person = facts.people.get(subject(facts) or "")
    if person is None:
        return frozenset(METHODS)
    able = (person.owns - person.locked) & frozenset().union(
        *(SIGN_IN_OPTIONS[option] for option in facts.options)
    )
    here = {proof.method for proof in facts.proofs if proof.account == person.id}
    return able - (ANSWERED - here) if "upstream" in here else able


# the company was asked once; what it did not say then it will not say
ANSWERED = frozenset(UPSTREAM_METHODS.values())


@once
def subject(facts: Facts) -> str | None:
    """Whom the sign-in is about: who was last identified here, else the session's person if it
    counts."""
    if facts.proofs:
        return facts.proofs[-1].account
    if facts.session and session_counts(facts):
        return facts.session.account
    made_before = trusted_device_event(facts)
    return made_before.account if made_before else None


@once
def trusted_device_event(facts: Facts) -> AuthenticationEvent | None:
    """The event that a trusted device stands for, at the option for which it is trusted. It never
    meets max_age, prompt=login or another account, and is as old as the sign-in that it goes back
    to."""
    kept = (
        facts.trusted_devices.get(facts.option or "")
        if facts.journey == "sign-in" and facts.option in facts.options
        else None
    )
    person = facts.people.get(kept.account) if kept else None
    if (
        kept is None
        or person is None
        or facts.asked.max_age is not None
        or "login" in facts.asked.prompt
        or facts.chosen_account == ANOTHER
    ):
        return None
    counts = person.enabled and (kept.made_at or kept.auth_time) >= person.credentials_changed_at
    at = kept.made_at or kept.auth_time
    return (
        AuthenticationEvent(
            "trusted_device", kept.account, at, facts.interaction, signed_in_at=kept.auth_time
        )
        if counts
        else None
    )


@once
def session_counts(facts: Facts) -> bool:
    """Whether the session's proofs count for this request: recent enough, person enabled,
    credentials unchanged."""
    session = facts.session
    if session is None:
        return False
    person = facts.people.get(session.account)
    wanted = timing(facts)
    return (
        person is not None
        and person.enabled
        and not wanted.here
        and session.auth_time >= wanted.since
        and not (wanted.since > NOTHING.since and any(undated(proof) for proof in session.proofs))
        and all(unchanged_since(person, proof) for proof in session.proofs)
    )


def too_late(facts: Facts) -> str | None:
    """Who has proved a password here, so long ago that it no longer counts."""
    late = [
        proof.account
        for proof in facts.proofs
        if proof.method == "password" and proof not in valid_events(facts)
    ]
    return late[-1] if late else None


def stepping_up(facts: Facts) -> bool:
    """Whether what is asked now is asked of someone who is signed in, on top of that: their
    session counts, and nothing was proven here yet."""
    return facts.journey == "sign-in" and not facts.proofs and session_counts(facts)


@once
def valid_events(facts: Facts) -> tuple[AuthenticationEvent, ...]:
    """The proofs that count: of one person, not too old, made with credentials that have not
    changed since."""
    account = subject(facts)
    person = facts.people.get(account) if account else None
    if person is None:
        return ()
    oldest = facts.now - facts.proof_life
    mine = (
        proof
        for proof in facts.proofs
        if proof.account == account and unchanged_since(person, proof)
    )
    # a link counts until its row ends
    here = tuple(proof for proof in mine if proof.at >= oldest or proof.method == "mailed_link")
    fresh = timing(facts).fresh
    if here and (here[-1].made_at < fresh or (fresh > NOTHING.fresh and undated(here[-1]))):
        here = ()
    if facts.session and facts.session.account == account and session_counts(facts):
        return facts.session.proofs + here
    if not facts.proofs and (made_before := trusted_device_event(facts)):
        return (made_before,)
    return here


def undated(proof: AuthenticationEvent) -> bool:
    """Whether the company has not said when the person signed in there: it may have been at any
    time."""
    return proof.method in SIGN_IN_OPTIONS[EMPLOYEE] and proof.signed_in_at is None


def unchanged_since(person: Person, proof: AuthenticationEvent) -> bool:
    """Whether the credentials are those that this proof was made with, or were changed by the
    interaction that it belongs to."""
    return (
        proof.at >= person.credentials_changed_at
        or proof.interaction == person.credentials_changed_in
    )


def worth_of(facts: Facts, proofs: Iterable[AuthenticationEvent]) -> set[str]:
    """What these proofs are worth, as methods: those by a phone that had just replaced another one
    count for less, also later."""
    return {
        weighed(proof.method, proof.at < _new_phone_until(facts, proof.account)) for proof in proofs
    }


def given_methods(facts: Facts, proofs: Iterable[AuthenticationEvent]) -> set[str]:
    """The methods that these proofs stand for where one is asked for. A proof by a phone while it
    was new is asked for again afterwards where more is wanted."""
    return {
        weighed(proof.method, proof.at < _new_phone_until(facts, proof.account) <= facts.now)
        for proof in proofs
    }


def _new_phone_until(facts: Facts, account: str) -> float:
    person = facts.people.get(account)
    return person.new_phone_until if person else 0.0


def satisfies(facts: Facts, proofs: Iterable[AuthenticationEvent]) -> bool:
    """Whether these proofs make up one of the required sets."""
    methods = given_methods(facts, proofs)
    return bool(methods) and any(wanted <= methods for wanted in requirement(facts).sets)


@once
def satisfied(facts: Facts) -> bool:
    """Whether the proofs that count meet the requirement."""
    return satisfies(facts, valid_events(facts))
