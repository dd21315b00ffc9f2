"""Commands that turn accounts on and off, or give them to the company."""

from typing import Any

import click

from idp import clock
from idp.cli.common import (
    actor,
    answering,
    changing,
)
from idp.house import House
from idp.operations import accounts, employees, resets


@click.command("disable")
@click.argument("name")
@answering
def disable(house: House, name: str) -> tuple[dict[str, Any], str]:
    """Disable an account at once, and end its sessions and tokens."""
    with changing():
        ended = accounts.disable(clock.now(), actor(), name)
    return {
        "username": name,
        "disabled": True,
        "sessions_ended": ended,
    }, f"Disabled {name}. Sessions ended: {ended}."


@click.command("unlock")
@click.argument("name")
@answering
def unlock(house: House, name: str) -> tuple[dict[str, Any], str]:
    """Unlock an account after too many wrong passwords or codes."""
    with changing():
        accounts.unlock(clock.now(), actor(), name)
    return {"username": name, "locked": False}, f"Unlocked {name}."


@click.command("lift-hold")
@click.argument("name")
@answering
def lift_hold(house: House, name: str) -> tuple[dict[str, Any], str]:
    """Lift the hold on a new phone. Use it only if you are sure that the owner replaced the
    phone."""
    with changing():
        resets.lift_phone_hold(clock.now(), actor(), name)
    return {"username": name, "phone_held": False}, f"The phone of {name} is no longer on hold."


@click.command("enable")
@click.argument("name")
@answering
def enable(house: House, name: str) -> tuple[dict[str, Any], str]:
    """Enable a disabled account."""
    with changing():
        accounts.enable(clock.now(), actor(), name)
    return {"username": name, "disabled": False}, f"Enabled {name}."


@click.command("unlink")
@click.argument("name")
@answering
def unlink(house: House, name: str) -> tuple[dict[str, Any], str]:
    """Unlink an account from its company, so that it is linked again at the next sign-in with its
    address.

    Use it when the company has given the same person a new subject."""
    with changing():
        upstream = employees.unlink(clock.now(), actor(), name)
    return (
        {
            "username": name,
            "upstream": None,
            "upstream_before": upstream,
        },
        f"Unlinked {name} from {upstream}. The next person who signs in there with its "
        "address is linked to it.",
    )


@click.command("retire")
@click.argument("name")
@answering
def retire(house: House, name: str) -> tuple[dict[str, Any], str]:
    """Disable the account of an employee whose address now belongs to someone else.

    The new owner of the address gets a new account."""
    with changing():
        employees.retire(clock.now(), actor(), name)
    return {
        "username": name,
        "retired": True,
    }, f"Retired {name}. The account is disabled, and its address can be used by its new owner."
