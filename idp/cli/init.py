"""`idp init`: create settings, root secret, database and keys, with a default for every choice."""

import getpass
import os
import tempfile
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import click
from click.core import ParameterSource

from idp import clock, secret, store
from idp.address import loopback
from idp.cli.common import actor, as_json, console, out_of_step, print_json
from idp.house import built
from idp.operations import OperatorError, keys
from idp.settings import database_url as url_of
from idp.settings import load, read, template
from idp.store import migrate


@click.command("init")
@click.option(
    "--issuer",
    default="http://localhost:9000",
    show_default=True,
    help="The address that clients and browsers use.",
)
@click.option(
    "--database-url", default="", help="The URL of a PostgreSQL database. Default: SQLite."
)
@click.option(
    "--data-dir",
    default="",
    type=click.Path(path_type=str),
    help="Folder of the SQLite database, such as /var/lib/stagedoor. Default: next to the "
    "settings file.",
)
@click.option("--mail-host", default="", help="The SMTP server that sends emails.")
@click.option(
    "--mail-from",
    default="",
    help="The sender address of emails. Default: no-reply at the issuer's host.",
)
@as_json
@click.pass_context
def command(context: click.Context, /, as_json: bool, **asked: str) -> None:
    """Create a settings file, the root secret, the database and the signing keys. Existing files
    are kept."""
    os.umask(0o077)  # the database holds hashes and addresses
    path = Path(context.find_root().obj)
    given = {
        name: value
        for name, value in asked.items()
        if context.get_parameter_source(name) != ParameterSource.DEFAULT and value
    }
    made = not path.exists()
    if made:
        _make(path, **{**asked, "issuer": (asked["issuer"] or "http://localhost:9000").rstrip("/")})
    else:
        _complete(path)
        _refuse_other(path, given)
    settings = load(path)
    house = built(settings, patient=True)
    with house.working():
        version = migrate.current()
        if migrate.newer(version) and (fault := out_of_step(version)):
            raise fault
        migrate.upgrade()
        store.writing()
        kids = keys.ensure(clock.now(), actor(), house.keyring)
        store.commit()
    if as_json:
        print_json(
            {
                "settings": str(path),
                "made": made,
                "issuer": settings.issuer,
                "database": settings.database.url,
                "keys": kids,
            }
        )
        return
    console.print(f"Wrote {path}." if made else f"Kept the existing {path}.")
    console.print(
        f"The database is ready. Created {len(kids)} signing keys."
        if kids
        else "The database and signing keys are ready."
    )
    console.print(
        f"Keep a copy of {settings.secret_file} in another place. Without it, the "
        "database and its backups cannot be used.",
        soft_wrap=True,
    )
    console.print(
        f"Next: [bold]idp --settings {path} serve[/], then open "
        f"{settings.issuer}/.well-known/openid-configuration",
        soft_wrap=True,
    )


def _make(
    path: Path, issuer: str, database_url: str, data_dir: str, mail_host: str, mail_from: str
) -> None:
    """Write the settings, once all of it has been tried: what is refused leaves nothing behind.
    Raises OperatorError or SettingsError."""
    if database_url and data_dir:
        raise OperatorError(
            "--data-dir is only for SQLite and cannot be combined with --database-url"
        )
    url = database_url or (
        f"sqlite:///{Path(data_dir).resolve() / 'idp.sqlite'}" if data_dir else ""
    )
    with tempfile.TemporaryDirectory() as folder:
        tried = Path(folder) / path.name
        write_settings(tried, issuer, url, mail_host, mail_from)
        settings = load(tried)
    for where in {
        path.resolve().parent,
        Path(data_dir).resolve() if data_dir else path.resolve().parent,
    }:
        _writable(where)
    if database_url:
        migrate.current(url_of(settings.database.url))  # whether it answers
    if data_dir:
        Path(data_dir).mkdir(parents=True, exist_ok=True)
    write_settings(path, issuer, url, mail_host, mail_from)


