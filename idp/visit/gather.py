"""From rows to facts, and from facts to what a decision record keeps of them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from idp.brand import Brand
from idp.factors.table import Factors
from idp.flow import facts as flow
from idp.flow import history
from idp.flow.facts import Asked, AuthenticationEvent, Facts, Person, Session
from idp.flow.methods import EMPLOYEE, SIGN_IN_OPTIONS
from idp.flow.policy import Policy
from idp.flow.proofs import subject
from idp.flow.steps import expected
from idp.secret import Vault
from idp.settings import Settings
from idp.store import (
    consents,
    enrolments,
    holders,
    interactions,
    links,
    registration_codes,
    sessions,
    trusted_devices,
    upstream_sessions,
)
from idp.store.accounts import Account
from idp.store.enrolments import Enrolment
from idp.store.holders import Holder
from idp.store.trusted_devices import asker
from idp.visit.recipients import factor, recipient

TRUSTED_DEVICE = frozenset({"trusted_device"})  # as a set of proofs that is accepted


@dataclass(frozen=True)
class Gathered:
    """The facts, and the rows behind them that pages show."""

    facts: Facts
    people: dict[str, Account]
    enrolment: Enrolment | None
    named: str | None  # the address whose password is forgotten
    code_id: str | None  # of the registration code that was given
    # the option that was chosen with Remember Me ticked; empty where it was not
    remember: str
    mailed_to: str  # the address that was given when an account was made
    made_here: str  # the account that was made with it; empty for none
    verified_by: str | None  # the method by which what is being set up was verified
    link_id: str  # of the emailed link that was followed here; empty for none
    choices: int  # how many choices could be taken back


@dataclass(frozen=True)
class Context:
    """What is known before anything that someone did here: the request, the brand, the browser's
    session and cookies."""

    interaction_id: str
    client_id: str
    asked: Asked
    brand: Brand
    session: sessions.Session | None
    trusted_devices: tuple[str, ...]  # digests of what this browser holds for its options
    # digest of the cookie by which someone's browser is known; empty where it was never here
    device: str
    network: str  # a fingerprint of where it is
    address: str | None  # of the peer
    policy: Policy


def gather(
    settings: Settings,
    vault: Vault,
    factors: Factors,
    context: Context,
    now: float,
    back: int = 0,
) -> Gathered:
    """Everything that the flow may know at `now` about an interaction, and the rows of the people
    in it. `back` is how many choices to leave out, newest first: what an earlier page shows."""
    events = interactions.events_of(context.interaction_id)
    past = history.begun(_start(settings, context, now)).after(
        [*events, *[history.went_back(now)] * back]
    )
    ids, facts = past.values, _by_settings(_still_signed_in_there(past.facts), settings)
    link_id = (ids.get(history.LINK_FOLLOWED) or "").partition(" ")[2]
    if link_id:
        facts = _with_link(facts, link_id)
    begun = ids.get(history.ENROLMENT_BEGUN)
    enrolment = enrolments.by_id(begun) if begun else None
    code_id = ids.get(history.ORGANIZATION_NAMED)
    facts = replace(
        facts,
        enrolment=_enrolment(enrolment) if enrolment else None,
        organization=bool(code_id and registration_codes.working_code(code_id, now)),
    )
    facts, people = _with_people(facts, factors, context)
    who = subject(facts)
    account = people.get(who or "")
    if context.policy.needs:
        facts = replace(facts, **_looked_up(context, account))
    if context.asked.third_party and who:
        facts = replace(facts, consented=consents.scopes(who, context.client_id))
    named = ids.get(history.ADDRESS_NAMED)
    facts = _with_locks(facts, vault, factors, account, enrolment, named, context)
    made = [one.account for one in events if one.kind == history.MAIL_ASKED and one.account]
    return Gathered(
        facts=facts,
        people=people,
        enrolment=enrolment,
        named=named,
        code_id=code_id,
        remember=facts.option or "" if ids.get(history.REMEMBER) == "yes" else "",
        mailed_to=ids.get(history.MAIL_ASKED) or "",
        made_here=made[-1] if made and facts.mail_asked else "",
        verified_by=ids.get(history.SET_UP_VERIFIED),
        link_id=link_id,
        choices=len(past.before),
    )


def _start(settings: Settings, context: Context, now: float) -> Facts:
    """The facts before anything was done in the interaction."""
    terms, session = context.brand.terms_at(now), context.session
    return Facts(
        now,
        context.interaction_id,
        context.asked,
        tuple(frozenset(one) for one in settings.sign_in.accepted),
        settings.lifetimes.proof,
        context.policy,
        settings.options,
        session=_session(session) if session else None,
        terms=terms.version if terms else None,
    )


def _session(session: sessions.Session) -> Session:
    proofs = tuple(
        AuthenticationEvent(method, session.account_id, at, where, *_stated(more))
        for method, at, where, *more in session.proofs
    )
    return Session(session.id, session.account_id, session.auth_time, proofs)


def _still_signed_in_there(facts: Facts) -> Facts:
    """Without what a company said of a sign-in that has ended there since."""
    upstream = [proof for proof in facts.proofs if proof.method in SIGN_IN_OPTIONS[EMPLOYEE]]
    if not upstream or upstream_sessions.lives(facts.interaction, upstream[-1].account):
        return facts
    return replace(facts, proofs=tuple(one for one in facts.proofs if one not in upstream))


def _by_settings(facts: Facts, settings: Settings) -> Facts:
    """What follows from the settings and the journey at hand: the only option is chosen already,
    and who registers may take longer."""
    alone = len(facts.options) == 1 and TRUSTED_DEVICE not in facts.accepted
    if facts.journey == "sign-in" and facts.option is None and alone:
        facts = replace(facts, option=facts.options[0])
    if facts.journey == "enrol":
        facts = replace(facts, proof_life=settings.lifetimes.enrolment)
    return facts


def _with_people(
    facts: Facts, factors: Factors, context: Context
) -> tuple[Facts, dict[str, Account]]:
    """Everyone whom the facts are about, and the buttons at which this browser is remembered."""
    held = (
        trusted_devices.live(list(context.trusted_devices), facts.now)
        if facts.journey == "sign-in"
        else {}
    )
    ids = {proof.account for proof in facts.proofs} | {one.account_id for one in held.values()}
    found = holders.by_ids(ids | ({facts.session.account} if facts.session else set()))
    known = replace(
        facts,
        trusted_devices={
            option: flow.TrustedDevice(one.account_id, one.auth_time, one.created_at)
            for option, one in held.items()
        },
        people={one: _person(factors, context.brand, holder) for one, holder in found.items()},
    )
    return known, {one: holder.account for one, holder in found.items()}


def _with_link(facts: Facts, link_id: str) -> Facts:
    """A link that was followed here counts unless it was withdrawn or replaced since, or another
    browser goes on by it; what it led to may be done, if here."""
    link = links.by_id(link_id)
    if link is None or link.outcome not in (None, "done"):
        return replace(facts, link_over=True, proofs=())
    return (
        facts
        if link.interaction_id == facts.interaction
        else replace(facts, link_moved=True, proofs=())
    )


def _looked_up(context: Context, person: Account | None) -> dict[str, Any]:
    """What the rules in force want to know beside the usual."""
    needs = context.policy.needs
    found: dict[str, Any] = {"network": context.address} if "network" in needs else {}
    if person and "known_device" in needs:
        found["known_device"] = bool(context.device) and trusted_devices.is_known(
            person.id, context.device
        )
    if person and "last_sign_in_at" in needs:
        found["last_sign_in_at"] = person.signed_in_at
    return found


def _stated(more: list[Any]) -> tuple[Any, ...]:
    """What a company said of a proof that a session keeps."""
    return (more[0], tuple(more[1])) if more else ()


def _person(factors: Factors, brand: Brand, holder: Holder) -> Person:
    account, owns = holder.account, factors.owned(holder)
    return Person(
        account.id,
        # a company that is not in the settings any more lets no one in
        account.disabled_at is None and (account.upstream is None or bool(owns)),
        account.credentials_changed_at,
        owns=owns,
        credentials_changed_in=account.credentials_changed_in,
        registered=account.sign_in_address is not None,
        phone_on_record=account.phone is not None,
        terms=account.terms.get(brand.id),
        new_phone_until=account.new_phone_until or 0.0,
        upstream=account.upstream is not None,
        used_last=factors.used_last(holder),
    )


def _enrolment(row: Enrolment) -> flow.Enrolment:
    return flow.Enrolment(
        account=row.account_id,
        method=row.method,
        address_given=row.address is not None,
        address_verified=row.address_verified_at is not None,
        password_made=row.password_hash is not None,
        phone_given=row.phone is not None,
        factor_verified=row.factor_verified_at is not None,
        kept=row.kept_at is not None,
    )


def _with_locks(
    facts: Facts,
    vault: Vault,
    factors: Factors,
    account: Account | None,
    enrolment: Enrolment | None,
    named: str | None,
    context: Context,
) -> Facts:
    """Locks are looked up only for what would be asked for next: that costs a query, for what is
    counted together one."""
    for method in _counted_once(facts, factors):
        used = factors.step(factor(factors, facts, method))
        to = recipient(facts, used, account, enrolment, named, vault)
        if to is None or not used.locked(
            to.subject, facts.now, asker(to.subject, context.device, context.network)
        ):
            continue
        if facts.journey == "recover" and method == "email_code":
            facts = replace(facts, address_locked=True)
        elif person := facts.people.get(to.subject):
            locked = replace(person, locked=person.locked | used.locks)
            facts = replace(facts, people={**facts.people, to.subject: locked})
    return facts


def _counted_once(facts: Facts, factors: Factors) -> Iterable[str]:
    """Of the second steps that would be asked for next, one for each that is counted apart."""
    steps = [name for name in expected(facts) if factors.is_step(factor(factors, facts, name))]
    return {
        factors.step(factor(factors, facts, name)).tried_as: name for name in reversed(steps)
    }.values()
