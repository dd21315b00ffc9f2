"""The journeys: ordered tables of questions. The first open question is the next page.

Read it as a table of contents. Each question is a function from facts to an answer while it is
open, and to None once it is closed; its docstring is what `idp flow` prints.
"""

from collections.abc import Callable, Mapping

from idp.flow.facts import ANOTHER, Answer, Ask, Facts, Refuse
from idp.flow.methods import METHODS, WAYS
from idp.flow.rules import counted, next_step, satisfied, subject

Question = Callable[[Facts], Answer | None]


def given_up(facts: Facts) -> Answer | None:
    """The person pressed Cancel on the login options: the client is told access_denied."""
    return Refuse("access_denied", "given_up") if facts.given_up else None


def account_not_chosen(facts: Facts) -> Answer | None:
    """The client wants the person to choose an account, and somebody is signed in here."""
    if "select_account" not in facts.asked.prompt or facts.session is None:
        return None
    chosen = facts.chosen_account in (ANOTHER, facts.session.account)
    return None if chosen else Ask("choose-account", "account_not_chosen")


def way_not_chosen(facts: Facts) -> Answer | None:
    """Nobody is signed in well enough, and no way to sign in has been chosen yet."""
    if satisfied(facts) or facts.way in facts.ways or identified(facts):
        return None
    return Ask("options", "way_not_chosen")


def identity_unproven(facts: Facts) -> Answer | None:
    """Nobody has shown who they are: the proof that tells is missing."""
    if satisfied(facts) or identified(facts):
        return None
    return Ask(next(METHODS[name].stage for name in METHODS if METHODS[name].identifies), "identity_unproven")


def account_blocked(facts: Facts) -> Answer | None:
    """The account of this person has been disabled."""
    person = facts.people.get(subject(facts) or "")
    return Ask("blocked", "account_blocked") if person and not person.enabled else None


def no_phone_on_record(facts: Facts) -> Answer | None:
    """The way that was chosen leads through a phone, and this person has none on record."""
    person = facts.people.get(subject(facts) or "")
    if person is None or satisfied(facts) or facts.way != "phone":
        return None
    return None if person.owns & WAYS["phone"] - {"password"} else Ask("no-phone", "no_phone_on_record")


def call_refused(facts: Facts) -> Answer | None:
    """Whoever took the call pressed the star key: it was not them who signs in here."""
    return Ask("refused", "call_refused") if facts.call_refused and not satisfied(facts) else None


def tries_exhausted(facts: Facts) -> Answer | None:
    """Too many wrong codes: whatever could be the next proof is locked for this account."""
    person = facts.people.get(subject(facts) or "")
    step = next_step(facts)
    return Ask("stopped", "tries_exhausted") if person and step and person.locked.issuperset(step) else None


def proof_too_weak(facts: Facts) -> Answer | None:
    """The proofs given do not make up a required set yet: the next one is missing."""
    step = next_step(facts)
    return Ask(METHODS[step[0]].stage, "proof_too_weak") if step else None


def unreachable(facts: Facts) -> Answer | None:
    """What is required cannot be met by any proof that this person could give here."""
    return None if satisfied(facts) else Refuse("unmet_authentication_requirements", "unreachable")


def continue_not_pressed(facts: Facts) -> Answer | None:
    """The address has just been verified, and the person has not pressed Continue."""
    codes = [proof.at for proof in counted(facts) if proof.method == "email_code" and proof.interaction == facts.interaction]
    waiting = bool(codes) and (facts.confirmed_at is None or facts.confirmed_at < codes[-1])
    return Ask("email-verified", "continue_not_pressed") if waiting else None


def someone_else(facts: Facts) -> Answer | None:
    """The client's id_token_hint names a person, and another one signed in (OIDC Core 3.1.2.1)."""
    expected = facts.asked.subject
    return Refuse("login_required", "someone_else") if expected and expected != subject(facts) else None


def consent_not_given(facts: Facts) -> Answer | None:
    """The client is run by somebody else, and this person has not allowed all that it asks for, or is to be asked again."""
    asked, wanted = facts.asked, frozenset(facts.asked.scopes)
    if not asked.third_party or (wanted <= facts.consented and "consent" not in asked.prompt):
        return None
    who, shown = facts.allowed or ("", frozenset())
    return None if who == subject(facts) and wanted <= shown else Ask("consent", "consent_not_given")


def consent_denied(facts: Facts) -> Answer | None:
    """The person pressed Deny: the client is told access_denied."""
    return Refuse("access_denied", "consent_denied") if facts.denied else None


def identified(facts: Facts) -> bool:
    """Whether a proof that counts tells who the person is."""
    return any(METHODS[proof.method].identifies for proof in counted(facts))


SIGN_IN: tuple[Question, ...] = (
    given_up,
    account_not_chosen,
    way_not_chosen,
    identity_unproven,
    account_blocked,
    no_phone_on_record,
    call_refused,
    tries_exhausted,
    proof_too_weak,
    unreachable,
    continue_not_pressed,
    someone_else,
    consent_denied,
    consent_not_given,
)

JOURNEYS: Mapping[str, tuple[Question, ...]] = {"sign-in": SIGN_IN}
