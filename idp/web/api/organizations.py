"""Organizations, their members, and the codes that people register with."""

from idp.operations import members
from idp.operations import organizations as operations
from idp.operations.rights import Forbidden
from idp.store import audit, organizations, registration_codes
from idp.store.organizations import Organization
from idp.typed import digits, fold, line
from idp.web import house
from idp.web.api import organization_shapes, paging, shapes
from idp.web.api.answers import unchanged
from idp.web.api.contract import Call, Reply, route
from idp.web.api.shapes import when


@route(
    "GET",
    "/organizations",
    "organizations:read",
    "List organizations",
    query=shapes.OrganizationQuery,
    answer=organization_shapes.OrganizationPage,
)
def list_organizations(call: Call) -> Reply:
    """The organizations you belong to, by name. People who manage all organizations get all of
    them."""
    asked, wanted = call.query, call.query.search.strip()
    name, identifier = paging.place(asked.cursor, 2)
    if call.rights.everything:
        found = organizations.page((name, identifier), asked.limit + 1, wanted)
    else:
        mine = sorted(
            organizations.by_ids(set(call.rights.belongs)),
            key=lambda one: (one.found_by, one.identifier),
        )
        mine = [
            one
            for one in mine
            if fold(wanted) in one.found_by or one.identifier in (wanted, digits(wanted))
        ]
        found = [one for one in mine if (one.found_by, one.identifier) > (name, identifier)][
            : asked.limit + 1
        ]
    shown = found[: asked.limit]
    following = (
        paging.cursor(shown[-1].found_by, shown[-1].identifier) if len(found) > len(shown) else None
    )
    return Reply(
        organization_shapes.OrganizationPage(
            items=[_shown(call, one) for one in shown], next=following
        ),
        headers=paging.link(following),
    )


@route(
    "POST",
    "/organizations",
    "organizations:manage",
    "Add an organization",
    body=organization_shapes.OrganizationOrder,
    answer=organization_shapes.OrganizationMade,
    status=201,
)
def add_organization(call: Call) -> Reply:
    """Only for people who manage all organizations. The answer contains the first registration
    code."""
    call.rights.all()
    organization_id, code = operations.add(
        call.now,
        call.rights.actor,
        house().settings.registration,
        call.body.identifier,
        call.body.name,
    )
    made = organization_shapes.OrganizationMade(
        organization=_shown(call, call.rights.organization(organization_id)), registration_code=code
    )
    return Reply(made, 201, {"Location": paging.address(f"/organizations/{organization_id}")})


@route(
    "GET",
    "/organizations/{organization_id}",
    "organizations:read",
    "Read an organization",
    answer=organization_shapes.Organization,
    tagged=True,
)
def read_organization(call: Call) -> Reply:
    """You see the organizations that you belong to or manage."""
    return Reply(_shown(call, call.rights.organization(call.where["organization_id"])))


@route(
    "PATCH",
    "/organizations/{organization_id}",
    "organizations:manage",
    "Rename an organization",
    body=organization_shapes.OrganizationChange,
    answer=organization_shapes.Organization,
    tagged=True,
)
def rename_organization(call: Call) -> Reply:
    """Only the name can be changed."""
    organization = _managed(call)
    unchanged(call, _shown(call, organization))
    operations.rename(call.now, call.rights.actor, organization, call.body.name)
    return Reply(_shown(call, _managed(call)))


@route(
    "PUT",
    "/organizations/{organization_id}/members/{user_id}",
    "organizations:manage",
    "Set a member's role",
    body=organization_shapes.RoleOrder,
    answer=shapes.Membership,
)
def set_role(call: Call) -> Reply:
    """Administrators can make members administrators. Only people who manage all organizations can
    add someone from another organization, or take the role away from an administrator."""
    organization, account = _managed(call), call.rights.person(call.where["user_id"])
    call.rights.acts_on(account)
    if members.role_of(account.id, organization.id) is None and not call.rights.everything:
        raise Forbidden(
            "Only members of the organization can have a role in it. Invite new people."
        )
    members.set_role(call.now, call.rights.actor, account, organization, call.body.role)
    return Reply(
        shapes.Membership(
            id=organization.id,
            identifier=organization.identifier,
            name=organization.name,
            role=call.body.role,
        )
    )


@route(
    "DELETE",
    "/organizations/{organization_id}/members/{user_id}",
    "organizations:manage",
    "Remove a member",
    status=204,
)
def remove_member(call: Call) -> Reply:
    """The person is signed out, and no longer has this organization at the next sign-in."""
    organization, account = _managed(call), call.rights.person(call.where["user_id"])
    call.rights.acts_on(account)
    members.remove(call.now, call.rights.actor, account, organization)
    return Reply(status=204)


@route(
    "GET",
    "/organizations/{organization_id}/registration-codes",
    "organizations:manage",
    "List an organization's registration codes",
    answer=organization_shapes.RegistrationCodes,
)
def list_codes(call: Call) -> Reply:
    """The codes that still work. The code itself is shown only once, when it is created."""
    found = [
        one
        for one in registration_codes.codes(_managed(call).id)
        if one.uses_left and one.expires_at > call.now
    ]
    items = [
        organization_shapes.RegistrationCode(
            id=one.id,
            name=one.name,
            created_at=when(one.created_at),
            expires_at=when(one.expires_at),
            uses_left=one.uses_left,
        )
        for one in found
    ]
    return Reply(organization_shapes.RegistrationCodes(items=items))


@route(
    "POST",
    "/organizations/{organization_id}/registration-codes",
    "organizations:manage",
    "Create a registration code",
    body=organization_shapes.CodeOrder,
    answer=organization_shapes.CodeMade,
    status=201,
)
def add_code(call: Call) -> Reply:
    """Anyone who has the code can register for the organization without an invitation."""
    order, identifier = call.body, _managed(call).identifier
    code, code_id = operations.add_code(
        call.now, call.rights.actor, identifier, order.uses, order.days * 86400, name=order.name
    )
    made = organization_shapes.CodeMade(
        id=code_id,
        name=line(order.name),
        code=code,
        expires_at=when(call.now + order.days * 86400),
        uses_left=order.uses,
    )
    return Reply(made, 201)


@route(
    "DELETE",
    "/organizations/{organization_id}/registration-codes/{code_id}",
    "organizations:manage",
    "End a registration code",
    status=204,
)
def end_code(call: Call) -> Reply:
    """The code stops working at once."""
    operations.end_code(call.now, call.rights.actor, _managed(call), call.where["code_id"])
    return Reply(status=204)


def _managed(call: Call) -> Organization:
    """The organization of the path, in whose book stands what is done. Raises Forbidden."""
    organization = call.rights.organization(call.where["organization_id"], manages=True)
    audit.during(organization_id=organization.id)
    return organization


def _shown(call: Call, organization: Organization) -> organization_shapes.Organization:
    rights = call.rights
    manages = rights.everything or organization.id in rights.administers
    role: shapes.Role | None = "user" if organization.id in rights.belongs else None
    role = "administrator" if organization.id in rights.administers else role
    return organization_shapes.Organization(
        id=organization.id,
        identifier=organization.identifier,
        name=organization.name,
        members=organizations.count_members(organization.id) if manages else None,
        role=role,
        created_at=when(organization.created_at),
    )
