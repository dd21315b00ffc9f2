"""`idp clients`: register and manage clients (relying parties)."""

from typing import IO, Any

import click

from idp import clock
from idp.cli.client_options import PROFILES, given, metadata
from idp.cli.client_shown import kind_of, public_facts, show_client, warn_of_private
from idp.cli.common import (
    actor,
    answering,
    as_json,
    changing,
    confirm,
    console,
    moment,
    print_json,
    print_table,
    with_house,
    yes_option,
)
from idp.house import House
from idp.oauth.metadata_checks import PEOPLE, SERVICE
from idp.oauth.registration import FIELDS
from idp.operations import OperatorError, clients
from idp.operations.snippets import snippets


@click.group("clients")
def group() -> None:
    """Register and manage clients (relying parties)."""


@group.command("add")
@click.argument("name")
@click.option(
    "--public",
    is_flag=True,
    help="The client runs in a browser or on a device and cannot keep a secret.",
)
@click.option(
    "--third-party",
    is_flag=True,
    help="The client is run by another organization. People are asked for consent.",
)
@click.option(
    "--service",
    is_flag=True,
    help="A service client: it gets its own tokens, without a person (client credentials).",
)
@click.option("--opaque", is_flag=True, hidden=True)  # until the next release
@metadata("client_name")
@click.option("--profile", default="modern", show_default=True, help=PROFILES)
@click.option(
    "--logo", type=click.File("rb"), help="Its logo (PNG, JPEG or WebP), shown on the consent page."
)
@as_json
@with_house
def add(
    house: House,
    as_json: bool,
    name: str,
    public: bool,
    third_party: bool,
    service: bool,
    opaque: bool,
    profile: str,
    logo: IO[bytes] | None,
    **options: Any,
) -> None:
    """Register a client. Its secret is shown only once, with settings to paste into the client."""
    about = {"client_name": name, **given(options)}
    if public != (about.get("token_endpoint_auth_method", "none" if public else "") == "none"):
        raise OperatorError(
            "a public client has no secret, and every other client has one",
            "use --public together with --auth-method none",
        )
    about |= {"token_endpoint_auth_method": "none"} if public else {}
    if service:
        people = PEOPLE if about.get("redirect_uris") else []
        about["grant_types"] = [*people, SERVICE]
    if opaque:
        click.echo(
            "--opaque is now --access-token-format reference; the old name works until the next "
            "release.",
            err=True,
        )
        about["access_token_format"] = "reference"
    picture = logo.read() if logo else None
    with changing():
        client = clients.add(
            clock.now(),
            actor(),
            house.vault,
            about,
            third_party=third_party,
            logo=picture,
            profile=profile,
            brands=house.settings.known_brands,
        )
    if as_json:
        print_json(client)
        return
    console.print(f"Registered [bold]{name}[/].\n")
    rows = [("Issuer", house.settings.issuer), ("Client ID", client["client_id"])]
    rows += [("Client secret", client["client_secret"])] if "client_secret" in client else []
    print_table(
        ("", ""),
        [*rows, ("Authentication", client["token_endpoint_auth_method"]), *show_client(client)],
        "",
    )
    warn_of_private(about.get("jwks"))
    if "client_secret" in client:
        console.print(
            "\n[bold]The secret is not shown again.[/] Create a new one with `idp "
            "clients rotate-secret`."
        )
    for framework, text in snippets(house.settings.issuer, client).items():
        console.print(f"\n[bold]{framework}[/]")
        click.echo(text)


@group.command("update")
@click.argument("client_id")
@metadata(*(field.name for field in FIELDS if field.fixed))
@click.option("--profile", help=PROFILES)
@click.option(
    "--clear",
    multiple=True,
    metavar="NAME",
    help="Remove a value, such as backchannel_logout_uri. Repeat for more than one.",
)
@as_json
@with_house
def update(
    house: House,
    client_id: str,
    as_json: bool,
    profile: str | None,
    clear: tuple[str, ...],
    **options: Any,
) -> None:
    """Change a client. An option that may be repeated replaces all values; what is not given stays
    as it is."""
    changes = given(options)
    if twice := sorted(set(clear) & set(changes)):
        raise OperatorError(f"{twice[0]} is given and cleared at once")
    changes |= dict.fromkeys(clear)
    if not changes and not profile:
        raise OperatorError("no change was given", "give an option, or --clear NAME")
    with changing():
        clients.update(
            clock.now(), actor(), client_id, changes, profile, house.settings.known_brands
        )
    client = clients.found(client_id)
    if as_json:
        print_json(public_facts(client))
        return
    console.print(f"Changed [bold]{client.registration['client_name']}[/] ({client_id}).\n")
    print_table(("", ""), [*show_client(client.registration), ("Profile", client.profile)], "")
    warn_of_private(changes.get("jwks"))


@group.command("list")
@as_json
@with_house
def list_(house: House, as_json: bool) -> None:
    """List all clients."""
    rows = clients.listed()
    if as_json:
        print_json([public_facts(client) for client in rows])
        return
    cells = [
        (
            c.id,
            c.registration["client_name"],
            kind_of(c),
            c.registration["token_endpoint_auth_method"],
            moment(c.created_at),
        )
        for c in rows
    ]
    print_table(
        ("Client ID", "Name", "Kind", "Authentication", "Registered (UTC)"),
        cells,
        "No clients yet. Register one with `idp clients add`.",
    )


@group.command("show")
@click.argument("client_id")
@as_json
@with_house
def show(house: House, client_id: str, as_json: bool) -> None:
    """Show the registration of a client."""
    client = public_facts(clients.found(client_id))
    if as_json:
        print_json(client)
        return
    print_table(
        ("", ""),
        [
            (key, "\n".join(value) if isinstance(value, list) else value)
            for key, value in client.items()
        ],
        "",
    )


@group.command("rotate-secret")
@click.argument("client_id")
@yes_option
@as_json
@with_house
def rotate_secret(house: House, client_id: str, as_json: bool, yes: bool) -> None:
    """Create a new client secret. The old one stops working within a second."""
    client = clients.found(client_id)
    confirm(
        yes,
        f"Replace the secret of {client.registration['client_name']} ({client_id})? It "
        "cannot sign people in until it has the new one.",
    )
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
        raise OperatorError("name a brand, or use --default for the deployment's own brand")
    with changing():
        brands = house.settings.known_brands
        clients.update(clock.now(), actor(), client_id, {"brand": brand}, brands=brands)
    shown = brand or house.settings.look.id
    return {"client_id": client_id, "brand": shown}, f"The brand of {client_id} is now {shown}."


@group.command("remove")
@click.argument("client_id")
@yes_option
@answering
def remove(house: House, client_id: str, yes: bool) -> tuple[dict[str, Any], str]:
    """Remove a client. No one can sign in to it, and its tokens stop working."""
    client = clients.found(client_id)
    name, people = (
        client.registration["client_name"],
        clients.people_signed_in(client_id, clock.now()),
    )
    who = "1 person is" if people == 1 else f"{people} people are"
    used = f" {who} signed in to it." if people else ""
    confirm(yes, f"Remove {name} ({client_id})?{used} This cannot be undone.")
    with changing():
        clients.remove(clock.now(), actor(), client_id)
    return {
        "client_id": client_id,
        "removed": True,
        "people_signed_in": people,
    }, f"Removed {name} ({client_id}). People who were signed in to it: {people}."
