"""Options of the client commands, made of the table of client metadata."""

import json
from collections.abc import Callable, Mapping
from typing import IO, Any

import click

from idp.oauth.registration import BY_NAME, FIELDS
from idp.operations import OperatorError

PROFILES = "modern, or classic: a client with a secret may then leave out PKCE."


MANY = ("uris", "texts", "scope")  # kinds of which an option may be repeated


def metadata(*skipped: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The options of the command line, as the table of client metadata has them."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        for field in reversed([one for one in FIELDS if one.option and one.name not in skipped]):
            many = field.kind in MANY
            kind = click.File() if field.kind == "keys" else str
            says = field.says + (" Repeat for more than one." if many else "")
            command = click.option(field.option, field.name, multiple=many, type=kind, help=says)(
                command
            )
        return command

    return decorate


def given(options: Mapping[str, Any]) -> dict[str, Any]:
    """The metadata that these options hold, of those that were given. Raises OperatorError."""
    found: dict[str, Any] = {}
    for name, value in options.items():
        if value in (None, ()):
            continue
        found[name] = _of_kind(BY_NAME[name].kind, value)
    return found


def _of_kind(kind: str, value: Any) -> Any:
    if kind == "keys":
        return _keys(value)
    if kind == "scope":
        return " ".join(value)
    return list(value) if kind in MANY else value


def _keys(file: IO[str]) -> Any:
    try:
        return json.loads(file.read().removeprefix("\ufeff"))
    except ValueError as error:
        raise OperatorError(f"--jwks is not JSON: {error}") from None
