"""Clients, as client metadata (RFC 7591): for people who manage everything, and for service clients
that an operator allows."""

from typing import Any

from idp.oauth.metadata_checks import PEOPLE, SERVICE
from idp.oauth.resource_servers import OWN
from idp.operations import OperatorError
from idp.operations import clients as operations
from idp.operations.rights import NOWHERE, Forbidden
from idp.store import clients
from idp.store.clients import Client
from idp.web import house
from idp.web.api import client_shapes, paging, shapes
from idp.web.api.answers import unchanged
from idp.web.api.contract import Call, Reply, route
from idp.web.api.shapes import when


@route(
    "GET",
    "/clients",
    "clients:read",
    "List clients",
    query=shapes.Paging,
    answer=client_shapes.ClientPage,
)
def list_clients(call: Call) -> Reply:
    """The list is empty for people who do not manage all organizations."""
    found = sorted(clients.listed(), key=lambda one: one.id) if call.rights.everything else []
    (after,) = paging.place(call.query.cursor, 1)
    rest = [one for one in found if one.id > after]
    shown = rest[: call.query.limit]
    following = paging.cursor(shown[-1].id) if len(rest) > len(shown) else None
    return Reply(
        client_shapes.ClientPage(items=[_shown(one) for one in shown], next=following),
        headers=paging.link(following),
    )


@route(
    "POST",
    "/clients",
    "clients:manage",
    "Register a client",
    body=client_shapes.ClientOrder,
    answer=client_shapes.ClientMade,
    status=201,
)
def add_client(call: Call) -> Reply:
    """The client secret is shown only once."""
    call.rights.all()
    order = call.body
    _within(call, order.service, order.scope.split())
    about = order.model_dump(exclude={"service", "third_party"}, exclude_none=True)
    if order.service:
        about["grant_types"] = [*(PEOPLE if order.redirect_uris else []), SERVICE]
    made = operations.add(
        call.now,
        call.rights.actor,
        house().vault,
        about,
        third_party=order.third_party,
        brands=house().settings.known_brands,
    )
    client = _found(call, made["client_id"])
    shown = client_shapes.ClientMade(client=_shown(client), client_secret=made.get("client_secret"))
    return Reply(shown, 201, {"Location": paging.address(f"/clients/{client.id}")})


@route(
    "GET",
    "/clients/{client_id}",
    "clients:read",
    "Read a client",
    answer=client_shapes.Client,
    tagged=True,
)
def read_client(call: Call) -> Reply:
    """Its secret is never shown again."""
    return Reply(_shown(_found(call)))


@route(
    "PATCH",
    "/clients/{client_id}",
    "clients:manage",
    "Change a client",
    body=client_shapes.ClientChange,
    answer=client_shapes.Client,
    tagged=True,
)
def change_client(call: Call) -> Reply:
    """What you leave out stays as it is."""
    client = _found(call)
    _looked_after(call, client)
    unchanged(call, _shown(client))
    changes: dict[str, Any] = call.body.model_dump(exclude_unset=True)
    _within(
        call, SERVICE in client.registration["grant_types"], (changes.get("scope") or "").split()
    )
    brands = house().settings.known_brands
    operations.update(call.now, call.rights.actor, client.id, changes, brands=brands)
    return Reply(_shown(_found(call)))


@route(
    "POST",
    "/clients/{client_id}/secrets",
    "clients:manage",
    "Create a new client secret",
    answer=client_shapes.SecretMade,
    status=201,
)
def rotate_secret(call: Call) -> Reply:
    """The previous secret stops working at once."""
    client = _found(call)
    _looked_after(call, client)
    return Reply(
        client_shapes.SecretMade(
            client_secret=operations.rotate_secret(
                call.now, call.rights.actor, house().vault, client.id
            )
        ),
        201,
    )


@route("DELETE", "/clients/{client_id}", "clients:manage", "Remove a client", status=204)
def remove_client(call: Call) -> Reply:
    """No one can sign in to it, and its tokens stop working."""
    client = _found(call)
    if client.id == call.client_id:
        raise OperatorError("a client cannot remove itself")
    operations.remove(call.now, call.rights.actor, client.id)
    return Reply(status=204)


def _found(call: Call, client_id: str = "") -> Client:
    client = clients.by_id(client_id or call.where["client_id"]) if call.rights.everything else None
    if client is None:
        raise NOWHERE
    return client


def _within(call: Call, service: bool, scopes: list[str]) -> None:
    """A service client does without a person what its scopes allow: no one gives one more than they have
    themselves, and people, who are asked for their phone, give none. Raises Forbidden."""
    own = set(scopes) & set(OWN)
    allowed = set() if call.rights.account_id else call.scopes
    if service and not own <= allowed:
        raise Forbidden(
            "Only an operator can give a service client these scopes of this API, with "
            "idp clients add --service."
        )


def _looked_after(call: Call, client: Client) -> None:
    """Who changes a client could act as it. Raises Forbidden."""
    _within(
        call, SERVICE in client.registration["grant_types"], client.registration["scope"].split()
    )


def _shown(client: Client) -> client_shapes.Client:
    return client_shapes.Client(
        client_id=client.id,
        client_name=client.registration["client_name"],
        third_party=client.third_party,
        created_at=when(client.created_at),
        registration=client.registration,
    )
