"""`idp flow`: the journeys as the tables that the code runs."""

import inspect

import click

from idp.cli.common import as_json, console, print_json, print_table
from idp.flow.journeys import JOURNEYS
from idp.flow.rules import RULES


@click.command("flow")
@as_json
def command(as_json: bool) -> None:
    """Print every journey: its questions in order, and the rules about the proofs."""
    tables = {name: [(question.__name__, _says(question)) for question in questions] for name, questions in JOURNEYS.items()}
    rules = [(rule.__name__, _says(rule)) for rule in RULES]
    if as_json:
        print_json({"journeys": tables, "rules": rules})
        return
    for name, rows in tables.items():
        console.print(f"[bold]{name}[/]: the first open question is the next page")
        print_table(("", "Question", "Open while"), [(number, *row) for number, row in enumerate(rows, 1)], "")
        console.print()
    console.print("[bold]rules[/]: what the proofs must be, combined to the stricter")
    print_table(("Rule", "Wants"), rules, "")


def _says(thing: object) -> str:
    return " ".join((inspect.getdoc(thing) or "").split())
