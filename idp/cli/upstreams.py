"""`idp upstreams`: the companies whose own providers sign people in."""

from typing import Any

import click

from idp import clock
from idp.cli.common import actor, answering, as_json, changing, console, print_json, with_house
from idp.house import House
from idp.operations import Mistake, employees


@click.group("upstreams")
def group() -> None:
    """The companies of [[upstreams]] in the settings."""


@group.command("list")
@as_json
@with_house
def list_(house: House, as_json: bool) -> None:
    """All of them, with the addresses that each company registers for us. `idp doctor` tries whether they answer."""
    found = [
        {
            "id": one.upstream.id,
            "name": one.upstream.name,
            "issuer": one.upstream.issuer,
            "domains": list(one.upstream.domains),
            "client_id": one.upstream.client_id,
            "redirect_uri": one.callback,
            "post_logout_redirect_uri": one.signed_out,
            "backchannel_logout_uri": one.backchannel,
        }
        for one in house.employees.companies
    ]
    if as_json:
        print_json(found)
        return
    for table in found:
        console.print(f"[bold]{table.pop('name')}[/]")
        for name, value in table.items():
            console.print(f"  {name:25} {', '.join(value) if isinstance(value, list) else value}", soft_wrap=True, markup=False)
    if not found:
        console.print("No company signs its people in here. [[upstreams]] in the settings names one; docs/operating.md shows how.", markup=False)


@group.command("moved")
@click.argument("old_issuer")
@click.argument("new_issuer")
@click.option("--new-subjects", is_flag=True, help="The new provider names people anew: link each by the address, at the next sign-in.")
@answering
def moved(house: House, old_issuer: str, new_issuer: str, new_subjects: bool) -> tuple[dict[str, Any], str]:
    """Take the accounts of a company along whose provider has another issuer now."""
    if not house.settings.trusts(new_issuer):
        raise Mistake(f"no table [[upstreams]] has the issuer {new_issuer}; change it there first")
    with changing():
        count = employees.move(clock.now(), actor(), old_issuer, new_issuer, new_subjects=new_subjects)
    then = "to be linked anew by their address" if new_subjects else f"at {new_issuer} now"
    return {"accounts": count, "issuer": new_issuer, "new_subjects": new_subjects}, f"Accounts {then}: {count}. Everybody signs in once more."
