"""`idp upstreams`: companies whose own identity providers sign people in."""

from typing import Any

import click

from idp import clock
from idp.cli.common import actor, answering, as_json, changing, console, print_json, with_house
from idp.house import House
from idp.operations import OperatorError, employees


@click.group("upstreams")
def group() -> None:
    """Manage the companies in [[upstreams]] of the settings."""


@group.command("list")
@as_json
@with_house
def list_(house: House, as_json: bool) -> None:
    """List all companies, with the addresses that each company registers for us. `idp doctor`
    checks that they answer."""
    found = [
        {
            "id": one.config.id,
            "name": one.config.name,
            "issuer": one.config.issuer,
            "domains": list(one.config.domains),
            "client_id": one.config.client_id,
            "redirect_uri": one.callback,
            "post_logout_redirect_uri": one.signed_out,
            "backchannel_logout_uri": one.backchannel,
        }
        for one in house.employees.upstreams
    ]
    if as_json:
        print_json(found)
        return
    for table in found:
        console.print(f"[bold]{table.pop('name')}[/]")
        for name, value in table.items():
            console.print(
                f"  {name:25} {', '.join(value) if isinstance(value, list) else value}",
                soft_wrap=True,
                markup=False,
            )
    if not found:
        console.print(
            "No companies yet. Add one to [[upstreams]] in the settings; "
            "docs/operating.md shows how.",
            markup=False,
        )


@group.command("moved")
@click.argument("old_issuer")
@click.argument("new_issuer")
@click.option(
    "--new-subjects",
    is_flag=True,
    help="The new identity provider uses new subjects. Link each person by address at the "
    "next sign-in.",
)
@answering
def moved(
    house: House, old_issuer: str, new_issuer: str, new_subjects: bool
) -> tuple[dict[str, Any], str]:
    """Move the accounts of a company whose identity provider has a new issuer."""
    if not house.settings.trusts(new_issuer):
        raise OperatorError(
            f"no [[upstreams]] table has the issuer {new_issuer}; change the settings first"
        )
    with changing():
        count = employees.move(
            clock.now(), actor(), old_issuer, new_issuer, new_subjects=new_subjects
        )
    then = (
        "They are linked again by address at the next sign-in."
        if new_subjects
        else f"They now belong to {new_issuer}."
    )
    return {
        "accounts": count,
        "issuer": new_issuer,
        "new_subjects": new_subjects,
    }, f"Accounts moved: {count}. {then} Everyone must sign in again."
