"""One visit: what a page may know of an interaction at one moment."""

import re
from dataclasses import dataclass
from typing import Any

from idp import secret
from idp.brand import Brand
from idp.factors import Cause
from idp.flow import decide, history
from idp.flow.facts import Answer, Facts
from idp.flow.proofs import subject
from idp.oauth.authorization import AuthorizationRequest
from idp.oauth.clients import RegisteredClient
from idp.store import (
    audit,
    interactions,
    sessions,
)
from idp.store.accounts import Account
from idp.store.interactions import Interaction
from idp.store.links import Link
from idp.store.tries import Asker
from idp.store.trusted_devices import asker
from idp.visit.gather import Gathered

INTERACTION = re.compile(r"[A-Za-z0-9_-]{16,32}")


class InteractionClosed(Exception):
    """An interaction that cannot go on here: `unknown`, `foreign` (another browser's), `expired` or
    `finished`."""

    def __init__(self, why: str, interaction: Interaction | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.interaction = interaction


@dataclass(frozen=True)
class Browser:
    """Whose browser it is: the secrets of its cookies, the address, the language, and what it calls
    itself."""

    secret: str
    session_secret: str | None
    address: str | None
    locale: str
    trusted_devices: tuple[str, ...] = ()  # secrets, one an option
    known: str | None = None  # says that this browser has been here
    agent: str = ""


@dataclass(frozen=True)
class Visit:
    """What a page may know: the interaction, its request, and what has been decided about it at
    `now`."""

    interaction: Interaction
    client: RegisteredClient
    request: AuthorizationRequest
    browser: Browser
    brand: Brand
    now: float
    session: sessions.Session | None
    known: Gathered
    decision: decide.Decision
    network: str  # a fingerprint of where the browser is

    @property
    def facts(self) -> Facts:
        """What the decision was made of."""
        return self.known.facts

    @property
    def people(self) -> dict[str, Account]:
        """The accounts that the facts are about, by ID."""
        return self.known.people

    @property
    def cause(self) -> Cause:
        """For what messages of this visit are sent."""
        return Cause(
            self.interaction.id,
            self.interaction.reference,
            self.browser.locale,
            self.brand.id,
            self.network,
        )

    @property
    def answer(self) -> Answer:
        """What comes next."""
        return self.decision.answer

    @property
    def identified(self) -> Account | None:
        """The person whom this sign-in is about, once that is known."""
        return self.people.get(subject(self.facts) or "")

    def asker(self, subject: str) -> Asker:
        """Who tries something here at the secret of this subject (an account's id, or what stands
        for a name that no one has)."""
        return asker(
            subject, secret.digest(self.browser.known) if self.browser.known else "", self.network
        )

    def add_fact(self, kind: str, value: str | None = None, account_id: str | None = None) -> None:
        """Append what the person did; it counts at the next look."""
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
class Begin:
    """What a browser brings along that begins a visit: a journey to begin with, or an emailed link
    that it has used."""

    journey: str | None = None
    link: Link | None = None
