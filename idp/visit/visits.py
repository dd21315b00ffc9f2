"""Visits: opening an interaction, coming back to it, deciding, and the facts that are a mere choice."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from idp import secret
from idp.address import UNKNOWN, network
from idp.brand import Brand
from idp.factors import Cause, Trouble
from idp.factors.phone_call import CALLS
from idp.factors.sent_code import SentCode
from idp.flow import decide, history, record
from idp.flow.facts import ANEW, ANOTHER, Answer, Ask, Asked, Facts
from idp.flow.methods import EMPLOYEE, WAYS
from idp.flow.proofs import policy_of, subject
from idp.flow.rules import SHIPPED
from idp.oauth import authorization
from idp.oauth.authorization import AuthorizationRequest, RedirectError
from idp.oauth.clients import RegisteredClient
from idp.oauth.http import Pairs
from idp.oauth.server import Server
from idp.secret import Vault
from idp.settings import Settings
from idp.store import accounts, audit, codes, consents, decisions, enrolments, interactions, links, remembered, rollback, sessions, terms, writing
from idp.store.accounts import Account
from idp.store.interactions import Interaction
from idp.store.links import Link
from idp.store.tries import Asker
from idp.visit.gather import REMEMBERED, Door, Known, asker, gather

COLUMNS = {employees: [way for way in WAYS if (way == EMPLOYEE) is employees] for employees in (True, False)}  # of the login options
INTERACTION = re.compile(r"[A-Za-z0-9_-]{16,32}")


class Closed(Exception):
    """An interaction that cannot go on here: `unknown`, `foreign` (another browser's), `expired` or `finished`."""

    def __init__(self, why: str, interaction: Interaction | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.interaction = interaction


@dataclass(frozen=True)
class Browser:
    """Who is at the door: the secrets of its cookies, the address, the language, and what it calls itself."""

    secret: str
    session_secret: str | None
    address: str | None
    locale: str
    remembered: tuple[str, ...] = ()  # secrets, one a way
    known: str | None = None  # says that this browser has been here
    agent: str = ""


@dataclass(frozen=True)
class Visit:
    """What a page may know: the interaction, its request, and what has been decided about it at `now`."""

    interaction: Interaction
    client: RegisteredClient
    request: AuthorizationRequest
    browser: Browser
    brand: Brand
    now: float
    session: sessions.Session | None
    known: Known
    decision: decide.Decision
    network: str  # a fingerprint of where the browser is

    @property
    def facts(self) -> Facts:
        return self.known.facts

    @property
    def people(self) -> dict[str, Account]:
        return self.known.people

    @property
    def cause(self) -> Cause:
        """For what messages of this visit are sent."""
        return Cause(self.interaction.id, self.interaction.reference, self.browser.locale, self.brand.id, self.network)

    @property
    def answer(self) -> Answer:
        return self.decision.answer

    @property
    def identified(self) -> Account | None:
        """The person whom this sign-in is about, once that is known."""
        return self.people.get(subject(self.facts) or "")

    def asker(self, subject: str) -> Asker:
        """Who tries something here at the secret of this subject (an account's id, or what stands for a name that nobody has)."""
        return asker(subject, secret.digest(self.browser.known) if self.browser.known else "", self.network)

    def add_fact(self, kind: str, value: str | None = None, account_id: str | None = None) -> None:
        interactions.add_fact(self.interaction.id, kind, self.now, value, account_id)

    def proof_given(self, method: str, account_id: str) -> None:
        """A factor succeeded: a fact, and a security event."""
        self.add_fact(history.PROOF_GIVEN, method, account_id)
        self.audit("proof_given", "success", account_id, method=method)

    def audit(self, action: str, outcome: str, target: str | None, **detail: Any) -> None:
        """Record a security event of this visit; who acts is the person it succeeded for."""
        audit.add(
            self.now,
            action,
            outcome,
            actor=target if outcome == "success" else None,
            target=target,
            organization_id=detail.pop("organization", None),
            client_id=self.interaction.client_id,
            address=self.browser.address,
            reference=self.interaction.reference,
            **detail,
        )


@dataclass(frozen=True)
class Errand:
    """What a browser brings along that begins a visit: a journey to begin with, or an emailed link that it has used."""

    journey: str | None = None
    link: Link | None = None


class Visits:
    """One for a process."""

    def __init__(self, settings: Settings, vault: Vault, server: Server, sent_codes: Mapping[str, SentCode]) -> None:
        self._settings = settings
        self._vault = vault
        self._server = server
        self._codes = sent_codes
        self.policy = SHIPPED

    def begin(self, parameters: Pairs, browser: Browser, now: float, errand: Errand | None = None) -> Visit:
        """Open an interaction for an authorization request. Raises PageError or RedirectError for one that is not valid."""
        client, request = authorization.resolve(self._server.registry, self._server.keyring, parameters, now)
        if "create" in request.prompt and "register" not in self._settings.brand_of(client.brand).journeys:
            says = "prompt=create is not supported: people do not register here"
            raise RedirectError(request.redirect_uri, request.state, "invalid_request", says, request.response_mode)
        rollback()  # what that read, if anything, is no part of the transaction that writes
        writing()
        digest = secret.digest(browser.secret)
        interaction = interactions.add(secret.token(16), secret.reference(), digest, client.client_id, list(parameters), request.kept(), now)
        if errand and errand.link:
            self.enter(errand.link, interaction.id, now)
        elif errand and errand.journey:
            interactions.add_fact(interaction.id, history.JOURNEY_CHOSEN, now, errand.journey)
        visit = self._look(interaction, client, request, browser, now)
        self.record(visit, "authorize")
        return visit

    def enter(self, link: Link, interaction_id: str, now: float) -> None:
        """Follow an emailed link into an interaction: nothing before it counts there. A link that has ended meanwhile leads nowhere."""
        if not links.enter(link.id, interaction_id):
            return
        interactions.add_fact(interaction_id, history.LINK_FOLLOWED, now, f"{link.purpose} {link.id}", link.account_id)
        left = enrolments.by_id(link.enrolment_id) if link.enrolment_id else None
        if left and left.kept_at is None and left.password_hash:  # what was done before is kept
            shown = {name: getattr(left, name) for name in ("address", "address_verified_at", "password_hash", "phone", "phone_verified_at")}
            begun = enrolments.add(link.account_id, interaction_id, left.method, now, **shown)
            interactions.add_fact(interaction_id, history.ENROLMENT_BEGUN, now, begun, link.account_id)
            # The link went to the very address that is being registered.
            interactions.add_fact(interaction_id, history.PROOF_GIVEN, now, "email_code", link.account_id)

    def resume(self, interaction_id: str, browser: Browser, now: float, finished_too: bool = False) -> Visit:
        """Come back to an interaction. Raises Closed, or PageError where the client is gone."""
        interaction = interactions.by_id(interaction_id) if INTERACTION.fullmatch(interaction_id) else None
        if interaction is None:
            raise Closed("unknown")
        if not secret.same(interaction.browser, secret.digest(browser.secret)):
            raise Closed("foreign", interaction)
        if self.over(interaction, now):
            raise Closed("expired", interaction)
        if interaction.finished_at is not None and not finished_too:
            raise Closed("finished", interaction)
        found = self._request(interaction, now)
        if found is None:
            raise Closed("expired", interaction)
        return self._look(interaction, *found, browser, now)

    def _request(self, interaction: Interaction, now: float) -> tuple[RegisteredClient, AuthorizationRequest] | None:
        """The request that was kept, and its client; None where the client's registration does not bear it any more."""
        if interaction.request is not None:
            return authorization.reopen(self._server.registry, interaction.request)
        try:  # a node of the release before has begun it, and keeps it word for word
            pairs = [(name, value) for name, value in interaction.parameters]
            return authorization.resolve(self._server.registry, self._server.keyring, pairs, now)
        except RedirectError:
            return None

    def over(self, interaction: Interaction, now: float) -> bool:
        """Whether it lay untouched for too long, or is too old."""
        lifetimes = self._settings.lifetimes
        return now - interaction.seen_at >= lifetimes.interaction_idle or now - interaction.created_at >= lifetimes.interaction

    def again(self, visit: Visit) -> Visit:
        """The same visit with the facts as they are now."""
        return self._look(visit.interaction, visit.client, visit.request, visit.browser, visit.now)

    def record(self, visit: Visit, event: str) -> None:
        """Keep what was known and decided, for whoever asks why."""
        facts, policy = visit.facts, policy_of(visit.facts)
        rows = [[row.question, row.open] for row in visit.decision.rows]
        why = {"because": list(policy.because(facts)), "shadows": list(policy.shadows(facts))}
        answer = {**record.encode_answer(visit.answer), **{name: rules for name, rules in why.items() if rules}}
        decisions.add(visit.interaction.id, visit.now, decide.TABLES_VERSION, event, record.encode(facts), rows, answer)

    def choose_way(self, visit: Visit, way: str, remember: bool | None = None) -> Trouble | None:
        """A door, and how the box Remember Me stood; chosen with the box empty, the browser forgets at once what
        that column of the login options remembered; None where it has no box."""
        if way not in visit.facts.ways:
            return Trouble("way_unknown")
        if visit.facts.journey != "sign-in":
            visit.add_fact(history.JOURNEY_CHOSEN, "sign-in")
        visit.add_fact(history.WAY_CHOSEN, way)
        if remember is not None or way == EMPLOYEE:  # whose column has no box, or was not what the box was about
            visit.add_fact(history.REMEMBER, "yes" if remember else "no")
        if remember is False and (held := [secret.digest(one) for one in visit.browser.remembered]):
            for one in COLUMNS[way == EMPLOYEE]:
                remembered.end_way(held, one, visit.now)
        return None

    def choose_journey(self, visit: Visit, journey: str) -> None:
        """Begin another journey: nothing before it counts, and no phone that rings for what was before."""
        codes.end_here(visit.interaction.id, CALLS, "cancelled")
        visit.add_fact(history.JOURNEY_CHOSEN, journey)

    def accept_terms(self, visit: Visit, account: Account, version: str) -> Trouble | None:
        """The terms that were shown are those in force, or they are shown anew."""
        if version != visit.facts.terms:
            return Trouble("terms_changed")
        accounts.accept_terms(account.id, visit.brand.id, version)
        terms.add(account.id, visit.brand.id, version, visit.now, visit.browser.address, visit.interaction.reference)
        visit.audit("terms_accepted", "success", account.id, brand=visit.brand.id, version=version)
        return None

    def allow(self, visit: Visit, account: Account) -> None:
        """Allow on the consent page: it covers what was shown, for this person and client, and is remembered."""
        shown = frozenset(visit.request.scopes)
        visit.add_fact(history.CONSENT_GIVEN, " ".join(sorted(shown)), account.id)
        if consents.remember(account.id, visit.interaction.client_id, shown, visit.now):
            visit.audit("consent_given", "success", account.id, scopes=sorted(shown))

    def deny(self, visit: Visit, account: Account) -> None:
        visit.add_fact(history.CONSENT_DENIED)
        visit.audit("consent_denied", "failure", account.id)

    def start_over(self, visit: Visit) -> None:
        """Cancel on a page of the journey: nothing before it counts, and no phone that rings for it."""
        codes.end_here(visit.interaction.id, CALLS, "cancelled")  # first: a call that was just confirmed comes before the fact
        visit.add_fact(history.STARTED_OVER)

    def at_the_start(self, visit: Visit, stage: str) -> bool:
        """Whether starting over would lead to this very page: where there is one way, nothing lies before it."""
        start = replace(visit.facts, proofs=(), session=None, journey="sign-in", way=visit.facts.ways[0], company_trouble=None, chosen_account=ANEW)
        alone = len(visit.facts.ways) == 1 and REMEMBERED not in visit.facts.accepted
        chosen = visit.facts.company is not None and len(self._settings.upstreams) > 1  # a company lies before it
        return alone and not chosen and decide.decide(start).answer == Ask(stage, "identity_unproven")

    def choose_account(self, visit: Visit, choice: str) -> Trouble | None:
        if choice != ANOTHER and (visit.session is None or choice != visit.session.account_id):
            return Trouble("choice_missing")
        visit.add_fact(history.ACCOUNT_CHOSEN, choice)
        return None

    def _look(self, interaction: Interaction, client: RegisteredClient, request: AuthorizationRequest, browser: Browser, now: float) -> Visit:
        lifetimes = self._settings.lifetimes
        session = None
        if browser.session_secret:
            session = sessions.live(secret.digest(browser.session_secret), now, lifetimes.session_idle, lifetimes.session)
        if session is None and interaction.outcome == "issued":  # its secret was renewed, in an answer that may not have arrived
            session = sessions.of_interaction(interaction.id, now, lifetimes.session_idle, lifetimes.session)
        brand = self._settings.brand_of(client.brand)
        held = tuple(secret.digest(one) for one in browser.remembered)
        device, network_ = secret.digest(browser.known) if browser.known else "", self._network(browser.address)
        door = Door(interaction.id, interaction.client_id, _asked(client, request), brand, session, held, device, network_, browser.address, self.policy)
        known = gather(self._settings, self._vault, self._codes, door, now)
        return Visit(interaction, client, request, browser, brand, now, session, known, decide.decide(known.facts), network_)

    def _network(self, address: str | None) -> str:
        """Addresses are personal: what is counted by them is a fingerprint."""
        return self._vault.fingerprint("network", network(address or UNKNOWN))[:32]


def _asked(client: RegisteredClient, request: AuthorizationRequest) -> Asked:
    """What the flow has to know of a request."""
    return Asked(
        prompt=request.prompt,
        max_age=request.max_age,
        acr_values=request.acr_values,
        subject=request.subject,
        third_party=client.third_party,
        scopes=request.scopes,
    )
