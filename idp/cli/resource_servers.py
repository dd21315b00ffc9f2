"""`idp resource-servers`: resource servers that accept our access tokens."""

from typing import Any

import click

from idp import clock
from idp.cli.common import (
    actor,
    answering,
    as_json,
    changing,
    confirm,
    console,
    print_json,
    print_table,
    with_house,
    yes_option,
)
from idp.house import House
from idp.operations import OperatorError, resource_servers


@click.group("resource-servers")
def group() -> None:
    """Register resource servers (APIs) that accept access tokens from this identity provider."""


@group.command("add")
@click.argument("identifier")
@click.option("--name", required=True, help="The name people see on the consent page.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    metavar="NAME=WORDS",
    help='A scope, and what it allows in plain words: cases:read="read your cases".',
)
@as_json
@with_house
def add(house: House, identifier: str, name: str, scopes: tuple[str, ...], as_json: bool) -> None:
    """Register an API. IDENTIFIER is the audience (aud) of its tokens, such as
    https://cases.example.org"""
    if wrong := next((scope for scope in scopes if "=" not in scope), None):
        raise OperatorError(
            f'--scope {wrong} is incomplete; write NAME=WORDS, such as cases:read="read your cases"'
        )
    named = dict(scope.split("=", 1) for scope in scopes)
    with changing():
        resource_servers.add(clock.now(), actor(), identifier, name, named)
    if as_json:
        print_json({"identifier": identifier, "name": name, "scopes": named})
        return
    console.print(f"Registered the API [bold]{name}[/].\n")
    print_table(
        ("", ""),
        [
            ("Audience", identifier),
            ("Issuer", house.settings.issuer),
            ("Keys", f"{house.settings.issuer}/jwks"),
            ("Signed with", "ES256, typ at+jwt"),
        ],
        "",
    )
    console.print(
        "\nIf the API introspects tokens instead of verifying them: idp clients add "
        f"{name!r} --introspects {identifier}",
        soft_wrap=True,
    )


@group.command("list")
@as_json
@with_house
def list_(house: House, as_json: bool) -> None:
    """List all APIs and their scopes."""
    found = resource_servers.listed()
    if as_json:
        print_json(
            [
                {"identifier": api.identifier, "name": api.name, "scopes": api.scopes}
                for api in found
            ]
        )
        return
    rows = [
        (
            api.identifier,
            api.name,
            "\n".join(f"{scope}: {words}" for scope, words in api.scopes.items()),
        )
        for api in found
    ]
    print_table(
        ("Audience", "Name", "Scopes"),
        rows,
        "No APIs yet, apart from the management API. Register one with `idp resource-servers add`.",
    )


@group.command("remove")
@click.argument("identifier")
@yes_option
@answering
def remove(house: House, identifier: str, yes: bool) -> tuple[dict[str, Any], str]:
    """Remove an API. Its scopes are no longer issued."""
    confirm(
        yes,
        f"Remove {resource_servers.found(identifier).name} ({identifier})? Clients can no longer "
        "request its scopes.",
    )
    with changing():
        resource_servers.remove(clock.now(), actor(), identifier)
    return {"identifier": identifier, "removed": True}, f"Removed {identifier}."
