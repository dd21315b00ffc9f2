"""`idp keys`: signing keys."""

import click

from idp import clock
from idp.cli.common import (
    actor,
    as_json,
    changing,
    console,
    moment,
    print_json,
    print_table,
    with_house,
)
from idp.house import House
from idp.operations import keys


@click.group("keys")
def group() -> None:
    """List and rotate the signing keys."""


@group.command("list")
@as_json
@with_house
def list_(house: House, as_json: bool) -> None:
    """List all signing keys and their state."""
    states = keys.listed(clock.now(), house.keyring)
    if as_json:
        print_json([vars(state) for state in states])
        return
    rows = [(state.kid, state.alg, state.state, moment(state.active_from)) for state in states]
    print_table(
        ("Key", "Algorithm", "State", "Signs from (UTC)"),
        rows,
        "No keys yet. Create them with `idp init`.",
    )


@group.command("rotate")
@as_json
@with_house
def rotate(house: House, as_json: bool) -> None:
    """Create new signing keys.

    They are published at once and start to sign after the lead time. Old keys stay published until
    everything they signed has expired."""
    with changing():
        kids = keys.rotate(clock.now(), actor(), house.keyring)
    if as_json:
        print_json({"kids": kids, "signs_in_seconds": house.settings.lifetimes.signing_key_lead})
        return
    console.print(
        f"Created {len(kids)} keys. They start to sign in "
        f"{house.settings.lifetimes.signing_key_lead} seconds."
    )
