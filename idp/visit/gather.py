"""From rows to facts, and from facts to what a decision record keeps of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from idp.brand import Brand
from idp.factors import phone
from idp.factors.sent_code import SentCode
from idp.flow import facts as flow
from idp.flow.facts import ANEW, Answer, Asked, Do, Facts, Issue, Person, Proof, Refuse, Session
from idp.flow.methods import EMPLOYEE, WAYS
from idp.flow.rules import expected, requirement, subject
from idp.secret import Vault
from idp.settings import Settings
from idp.store import accounts, consents, enrolments, interactions, links, organizations, remembered, sessions, upstream
from idp.store.accounts import Account
from idp.store.enrolments import Enrolment
from idp.store.tries import Asker
from idp.visit.recipients import factor, recipient

REMEMBERED = frozenset({"remembered"})  # as a set of proofs that is accepted


@dataclass(frozen=True)
class Known:
    """The facts, and the rows behind them that pages show."""

    facts: Facts
    people: dict[str, Account]
    enrolment: Enrolment | None
    named: str | None  # the address whose password is forgotten
    code_id: str | None  # of the registration code that was given
    remember: bool  # how the box stood when a way was chosen
    mailed_to: str  # the address that was given when an account was made
    link_id: str  # of the emailed link that was followed here; empty for none


@dataclass(frozen=True)
class Door:
    """What is known before anything that somebody did here: the request, the brand, the browser's session and cookies."""

    interaction_id: str
    client_id: str
    asked: Asked
    brand: Brand
    session: sessions.Session | None
    remembered: tuple[str, ...]  # digests of what this browser holds for its ways
    device: str  # digest of the cookie by which somebody's browser is known; empty where it was never here
    network: str  # a fingerprint of where it is


def asker(subject: str, device: str, network: str) -> Asker:
    """Who tries something at the secret of this subject: a device that is known for it, or a stranger of a network."""
    known = bool(device) and remembered.is_known(subject, device)
    return Asker(f"device:{device}" if known else f"network:{network}", known, network)


def gather(settings: Settings, vault: Vault, sent_codes: Mapping[str, SentCode], door: Door, now: float) -> Known:
    """Everything that the flow may know at `now` about an interaction, and the rows of the people in it."""
    accepted = tuple(frozenset(one) for one in settings.sign_in.accepted)
    terms = door.brand.terms_at(now)
    facts = Facts(now, door.interaction_id, door.asked, accepted, settings.lifetimes.proof, settings.ways, terms=terms.version if terms else None)
    session = door.session
    if session:
        kept = tuple(Proof(method, session.account_id, at, where, *_told(there)) for method, at, where, *there in session.proofs)
        facts = replace(facts, session=Session(session.id, session.account_id, session.auth_time, kept))
    anew = replace(facts, chosen_account=ANEW)  # who starts over sees the options, whoever is signed in here
    facts = replace(facts, journey="register") if "create" in door.asked.prompt else facts
    ids: dict[str, str | None] = {}
    for fact in interactions.facts_of(door.interaction_id):
        if fact.kind in _BEGINNINGS:
            facts = replace(anew, **_BEGINNINGS[fact.kind](fact))
            ids = {fact.kind: fact.value}
        else:
            facts = replace(facts, **_added(facts, fact))
            ids[fact.kind] = fact.value
    company = [proof for proof in facts.proofs if proof.method in WAYS[EMPLOYEE]]
    if company and not upstream.lives(door.interaction_id, company[-1].account):  # they have signed out there meanwhile, or are gone
        facts = replace(facts, proofs=tuple(proof for proof in facts.proofs if proof not in company))
    if facts.journey == "sign-in" and facts.way is None and len(facts.ways) == 1 and REMEMBERED not in facts.accepted:
        facts = replace(facts, way=facts.ways[0])  # nothing to choose
    if facts.journey == "enrol":
        facts = replace(facts, proof_life=settings.lifetimes.enrolment)
    enrolment = enrolments.by_id(ids[interactions.ENROLMENT_BEGUN] or "") if interactions.ENROLMENT_BEGUN in ids else None
    code_id = ids.get(interactions.ORGANIZATION_NAMED)
    link_id = (ids.get(interactions.LINK_FOLLOWED) or "").partition(" ")[2]
    if link_id:
        facts = _with_link(facts, link_id)
    browsers = remembered.live(list(door.remembered), now) if facts.journey == "sign-in" else {}
    wanted = {proof.account for proof in facts.proofs} | ({session.account_id} if session else set()) | {one.account_id for one in browsers.values()}
    people = accounts.by_ids(wanted)
    facts = replace(
        facts,
        enrolment=_enrolment(enrolment) if enrolment else None,
        organization=bool(code_id and organizations.working_code(code_id, now)),
        remembered={way: flow.Remembered(one.account_id, one.auth_time, one.created_at) for way, one in browsers.items()},
        people={one.id: _person(settings, door.brand, one) for one in people.values()},
    )
    who = subject(facts)
    if door.asked.third_party and who:
        facts = replace(facts, consented=consents.scopes(who, door.client_id))
    named = ids.get(interactions.ADDRESS_NAMED)
    account = people.get(who or "")
    facts = _with_locks(facts, vault, sent_codes, account, enrolment, named, door)
    remember, mailed_to = ids.get(interactions.REMEMBER) == "yes", ids.get(interactions.MAIL_ASKED) or ""
    return Known(facts, people, enrolment, named, code_id, remember, mailed_to, link_id)


