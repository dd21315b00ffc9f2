"""What the commands share: the application they work in, and how they print."""

import getpass
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import DBAPIError, TimeoutError

from idp import store
from idp.house import House, built
from idp.operations import OperatorError, Unavailable
from idp.settings import Settings, load
from idp.store import migrate

console = Console(highlight=False)

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
yes_option = click.option("--yes", is_flag=True, help="Do not ask for confirmation.")


def confirm(yes: bool, question: str) -> None:
    """Before something ends that people use. Raises click.Abort for any other answer."""
    if not yes:
        click.confirm(question, abort=True, err=True)


def settings_of(context: click.Context) -> Settings:
    return load(Path(context.find_root().obj))


@contextmanager
def working_house(context: click.Context) -> Iterator[House]:
    """The house, for reading; what changes something says so by `changing`. Raises OperatorError when the
    database is not ready."""
    settings = settings_of(context)
    _sqlite_is_there(settings.database.url)
    house = built(settings, patient=True)
    with house.working():
        try:
            if fault := out_of_step(migrate.current()):
                raise fault
            yield house
        except (DBAPIError, TimeoutError) as error:
            raise Unavailable(
                "the database did not answer: "
                f"{str(getattr(error, 'orig', None) or error).splitlines()[0]}"
            ) from None


def _sqlite_is_there(url: str) -> None:
    """SQLite would make an empty file of a wrong name. Raises OperatorError."""
    file = url.removeprefix("sqlite:///")
    if file != url and not Path(file).is_file():
        raise OperatorError(
            f"the database {file} does not exist", "check database.url, or run `idp init`"
        )


def out_of_step(version: str | None) -> OperatorError | None:
    """Why this program cannot work on a database of this version, and what to do."""
    if migrate.newer(version):
        return OperatorError(
            f"a newer program upgraded the database to version {version}; this program "
            f"supports up to {migrate.head()}",
            "install the newer program",
        )
    return (
        None
        if version == migrate.head()
        else OperatorError("the database is not up to date", "run `idp db upgrade`")
    )


@contextmanager
def changing() -> Iterator[None]:
    """A change, committed when the block ends well: before anything is printed of it."""
    store.rollback()
    store.writing()
    yield
    store.commit()


def actor() -> str:
    """Who acts, for the audit trail."""
    try:
        return f"cli:{getpass.getuser()}"
    except (OSError, KeyError):  # a user without a name, as in many containers
        return "cli"


def with_house(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the house as its first argument."""

    @wraps(command)
    @click.pass_context
    def wrapped(context: click.Context, /, *args: Any, **kwargs: Any) -> None:
        with working_house(context) as house:
            command(house, *args, **kwargs)

    return wrapped


def answering(command: Callable[..., tuple[dict[str, Any], str]]) -> Callable[..., None]:
    """Give a command the house and `--json`. What it returns is printed: the facts for programs, or
    the sentence for people."""

    @wraps(command)
    @click.pass_context
    def wrapped(context: click.Context, /, as_json: bool, **kwargs: Any) -> None:
        with working_house(context) as house:
            facts, says = command(house, **kwargs)
        if as_json:
            print_json(facts)
        else:
            console.print(says, soft_wrap=True)

    return as_json(wrapped)


def print_json(value: Any) -> None:
    click.echo(json.dumps(value, indent=2))


WIDEST = 200  # characters of a line of a table, beyond which its cells are folded


def print_table(columns: Sequence[str], rows: Sequence[Sequence[Any]], empty: str) -> None:
    if not rows:
        console.print(empty)
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")  # an address that is cut off is no use
    for row in rows:
        table.add_row(*(str(value) if value is not None else "" for value in row))
    # what does not fit runs over, whole: an address or a key that is cut cannot be copied
    whole = console.measure(table, options=console.options.update(max_width=WIDEST)).maximum
    console.print(table, width=max(whole, console.width), crop=False, soft_wrap=True)


def moment(at: float | None) -> str:
    """A time as people read it, in UTC."""
    return "" if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")
