"""`idp explain REFERENCE`: what happened in a sign-in, in plain words or row by row."""

from typing import Any

import click

from idp import clock
from idp.cli.common import as_json, console, moment, print_json, with_house
from idp.cli.explain_sentences import beside, did, due, outcome, who
from idp.flow import record
from idp.flow.facts import Facts
from idp.house import House
from idp.operations import explain
from idp.operations.explain import Step, Story


@click.command("explain")
@click.argument("reference")
@click.option(
    "--rows",
    is_flag=True,
    help="Also show what was known at each step, the questions in the order they were "
    "checked, and the audit trail.",
)
@as_json
@with_house
def command(house: House, reference: str, rows: bool, as_json: bool) -> None:
    """Show what happened in a sign-in, by the reference on its pages."""
    story = explain.explain(reference)
    if as_json:
        steps = [
            {
                **vars(step),
                "facts": record.encode(step.facts),
                "did": did(step, story),
                "came": outcome(step, story),
            }
            for step in story.steps
        ]
        print_json(
            {
                "reference": story.interaction.reference,
                "client_id": story.interaction.client_id,
                "steps": steps,
            }
        )
        return
    console.print(
        f"Sign-in [bold]{story.interaction.reference}[/] at {story.client_name}, started "
        f"at {moment(story.steps[0].at if story.steps else story.interaction.created_at)} UTC. Person: {who(story)}.",
        soft_wrap=True,
    )
    for step in (one for one in story.steps if one.answer["kind"] != "do"):
        console.print(f"\n[bold]{moment(step.at)[11:]}[/]  {did(step, story)}", soft_wrap=True)
        for one in (*due(step, story), step):
            console.print(f"          {outcome(one, story)}", markup=False, soft_wrap=True)
        for said in beside(step, story):
            console.print(f"          {said}", markup=False, soft_wrap=True)
        for one in (*due(step, story), step) if rows else ():
            _tell(one, story)
    if story.interaction.finished_at is None and house.visits.over(story.interaction, clock.now()):
        console.print("\nIt expired: it was not finished in time.")
    if not rows:
        console.print(
            "\n[dim]--rows also shows what was known at each step, and the audit trail.[/]"
        )
        return
    console.print("\n[bold]Audit trail[/]")
    for row in story.audit:
        named = f" {story.names.get(row.target, row.target)}" if row.target else ""
        console.print(
            f"  {moment(row.at)}  {row.action}{named}: {row.outcome}",
            *([str(row.detail)] if row.detail else []),
            markup=False,
            soft_wrap=True,
        )


def _tell(step: Step, story: Story) -> None:
    console.print(f"  event: {step.event}", markup=False, soft_wrap=True)
    console.print(f"  known: {_known(step.facts, story)}", markup=False, soft_wrap=True)
    for question, open_, says in step.rows:
        console.print(
            f"  YES  {question}: {says}" if open_ else f"  no   {question}",
            markup=False,
            style="bold" if open_ else None,
            soft_wrap=True,
        )
    console.print(f"  so: {_so(step.answer, story)}", markup=False, soft_wrap=True)


def _known(facts: Facts, story: Story) -> str:
    name, asked, enrolment = story.names.get, facts.asked, facts.enrolment
    said = [f"journey {facts.journey}"] if facts.journey != "sign-in" else []
    said += [
        f"{name(proof.account, proof.account)} gave {proof.method} at {moment(proof.at)}"
        for proof in facts.proofs
    ]
    said += [f"option {facts.option}"] if facts.option else []
    said += (
        [f"signed in before as {name(facts.session.account)}, {moment(facts.session.auth_time)}"]
        if facts.session
        else []
    )
    said += [f"the client asks prompt={' '.join(sorted(asked.prompt))}"] if asked.prompt else []
    said += [f"the client asks max_age={asked.max_age}"] if asked.max_age is not None else []
    said += [f"{name(one.id)} is disabled" for one in facts.people.values() if not one.enabled]
    said += [
        f"{name(one.id)} is locked for {', '.join(sorted(one.locked))}"
        for one in facts.people.values()
        if one.locked
    ]
    said += (
        [
            f"registering by {enrolment.method}: "
            + ", ".join(part for part, done in vars(enrolment).items() if done is True)
        ]
        if enrolment
        else []
    )
    said += [f"this browser is remembered for {option}" for option in facts.trusted_devices]
    said += ["the call was refused with the star key"] if facts.call_refused else []
    said += [f"Allow was pressed for {' '.join(sorted(facts.allowed[1]))}"] if facts.allowed else []
    said += ["Deny was pressed"] if facts.denied else []
    return "; ".join(said) or "nothing yet"


def _so(answer: dict[str, Any], story: Story) -> str:
    if answer["kind"] == "issue":
        return (
            f"a code is issued for {story.names.get(answer['account'])}, acr {answer['acr']}, "
            f"amr {' '.join(answer['amr'])}"
        )
    if answer["kind"] == "refuse":
        return f"the client is told {answer['error']}, because {answer['reason']}"
    if answer["kind"] == "do":
        return f"{answer['deed']}, because {answer['reason']}"
    return f"the page {answer['stage']} is shown, because {answer['reason']}"
