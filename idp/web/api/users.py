"""Users: the people whom an administrator manages, and what can be done for them."""

from heapq import merge

from idp.factors.mailed_link import AskedBy
from idp.operations import OperatorError, accounts, invitations, resets
from idp.operations.rights import Forbidden
from idp.store import accounts as account_rows
from idp.store import audit, directory, organizations
from idp.store.accounts import Account
from idp.store.directory import EVERYBODY
from idp.typed import fold
from idp.web import house
from idp.web.api import paging, shapes
from idp.web.api.answers import unchanged
from idp.web.api.contract import Call, Reply, route
from idp.web.api.people import held_back, proven, user, users
from idp.web.api.shapes import User, when


@route("GET", "/users", "users:read", "List people", query=shapes.UserQuery, answer=shapes.UserPage)
def list_users(call: Call) -> Reply:
    """The people in the organizations you administer, by username. If you administer none, only
    you. Each person is listed once."""
    asked, rights = call.query, call.rights
    (after,) = paging.place(asked.cursor, 1)
    if asked.organization_id:
        places = [rights.organization(asked.organization_id, manages=True).id]
    else:
        places = [EVERYBODY] if rights.everything else sorted(rights.administers)
    if not places:
        own = account_rows.by_id(rights.account_id or "")
        fits = (
            own
            and not after
            and all(word in fold(own.username) for word in directory.words(fold(asked.search)))
            and asked.registered
            in (None, own.sign_in_address is not None or own.upstream is not None)
        )
        return Reply(shapes.UserPage(items=users(call, [own] if own and fits else []), next=None))
    pages = [
        [
            (one.username_key, one.account_id)
            for one in directory.page(
                place, after, asked.limit + 1, fold(asked.search), asked.registered
            )
        ]
        for place in places
    ]
    found = list(dict.fromkeys(merge(*pages)))
    shown = found[: asked.limit]
    following = paging.cursor(shown[-1][0]) if len(found) > len(shown) else None
    known = account_rows.by_ids({account_id for _, account_id in shown})
    page = shapes.UserPage(
        items=users(call, [known[account_id] for _, account_id in shown if account_id in known]),
        next=following,
    )
    return Reply(page, headers=paging.link(following))


@route(
    "POST",
    "/users",
    "users:manage",
    "Invite a new person",
    body=shapes.Invitation,
    answer=shapes.Sent,
    status=201,
)
def invite(call: Call) -> Reply:
    """Creates an account in an organization you administer, and emails its owner a link to
    register."""
    order, organization = (
        call.body,
        call.rights.organization(call.body.organization_id, manages=True),
    )
    audit.during(organization_id=organization.id)
    held_back(call)
    person = (order.username, order.email, order.given_name, order.family_name)
    sent = invitations.invite(
        call.now,
        call.rights.actor,
        house().mailed_link,
        *person,
        organization=organization.id,
        role=order.role,
        client_id=_goes_on_at(call),
        brand=_brand(call),
        upstreams=house().settings.upstreams,
    )
    return _sent(call, sent, 201)


@route("GET", "/users/{user_id}", "users:read", "Read a person", answer=User, tagged=True)
def read_user(call: Call) -> Reply:
    """What you may do to this person is listed in `acts`."""
    return Reply(user(call, call.rights.person(call.where["user_id"])))


@route(
    "PATCH",
    "/users/{user_id}",
    "users:manage",
    "Correct a person's contact email, or disable the account",
    body=shapes.UserChange,
    answer=User,
    tagged=True,
)
def change_user(call: Call) -> Reply:
    """The previous address and the sign-in address are notified of a new one, and emailed links
    stop working. A new contact email does not change how the person signs in; for that, they
    register again. A disabled account is signed out everywhere at once."""
    writes = call.body.contact_email is not None
    account, change = acted_on(call, replaces_proofs=writes, mails=writes), call.body
    unchanged(call, user(call, account))
    if change.disabled is not None:
        call.rights.all()
    if change.contact_email is not None and change.contact_email != account.contact_email:
        resets.correct_email(
            call.now,
            call.rights.actor,
            house().operations_notices,
            account,
            change.contact_email,
            _asked_by(call),
            house().settings.upstreams,
        )
    if change.disabled is not None and change.disabled != (account.disabled_at is not None):
        (accounts.disable if change.disabled else accounts.enable)(
            call.now, call.rights.actor, account
        )
    return Reply(user(call, _again(account)))


