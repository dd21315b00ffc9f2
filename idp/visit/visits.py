"""Visits: opening an interaction, coming back to it, deciding, and the facts that are a mere
choice."""

from dataclasses import replace

from idp import secret
from idp.address import UNKNOWN, network
from idp.factors.table import Factors
from idp.flow import decide, history, record
from idp.flow.facts import Answer, Ask, Asked, Facts
from idp.flow.proofs import requirement
from idp.flow.rules import SHIPPED
from idp.flow.steps import next_step
from idp.oauth import authorization
from idp.oauth.authorization import AuthorizationRequest
from idp.oauth.clients import RegisteredClient
from idp.oauth.http import Pairs
from idp.oauth.server import Server
from idp.secret import Vault
from idp.settings import Settings
from idp.store import (
    decisions,
    enrolments,
    interactions,
    links,
    rollback,
    sessions,
    writing,
)
from idp.store.interactions import Interaction
from idp.store.links import Link
from idp.visit.gather import Context, gather
from idp.visit.visit import INTERACTION, Begin, Browser, InteractionClosed, Visit


class Visits:
    """One for a process."""

    def __init__(self, settings: Settings, vault: Vault, server: Server, factors: Factors) -> None:
        self._settings = settings
        self._vault = vault
        self._server = server
        self._factors = factors
        self.policy = SHIPPED

    def begin(
        self, parameters: Pairs, browser: Browser, now: float, begins: Begin | None = None
    ) -> Visit:
        """Open an interaction for an authorization request. Raises PageError or RedirectError for
        one that is not valid."""
        client, request = authorization.resolve(
            self._server.registry, self._server.keyring, parameters, now, self._offers_accounts
        )
        rollback()  # what that read, if anything, is no part of the transaction that writes
        writing()
        digest = secret.digest(browser.secret)
        interaction = interactions.add(
            secret.token(16),
            secret.reference(),
            digest,
            client.client_id,
            request.kept(),
            now,
        )
        if begins and begins.link:
            self.enter(begins.link, interaction.id, now)
        elif begins and begins.journey:
            interactions.add_fact(interaction.id, history.JOURNEY_CHOSEN, now, begins.journey)
        visit = self._look(interaction, client, request, browser, now)
        self.record(visit, "authorize")
        return visit

    def enter(self, link: Link, interaction_id: str, now: float) -> None:
        """Follow an emailed link into an interaction: nothing before it counts there. A link that
        has ended by now leads nowhere."""
        if not links.enter(link.id, interaction_id):
            return
        interactions.add_fact(
            interaction_id, history.LINK_FOLLOWED, now, f"{link.purpose} {link.id}", link.account_id
        )
        left = enrolments.by_id(link.enrolment_id) if link.enrolment_id else None
        if left and left.kept_at is None and left.password_hash:  # what was done before is kept
            shown = {
                name: getattr(left, name)
                for name in (
                    "address",
                    "address_verified_at",
                    "password_hash",
                    "phone",
                    "factor_verified_at",
                )
            }
            begun = enrolments.add(link.account_id, interaction_id, left.method, now, **shown)
            interactions.add_fact(
                interaction_id, history.ENROLMENT_BEGUN, now, begun, link.account_id
            )
            # The link went to the very address that is being registered.
            interactions.add_fact(
                interaction_id, history.PROOF_GIVEN, now, "email_code", link.account_id
            )

    def resume(
        self, interaction_id: str, browser: Browser, now: float, finished_too: bool = False
    ) -> Visit:
        """Come back to an interaction. Raises InteractionClosed, or PageError where the client is gone."""
        interaction = (
            interactions.by_id(interaction_id) if INTERACTION.fullmatch(interaction_id) else None
        )
        if interaction is None:
            raise InteractionClosed("unknown")
        if not secret.same(interaction.browser, secret.digest(browser.secret)):
            raise InteractionClosed("foreign", interaction)
        if self.over(interaction, now):
            raise InteractionClosed("expired", interaction)
        if interaction.finished_at is not None and not finished_too:
            raise InteractionClosed("finished", interaction)
        found = self._request(interaction, now)
        if found is None:
            raise InteractionClosed("expired", interaction)
        return self._look(interaction, *found, browser, now)

    def registers(self, interaction: Interaction) -> bool:
        """Whether someone was registering, or registering again, in an interaction that has
        expired."""
        start = Facts(0.0, interaction.id, Asked(), (), 0, self.policy)
        past = history.begun(start).after(interactions.events_of(interaction.id))
        return past.facts.journey in ("register", "enrol", "reset", "complete")

    def _request(
        self, interaction: Interaction, now: float
    ) -> tuple[RegisteredClient, AuthorizationRequest] | None:
        """The request that was kept, and its client; None where the client's registration does not
        bear it any more."""
        return authorization.reopen(self._server.registry, interaction.request)

    def _offers_accounts(self, client: RegisteredClient) -> bool:
        """Whether the pages that this client's people see let them make accounts."""
        return "register" in self._settings.brand_of(client.brand).journeys

    def over(self, interaction: Interaction, now: float) -> bool:
        """Whether it lay untouched for too long, or is too old."""
        lifetimes = self._settings.lifetimes
        return (
            now - interaction.seen_at >= lifetimes.interaction_idle
            or now - interaction.created_at >= lifetimes.interaction
        )

    def again(self, visit: Visit) -> Visit:
        """The same visit with the facts as they are now."""
        return self._look(visit.interaction, visit.client, visit.request, visit.browser, visit.now)

    def earlier(self, visit: Visit, stage: str) -> Visit | None:
        """The visit as it was when the page `stage` was due, if since then the person has done
        nothing but choose: Back opens that page again. None for any other page."""
        for back in range(1, visit.known.choices + 1):
            before = self._look(
                visit.interaction, visit.client, visit.request, visit.browser, visit.now, back
            )
            if isinstance(before.answer, Ask) and before.answer.stage == stage:
                box = visit.known.remember or before.known.remember  # as it was left
                return replace(before, known=replace(before.known, remember=box))
        return None

    def go_back(self, visit: Visit, stage: str) -> Visit:
        """Take back what was chosen since the page `stage` was due, before its form is read."""
        before = self.earlier(visit, stage)
        if before is None:
            return visit
        for _ in range(visit.known.choices - before.known.choices):
            visit.add_fact(history.WENT_BACK)
        self.record(before, f"{stage}:went-back")
        return before

    def record(self, visit: Visit, event: str) -> None:
        """Keep what was known and decided, so that it can be explained."""
        facts, policy = visit.facts, self.policy
        rows = [[row.question, row.open] for row in visit.decision.rows]
        wanted = requirement(facts)
        why = {
            "because": list(policy.because(facts, wanted)),
            "shadows": list(policy.shadows(facts, wanted)),
            "missing": list(next_step(facts)) if _asks_for_more(visit.answer) else [],
        }
        answer = {
            **record.encode_answer(visit.answer),
            **{name: rules for name, rules in why.items() if rules},
        }
        decisions.add(
            visit.interaction.id,
            visit.now,
            decide.TABLES_VERSION,
            event,
            record.encode(facts),
            rows,
            answer,
        )

    def _look(
        self,
        interaction: Interaction,
        client: RegisteredClient,
        request: AuthorizationRequest,
        browser: Browser,
        now: float,
        back: int = 0,
    ) -> Visit:
        lifetimes = self._settings.lifetimes
        session = None
        if browser.session_secret:
            session = sessions.live(
                secret.digest(browser.session_secret),
                now,
                lifetimes.session_idle,
                lifetimes.session,
            )
        # its secret was renewed, in an answer that may not have arrived
        if session is None and interaction.outcome == "issued":
            session = sessions.of_interaction(
                interaction.id, now, lifetimes.session_idle, lifetimes.session
            )
        brand = self._settings.brand_of(client.brand)
        held = tuple(secret.digest(one) for one in browser.trusted_devices)
        device, network_ = (
            secret.digest(browser.known) if browser.known else "",
            self._network(browser.address),
        )
        context = Context(
            interaction.id,
            interaction.client_id,
            _asked(client, request),
            brand,
            session,
            held,
            device,
            network_,
            browser.address,
            self.policy,
        )
        known = gather(self._settings, self._vault, self._factors, context, now, back)
        return Visit(
            interaction,
            client,
            request,
            browser,
            brand,
            now,
            session,
            known,
            decide.decide(known.facts),
            network_,
        )

    def _network(self, address: str | None) -> str:
        """Addresses are personal: what is counted by them is a fingerprint."""
        return self._vault.fingerprint("network", network(address or UNKNOWN))[:32]


def _asks_for_more(answer: Answer) -> bool:
    return isinstance(answer, Ask) and answer.reason == "proof_too_weak"


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
