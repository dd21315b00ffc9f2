"""From rows to facts, and from facts to what a decision record keeps of them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from idp.factors import phone
from idp.factors.sent_code import SentCode
from idp.flow.facts import ANOTHER, Answer, Asked, Facts, Issue, Person, Proof, Refuse, Session
from idp.flow.rules import next_step, subject
from idp.settings import Settings
from idp.store import accounts, consents, interactions, sessions
from idp.store.accounts import Account


def gather(
    settings: Settings, sent_codes: Mapping[str, SentCode], interaction_id: str, client_id: str, asked: Asked, session: sessions.Session | None, now: float
) -> tuple[Facts, dict[str, Account]]:
    """Everything that the flow may know at `now` about this interaction, and the accounts of the people in it."""
    accepted = tuple(frozenset(one) for one in settings.sign_in.accepted)
    facts = Facts(now, interaction_id, asked, accepted, settings.lifetimes.proof, settings.sign_in.ways)
    if session:
        kept = tuple(Proof(method, session.account_id, at, where) for method, at, where in session.proofs)
        facts = replace(facts, session=Session(session.id, session.account_id, session.auth_time, kept))
    untouched = replace(facts, chosen_account=ANOTHER)  # who starts over sees the options, whoever is signed in here
    for fact in interactions.facts_of(interaction_id):
        facts = untouched if fact.kind == interactions.STARTED_OVER else replace(facts, **_added(facts, fact))
    known = accounts.by_ids({proof.account for proof in facts.proofs} | ({session.account_id} if session else set()))
    facts = replace(facts, people={one.id: _person(settings, one) for one in known.values()})
    who = subject(facts)
    if asked.third_party and who:
        facts = replace(facts, consented=consents.scopes(who, client_id))
    return _with_locks(facts, sent_codes), known


def _added(facts: Facts, fact: interactions.Fact) -> dict[str, Any]:
    """What this row changes in the facts."""
    if fact.kind == interactions.PROOF_GIVEN:
        return {"proofs": (*facts.proofs, Proof(fact.value or "", fact.account_id or "", fact.at, facts.interaction))}
    plain: dict[str, dict[str, Any]] = {
        interactions.WAY_CHOSEN: {"way": fact.value},
        interactions.ACCOUNT_CHOSEN: {"chosen_account": fact.value},
        interactions.CONFIRMED: {"confirmed_at": fact.at},
        interactions.GIVEN_UP: {"given_up": True},
        interactions.CONSENT_GIVEN: {"allowed": (fact.account_id or "", frozenset((fact.value or "").split()))},
        interactions.CONSENT_DENIED: {"denied": True},
        interactions.CALL_REFUSED: {"call_refused": True},
    }
    return plain[fact.kind]


def _person(settings: Settings, account: Account) -> Person:
    owns = {"password"} if account.password_hash else set()
    owns |= {"email_code"} if account.sign_in_address else set()
    if account.phone and phone.allowed(account.phone, settings.phone.countries):
        owns |= {"sms_code", "keyed_call"} | ({"phone_call"} if settings.phone.call == "bare" else set())
    return Person(account.id, account.disabled_at is None, account.credentials_changed_at, owns=frozenset(owns))


def _with_locks(facts: Facts, sent_codes: Mapping[str, SentCode]) -> Facts:
    """Locks are looked up only for what would be asked for next: that costs a query."""
    step, who = next_step(facts), subject(facts)
    by_phone = any(name in phone.METHODS for name in step)  # a code and a call are locked together
    factor = sent_codes["sms_code"] if by_phone else next((sent_codes[name] for name in step if name in sent_codes), None)
    if factor is None or who is None or not factor.locked(who, facts.now):
        return facts
    locked = frozenset(phone.METHODS) if factor.TRIED_AS == phone.TRIED_AS else frozenset({factor.METHOD})
    return replace(facts, people={**facts.people, who: replace(facts.people[who], locked=locked)})


def facts_kept(facts: Facts) -> dict[str, Any]:
    """The facts as a decision record keeps them."""
    asked, session = facts.asked, facts.session
    return {
        "now": facts.now,
        "prompt": sorted(asked.prompt),
        "max_age": asked.max_age,
        "acr_values": list(asked.acr_values),
        "hinted": asked.subject,
        "third_party": asked.third_party,
        "accepted": [sorted(one) for one in facts.accepted],
        "proof_life": facts.proof_life,
        "ways": list(facts.ways),
        "session": [session.account, session.auth_time, [[proof.method, proof.at] for proof in session.proofs]] if session else None,
        "way": facts.way,
        "given_up": facts.given_up,
        "chosen_account": facts.chosen_account,
        "confirmed_at": facts.confirmed_at,
        "call_refused": facts.call_refused,
        "scopes": list(asked.scopes),
        "consented": sorted(facts.consented),
        "allowed": sorted(facts.allowed[1]) if facts.allowed else None,
        "denied": facts.denied,
        "proofs": [[proof.method, proof.account, proof.at] for proof in facts.proofs],
        "people": {
            one.id: {"enabled": one.enabled, "owns": sorted(one.owns), "locked": sorted(one.locked), "credentials_changed_at": one.credentials_changed_at}
            for one in facts.people.values()
        },
    }


def answer_kept(answer: Answer) -> dict[str, Any]:
    """The answer as a decision record keeps it."""
    if isinstance(answer, Issue):
        return {"kind": "issue", "account": answer.account, "acr": answer.acr, "amr": list(answer.amr), "auth_time": answer.auth_time}
    if isinstance(answer, Refuse):
        return {"kind": "refuse", "error": answer.error, "reason": answer.reason}
    return {"kind": "ask", "stage": answer.stage, "reason": answer.reason}
