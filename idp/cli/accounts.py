"""`idp accounts`: people's records."""

from collections.abc import Callable
from typing import Any

import click

from idp import clock
from idp.cli import account_states, accounts_shown
from idp.cli.common import (
    actor,
    answering,
    as_json,
    changing,
    console,
    moment,
    print_json,
    with_house,
)
from idp.cli.roles import roles
from idp.factors.mailed_link import AskedBy
from idp.house import House
from idp.operations import NotFound, accounts, invitations, resets
from idp.store import links


@click.group("accounts")
def group() -> None:
    """Create and manage accounts."""


group.add_command(roles)
for one in (accounts_shown.list_, accounts_shown.show):
    group.add_command(one)
for one in (
    account_states.disable,
    account_states.unlock,
    account_states.lift_hold,
    account_states.enable,
    account_states.unlink,
    account_states.retire,
):
    group.add_command(one)


def _in_an_organization(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say where a person works, and as what."""
    for option in (
        click.option(
            "--role",
            default="user",
            show_default=True,
            help="The role in the organization: user or administrator.",
        ),
        click.option(
            "--organization",
            "--npi",
            "organization",
            metavar="IDENTIFIER",
            help="The identifier or ID of the organization the person belongs to.",
        ),
    ):
        command = option(command)
    return command


@group.command("add")
@click.argument("username")
@click.option(
    "--email", default="", help="The contact email address. Leave it out if none is on file."
)
@click.option("--given-name", required=True)
@click.option("--family-name", required=True)
@click.option(
    "--password",
    "new_password",
    prompt=True,
    hide_input=True,
    confirmation_prompt=True,
    envvar="IDP_NEW_PASSWORD",
    help="The portal password. Prompted for if not set in IDP_NEW_PASSWORD.",
)
@click.option(
    "--enrolled",
    is_flag=True,
    help="The email address is verified, and the person signs in with it.",
)
@click.option(
    "--phone",
    help="A phone number known to be theirs, for text messages and calls, like +13035550142.",
)
@_in_an_organization
@as_json
@with_house
def add(
    house: House,
    as_json: bool,
    username: str,
    email: str,
    given_name: str,
    family_name: str,
    **more: Any,
) -> None:
    """Create an account."""
    with changing():
        account_id = accounts.add(
            clock.now(),
            actor(),
            username,
            email,
            given_name,
            family_name,
            countries=house.settings.phone.countries,
            **more,
        )
    if as_json:
        print_json({"id": account_id, "username": username})
        return
    console.print(f"Created the account {username} ({account_id}).")


@group.command("invite")
@click.argument("username")
@click.option("--email", required=True, help="The email address the invitation goes to.")
@click.option("--given-name", required=True)
@click.option("--family-name", required=True)
@_in_an_organization
@click.option(
    "--client", "client_id", help="The client the person continues to. Default: portal_url."
)
@answering
def invite(
    house: House,
    username: str,
    email: str,
    given_name: str,
    family_name: str,
    client_id: str | None,
    **more: Any,
) -> tuple[dict[str, Any], str]:
    """Create an account and email its owner a link to register."""
    with changing():
        sent = invitations.invite(
            clock.now(),
            actor(),
            house.mailed_link,
            username,
            email,
            given_name,
            family_name,
            client_id=client_id,
            brand=_brand(house, client_id),
            upstreams=house.settings.upstreams,
            **more,
        )
    return (
        {
            "username": username,
            "mailed_to": sent.address,
            "expires_at": int(sent.expires_at),
        },
        f"Invited {username}. Emailed a link to {sent.address}; it expires at "
        f"{moment(sent.expires_at)} UTC.",
    )


@group.command("resend")
@click.argument("name")
@answering
def resend(house: House, name: str) -> tuple[dict[str, Any], str]:
    """Email a new invitation that replaces the previous one."""
    before = links.invitation(accounts.found(name).id)
    with changing():
        sent = invitations.resend(
            clock.now(),
            actor(),
            house.mailed_link,
            name,
            brand=_brand(house, before.client_id if before else None),
        )
    return (
        {
            "username": name,
            "mailed_to": sent.address,
            "expires_at": int(sent.expires_at),
        },
        f"Invited {name} again. Emailed a link to {sent.address}; it expires at "
        f"{moment(sent.expires_at)} UTC.",
    )


@group.command("revoke")
@click.argument("name")
@answering
def revoke(house: House, name: str) -> tuple[dict[str, Any], str]:
    """Withdraw an invitation. The account is kept."""
    with changing():
        invitations.revoke(clock.now(), actor(), name)
    return {"username": name, "invitation": "revoked"}, f"Withdrew the invitation of {name}."


@group.command("reset")
@click.argument("name")
@click.option(
    "--password-lost",
    is_flag=True,
    help="The emailed link alone is enough. Otherwise the most recent password is also asked for.",
)
@click.option(
    "--client", "client_id", help="The client the person continues to. Default: portal_url."
)
@answering
def reset(
    house: House, name: str, password_lost: bool, client_id: str | None
) -> tuple[dict[str, Any], str]:
    """Remove a person's phone, end their sessions and trusted devices, and email a link to register
    again."""
    brand = _brand(house, client_id)
    with changing():
        done = resets.reset(
            clock.now(),
            actor(),
            house.mailed_link,
            house.operations_notices,
            name,
            password_lost=password_lost,
            asked_by=AskedBy(client_id=client_id, brand=brand),
        )
    return {
        "username": name,
        "mailed_to": done.address,
        "expires_at": int(done.expires_at),
        "ended": done.ended,
    }, f"Reset {name}. Emailed a link to register again to {done.address}."


@group.command("set-email")
@click.argument("name")
@click.argument("address")
@answering
def set_email(house: House, name: str, address: str) -> tuple[dict[str, Any], str]:
    """Correct the contact email address, where registration and reset links are sent."""
    with changing():
        resets.correct_email(
            clock.now(),
            actor(),
            house.operations_notices,
            name,
            address,
            upstreams=house.settings.upstreams,
        )
    return {
        "username": name,
        "contact_email": address,
    }, f"The contact email of {name} is now {address}."


def _brand(house: House, client_id: str | None) -> str:
    client = house.registry.get(client_id) if client_id else None
    if client_id and client is None:
        raise NotFound(f"there is no client {client_id}; `idp clients list` shows all clients")
    return house.settings.brand_of(client.brand if client else None).id