@route(
    "POST",
    "/users/{user_id}/resets",
    "users:manage",
    "Reset a registration",
    body=shapes.ResetOrder,
    answer=shapes.ResetDone,
)
def reset(call: Call) -> Reply:
    """Ends the person's phone, sign-in address, sessions, refresh tokens and trusted devices, and
    emails a link to register again, which works for a short while. After that, they can register
    with username and most recent password. The previous address and phone are notified."""
    account = acted_on(call, replaces_proofs=call.body.password_lost, mails=True)
    if not proven(account) and call.rights.refuses(
        account, organizations.of_accounts({account.id})[account.id], replaces_proofs=True
    ):
        raise Forbidden(
            f"The link would not go to the address {account.username} signs in with. Only "
            "someone who manages all organizations may do this."
        )
    done = resets.reset(
        call.now,
        call.rights.actor,
        house().mailed_link,
        house().operations_notices,
        account,
        password_lost=call.body.password_lost,
        asked_by=_asked_by(call),
    )
    shown = user(call, _again(account))
    return Reply(
        shapes.ResetDone(
            user=shown, mailed_to=done.address, expires_at=when(done.expires_at), ended=done.ended
        )
    )


@route(
    "POST",
    "/users/{user_id}/invitations",
    "users:manage",
    "Send another invitation",
    answer=shapes.Sent,
)
def invite_again(call: Call) -> Reply:
    """The new invitation replaces the previous one."""
    account = acted_on(call, replaces_proofs=True, mails=True)
    if resets.resettable(account):
        raise OperatorError(
            f"{account.username} was registered before or has a password; reset the "
            "registration instead"
        )
    return _sent(
        call,
        invitations.resend(
            call.now,
            call.rights.actor,
            house().mailed_link,
            account,
            client_id=_goes_on_at(call),
            brand=_brand(call),
        ),
        200,
    )


@route(
    "DELETE", "/users/{user_id}/invitations", "users:manage", "Withdraw an invitation", status=204
)
def revoke_invitation(call: Call) -> Reply:
    """The emailed link stops working. The account is kept and can be invited again."""
    invitations.revoke(call.now, call.rights.actor, acted_on(call))
    return Reply(status=204)


@route(
    "DELETE",
    "/users/{user_id}/phone-hold",
    "users:manage",
    "Lift the hold on a new phone",
    status=204,
)
def lift_phone_hold(call: Call) -> Reply:
    """A phone that was registered without a code to the previous phone counts for less for a while.
    End this if you know that the person replaced the phone."""
    resets.lift_phone_hold(call.now, call.rights.actor, acted_on(call, replaces_proofs=True))
    return Reply(status=204)


def acted_on(call: Call, replaces_proofs: bool = False, mails: bool = False) -> Account:
    """The person of the path, on whom the caller may act; what is done is written down in the
    organization for which they do it. What mails them something is held back when it is too much
    for a mailbox. Raises Forbidden or OperatorError."""
    account = call.rights.person(call.where["user_id"])
    call.rights.acts_on(account, replaces_proofs)
    if mails:
        held_back(call, account)
    audit.during(organization_id=next(iter(sorted(call.rights.places(account.id))), None))
    return account


def _again(account: Account) -> Account:
    """The same account, as it is now."""
    found = account_rows.by_id(account.id)
    if found is None:
        raise Forbidden("This account no longer exists.", hidden=True)
    return found


def _asked_by(call: Call) -> AskedBy:
    return AskedBy(client_id=_goes_on_at(call), brand=_brand(call))


def _goes_on_at(call: Call) -> str | None:
    """The client at which people go on who follow an emailed link: the one that asks, if it has
    said where a sign-in begins; else the portal."""
    client = house().registry.get(call.client_id)
    return call.client_id if client and client.client_metadata.get("initiate_login_uri") else None


def _brand(call: Call) -> str:
    client = house().registry.get(call.client_id)
    return house().settings.brand_of(client.brand if client else None).id


def _sent(call: Call, sent: invitations.Invited, status: int) -> Reply:
    account = account_rows.by_id(sent.account_id)
    if account is None:
        raise OperatorError("the invitation could not be created")
    shown = shapes.Sent(
        user=user(call, account), mailed_to=sent.address, expires_at=when(sent.expires_at)
    )
    return Reply(
        shown, status, {"Location": paging.address(f"/users/{account.id}")} if status == 201 else {}
    )
