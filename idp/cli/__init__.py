"""The `idp` command. Each subcommand is imported when it is called, so that `serve` starts quickly."""

import sys
from collections.abc import Mapping
from importlib import import_module

import click

from idp import __version__
from idp.operations import Mistake
from idp.settings import SettingsError

COMMANDS: Mapping[str, tuple[str, str]] = {  # name: module, and the command in it
    "init": ("init", "command"),
    "serve": ("serve", "command"),
    "doctor": ("doctor", "command"),
    "outbox": ("outbox", "command"),
    "clients": ("clients", "group"),
    "apis": ("apis", "group"),
    "accounts": ("accounts", "group"),
    "organizations": ("organizations", "group"),
    "upstreams": ("upstreams", "group"),
    "keys": ("keys", "group"),
    "audit": ("audit", "group"),
    "db": ("database", "group"),
    "backup": ("backup", "take"),
    "restore": ("backup", "restore"),
    "flow": ("flow", "command"),
    "explain": ("explain", "command"),
}


class Lazy(click.Group):
    """A group that imports a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name]
        found: click.Command = getattr(import_module(f"idp.cli.{module}"), name)
        return found


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="Stagedoor")
@click.option("--settings", "settings_file", envvar="IDP_SETTINGS", default="idp.toml", show_default=True, help="The settings file.")
@click.pass_context
def group(context: click.Context, settings_file: str) -> None:
    """Stagedoor, an OpenID Connect identity provider."""
    context.obj = settings_file


def main() -> None:
    """Run the command; a person's mistake is a sentence and exit code 2, never a traceback."""
    try:
        group()
    except (Mistake, SettingsError) as error:
        click.secho(f"Error: {error}", fg="red", err=True)
        sys.exit(2)
