"""`idp organizations`: organizations, their codes and members."""

from typing import Any

import click

from idp import clock
from idp.cli.common import (
    actor,
    answering,
    as_json,
    changing,
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
@click.argument("names", nargs=-1, required=True, metavar="[IDENTIFIER] NAME")
@click.option(
    "--uses",
    default=organizations.CODE_USES,
    show_default=True,
    help="How many people can register with the code.",
)
@answering
def add(house: House, names: tuple[str, ...], uses: int) -> tuple[dict[str, Any], str]:
    """Create an organization. Its registration code is shown only once.

    Without an IDENTIFIER, its ID identifies it. Some registration profiles need one.
    """
    if len(names) > 2:
        raise OperatorError("give an identifier and a name, each in quotes if it has spaces")
    identifier, name = names if len(names) == 2 else ("", names[0])
    profile = house.settings.registration
    with changing():
        made, code = organizations.add(clock.now(), actor(), profile, identifier, name, uses)
        kept = organizations.found(made)
    return (
        {
            "id": made,
            **profile.known_by(kept.identifier, made),
            "name": kept.name,
            "registration_code": code,
        },
        f"Created {kept.name} ({kept.identifier}).\n"
        f"Registration code, not shown again: [bold]{code}[/]",
    )


@group.command("code")
@click.argument("identifier")
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
    house: House,
    identifier: str,
    uses: int,
    days: int,
    name: str,
    chosen: str | None,
    end_others: bool,
) -> tuple[dict[str, Any], str]:
    """Create another registration code. It is shown only once."""
    if chosen and house.settings.mode == "production":
        raise OperatorError(
            "--chosen is not allowed in production, because a chosen code can be guessed"
        )
    with changing():
        ended = organizations.end_codes(clock.now(), actor(), identifier) if end_others else 0
        made, code_id = organizations.add_code(
            clock.now(), actor(), identifier, uses, days * 86400, chosen, name
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
@click.argument("identifier")
@click.argument("name")
@click.argument("role", type=click.Choice([*members.ROLES, "none"]))
@answering
def role_(house: House, identifier: str, name: str, role: str) -> tuple[dict[str, Any], str]:
    """Set a person's role in an organization: user or administrator. `none` removes the person."""
    organization, account = organizations.found(identifier), accounts.found(name)
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
@click.argument("identifier")
@click.argument("name")
@answering
def rename(house: House, identifier: str, name: str) -> tuple[dict[str, Any], str]:
    """Change the name of an organization."""
    organization = organizations.found(identifier)
    with changing():
        organizations.rename(clock.now(), actor(), organization, name)
    return {
        "id": organization.id,
        **house.settings.registration.known_by(organization.identifier, organization.id),
        "name": name,
    }, f"Renamed {organization.name} to {name}."


@group.command("list")
@as_json
@with_house
def list_(house: House, as_json: bool) -> None:
    """List all organizations."""
    found = organizations.listed()
    if as_json:
        profile = house.settings.registration
        print_json(
            [{"id": o.id, **profile.known_by(o.identifier, o.id), "name": o.name} for o in found]
        )
        return
    print_table(
        ("Identifier", "Name", "Since (UTC)"),
        [(o.identifier, o.name, moment(o.created_at)) for o in found],
        "No organizations yet.",
    )
