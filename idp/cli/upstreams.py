"""`idp upstreams`: the companies whose own providers sign people in."""

import click

from idp.cli.common import as_json, console, print_json, print_table, with_house
from idp.web import House


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
        print_table(("", ""), [(name, ", ".join(value) if isinstance(value, list) else value) for name, value in table.items()], "")
    if not found:
        console.print("No company signs its people in here. [[upstreams]] in the settings names one; docs/operating.md shows how.", markup=False)
