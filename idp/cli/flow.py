"""`idp flow`: the journeys, as the tables that the code runs."""

import click

from idp.cli.common import as_json, console, print_json, print_table
from idp.flow.journeys import JOURNEYS, PURPOSES
from idp.flow.picture import markdown, pages_of, says
from idp.flow.rules import SHIPPED


@click.command("flow")
@click.argument("journey", required=False, type=click.Choice(list(JOURNEYS)))
@click.option(
    "--markdown", "as_markdown", is_flag=True, help="Print the page docs/flow.md, with diagrams."
)
@as_json
def command(journey: str | None, as_markdown: bool, as_json: bool) -> None:
    """Print one or all journeys: the questions in order, and the rules for the proofs."""
    if as_markdown:
        click.echo(markdown(), nl=False)
        return
    wanted = [journey] if journey else list(JOURNEYS)
    rules = [(rule.name, rule.says) for rule in SHIPPED.rules]
    if as_json:
        tables = {
            name: [(question.__name__, says(question)) for question in JOURNEYS[name]]
            for name in wanted
        }
        print_json({"journeys": tables, "rules": rules})
        return
    for name in wanted:
        console.print(
            f"[bold]{name}[/], {PURPOSES[name]}: the first open question is the next page"
        )
        rows = [
            (number, one.__name__, ", ".join(pages_of(one)), says(one))
            for number, one in enumerate(JOURNEYS[name], 1)
        ]
        print_table(("", "Question", "Page", "Open while"), rows, "")
        console.print()
    console.print("[bold]rules[/]: what the proofs must be; the strictest rule applies")
    print_table(("Rule", "Requires"), rules, "")
