"""`idp clients`: register and manage clients (relying parties)."""

import json
from typing import IO, Any

import click

from idp import clock
from idp.cli.common import actor, answering, as_json, changing, confirm, console, moment, print_json, print_table, with_house, yes_option
from idp.house import House
from idp.operations import Mistake, NotFound, clients
from idp.operations.snippets import snippets
from idp.store.clients import Client

SHOWN = (
    ("redirect_uris", "Redirect URIs"),
    ("initiate_login_uri", "Start"),
    ("post_logout_redirect_uris", "After sign-out"),
    ("backchannel_logout_uri", "Told of sign-outs"),
    ("scope", "Scopes"),
    ("brand", "Brand"),
    ("introspects", "Introspects"),
)


@click.group("clients")
def group() -> None:
    """Register and manage clients (relying parties)."""


@group.command("add")
@click.argument("name")
@click.option("--redirect-uri", "redirect_uris", multiple=True, help="The address the client receives responses at. Repeat for more than one.")
@click.option("--public", is_flag=True, help="The client runs in a browser or on a device and cannot keep a secret.")
@click.option("--third-party", is_flag=True, help="The client is run by another organization. People are asked for consent.")
@click.option("--machine", is_flag=True, help="A service client: it gets its own tokens, without a person (client credentials).")
@click.option("--scope", "scopes", multiple=True, help="An API scope the client may request. The OpenID Connect scopes are included by default.")
@click.option("--introspects", multiple=True, metavar="API", help="The client is this API, and introspects the tokens it receives.")
@click.option("--opaque", is_flag=True, help="Issue opaque access tokens, which must be introspected, instead of JWTs.")
@click.option("--auth-method", help="client_secret_basic, client_secret_post, client_secret_jwt, private_key_jwt (with --jwks) or none (with --public).")
@click.option("--jwks", type=click.File(), help="File with the client's public keys (JWK Set), for private_key_jwt.")
@click.option("--start-url", help="The address that starts a sign-in at the client (initiate_login_uri).")
@click.option(
    "--post-logout-redirect-uri",
    "post_logout_redirect_uris",
    multiple=True,
    help="An address people may return to after signing out. Repeat for more than one.",
)
@click.option("--backchannel-logout-uri", help="The address that receives logout tokens (OpenID Connect Back-Channel Logout).")
@click.option("--id-token-alg", default="RS256", show_default=True, help="The signing algorithm of its ID tokens: RS256 or ES256.")
@click.option("--brand", help="The ID of the brand for its sign-in pages and emails. Default: the deployment's brand.")
@click.option("--client-uri", help="Its home page, shown on the consent page.")
@click.option("--policy-uri", help="Its privacy policy, shown on the consent page.")
@click.option("--tos-uri", help="Its terms of use, shown on the consent page.")
@click.option("--logo", type=click.File("rb"), help="Its logo (PNG, JPEG or WebP), shown on the consent page.")
@as_json
@with_house
def add(house: House, as_json: bool, name: str, redirect_uris: tuple[str, ...], jwks: IO[str] | None, logo: IO[bytes] | None, **more: Any) -> None:
    """Register a client. Its secret is shown only once, with settings to paste into the client."""
    try:
        keys = json.loads(jwks.read().removeprefix("\ufeff")) if jwks else None
    except ValueError as error:
        raise Mistake(f"--jwks is not JSON: {error}") from None
    _check_brand(house, more["brand"])
    shown = {name: more.pop(name) for name in ("client_uri", "policy_uri", "tos_uri")}
    about = clients.About(**shown, logo=logo.read() if logo else None)
    with changing():
        client = clients.add(clock.now(), actor(), house.vault, name, redirect_uris, jwks=keys, about=about, **more)
    if as_json:
        print_json(client)
        return
    console.print(f"Registered [bold]{name}[/].\n")
    rows = [("Issuer", house.settings.issuer), ("Client ID", client["client_id"])]
    rows += [("Client secret", client["client_secret"])] if "client_secret" in client else []
    rows += [("Authentication", client["token_endpoint_auth_method"])]
    rows += [(says, client[key] if isinstance(client[key], str) else "\n".join(client[key])) for key, says in SHOWN if client.get(key)]
    print_table(("", ""), rows, "")
    if keys and any("d" in key for key in keys.get("keys", [keys])):
        console.print("\n[bold]That file contains a private key.[/] Only the public key was stored. Anyone who has seen the file can act as this client.")
    if "client_secret" in client:
        console.print("\n[bold]The secret is not shown again.[/] Create a new one with `idp clients rotate-secret`.")
    for framework, text in snippets(house.settings.issuer, client).items():
        console.print(f"\n[bold]{framework}[/]")
        click.echo(text)


