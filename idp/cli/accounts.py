"""`idp accounts`: people's records."""

from typing import Any

import click

from idp import clock
from idp.cli.common import actor, answering, as_json, changing, console, moment, print_json, print_table, with_house
from idp.cli.roles import roles
from idp.factors.mailed_link import AskedBy
from idp.house import House
from idp.operations import NotFound, accounts, employees, invitations, resets
from idp.store import accounts as store
from idp.store import links, organizations, profiles, terms, tries
from idp.store.accounts import Account
from idp.store.links import Link


@click.group("accounts")
def group() -> None:
    """Create and manage accounts."""


group.add_command(roles)


@group.command("add")
@click.argument("username")
@click.option("--email", default="", help="The contact email address. Leave it out if none is on file.")
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
@click.option("--enrolled", is_flag=True, help="The email address is verified, and the person signs in with it.")
@click.option("--phone", help="A phone number known to be theirs, for text messages and calls, like +13035550142.")
@click.option("--npi", help="The NPI of the organization the person belongs to.")
@click.option("--role", default="user", show_default=True, help="The role in the organization: user or administrator.")
@as_json
@with_house
def add(house: House, as_json: bool, username: str, email: str, given_name: str, family_name: str, **more: Any) -> None:
    """Create an account."""
    with changing():
        account_id = accounts.add(clock.now(), actor(), username, email, given_name, family_name, countries=house.settings.phone.countries, **more)
    if as_json:
        print_json({"id": account_id, "username": username})
        return
    console.print(f"Created the account {username} ({account_id}).")


@group.command("invite")
@click.argument("username")
@click.option("--email", required=True, help="The email address the invitation goes to.")
@click.option("--given-name", required=True)
@click.option("--family-name", required=True)
@click.option("--npi", help="The NPI of the organization the person belongs to.")
@click.option("--role", default="user", show_default=True, help="The role in the organization: user or administrator.")
@click.option("--client", "client_id", help="The client the person continues to. Default: portal_url.")
@answering
def invite(house: House, username: str, email: str, given_name: str, family_name: str, client_id: str | None, **more: Any) -> tuple[dict[str, Any], str]:
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
            **more,
        )
    return {
        "username": username,
        "mailed_to": sent.address,
        "expires_at": int(sent.expires_at),
    }, f"Invited {username}. Emailed a link to {sent.address}; it expires at {moment(sent.expires_at)} UTC."


