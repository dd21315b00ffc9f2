"""The `idp` command. Each subcommand is imported when it is called, so that `serve` starts
quickly."""

import json
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import NoReturn

import click

from idp import __version__
from idp.operations import OperatorError
from idp.settings import SettingsError

COMMANDS: Mapping[str, tuple[str, str]] = {  # name: module, and the command in it
    "init": ("init", "command"),
    "serve": ("serve", "command"),
    "doctor": ("doctor", "command"),
    "outbox": ("outbox", "command"),
    "clients": ("clients", "group"),
    "resource-servers": ("resource_servers", "group"),
    "accounts": ("accounts", "group"),
    "organizations": ("organizations", "group"),
    "upstreams": ("upstreams", "group"),
    "keys": ("keys", "group"),
    "audit": ("audit", "group"),
    "db": ("database", "group"),
    "backup": ("backup", "take"),
    "restore": ("backup", "restore"),
    "flow": ("flow", "command"),
    "oauth": ("oauth", "group"),
    "explain": ("explain", "command"),
}


class Lazy(click.Group):
    """A group that imports a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, whose module is imported now; None where there is none."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name]
        found: click.Command = getattr(import_module(f"idp.cli.{module}"), name)
        return found


# of commands and options, accepted until the next release
OLD_NAMES = {"apis": "resource-servers", "machine": "service"}


def _by_new_name(name: str) -> str:
    """A command or option by its name of today, with a sentence about the old one."""
    if name not in OLD_NAMES:
        return name
    dashes = "" if OLD_NAMES[name] in COMMANDS else "--"
    new = f"{dashes}{OLD_NAMES[name]}"
    click.echo(f"{dashes}{name} is now {new}; the old name works until the next release.", err=True)
    return OLD_NAMES[name]


@click.group(
    cls=Lazy,
    context_settings={"help_option_names": ["-h", "--help"], "token_normalize_func": _by_new_name},
)
@click.version_option(__version__, prog_name="Stagedoor")
@click.option(
    "--settings",
    "settings_file",
    envvar="IDP_SETTINGS",
    default="idp.toml",
    show_default=True,
    help="Path of the settings file.",
)
@click.pass_context
def group(context: click.Context, settings_file: str) -> None:
    """Run and manage Stagedoor, an OpenID Connect identity provider."""
    context.obj = settings_file


def main() -> None:
    """Run the command. An error is a sentence, or JSON with --json, and never a traceback. Exit
    codes: 1 a problem was found, 2 the command or the settings are wrong, 3 not found, 4 the
    database or another server is not available."""
    try:
        code = group.main(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.Abort:
        _wrong("Canceled. Nothing was changed.", "", 2)
    except click.ClickException as error:
        if not _wants_json():
            error.show()
            sys.exit(2)
        _wrong(error.format_message(), "", 2)
    except SettingsError as error:
        _wrong(str(error), "", 2)
    except OperatorError as error:
        _wrong(error.says, error.cure, error.exit_code)
    except OSError as error:
        _wrong(f"{error.filename}: {error.strerror}" if error.filename else str(error), "", 2)
    except Exception as error:
        if type(error).__module__.partition(".")[0] != "sqlalchemy":
            raise
        _wrong(
            "the database did not answer: "
            f"{(str(getattr(error, 'orig', error)).splitlines() or [type(error).__name__])[0]}",
            "",
            4,
        )


def _wants_json() -> bool:
    return "--json" in sys.argv[1:]


def _wrong(says: str, cure: str, code: int) -> NoReturn:
    if _wants_json():
        click.echo(json.dumps({"error": says, "cure": cure or None, "exit_code": code}), err=True)
    else:
        click.secho(f"Error: {says}" + (f"; {cure}" if cure else ""), fg="red", err=True)
    sys.exit(code)
