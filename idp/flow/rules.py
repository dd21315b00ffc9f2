"""The rules that ship, in the order in which they are told: each is a function from facts to a
requirement, and a row."""

from idp.flow.facts import ANOTHER, START_OVER, Facts
from idp.flow.methods import ACR_VALUES, FULL_SIGN_INS, methods_for
from idp.flow.policy import Policy, Rule
from idp.flow.proofs import subject, usable
from idp.flow.requirements import NOTHING, Requirement

# that anybody needs from a proof to the last click, however small max_age is
ENTRY_SECONDS = 60
SET_UP_SECONDS = 300  # from a full sign-in to a second factor that is set up


def base_level(facts: Facts) -> Requirement:
    """Every sign-in wants one of the accepted sets of proofs."""
    return Requirement(sets=facts.accepted)


def max_age(facts: Facts) -> Requirement:
    """max_age: a sign-in older than this many seconds does not count (OIDC Core 3.1.2.1)."""
    age = facts.asked.max_age
    if age is None:
        return NOTHING
    return Requirement(
        since=facts.now - age, fresh=facts.now - max(age, ENTRY_SECONDS), here=age == 0
    )


def prompt_login(facts: Facts) -> Requirement:
    """prompt=login: the person signs in again, whatever session there is."""
    return Requirement(here=True) if "login" in facts.asked.prompt else NOTHING


def another_account(facts: Facts) -> Requirement:
    """'Another account' was chosen, or everything began again: the session at hand does not
    count."""
    return Requirement(here=True) if facts.chosen_account in (ANOTHER, START_OVER) else NOTHING


def fresh_identity(facts: Facts) -> Requirement:
    """Registering and recovering are about the person who proves here who they are, not about who is signed
    in."""
    return NOTHING if facts.journey == "sign-in" else Requirement(here=True)


def acr_values(facts: Facts) -> Requirement:
    """acr_values: the strongest value asked for that this person has the means for. It is voluntary
    (OIDC Core 3.1.2.1): what is out of reach is not asked, and nothing is where no page may be
    shown."""
    asked = facts.asked
    person = (
        facts.people.get(subject(facts) or "")
        if asked.acr_values and "none" not in asked.prompt
        else None
    )
    if person is None:
        return NOTHING
    for acr in reversed(ACR_VALUES):
        within = tuple(
            one
            for one in methods_for(acr, facts.now < person.new_phone_until)
            if one <= usable(facts)
        )
        if acr in asked.acr_values and within:
            return Requirement(sets=within)
    return NOTHING


def upstream_account(facts: Facts) -> Requirement:
    """Whose account is managed by their company signs in there, and by nothing that is kept
    here."""
    person = facts.people.get(subject(facts) or "")
    return (
        Requirement(sets=(frozenset({"upstream"}), frozenset({"trusted_device"})))
        if person and person.upstream
        else NOTHING
    )


def set_up_recent(facts: Facts) -> Requirement:
    """A second factor is set up within 5 minutes of signing in."""
    row = facts.enrolment
    if not facts.set_up or facts.journey != "sign-in" or (row and row.kept):
        return NOTHING
    since = facts.now - SET_UP_SECONDS
    return Requirement(since=since, fresh=since)


def set_up_full(facts: Facts) -> Requirement:
    """A person who sets up a second factor gives a password and the second step that they have."""
    row = facts.enrolment
    if not facts.set_up or row is None or row.kept or row.account != subject(facts):
        return NOTHING
    return Requirement(sets=FULL_SIGN_INS)


SHIPPED = Policy(
    (
        Rule("base_level", base_level),
        Rule(
            "max_age",
            max_age,
            "the application asked for a recent sign-in",
            timing=True,
            of_sessions=True,
        ),
        Rule(
            "prompt_login",
            prompt_login,
            "the application asked for a new sign-in",
            timing=True,
            of_sessions=True,
        ),
        Rule(
            "another_account",
            another_account,
            "another account was chosen, or the person started over",
            timing=True,
            of_sessions=True,
        ),
        Rule("fresh_identity", fresh_identity, timing=True),
        Rule("acr_values", acr_values, "the application asked for a stronger sign-in"),
        Rule("set_up_recent", set_up_recent, timing=True),
        Rule("set_up_full", set_up_full, "a phone is being set up"),
        Rule("upstream_account", upstream_account, "the person's company manages the account"),
    )
)
