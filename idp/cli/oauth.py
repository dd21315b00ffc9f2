"""`idp oauth`: the protocol, as the tables that the code runs."""

from inspect import getmodule

import click

from idp.cli.common import as_json, print_json, print_table
from idp.oauth.authorization import CHECKS, ENDPOINTS


@click.group("oauth")
def group() -> None:
    """Show what the protocol endpoints check."""


@group.command("checks")
@as_json
def checks(as_json: bool) -> None:
    """List the checks of an authorization request, in order, and the endpoints at which each
    runs."""
    found = [
        (" ".join((getmodule(check).__doc__ or "").split()), endpoints)
        for check, endpoints in CHECKS.items()
    ]
    if as_json:
        print_json([{"check": says, "endpoints": list(endpoints)} for says, endpoints in found])
        return
    rows = [
        (number, says, *("yes" if one in endpoints else "" for one in ENDPOINTS))
        for number, (says, endpoints) in enumerate(found, 1)
    ]
    print_table(("", "Check", *ENDPOINTS), rows, "")