def _with_link(facts: Facts, link_id: str) -> Facts:
    """A link that was followed here counts unless it was withdrawn or replaced since, or another browser goes on by it; what it led
    to may be done, if here."""
    link = links.by_id(link_id)
    if link is None or link.outcome not in (None, "done"):
        return replace(facts, link_over=True, proofs=())
    return facts if link.interaction_id == facts.interaction else replace(facts, link_moved=True, proofs=())


_BEGINNINGS: Mapping[str, Any] = {  # nothing before these facts counts
    interactions.STARTED_OVER: lambda fact: {},
    interactions.JOURNEY_CHOSEN: lambda fact: {"journey": fact.value},
    interactions.LINK_FOLLOWED: lambda fact: {
        "journey": "enrol",
        "link": fact.value.split()[0],
        "proofs": (Proof("mailed_link", fact.account_id or "", fact.at, fact.interaction_id),),
    },
}


def _added(facts: Facts, fact: interactions.Fact) -> dict[str, Any]:
    """What this row changes in the facts."""
    if fact.kind == interactions.PROOF_GIVEN:
        method, *there = (fact.value or "").split()
        told = (None if there[0] == "-" else float(there[0]), tuple(there[1:])) if there else ()
        return {"proofs": (*facts.proofs, Proof(method, fact.account_id or "", fact.at, facts.interaction, *told))}
    plain: dict[str, dict[str, Any]] = {
        interactions.WAY_CHOSEN: {"way": fact.value},
        interactions.REMEMBER: {},
        interactions.COMPANY_LEFT_FOR: {"company": fact.value, "company_trouble": None},
        interactions.COMPANY_FAILED: {"company_trouble": fact.value},
        interactions.ACCOUNT_CHOSEN: {"chosen_account": fact.value},
        interactions.CONFIRMED: {"confirmed_at": fact.at},
        interactions.GIVEN_UP: {"given_up": True},
        interactions.CONSENT_GIVEN: {"allowed": (fact.account_id or "", frozenset((fact.value or "").split()))},
        interactions.CONSENT_DENIED: {"denied": True},
        interactions.CALL_REFUSED: {"call_refused": True},
        interactions.ENROLMENT_BEGUN: {},
        interactions.OLD_PHONE_LOST: {"old_phone_lost": True},
        interactions.ADDRESS_NAMED: {"address_given": True},
        interactions.ORGANIZATION_NAMED: {},
        interactions.MAIL_ASKED: {"mail_asked": True},
    }
    return plain[fact.kind]


def _told(there: list[Any]) -> tuple[Any, ...]:
    """What a company said of a proof that a session keeps."""
    return (there[0], tuple(there[1])) if there else ()