def _writable(folder: Path) -> None:
    """Raises OperatorError where nothing can be written into this folder, or the first one above it that
    is there."""
    there = next(one for one in (folder, *folder.parents) if one.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        user = getpass.getuser() if os.getuid() else "root"
        raise OperatorError(
            f"{user} cannot write to the folder {there}",
            "create the folder and give the user that runs idp access to it",
        )


def _refuse_other(path: Path, given: dict[str, str]) -> None:
    """Options that say something else than the settings that are kept. Raises OperatorError."""
    kept = read(path)
    says = {
        "issuer": kept.issuer,
        "database_url": kept.database.url,
        "mail_host": kept.mail.host,
        "mail_from": kept.mail.sender,
    }
    says["data_dir"] = str(Path(kept.database.url.removeprefix("sqlite:///")).parent)
    for name, value in given.items():
        wanted = str(Path(value).resolve()) if name == "data_dir" else value.rstrip("/")
        if says[name] != wanted:
            option = "--" + name.replace("_", "-")
            raise OperatorError(
                f"{path} already has {says[name] or 'no value'} for this setting; "
                f"{option} does not change it",
                "edit the file, or name another file with --settings",
            )


def _complete(path: Path) -> None:
    """Make the secret files that the settings name and no one has. A root secret that is gone while
    its database is there is not made again: nothing in the database could be opened with it. Raises
    OperatorError."""
    try:
        named = tomllib.loads(path.read_text("utf-8-sig"))
    except (ValueError, OSError):
        return  # `load` says what is wrong with it
    if not all(isinstance(named.get(name, {}), dict) for name in ("metrics", "database")):
        return
    token_file, root = (
        named.get("metrics", {}).get("token_file"),
        path.parent / named.get("secret_file", "idp.secret"),
    )
    if token_file:
        make_secret(path.parent / token_file)
    if root.exists() or os.environ.get("IDP_SECRET"):
        return
    url = os.environ.get("DATABASE_URL") or named.get("database", {}).get("url", "sqlite:///")
    if not url.startswith("sqlite:///") or (path.parent / url.removeprefix("sqlite:///")).is_file():
        raise OperatorError(
            f"{root} is missing, but a database may exist; restore your copy of the root "
            "secret, because a new one cannot open the database"
        )
    make_secret(root)


def write_settings(
    path: Path, issuer: str, database_url: str, mail_host: str, mail_from: str = "", **more: object
) -> None:
    """The documented settings file and, beside it, the root secret. On loopback without a mail
    server the inbox is on. Raises OperatorError."""
    try:
        host, port = urlsplit(issuer).hostname or "", urlsplit(issuer).port
    except ValueError:
        raise OperatorError(
            f"{issuer} is not a valid address", "write it like https://login.example.org"
        ) from None
    local = loopback(host)
    if not local and not mail_host:
        raise OperatorError("a public issuer sends real emails; set --mail-host")
    chosen: dict[str, object] = {"issuer": issuer, "secret_file": f"{path.stem}.secret"}
    chosen["database"] = {"url": database_url or f"sqlite:///{path.stem}.sqlite"}
    chosen["metrics"] = {"token_file": f"{path.stem}.metrics"}
    if local and port:
        chosen["server"] = {"port": port}
    if mail_host:
        chosen["mail"] = {
            "host": mail_host,
            "sender": mail_from or ("" if local else f"no-reply@{host}"),
        }
    else:
        chosen |= {"mode": "development", "inbox": True, "sign_in": {"options": ["phone", "email"]}}
    path.parent.mkdir(parents=True, exist_ok=True)
    for name in ("secret", "metrics"):
        make_secret(path.parent / f"{path.stem}.{name}")
    path.write_text(template(**{**chosen, **more}), "utf-8")


def make_secret(path: Path) -> None:
    """A fresh secret that only its owner may read; one that is there is kept."""
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secret.token(48) + "\n")
