"""`idp clients`: register relying parties."""

from typing import Any

import click

from idp import clock
from idp.cli.common import actor, as_json, changing, console, moment, print_json, print_table, with_house
from idp.operations import clients
from idp.operations.snippets import snippets
from idp.store.clients import Client
from idp.web import House


@click.group("clients")
def group() -> None:
    """Register and look after clients (relying parties)."""


@group.command("add")
@click.argument("name")
@click.option("--redirect-uri", "redirect_uris", multiple=True, required=True, help="Where the client takes answers; may be given more than once.")
@click.option("--public", is_flag=True, help="An app in a browser or on a device, which cannot keep a secret.")
@click.option("--third-party", is_flag=True, help="Run by somebody else: sign-ins are refused until consent can be asked for.")
@click.option("--auth-method", help="client_secret_basic (default), client_secret_post, or none with --public.")
@click.option("--start-url", help="Where a sign-in at the client begins (initiate_login_uri).")
@click.option("--post-logout-redirect-uri", "post_logout_redirect_uris", multiple=True, help="Where people may return to after signing out.")
@click.option("--id-token-alg", default="RS256", show_default=True, help="RS256 or ES256.")
@as_json
@with_house
def add(house: House, as_json: bool, name: str, redirect_uris: tuple[str, ...], **more: Any) -> None:
    """Register a client. Its secret is shown this once, with settings to paste."""
    with changing():
        client = clients.add(clock.now(), actor(), name, redirect_uris, **more)
    if as_json:
        print_json(client)
        return
    console.print(f"Registered [bold]{name}[/].\n")
    rows = [("Issuer", house.settings.issuer), ("Client ID", client["client_id"])]
    rows += [("Client secret", client["client_secret"])] if "client_secret" in client else []
    rows += [("Authentication", client["token_endpoint_auth_method"]), ("Redirect URIs", "\n".join(client["redirect_uris"]))]
    print_table(("", ""), rows, "")
    if "client_secret" in client:
        console.print("\n[bold]The secret is not shown again.[/] `idp clients rotate-secret` makes a new one.")
    for framework, text in snippets(house.settings.issuer, client).items():
        console.print(f"\n[bold]{framework}[/]")
        click.echo(text)


@group.command("list")
@as_json
@with_house
def list_(house: House, as_json: bool) -> None:
    """All clients."""
    rows = clients.listed()
    if as_json:
        print_json([_public(client) for client in rows])
        return
    cells = [(c.id, c.registration["client_name"], c.registration["token_endpoint_auth_method"], c.profile, moment(c.created_at)) for c in rows]
    print_table(("Client ID", "Name", "Authentication", "Profile", "Registered (UTC)"), cells, "No clients yet. `idp clients add` registers one.")


@group.command("show")
@click.argument("client_id")
@as_json
@with_house
def show(house: House, client_id: str, as_json: bool) -> None:
    """What is registered for a client."""
    client = _public(clients.found(client_id))
    if as_json:
        print_json(client)
        return
    print_table(("", ""), [(key, "\n".join(value) if isinstance(value, list) else value) for key, value in client.items()], "")


@group.command("rotate-secret")
@click.argument("client_id")
@as_json
@with_house
def rotate_secret(house: House, client_id: str, as_json: bool) -> None:
    """Make a new secret; the old one stops working within a second."""
    with changing():
        fresh = clients.rotate_secret(clock.now(), actor(), client_id)
    if as_json:
        print_json({"client_id": client_id, "client_secret": fresh, "client_secret_expires_at": 0})
        return
    console.print(f"New client secret, not shown again: [bold]{fresh}[/]")


@group.command("remove")
@click.argument("client_id")
@with_house
def remove(house: House, client_id: str) -> None:
    """Remove a client."""
    with changing():
        clients.remove(clock.now(), actor(), client_id)
    console.print(f"Removed {client_id}.")


def _public(client: Client) -> dict[str, Any]:
    return {
        "client_id": client.id,
        "client_id_issued_at": int(client.created_at),
        "third_party": client.third_party,
        "profile": client.profile,
        **client.registration,
    }