def _person(settings: Settings, brand: Brand, account: Account) -> Person:
    owns = {"password"} if account.password_hash else set()
    owns |= {"email_code"} if account.sign_in_address else set()
    if account.phone and phone.allowed(account.phone, settings.phone.countries):
        owns |= {"sms_code", "keyed_call"} | ({"phone_call"} if settings.phone.call == "bare" else set())
    if account.upstream:  # nothing that is kept here opens it, whatever there is
        company = next((one for one in settings.upstreams if one.issuer == account.upstream), None)
        owns = {"upstream", *company.can()} if company else set()
    return Person(
        account.id,
        account.disabled_at is None and (account.upstream is None or bool(owns)),  # a company that is not in the settings any more lets nobody in
        account.credentials_changed_at,
        owns=frozenset(owns),
        credentials_changed_in=account.credentials_changed_in,
        registered=account.sign_in_address is not None,
        phone_on_record=account.phone is not None,
        terms=account.terms.get(brand.id),
        new_phone_until=account.new_phone_until or 0.0,
        company=account.upstream is not None,
    )


def _enrolment(row: Enrolment) -> flow.Enrolment:
    return flow.Enrolment(
        account=row.account_id,
        method=row.method,
        address_given=row.address is not None,
        address_verified=row.address_verified_at is not None,
        password_made=row.password_hash is not None,
        phone_given=row.phone is not None,
        phone_verified=row.phone_verified_at is not None,
        kept=row.kept_at is not None,
    )


def _with_locks(
    facts: Facts, vault: Vault, sent_codes: Mapping[str, SentCode], account: Account | None, enrolment: Enrolment | None, named: str | None, door: Door
) -> Facts:
    """Locks are looked up only for what would be asked for next: that costs a query."""
    step = expected(facts)
    by_phone = any(name in phone.METHODS for name in step)  # a code and a call are locked together
    method = "sms_code" if by_phone else next((name for name in step if name == "email_code"), None)
    to = recipient(facts, method, account, enrolment, named, vault) if method else None
    if method is None or to is None:
        return facts
    if not sent_codes[factor(facts, method)].locked(to.subject, facts.now, asker(to.subject, door.device, door.network)):
        return facts
    if facts.journey == "recover" and method == "email_code":
        return replace(facts, address_locked=True)
    person = facts.people.get(to.subject)
    locked = person.locked | (set(phone.METHODS) if by_phone else {method}) if person else frozenset()
    return replace(facts, people={**facts.people, to.subject: replace(person, locked=locked)}) if person else facts


OF_SESSIONS = ("max_age", "prompt_login", "another_account")  # rules that ask for nothing more where nobody was signed in


def facts_kept(facts: Facts) -> dict[str, Any]:
    """The facts as a decision record keeps them."""
    asked, session, enrolment = facts.asked, facts.session, facts.enrolment
    return {
        "now": facts.now,
        "journey": facts.journey,
        "prompt": sorted(asked.prompt),
        "max_age": asked.max_age,
        "acr_values": list(asked.acr_values),
        "hinted": asked.subject,
        "third_party": asked.third_party,
        "accepted": [sorted(one) for one in facts.accepted],
        "because": [rule for rule in requirement(facts).because if session or rule not in OF_SESSIONS],
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
        "link": facts.link,
        "link_over": facts.link_over,
        "link_moved": facts.link_moved,
        "terms": facts.terms,
        "remembered": {way: [one.account, one.auth_time] for way, one in facts.remembered.items()},
        "enrolment": vars(enrolment) if enrolment else None,
        "old_phone_lost": facts.old_phone_lost,
        "address_given": facts.address_given,
        "address_locked": facts.address_locked,
        "organization": facts.organization,
        "mail_asked": facts.mail_asked,
        "company": facts.company,
        "company_trouble": facts.company_trouble,
        "people": {one.id: _person_kept(one) for one in facts.people.values()},
    }


def _person_kept(person: Person) -> dict[str, Any]:
    return {
        "enabled": person.enabled,
        "owns": sorted(person.owns),
        "locked": sorted(person.locked),
        "credentials_changed_at": person.credentials_changed_at,
        "registered": person.registered,
        "terms": person.terms,
        "new_phone_until": person.new_phone_until,
        "company": person.company,
    }


def answer_kept(answer: Answer) -> dict[str, Any]:
    """The answer as a decision record keeps it."""
    if isinstance(answer, Issue):
        return {"kind": "issue", "account": answer.account, "acr": answer.acr, "amr": list(answer.amr), "auth_time": answer.auth_time}
    if isinstance(answer, Refuse):
        return {"kind": "refuse", "error": answer.error, "reason": answer.reason}
    if isinstance(answer, Do):
        return {"kind": "do", "deed": answer.deed, "reason": answer.reason}
    return {"kind": "ask", "stage": answer.stage, "reason": answer.reason}