@group.command("resend")
@click.argument("name")
@answering
def resend(house: House, name: str) -> tuple[dict[str, Any], str]:
    """Email a new invitation that replaces the previous one."""
    before = links.invitation(accounts.found(name).id)
    with changing():
        sent = invitations.resend(clock.now(), actor(), house.mailed_link, name, brand=_brand(house, before.client_id if before else None))
    return {
        "username": name,
        "mailed_to": sent.address,
        "expires_at": int(sent.expires_at),
    }, f"Invited {name} again. Emailed a link to {sent.address}; it expires at {moment(sent.expires_at)} UTC."


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
@click.option("--password-lost", is_flag=True, help="The emailed link alone is enough. Otherwise the last password is also asked for.")
@click.option("--client", "client_id", help="The client the person continues to. Default: portal_url.")
@answering
def reset(house: House, name: str, password_lost: bool, client_id: str | None) -> tuple[dict[str, Any], str]:
    """Remove a person's phone, end their sessions and trusted devices, and email a link to register again."""
    brand = _brand(house, client_id)
    with changing():
        done = resets.reset(
            clock.now(), actor(), house.mailed_link, house.told, name, password_lost=password_lost, asked_by=AskedBy(client_id=client_id, brand=brand)
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
        resets.correct_email(clock.now(), actor(), house.told, name, address)
    return {"username": name, "contact_email": address}, f"The contact email of {name} is now {address}."


@group.command("list")
@as_json
@with_house
def list_(house: House, as_json: bool) -> None:
    """List all accounts."""
    found, invited = store.listed(), links.invitations()
    if as_json:
        print_json([_shown(account, invited.get(account.id)) for account in found])
        return
    cells = [(a.username, f"{a.given_name} {a.family_name}", _signs_in_as(a), _state(a, invited.get(a.id))) for a in found]
    print_table(("Username", "Name", "Signs in as", "State"), cells, "No accounts yet. Create one with `idp accounts add`.")


@group.command("show")
@click.argument("name")
@as_json
@with_house
def show(house: House, name: str, as_json: bool) -> None:
    """Show an account, by username, email address or ID."""
    found = accounts.found(name)
    account = _shown(found, links.invitation(found.id))
    account["organizations"] = organizations.of_account(found.id)
    account["wrong_tries"] = tries.summary(found.id, clock.now() - 3600)
    account["profile"] = _profile(found.id)
    account["terms"] = [{"brand": one.brand, "version": one.version, "at": moment(one.at), "address": one.address} for one in terms.of_account(found.id)]
    if as_json:
        print_json(account)
        return
    account["organizations"] = "\n".join(f"{o['name']} (NPI {o['npi']}): {', '.join(o['roles'])}" for o in account["organizations"])
    account["roles"] = ", ".join(account["roles"])
    account["wrong_tries"] = "\n".join(f"{one['wrong']} for {one['factor']} in the last hour, {one['by']}" for one in account["wrong_tries"])
    account["profile"] = "\n".join(f"{name}: {value}" for name, value in account["profile"].items())
    account["terms"] = "\n".join(f"{one['brand']} {one['version']} on {one['at']} UTC from {one['address'] or 'an operator'}" for one in account["terms"])
    print_table(("", ""), list(account.items()), "")


@group.command("disable")
@click.argument("name")
@answering
def disable(house: House, name: str) -> tuple[dict[str, Any], str]:
    """Disable an account at once, and end its sessions and tokens."""
    with changing():
        ended = accounts.disable(clock.now(), actor(), name)
    return {"username": name, "disabled": True, "sessions_ended": ended}, f"Disabled {name}. Sessions ended: {ended}."


@group.command("unlock")
@click.argument("name")
@answering
def unlock(house: House, name: str) -> tuple[dict[str, Any], str]:
    """Unlock an account after too many wrong passwords or codes."""
    with changing():
        accounts.unlock(clock.now(), actor(), name)
    return {"username": name, "locked": False}, f"Unlocked {name}."


@group.command("lift-hold")
@click.argument("name")
@answering
def lift_hold(house: House, name: str) -> tuple[dict[str, Any], str]:
    """Lift the hold on a new phone. Use it only if you are sure that the owner replaced the phone."""
    with changing():
        resets.lift_phone_hold(clock.now(), actor(), name)
    return {"username": name, "phone_held": False}, f"The phone of {name} is no longer on hold."


@group.command("enable")
@click.argument("name")
@answering
def enable(house: House, name: str) -> tuple[dict[str, Any], str]:
    """Enable a disabled account."""
    with changing():
        accounts.enable(clock.now(), actor(), name)
    return {"username": name, "disabled": False}, f"Enabled {name}."


@group.command("unlink")
@click.argument("name")
@answering
def unlink(house: House, name: str) -> tuple[dict[str, Any], str]:
    """Unlink an account from its company, so that it is linked again at the next sign-in with its address.

    Use it when the company has given the same person a new subject."""
    with changing():
        company = employees.unlink(clock.now(), actor(), name)
    return {
        "username": name,
        "company": None,
        "company_before": company,
    }, f"Unlinked {name} from {company}. The next person who signs in there with its address is linked to it."


@group.command("retire")
@click.argument("name")
@answering
def retire(house: House, name: str) -> tuple[dict[str, Any], str]:
    """Disable the account of an employee whose address now belongs to someone else.

    The new owner of the address gets a new account."""
    with changing():
        employees.retire(clock.now(), actor(), name)
    return {"username": name, "retired": True}, f"Retired {name}. The account is disabled, and its address can be used by its new owner."


def _profile(account_id: str) -> dict[str, str]:
    found = profiles.of(account_id)
    return {name: getattr(found, name) for name in profiles.FIELDS if getattr(found, name)} if found else {}


def _brand(house: House, client_id: str | None) -> str:
    client = house.registry.get(client_id) if client_id else None
    if client_id and client is None:
        raise NotFound(f"there is no client {client_id}; `idp clients list` shows all clients")
    return house.settings.brand_of(client.brand if client else None).id


def _signs_in_as(account: Account) -> str:
    """The address, in parentheses if it is only on file."""
    return account.sign_in_address or (account.contact_email if account.upstream else f"({account.contact_email})" if account.contact_email else "")


def _state(account: Account, invitation: Link | None) -> str:
    return invitations.state(account, invitation, clock.now())


def _shown(account: Account, invitation: Link | None) -> dict[str, Any]:
    return {
        "id": account.id,
        "username": account.username,
        "given_name": account.given_name,
        "family_name": account.family_name,
        "contact_email": account.contact_email,
        "sign_in_address": account.sign_in_address,
        "phone": account.phone,
        "company": account.upstream,
        "subject_there": account.upstream_subject,
        "roles": list(account.roles),
        "state": _state(account, invitation),
        "phone_held_until": moment(account.new_phone_until) if resets.held(account, clock.now()) else None,
        "invited_until": moment(invitation.expires_at) if invitation and invitation.outcome is None else None,
        "created_at": moment(account.created_at),
    }
