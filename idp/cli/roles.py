"""`idp accounts roles`: the roles of an account, beside those in organizations."""

from typing import Any

import click

from idp import clock
from idp.cli.common import actor, answering, changing
from idp.house import House
from idp.operations import Mistake, NotFound, accounts, employees
from idp.store import lock


@click.group("roles")
def roles() -> None:
    """Look at and change the roles of an account, beside those in organizations."""


@roles.command("show")
@click.argument("name")
@answering
def show_roles(house: House, name: str) -> tuple[dict[str, Any], str]:
    """Which roles somebody has."""
    return _roles(name)


@roles.command("set")
@click.argument("name")
@click.argument("names", nargs=-1, metavar="[ROLE]...")
@click.option("--none", "no_roles", is_flag=True, help="Take every role away.")
@answering
def set_roles(house: House, name: str, names: tuple[str, ...], no_roles: bool) -> tuple[dict[str, Any], str]:
    """Give somebody these roles, in the place of those before."""
    if bool(names) == no_roles:
        raise Mistake("name the roles, or take them all away with --none")
    with changing():
        employees.set_roles(clock.now(), actor(), name, names)
    return _roles(name)


@roles.command("add")
@click.argument("name")
@click.argument("names", nargs=-1, required=True, metavar="ROLE...")
@answering
def add_roles(house: House, name: str, names: tuple[str, ...]) -> tuple[dict[str, Any], str]:
    """Give somebody these roles beside those that they have."""
    with changing():
        lock(f"member:{accounts.found(name).id}")
        employees.set_roles(clock.now(), actor(), name, (*accounts.found(name).roles, *names))
    return _roles(name)


@roles.command("remove")
@click.argument("name")
@click.argument("names", nargs=-1, required=True, metavar="ROLE...")
@answering
def remove_roles(house: House, name: str, names: tuple[str, ...]) -> tuple[dict[str, Any], str]:
    """Take these roles away."""
    with changing():
        lock(f"member:{accounts.found(name).id}")
        before = accounts.found(name).roles
        if missing := [one for one in names if one not in before]:
            raise NotFound(f"{name} has no role {missing[0]}")
        employees.set_roles(clock.now(), actor(), name, tuple(one for one in before if one not in names))
    return _roles(name)


def _roles(name: str) -> tuple[dict[str, Any], str]:
    account = accounts.found(name)
    held = list(account.roles)
    return {
        "username": account.username,
        "roles": held,
    }, f"{account.username} has the roles {', '.join(held)}." if held else f"{account.username} has no roles."