@group.command("list")
@as_json
@with_house
def list_(house: House, as_json: bool) -> None:
    """List all clients."""
    rows = clients.listed()
    if as_json:
        print_json([_public(client) for client in rows])
        return
    cells = [(c.id, c.registration["client_name"], _kind(c), c.registration["token_endpoint_auth_method"], moment(c.created_at)) for c in rows]
    print_table(("Client ID", "Name", "Kind", "Authentication", "Registered (UTC)"), cells, "No clients yet. Register one with `idp clients add`.")


@group.command("show")
@click.argument("client_id")
@as_json
@with_house
def show(house: House, client_id: str, as_json: bool) -> None:
    """Show the registration of a client."""
    client = _public(clients.found(client_id))
    if as_json:
        print_json(client)
        return
    print_table(("", ""), [(key, "\n".join(value) if isinstance(value, list) else value) for key, value in client.items()], "")


@group.command("rotate-secret")
@click.argument("client_id")
@yes_option
@as_json
@with_house
def rotate_secret(house: House, client_id: str, as_json: bool, yes: bool) -> None:
    """Create a new client secret. The old one stops working within a second."""
    client = clients.found(client_id)
    confirm(yes, f"Replace the secret of {client.registration['client_name']} ({client_id})? It cannot sign people in until it has the new one.")
    with changing():
        fresh = clients.rotate_secret(clock.now(), actor(), house.vault, client_id)
    if as_json:
        print_json({"client_id": client_id, "client_secret": fresh, "client_secret_expires_at": 0})
        return
    console.print(f"New client secret, not shown again: [bold]{fresh}[/]")


@group.command("brand")
@click.argument("client_id")
@click.argument("brand", required=False)
@click.option("--default", "own", is_flag=True, help="Use the deployment's own brand.")
@answering
def brand(house: House, client_id: str, brand: str | None, own: bool) -> tuple[dict[str, Any], str]:
    """Set the brand of a client's sign-in pages and emails: the ID of a brand, or --default."""
    if (brand is None) != own:
        raise Mistake("name a brand, or use --default for the deployment's own brand")
    _check_brand(house, brand)
    with changing():
        clients.set_brand(clock.now(), actor(), client_id, brand)
    shown = brand or house.settings.look.id
    return {"client_id": client_id, "brand": shown}, f"The brand of {client_id} is now {shown}."


@group.command("remove")
@click.argument("client_id")
@yes_option
@answering
def remove(house: House, client_id: str, yes: bool) -> tuple[dict[str, Any], str]:
    """Remove a client. No one can sign in to it, and its tokens stop working."""
    client = clients.found(client_id)
    name, people = client.registration["client_name"], clients.people_signed_in(client_id, clock.now())
    used = f" {people} {'person is' if people == 1 else 'people are'} signed in to it." if people else ""
    confirm(yes, f"Remove {name} ({client_id})?{used} This cannot be undone.")
    with changing():
        clients.remove(clock.now(), actor(), client_id)
    return {"client_id": client_id, "removed": True, "people_signed_in": people}, f"Removed {name} ({client_id}). People who were signed in to it: {people}."


def _check_brand(house: House, brand: str | None) -> None:
    known = {house.settings.look.id, *house.settings.looks}
    if brand and brand not in known:
        raise NotFound(f"there is no brand {brand}; the known brands are {', '.join(sorted(known))} (setting: brands)")


def _kind(client: Client) -> str:
    registration = client.registration
    kinds = (["signs people in"] if registration["redirect_uris"] else []) + (["machine"] if "client_credentials" in registration["grant_types"] else [])
    return ", ".join([*kinds, *(["API"] if registration.get("introspects") else []), *(["third party"] if client.third_party else [])])


def _public(client: Client) -> dict[str, Any]:
    return {
        "client_id": client.id,
        "client_id_issued_at": int(client.created_at),
        "third_party": client.third_party,
        "profile": client.profile,
        **client.registration,
    }
