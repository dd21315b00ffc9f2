"""The story of a visit, told from its decision records: what was known, which question decided, and
why."""

from dataclasses import dataclass
from typing import Any

from idp import secret
from idp.flow import earlier, record
from idp.flow.facts import Facts
from idp.flow.journeys import JOURNEYS
from idp.flow.picture import says
from idp.operations import NotFound
from idp.store import accounts, audit, clients, decisions, interactions
from idp.store.audit import AuditRow
from idp.store.decisions import DecisionRecord
from idp.store.interactions import Interaction

QUESTIONS = {
    question.__name__: says(question) for journey in JOURNEYS.values() for question in journey
}


@dataclass(frozen=True)
class Step:
    """One decision: `rows` are `(question, open, what it says)` in the order in which they were
    read."""

    at: float
    event: str
    facts: Facts
    rows: list[tuple[str, bool, str]]
    answer: dict[str, Any]


@dataclass(frozen=True)
class Story:
    """What is kept of an interaction: its steps in order, and its audit trail."""

    interaction: Interaction
    client_name: str
    steps: list[Step]
    audit: list[AuditRow]
    names: dict[str, str]  # usernames by account id


def _answer(kept: DecisionRecord) -> dict[str, Any]:
    """The answer, with the rules because of which more was asked for."""
    # of the facts in records of the release before
    because = kept.answer.get("because", kept.facts.get("because", []))
    found: dict[str, Any] = {**kept.answer, "because": because}
    return earlier.words(found) if kept.tables < earlier.NEW_NAMES else found


def explain(reference: str) -> Story:
    """The story behind a reference, however it was typed. Raises OperatorError."""
    wanted = secret.heard(reference)
    interaction = interactions.by_reference(wanted)
    if interaction is None:
        raise NotFound(
            f"no sign-in at this provider has the reference {wanted}; if it is from an error page "
            "outside a sign-in, look for it in the server's log; if it is from another provider's "
            "page, ask there"
        )
    records = decisions.of_interaction(interaction.id)
    trail = audit.listed(wanted)
    known = [record.facts(one.facts, one.tables) for one in records]
    people = {account for facts in known for account in facts.people}
    names = {
        account.id: account.username
        for account in accounts.by_ids(
            people | {row.target for row in trail if row.target}
        ).values()
    }
    steps = []
    for one, facts in zip(records, known, strict=True):
        questions = [(earlier.word(name), open_) for name, open_ in one.rows]
        read = [(name, open_, QUESTIONS.get(name, "")) for name, open_ in questions]
        steps.append(Step(one.at, earlier.event(one.event), facts, read, _answer(one)))
    client = clients.by_id(interaction.client_id)
    client_name = (
        client.registration["client_name"]
        if client
        else f"a removed client ({interaction.client_id})"
    )
    return Story(interaction, client_name, steps, trail, names)
