"""From rows to facts, and from facts to what a decision record keeps of them."""

from dataclasses import replace
from typing import Any

from idp.factors.email_code import EmailCode
from idp.flow.facts import ANOTHER, Answer, Asked, Facts, Issue, Person, Proof, Refuse, Session
from idp.settings import Settings
from idp.store import accounts, interactions, sessions
from idp.store.accounts import Account


def gather(
    settings: Settings, email_code: EmailCode, interaction_id: str, asked: Asked, session: sessions.Session | None, now: float
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
    return replace(facts, people={one.id: _person(email_code, one, facts, now) for one in known.values()}), known


def _added(facts: Facts, fact: interactions.Fact) -> dict[str, Any]:
    """What this row changes in the facts."""
    if fact.kind == interactions.PROOF_GIVEN:
        return {"proofs": (*facts.proofs, Proof(fact.value or "", fact.account_id or "", fact.at, facts.interaction))}
    plain: dict[str, dict[str, Any]] = {
        interactions.WAY_CHOSEN: {"way": fact.value},
        interactions.ACCOUNT_CHOSEN: {"chosen_account": fact.value},
        interactions.CONFIRMED: {"confirmed_at": fact.at},
        interactions.GIVEN_UP: {"given_up": True},
    }
    return plain[fact.kind]


def _person(email_code: EmailCode, account: Account, facts: Facts, now: float) -> Person:
    half_way = bool(facts.proofs) and facts.proofs[-1].account == account.id and facts.proofs[-1].method == "password"
    locked = frozenset({"email_code"}) if half_way and email_code.locked(account.id, now) else frozenset()
    return Person(account.id, account.disabled_at is None, account.credentials_changed_at, locked)


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
        "proofs": [[proof.method, proof.account, proof.at] for proof in facts.proofs],
        "people": {
            one.id: {"enabled": one.enabled, "locked": sorted(one.locked), "credentials_changed_at": one.credentials_changed_at}
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
