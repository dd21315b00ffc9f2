"""`idp db`: the database's tables."""

import click

from idp.cli.common import console, settings_of
from idp.house import built
from idp.store import migrate


@click.group("db")
def group() -> None:
    """Look at and upgrade the database."""


@group.command("upgrade")
@click.pass_context
def upgrade(context: click.Context) -> None:
    """Bring the tables up to date; from any older version, and harmless when they are."""
    with built(settings_of(context), patient=True).app_context():
        before = migrate.current()
        migrate.upgrade()
        console.print(f"Database at {migrate.current()}" + (" already." if before == migrate.current() else f" (was {before or 'empty'})."))


@group.command("current")
@click.pass_context
def current(context: click.Context) -> None:
    """Which version the tables are at. Exit code 1 when that is not the newest."""
    with built(settings_of(context), patient=True).app_context():
        found, newest = migrate.current(), migrate.head()
    console.print(f"Database at {found or 'nothing yet'}; newest is {newest}.")
    if found != newest:
        context.exit(1)
