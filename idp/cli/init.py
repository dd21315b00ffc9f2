"""`idp init`: settings, root secret, database and keys, with nothing asked that can be chosen."""

import os
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import click
from click.core import ParameterSource

from idp import clock, secret, store
from idp.address import loopback
from idp.cli.common import actor, console
from idp.house import built
from idp.operations import Mistake, keys
from idp.settings import load, read, template
from idp.store import migrate


@click.command("init")
@click.option("--issuer", default="http://localhost:9000", show_default=True, help="The address that clients and browsers will use.")
@click.option("--database-url", default="", help="PostgreSQL by URL; otherwise SQLite beside the settings.")
@click.option("--mail-host", default="", help="The SMTP server that takes mails.")
@click.pass_context
def command(context: click.Context, issuer: str, database_url: str, mail_host: str) -> None:
    """Make a settings file, the root secret, the database and the signing keys. What is there already is kept."""
    os.umask(0o077)  # the database holds hashes and addresses
    path = Path(context.find_root().obj)
    if path.exists():
        console.print(f"Keeping {path}.")
        _complete(path)
        kept = read(path).issuer
        if context.get_parameter_source("issuer") != ParameterSource.DEFAULT and kept != issuer.rstrip("/"):
            raise Mistake(f"{path} has the issuer {kept}; --issuer changes nothing there. Change it in the file, or name another file by --settings.")
    else:
        write_settings(path, issuer.rstrip("/"), database_url, mail_host)
        console.print(f"Wrote {path}.")
    settings = load(path)
    app = built(settings, patient=True)
    with app.app_context():
        migrate.upgrade()
        store.writing()
        kids = keys.ensure(clock.now(), actor(), app.extensions["stagedoor"].keyring)
        store.commit()
    console.print(f"Database ready; {len(kids)} signing keys made." if kids else "Database and signing keys are ready.")
    console.print(f"Keep a copy of {settings.secret_file} in another place: without it the database and its backups cannot be opened.", soft_wrap=True)
    console.print(f"Next: [bold]idp --settings {path} serve[/], then {settings.issuer}/.well-known/openid-configuration")


def _complete(path: Path) -> None:
    """Make the secret files that the settings name and nobody has. A root secret that is gone while its database is there is
    not made anew: nothing in the database could be opened with it. Raises Mistake."""
    try:
        named = tomllib.loads(path.read_text("utf-8"))
    except ValueError:
        return  # `load` says what is wrong with it
    token_file, root = named.get("metrics", {}).get("token_file"), path.parent / named.get("secret_file", "idp.secret")
    if token_file:
        make_secret(path.parent / token_file)
    if root.exists() or "IDP_SECRET" in os.environ:
        return
    url = os.environ.get("DATABASE_URL") or named.get("database", {}).get("url", "sqlite:///")
    if not url.startswith("sqlite:///") or (path.parent / url.removeprefix("sqlite:///")).is_file():
        raise Mistake(f"{root} is missing, and the database may be there: put back the copy of it that was kept; another secret opens nothing in it")
    make_secret(root)


def write_settings(path: Path, issuer: str, database_url: str, mail_host: str, **more: object) -> None:
    """The documented settings file and, beside it, the root secret. On loopback without a mail server the inbox is on."""
    port = urlsplit(issuer).port
    local = loopback(urlsplit(issuer).hostname)
    if not local and not mail_host:
        raise Mistake("a public issuer sends real mail: give --mail-host")
    chosen: dict[str, object] = {"issuer": issuer, "secret_file": f"{path.stem}.secret"}
    chosen["database"] = {"url": database_url or f"sqlite:///{path.stem}.sqlite"}
    chosen["metrics"] = {"token_file": f"{path.stem}.metrics"}
    if local and port:
        chosen["server"] = {"port": port}
    if mail_host:
        chosen["mail"] = {"host": mail_host}
    else:
        chosen |= {"mode": "development", "inbox": True, "sign_in": {"ways": ["phone", "email"]}}
    path.parent.mkdir(parents=True, exist_ok=True)
    for name in ("secret", "metrics"):
        make_secret(path.parent / f"{path.stem}.{name}")
    path.write_text(template(**{**chosen, **more}), "utf-8")


def make_secret(path: Path) -> None:
    """A fresh secret that only its owner may read; one that is there is kept."""
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secret.token(48) + "\n")
