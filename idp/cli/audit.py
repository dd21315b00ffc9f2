"""`idp audit`: verify and export the audit trail of security events."""

from typing import IO

import click

from idp.cli.common import as_json, console, print_json, settings_of, with_house, working_house
from idp.house import House
from idp.operations import audit
from idp.secret import Vault


@click.group("audit")
def group() -> None:
    """Verify and export the audit trail."""


@group.command("verify")
@click.argument("file", required=False, type=click.File(encoding="utf-8-sig"))
@as_json
@click.pass_context
def verify(context: click.Context, /, file: IO[str] | None, as_json: bool) -> None:
    """Verify that no row was changed or removed, in the database or in an exported FILE. Exit code
    1 if one was."""
    if file:  # anywhere: the root secret of the settings is all that is needed
        verdict = audit.verify_lines(Vault(settings_of(context).root), file)
    else:
        with working_house(context) as house:
            verdict = audit.verify(house.vault)
    if as_json:
        print_json(vars(verdict))
    elif verdict.fault:
        console.print(f"[bold red]Not intact[/]: {verdict.fault}.")
    else:
        console.print(
            f"Intact: {verdict.rows} rows, positions {verdict.first} to {verdict.last}, "
            f"{verdict.checkpoints} checkpoint{'' if verdict.checkpoints == 1 else 's'}."
        )
    if verdict.fault:
        context.exit(1)


@group.command("export")
@with_house
def export(house: House) -> None:
    """Print the audit trail and its checkpoints as JSON Lines."""
    for line in audit.exported():
        click.echo(line)
