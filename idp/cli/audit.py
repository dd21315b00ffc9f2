"""`idp audit`: the trail of security events, verified and exported."""

from typing import IO

import click

from idp.cli.common import as_json, console, print_json, with_house
from idp.house import House
from idp.operations import audit


@click.group("audit")
def group() -> None:
    """Verify and export the audit trail."""


@group.command("verify")
@click.argument("file", required=False, type=click.File())
@as_json
@with_house
def verify(house: House, file: IO[str] | None, as_json: bool) -> None:
    """Check that no row was changed or removed: of the database, or of an exported FILE. Exit code 1 when one was."""
    verdict = audit.verify_lines(house.vault, file) if file else audit.verify(house.vault)
    if as_json:
        print_json(vars(verdict))
    elif verdict.fault:
        console.print(f"[bold red]Not intact[/]: {verdict.fault}.")
    else:
        console.print(f"Intact: {verdict.rows} rows, positions {verdict.first} to {verdict.last}, {verdict.checkpoints} checkpoints.")
    if verdict.fault:
        click.get_current_context().exit(1)


@group.command("export")
@with_house
def export(house: House) -> None:
    """Print the trail as JSON lines, with its checkpoints."""
    for line in audit.exported():
        click.echo(line)
