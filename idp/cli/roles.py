"""`idp accounts roles`: the roles of an account, apart from its roles in organizations."""

from typing import Any

import click

from idp import clock
from idp.cli.common import actor, answering, changing
from idp.house import House
from idp.operations import NotFound, OperatorError, accounts, employees
from idp.store import lock


@click.group("roles")
def roles() -> None:
    """Show and change the roles of an account, apart from its roles in organizations."""


@roles.command("show")
@click.argument("name")
@answering
def show_roles(house: House, name: str) -> tuple[dict[str, Any], str]:
    """Show the roles of an account."""
    return _roles(name)


@roles.command("set")
@click.argument("name")
@click.argument("names", nargs=-1, metavar="[ROLE]...")
@click.option("--none", "no_roles", is_flag=True, help="Remove all roles.")
@answering
def set_roles(
    house: House, name: str, names: tuple[str, ...], no_roles: bool
) -> tuple[dict[str, Any], str]:
    """Replace the roles of an account."""
    if bool(names) == no_roles:
        raise OperatorError("name the roles, or remove them all with --none")
    with changing():
        employees.set_roles(clock.now(), actor(), name, names)
    return _roles(name)


@roles.command("add")
@click.argument("name")
@click.argument("names", nargs=-1, required=True, metavar="ROLE...")
@answering
def add_roles(house: House, name: str, names: tuple[str, ...]) -> tuple[dict[str, Any], str]:
    """Add roles to an account."""
    with changing():
        lock(f"member:{accounts.found(name).id}")
        employees.set_roles(clock.now(), actor(), name, (*accounts.found(name).roles, *names))
    return _roles(name)


@roles.command("remove")
@click.argument("name")
@click.argument("names", nargs=-1, required=True, metavar="ROLE...")
@answering
def remove_roles(house: House, name: str, names: tuple[str, ...]) -> tuple[dict[str, Any], str]:
    """Remove roles from an account."""
    with changing():
        lock(f"member:{accounts.found(name).id}")
        before = accounts.found(name).roles
        if missing := [one for one in names if one not in before]:
            raise NotFound(f"{name} does not have the role {missing[0]}")
        employees.set_roles(
            clock.now(), actor(), name, tuple(one for one in before if one not in names)
        )
    return _roles(name)


def _roles(name: str) -> tuple[dict[str, Any], str]:
    account = accounts.found(name)
    held = list(account.roles)
    return (
        {
            "username": account.username,
            "roles": held,
        },
        f"{account.username} has the roles {', '.join(held)}."
        if held
        else f"{account.username} has no roles.",
    )
