"""`idp db`: the version of the database schema."""

import click

from idp.cli.common import as_json, console, out_of_step, print_json, settings_of
from idp.house import built
from idp.store import migrate


@click.group("db")
def group() -> None:
    """Show and upgrade the version of the database."""


@group.command("upgrade")
@as_json
@click.pass_context
def upgrade(context: click.Context, as_json: bool) -> None:
    """Upgrade the database from any older version. Does nothing if it is up to date."""
    with built(settings_of(context), patient=True).working():
        before = migrate.current()
        if migrate.newer(before) and (fault := out_of_step(before)):
            raise fault
        migrate.upgrade()
        now = migrate.current()
    if as_json:
        print_json({"version": now, "before": before})
        return
    console.print(
        f"The database is at version {now}"
        + (" already." if before == now else f" (was {before or 'empty'}).")
    )


@group.command("current")
@as_json
@click.pass_context
def current(context: click.Context, as_json: bool) -> None:
    """Show the database version. Exit code 1 if it is not the newest."""
    with built(settings_of(context), patient=True).working():
        found, newest = migrate.current(), migrate.head()
    if as_json:
        print_json({"version": found, "newest": newest})
    else:
        console.print(
            f"The database is {f'at version {found}' if found else 'empty'}; the newest "
            f"version is {newest}."
        )
    if found != newest:
        context.exit(1)
