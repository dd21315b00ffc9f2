"""`idp organizations`: the clinics."""

from typing import Any

import click

from idp import clock
from idp.cli.common import actor, answering, as_json, changing, console, moment, print_json, print_table, with_house
from idp.house import House
from idp.operations import Mistake, accounts, members, organizations


@click.group("organizations")
def group() -> None:
    """Make and list organizations."""


@group.command("add")
@click.argument("npi")
@click.argument("name")
@click.option("--uses", default=organizations.CODE_USES, show_default=True, help="How many people the registration code lets in.")
@as_json
@with_house
def add(house: House, npi: str, name: str, uses: int, as_json: bool) -> None:
    """Make an organization. Its registration code is shown this once."""
    with changing():
        _, code = organizations.add(clock.now(), actor(), npi, name, uses)
    if as_json:
        print_json({"npi": npi, "name": name, "registration_code": code})
        return
    console.print(f"Made {name} (NPI {npi}).\nRegistration code, not shown again: [bold]{code}[/]")


@group.command("code")
@click.argument("npi")
@click.option("--uses", default=organizations.CODE_USES, show_default=True, help="How many people it lets in.")
@click.option("--days", default=90, show_default=True, help="How long it works.")
@click.option("--chosen", help="A code of your own; in development and the demo only.")
@click.option("--end-others", is_flag=True, help="End the codes that work until now.")
@answering
def code(house: House, npi: str, uses: int, days: int, chosen: str | None, end_others: bool) -> tuple[dict[str, Any], str]:
    """Make a further registration code. It is shown this once."""
    if chosen and house.settings.mode == "production":
        raise Mistake("a chosen code can be guessed: in production codes are made here")
    with changing():
        ended = organizations.end_codes(clock.now(), actor(), npi) if end_others else 0
        made, code_id = organizations.add_code(clock.now(), actor(), npi, uses, days * 86400, chosen)
    return {
        "registration_code": made,
        "id": code_id,
        "uses": uses,
        "days": days,
        "ended_others": ended,
    }, f"Registration code, not shown again: [bold]{made}[/]\nIt lets {uses} people in, for {days} days." + (f"\nEnded {ended} others." if end_others else "")


@group.command("role")
@click.argument("npi")
@click.argument("name")
@click.argument("role", type=click.Choice([*members.ROLES, "none"]))
@answering
def role_(house: House, npi: str, name: str, role: str) -> tuple[dict[str, Any], str]:
    """Let somebody belong to an organization, as user or administrator; `none` ends it."""
    organization, account = organizations.found(npi), accounts.found(name)
    with changing():
        if role == "none":
            members.remove(clock.now(), actor(), account, organization)
        else:
            members.set_role(clock.now(), actor(), account, organization, role)
    return {
        "username": account.username,
        "organization": organization.id,
        "role": None if role == "none" else role,
    }, f"{account.username} is {'nobody' if role == 'none' else role} at {organization.name}."


@group.command("rename")
@click.argument("npi")
@click.argument("name")
@answering
def rename(house: House, npi: str, name: str) -> tuple[dict[str, Any], str]:
    """Another name, as people read it."""
    organization = organizations.found(npi)
    with changing():
        organizations.rename(clock.now(), actor(), organization, name)
    return {"id": organization.id, "npi": organization.npi, "name": name}, f"{organization.name} is called {name} now."


@group.command("list")
@as_json
@with_house
def list_(house: House, as_json: bool) -> None:
    """All organizations."""
    found = organizations.listed()
    if as_json:
        print_json([{"id": o.id, "npi": o.npi, "name": o.name} for o in found])
        return
    print_table(("NPI", "Name", "Since (UTC)"), [(o.npi, o.name, moment(o.created_at)) for o in found], "No organizations yet.")
