"""`idp backup` and `idp restore`: the whole database in one file, without the root secret."""

from pathlib import Path

import click

from idp import clock, store
from idp.cli.common import actor, as_json, changing, console, print_json, settings_of, with_house
from idp.house import House, built
from idp.operations import OperatorError, backup
from idp.store import migrate


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@as_json
@with_house
def take(house: House, file: Path, as_json: bool) -> None:
    """Back up the database to a new FILE while the server runs. The root secret is not included:
    store it separately."""
    counts = backup.write(clock.now(), house.vault, file)
    if as_json:
        print_json({"file": str(file), "bytes": file.stat().st_size, "rows": counts})
        return
    console.print(
        f"Backed up {sum(counts.values())} rows from {len(counts)} tables to {file} "
        f"({file.stat().st_size // 1024 + 1} KiB)."
    )
    console.print(
        f"The root secret ({house.settings.secret_file}) is not in the backup. Keep a "
        "copy of it in another place.",
        soft_wrap=True,
    )


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Delete what is in the database first.")
@as_json
@click.pass_context
def restore(context: click.Context, file: Path, replace: bool, as_json: bool) -> None:
    """Restore a backup into the database. Everyone must sign in again: earlier sessions, codes and
    tokens are invalid."""
    house = built(settings_of(context), patient=True)
    with house.working():
        version = backup.check(house.vault, file)["version"]
        current = migrate.current()
        store.rollback()
        if version > migrate.head():
            raise OperatorError(
                "the backup is from a newer version of Stagedoor (database version "
                f"{version}; this program supports up to {migrate.head()})"
            )
        if current is None:
            migrate.upgrade(version)
        elif current != version:
            raise OperatorError(
                f"the backup has database version {version}, but the database has version "
                f"{current}; restore into an empty database, which is then upgraded"
            )
        with changing():
            count = backup.restore(clock.now(), actor(), house.vault, file, replace)
        migrate.upgrade()
        if as_json:
            print_json({"file": str(file), "rows": count, "version": migrate.current()})
            return
        console.print(
            f"Restored {count} rows. Earlier sessions, codes and tokens are no longer valid."
        )
