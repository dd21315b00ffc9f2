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
from rich.markup import escape
from rich.table import Table
from sqlalchemy.exc import DBAPIError, TimeoutError

from idp import store
from idp.house import House, built
from idp.operations import OperatorError, Unavailable
from idp.settings import Settings, load
from idp.store import migrate

console = Console(highlight=False)
console.soft_wrap = not console.is_terminal  # programs and files get their lines whole

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
yes_option = click.option("--yes", is_flag=True, help="Do not ask for confirmation.")


def confirm(yes: bool, question: str) -> None:
    """Before something ends that people use. Raises click.Abort for any other answer."""
    if not yes:
        click.confirm(question, abort=True, err=True)


def settings_of(context: click.Context) -> Settings:
    """The settings from the file that the command line names. Raises SettingsError."""
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
    """Print JSON for programs."""
    click.echo(json.dumps(value, indent=2))


WIDEST = 100_000  # characters of a line of a table: as many as it needs
ROOM = 30  # characters that the last column of a table has on a terminal, at the least
GAP = 2  # characters between two columns


def print_table(columns: Sequence[str], rows: Sequence[Sequence[Any]], empty: str) -> None:
    """Print a row a line. On a terminal that is too narrow for that, the last column goes on below,
    or else every value has its own line: half an address or a key cannot be copied."""
    if not rows:
        console.print(empty)
        return
    cells = [["" if value is None else str(value) for value in row] for row in rows]
    whole = _widest(columns, cells)
    if not console.is_terminal or whole <= console.width:
        _print(columns, cells, max(whole, console.width))
    elif _goes_on_below(columns, cells):
        _print(columns, cells, console.width)
    elif any(columns):
        for row in cells:
            print_table(("", ""), list(zip(columns, row, strict=True)), "")
            console.print()
    else:
        _print(columns, cells, whole)


def _widest(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> int:
    """How many characters the lines of a table have."""
    table, widest = _table(columns, cells), console.options.update(max_width=WIDEST)
    return console.measure(table, options=widest).maximum


def _goes_on_below(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> bool:
    """Whether the last column can be broken between words for the table to fit the terminal."""
    others = _widest(columns[:-1], [row[:-1] for row in cells])
    words = [word for row in cells for word in row[-1].split()]
    room = console.width - others - GAP
    return room >= ROOM and max(map(len, words), default=0) <= room


def _table(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False, show_header=any(columns))
    for number, column in enumerate(columns, 1):
        table.add_column(column, overflow="fold", no_wrap=number < len(columns))
    for row in cells:
        table.add_row(*map(escape, row))
    return table


def _print(columns: Sequence[str], cells: Sequence[Sequence[str]], width: int) -> None:
    """Without the spaces that fill up its lines: they are of no use to people or programs."""
    wide = Console(width=width, highlight=False, force_terminal=console.is_terminal)
    with wide.capture() as capture:
        wide.print(_table(columns, cells))
    click.echo("\n".join(line.rstrip() for line in capture.get().splitlines()))


def moment(at: float | None) -> str:
    """A time as people read it, in UTC."""
    return "" if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")
