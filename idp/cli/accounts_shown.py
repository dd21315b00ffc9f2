"""How the account commands show an account."""

from typing import Any

import click

from idp import clock
from idp.cli.common import (
    as_json,
    moment,
    print_json,
    print_table,
    with_house,
)
from idp.cli.explain_words import TRIED
from idp.house import House
from idp.operations import accounts, invitations, resets
from idp.store import accounts as store
from idp.store import credentials, links, organizations, profiles, terms, tries
from idp.store.accounts import Account
from idp.store.credentials import Credential
from idp.store.links import Link


def _signs_in_as(account: Account) -> str:
    """The address, in parentheses if it is only on file."""
    if account.sign_in_address or account.upstream:
        return account.sign_in_address or account.contact_email
    return f"({account.contact_email})" if account.contact_email else ""


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
        "upstream": account.upstream,
        "subject_there": account.upstream_subject,
        "roles": list(account.roles),
        "state": _state(account, invitation),
        "phone_held_until": moment(account.new_phone_until)
        if resets.held(account, clock.now())
        else None,
        "invited_until": moment(invitation.expires_at)
        if invitation and invitation.outcome is None
        else None,
        "created_at": moment(account.created_at),
    }


@click.command("list")
@as_json
@with_house
def list_(house: House, as_json: bool) -> None:
    """List all accounts."""
    found, invited = store.listed(), links.invitations()
    if as_json:
        print_json([_shown(account, invited.get(account.id)) for account in found])
        return
    cells = [
        (
            a.username,
            f"{a.given_name} {a.family_name}",
            _signs_in_as(a),
            _state(a, invited.get(a.id)),
        )
        for a in found
    ]
    print_table(
        ("Username", "Name", "Signs in as", "State"),
        cells,
        "No accounts yet. Create one with `idp accounts add`.",
    )


@click.command("show")
@click.argument("name")
@as_json
@with_house
def show(house: House, name: str, as_json: bool) -> None:
    """Show an account, by username, email address or ID."""
    found = accounts.found(name)
    account = _shown(found, links.invitation(found.id))
    profile = house.settings.registration
    account["organizations"] = [
        {**one, **profile.known_by(one["identifier"], one["id"])}
        for one in organizations.of_account(found.id)
    ]
    account["wrong_tries"] = tries.summary(found.id, clock.now() - 3600)
    account["profile"] = profiles.of(found.id)
    account["credentials"] = [_credential(one) for one in credentials.history(found.id)]
    account["terms"] = [
        {"brand": one.brand, "version": one.version, "at": moment(one.at), "address": one.address}
        for one in terms.of_account(found.id)
    ]
    if as_json:
        print_json(account)
        return
    account["organizations"] = "\n".join(
        f"{o['name']} ({o['identifier']}): {', '.join(o['roles'])}"
        for o in account["organizations"]
    )
    account["roles"] = ", ".join(account["roles"])
    account["wrong_tries"] = "\n".join(
        f"{one['wrong']} at {TRIED.get(one['factor'], one['factor'])} in the last hour, {one['by']}"
        for one in account["wrong_tries"]
    )
    account["credentials"] = "\n".join(_in_words(one) for one in account["credentials"])
    for at in ("created_at", "phone_held_until", "invited_until"):
        account[at] = account[at] and f"{account[at]} UTC"
    account["profile"] = "\n".join(f"{name}: {value}" for name, value in account["profile"].items())
    account["terms"] = "\n".join(
        f"{one['brand']} {one['version']} on {one['at']} UTC from {one['address'] or 'an operator'}"
        for one in account["terms"]
    )
    print_table(("", ""), list(account.items()), "")


def _credential(one: Credential) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "label": one.label or one.key,
        "made_at": moment(one.made_at),
        "used_at": moment(one.used_at) if one.used_at else None,
        "ended_at": moment(one.ended_at) if one.ended_at else None,
    }


def _in_words(one: dict[str, Any]) -> str:
    """A credential on a line: what it is, since when, and when it was used last or ended."""
    name = " ".join(part for part in (one["kind"], one["label"]) if part)
    until = f"until {one['ended_at']} UTC" if one["ended_at"] else ""
    used = f"last used {one['used_at']} UTC" if one["used_at"] else ""
    since = f"{name} since {one['made_at']} UTC"
    return ", ".join(part for part in (since, until, used) if part)
