"""The one pure function that says what comes next, and its trace, which says why."""

from dataclasses import dataclass

from idp.flow.facts import Answer, Ask, Facts, Issue, Refuse
from idp.flow.journeys import JOURNEYS
from idp.flow.methods import reported_acr, reported_amr
from idp.flow.proofs import satisfied, satisfies, valid_events, worth_of

# goes up whenever a table or a rule changes its meaning; kept in every decision record
TABLES_VERSION = 10


# what prompt=none is told (OIDC Core 3.1.2.6)
WITHOUT_PAGES = {"consent": "consent_required", "terms": "interaction_required"}


@dataclass(frozen=True)
class Row:
    """One question as it was read: `open` says whether it decided."""

    question: str
    open: bool


@dataclass(frozen=True)
class Decision:
    """An answer and the rows that were read to reach it, in order."""

    answer: Answer
    rows: tuple[Row, ...]


def decide(facts: Facts) -> Decision:
    """Read the journey at hand from the top: the first open question answers; none open, and the
    code is issued."""
    rows: list[Row] = []
    for question in JOURNEYS[facts.journey]:
        answer = question(facts)
        rows.append(Row(question.__name__, answer is not None))
        if answer is not None:
            return Decision(_without_pages(facts, answer), tuple(rows))
    return Decision(_issue(facts), tuple(rows))


def _without_pages(facts: Facts, answer: Answer) -> Answer:
    if isinstance(answer, Ask) and "none" in facts.asked.prompt:
        return Refuse(WITHOUT_PAGES.get(answer.stage, "login_required"), answer.reason)
    return answer


def _issue(facts: Facts) -> Answer:
    proofs = valid_events(facts)
    if not satisfied(facts):
        raise RuntimeError("a journey ended without the proofs it requires")
    here = [proof for proof in proofs if proof.interaction == facts.interaction]
    goes_on = None if satisfies(facts, here) else facts.session
    methods, worth = {proof.method for proof in proofs}, worth_of(facts, proofs)
    return Issue(
        account=proofs[-1].account,
        acr=reported_acr(worth, facts.asked.acr_values),
        amr=reported_amr(
            methods, [value for proof in proofs for value in proof.upstream_amr], worth
        ),
        auth_time=goes_on.auth_time if goes_on else max(proof.made_at for proof in here),
        proofs=proofs,
        session=goes_on.id if goes_on else None,
    )
