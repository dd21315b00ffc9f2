"""`idp db`: the database's tables."""

import click

from idp.cli.common import as_json, console, out_of_step, print_json, settings_of
from idp.house import built
from idp.store import migrate


@click.group("db")
def group() -> None:
    """Look at and upgrade the database."""


@group.command("upgrade")
@as_json
@click.pass_context
def upgrade(context: click.Context, as_json: bool) -> None:
    """Bring the tables up to date; from any older version, and harmless when they are."""
    with built(settings_of(context), patient=True).app_context():
        before = migrate.current()
        if migrate.newer(before) and (fault := out_of_step(before)):
            raise fault
        migrate.upgrade()
        now = migrate.current()
    if as_json:
        print_json({"version": now, "before": before})
        return
    console.print(f"Database at {now}" + (" already." if before == now else f" (was {before or 'empty'})."))


@group.command("current")
@as_json
@click.pass_context
def current(context: click.Context, as_json: bool) -> None:
    """Which version the tables are at. Exit code 1 when that is not the newest."""
    with built(settings_of(context), patient=True).app_context():
        found, newest = migrate.current(), migrate.head()
    if as_json:
        print_json({"version": found, "newest": newest})
    else:
        console.print(f"Database at {found or 'nothing yet'}; newest is {newest}.")
    if found != newest:
        context.exit(1)
