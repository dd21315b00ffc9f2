"""`idp accounts`: people's records."""

from typing import Any

import click

from idp import clock
from idp.cli.common import actor, as_json, changing, console, moment, print_json, print_table, with_house
from idp.operations import accounts
from idp.store import accounts as store
from idp.store import organizations
from idp.store.accounts import Account
from idp.web import House


@click.group("accounts")
def group() -> None:
    """Make and look after accounts."""


@group.command("add")
@click.argument("username")
@click.option("--email", required=True, help="The contact e-mail.")
@click.option("--given-name", required=True)
@click.option("--family-name", required=True)
@click.option(
    "--password", "new_password", prompt=True, hide_input=True, confirmation_prompt=True, envvar="IDP_NEW_PASSWORD", help="Asked for; or IDP_NEW_PASSWORD."
)
@click.option("--enrolled", is_flag=True, help="The e-mail address is verified: the person signs in with it.")
@click.option("--phone", help="A phone that is known to be theirs, for texts and calls: +1 303 555 0142.")
@click.option("--npi", help="The organization that the person belongs to.")
@click.option("--role", default="user", show_default=True, help="user or administrator there.")
@as_json
@with_house
def add(house: House, as_json: bool, username: str, email: str, given_name: str, family_name: str, **more: Any) -> None:
    """Make an account."""
    with changing():
        account_id = accounts.add(clock.now(), actor(), username, email, given_name, family_name, countries=house.settings.phone.countries, **more)
    if as_json:
        print_json({"id": account_id, "username": username})
        return
    console.print(f"Made the account {username} ({account_id}).")


@group.command("list")
@as_json
@with_house
def list_(house: House, as_json: bool) -> None:
    """All accounts."""
    found = store.listed()
    if as_json:
        print_json([_shown(account) for account in found])
        return
    cells = [(a.username, f"{a.given_name} {a.family_name}", a.sign_in_address or f"({a.contact_email})", _state(a)) for a in found]
    print_table(("Username", "Name", "Signs in as", "State"), cells, "No accounts yet. `idp accounts add` makes one.")


@group.command("show")
@click.argument("name")
@as_json
@with_house
def show(house: House, name: str, as_json: bool) -> None:
    """An account, by username, address or id."""
    account = _shown(accounts.found(name))
    account["organizations"] = organizations.of_account(account["id"])
    if as_json:
        print_json(account)
        return
    account["organizations"] = "\n".join(f"{o['name']} (NPI {o['npi']}): {', '.join(o['roles'])}" for o in account["organizations"])
    print_table(("", ""), list(account.items()), "")


@group.command("disable")
@click.argument("name")
@with_house
def disable(house: House, name: str) -> None:
    """Switch an account off, at once, with its sessions and tokens."""
    with changing():
        ended = accounts.disable(clock.now(), actor(), name)
    console.print(f"Disabled {name}; {ended} sessions ended.")


@group.command("unlock")
@click.argument("name")
@with_house
def unlock(house: House, name: str) -> None:
    """Let somebody try again at once who gave too many wrong passwords or codes."""
    with changing():
        accounts.unlock(clock.now(), actor(), name)
    console.print(f"{name} may try again.")


@group.command("enable")
@click.argument("name")
@with_house
def enable(house: House, name: str) -> None:
    """Switch an account on again."""
    with changing():
        accounts.enable(clock.now(), actor(), name)
    console.print(f"Enabled {name}.")


def _state(account: Account) -> str:
    if account.disabled_at:
        return "disabled"
    return "registered" if account.sign_in_address else "not registered yet"


def _shown(account: Account) -> dict[str, Any]:
    return {
        "id": account.id,
        "username": account.username,
        "given_name": account.given_name,
        "family_name": account.family_name,
        "contact_email": account.contact_email,
        "sign_in_address": account.sign_in_address,
        "phone": account.phone,
        "state": _state(account),
        "created_at": moment(account.created_at),
    }
