"""Bringing the tables up to date. Alembic is imported where it works: a server that only looks
starts without it."""

from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, cast

from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import ProgrammingError

from idp.store.clients import OLDEST_PROGRAM
from idp.store.database import BEGIN, TO_WRITE, Base, engine, rollback, scalar

_OLDEST = text(f"SELECT number FROM versions WHERE name = '{OLDEST_PROGRAM}'")  # noqa: S608  # a name of ours
FOLDER = Path(__file__).parent / "migrations"


def config() -> Any:
    """Alembic's configuration, without a file."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    return made


@cache
def head() -> str:
    """The newest version that this program knows: migrations are numbered, one after another."""
    return max(path.name[:4] for path in (FOLDER / "versions").glob("[0-9]*.py"))


def current(url: str | None = None) -> str | None:
    """The version of the database at hand, or at `url`; None for an empty one."""
    used = create_engine(url) if url else engine()
    try:
        with used.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            found: str | None = connection.execute(
                text("SELECT version_num FROM alembic_version")
            ).scalar()
            return found
    finally:
        if url:
            # no connection may live on into the processes that are forked from this one
            used.dispose()


def served() -> str | None:
    """The version of the database at hand, read on the request's own connection; None for an empty
    one."""
    try:
        return cast("str | None", scalar(text("SELECT version_num FROM alembic_version")))
    except ProgrammingError:  # PostgreSQL says of a missing table
        rollback()
        return None


def upgrade(version: str = "head") -> None:
    """Bring the database to this version, or the newest, in one transaction."""
    from alembic import command

    made = config()
    with engine().connect() as connection:
        connection.info[BEGIN] = TO_WRITE
        with connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL statement_timeout = 0"))
                connection.execute(text("SET LOCAL lock_timeout = '60s'"))
                # of two who upgrade at once one waits
                connection.execute(text("SELECT pg_advisory_xact_lock(7238)"))
            made.attributes["connection"] = connection
            command.upgrade(made, version)


def ready(version: str | None) -> bool:
    """Whether this program serves rightly from a database of this version: its own, or a newer one
    that says so: a migration that takes something away raises `oldest_program`, and nodes of before
    are not ready any more."""
    if version is None or version == head():
        return version is not None
    return version > head() and int(scalar(_OLDEST) or head()) <= int(head())


def serves(url: str) -> bool:
    """Whether the newer database at `url` says that this program may serve from it."""
    used = create_engine(url)
    try:
        with used.connect() as connection:
            return int(connection.execute(_OLDEST).scalar() or "9999") <= int(head())
    finally:
        used.dispose()


def newer(version: str | None) -> bool:
    """Whether a newer program has upgraded the database to this version."""
    return version is not None and version > head()


def differences() -> list[object]:
    """What the migrations leave different from the declared tables: nothing, or the checks fail."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    # a table is declared where it is used
    for module in iter_modules([str(Path(__file__).parent)]):
        import_module(f"idp.store.{module.name}")
    with engine().connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))
