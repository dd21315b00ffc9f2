"""`idp backup` and `idp restore`: everything but the root secret, in one file."""

from pathlib import Path

import click

from idp import clock, store
from idp.cli.common import actor, as_json, changing, console, print_json, settings_of, with_house
from idp.house import House, built
from idp.operations import Mistake, backup
from idp.store import migrate


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@as_json
@with_house
def take(house: House, file: Path, as_json: bool) -> None:
    """Back up the database into a new FILE, while the server runs. Keep the root secret apart from it."""
    counts = backup.write(clock.now(), house.vault, file)
    if as_json:
        print_json({"file": str(file), "bytes": file.stat().st_size, "rows": counts})
        return
    console.print(f"Backed up {sum(counts.values())} rows of {len(counts)} tables into {file} ({file.stat().st_size // 1024 + 1} KiB).")
    console.print(f"The root secret, {house.settings.secret_file}, is not in it: keep a copy of it in another place.", soft_wrap=True)


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Remove what the database holds.")
@as_json
@click.pass_context
def restore(context: click.Context, file: Path, replace: bool, as_json: bool) -> None:
    """Put a backup into the database. Everybody signs in again: no session, code or token from before counts."""
    app = built(settings_of(context), patient=True)
    with app.app_context():
        house = app.extensions["stagedoor"]
        version = backup.check(house.vault, file)["version"]
        current = migrate.current()
        store.rollback()
        if version > migrate.head():
            raise Mistake(f"the backup is of a newer version of Stagedoor (database {version}, this one knows {migrate.head()})")
        if current is None:
            migrate.upgrade(version)
        elif current != version:
            raise Mistake(f"the backup is of version {version}, the database at {current}: restore into an empty database, which is upgraded then")
        with changing():
            count = backup.restore(clock.now(), actor(), house.vault, file, replace)
        migrate.upgrade()
        if as_json:
            print_json({"file": str(file), "rows": count, "version": migrate.current()})
            return
        console.print(f"Restored {count} rows. Sessions, codes and tokens from before do not count any more.")
