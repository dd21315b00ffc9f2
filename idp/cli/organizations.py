"""`idp organizations`: organizations, their codes and members."""

from typing import Any

import click

from idp import clock
from idp.cli.common import (
    actor,
    answering,
    as_json,
    changing,
    console,
    moment,
    print_json,
    print_table,
    with_house,
)
from idp.house import House
from idp.operations import OperatorError, accounts, members, organizations
from idp.typed import line


@click.group("organizations")
def group() -> None:
    """Create and manage organizations."""


@group.command("add")
@click.argument("npi")
@click.argument("name")
@click.option(
    "--uses",
    default=organizations.CODE_USES,
    show_default=True,
    help="How many people can register with the code.",
)
@as_json
@with_house
def add(house: House, npi: str, name: str, uses: int, as_json: bool) -> None:
    """Create an organization. Its registration code is shown only once."""
    with changing():
        _, code = organizations.add(clock.now(), actor(), npi, name, uses)
    if as_json:
        print_json({"npi": npi, "name": name, "registration_code": code})
        return
    console.print(
        f"Created {name} (NPI {npi}).\nRegistration code, not shown again: [bold]{code}[/]"
    )


@group.command("code")
@click.argument("npi")
@click.option(
    "--uses",
    default=organizations.CODE_USES,
    show_default=True,
    help="How many people can register with the code.",
)
@click.option("--days", default=90, show_default=True, help="How many days the code works.")
@click.option(
    "--name",
    default="",
    help="What the code is for, to tell it from others. Administrators see it.",
)
@click.option("--chosen", help="Use this code. Only in development and the demo.")
@click.option("--end-others", is_flag=True, help="End all other codes of the organization.")
@answering
def code(
    house: House, npi: str, uses: int, days: int, name: str, chosen: str | None, end_others: bool
) -> tuple[dict[str, Any], str]:
    """Create another registration code. It is shown only once."""
    if chosen and house.settings.mode == "production":
        raise OperatorError(
            "--chosen is not allowed in production, because a chosen code can be guessed"
        )
    with changing():
        ended = organizations.end_codes(clock.now(), actor(), npi) if end_others else 0
        made, code_id = organizations.add_code(
            clock.now(), actor(), npi, uses, days * 86400, chosen, name
        )
    return (
        {
            "registration_code": made,
            "id": code_id,
            "name": line(name),
            "uses": uses,
            "days": days,
            "ended_others": ended,
        },
        f"Registration code, not shown again: [bold]{made}[/]\nUses: {uses}. Expires in "
        f"{days} days." + (f"\nOther codes ended: {ended}." if end_others else ""),
    )


@group.command("role")
@click.argument("npi")
@click.argument("name")
@click.argument("role", type=click.Choice([*members.ROLES, "none"]))
@answering
def role_(house: House, npi: str, name: str, role: str) -> tuple[dict[str, Any], str]:
    """Set a person's role in an organization: user or administrator. `none` removes the person."""
    organization, account = organizations.found(npi), accounts.found(name)
    with changing():
        if role == "none":
            members.remove(clock.now(), actor(), account, organization)
        else:
            members.set_role(clock.now(), actor(), account, organization, role)
    return (
        {
            "username": account.username,
            "organization": organization.id,
            "role": None if role == "none" else role,
        },
        f"{account.username} "
        f"{'no longer belongs to' if role == 'none' else f'now has the role {role} at'} "
        f"{organization.name}.",
    )


@group.command("rename")
@click.argument("npi")
@click.argument("name")
@answering
def rename(house: House, npi: str, name: str) -> tuple[dict[str, Any], str]:
    """Change the name of an organization."""
    organization = organizations.found(npi)
    with changing():
        organizations.rename(clock.now(), actor(), organization, name)
    return {
        "id": organization.id,
        "npi": organization.npi,
        "name": name,
    }, f"Renamed {organization.name} to {name}."


@group.command("list")
@as_json
@with_house
def list_(house: House, as_json: bool) -> None:
    """List all organizations."""
    found = organizations.listed()
    if as_json:
        print_json([{"id": o.id, "npi": o.npi, "name": o.name} for o in found])
        return
    print_table(
        ("NPI", "Name", "Since (UTC)"),
        [(o.npi, o.name, moment(o.created_at)) for o in found],
        "No organizations yet.",
    )
