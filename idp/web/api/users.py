"""Users: the people whom an administrator manages, and what can be done for them."""

from heapq import merge
from typing import Any

from idp.factors.mailed_link import AskedBy
from idp.factors.phone import masked
from idp.operations import Mistake, accounts, invitations, resets
from idp.operations.rights import Refused
from idp.store import accounts as account_rows
from idp.store import audit, directory, links, organizations, profiles, remembered, sessions, terms
from idp.store.accounts import Account
from idp.store.directory import EVERYBODY
from idp.store.profiles import Profile
from idp.typed import fold
from idp.web import house
from idp.web.api import paging, shapes
from idp.web.api.contract import Call, Reply, route
from idp.web.api.gate import unchanged
from idp.web.api.shapes import User, when

MAILED = ("registration_reset", "invitation_sent", "contact_email_corrected")
MAILS = ((10, 900, "15 minutes"), (30, 86400, "a day"))  # how many of them an account is sent at most, in how many seconds
MAILS_BY_ONE = ((100, 900, "15 minutes"), (500, 86400, "a day"))  # and how many one person causes


@route("GET", "/users", "users:read", "List people", query=shapes.UserQuery, answer=shapes.UserPage)
def list_users(call: Call) -> Reply:
    """The people in the organizations you administer, by username. If you administer none, only you. Each person is listed once."""
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
            and asked.registered in (None, own.sign_in_address is not None or own.upstream is not None)
        )
        return Reply(shapes.UserPage(items=users(call, [own] if own and fits else []), next=None))
    pages = [
        [(one.username_key, one.account_id) for one in directory.page(place, after, asked.limit + 1, fold(asked.search), asked.registered)] for place in places
    ]
    found = list(dict.fromkeys(merge(*pages)))
    shown = found[: asked.limit]
    following = paging.cursor(shown[-1][0]) if len(found) > len(shown) else None
    known = account_rows.by_ids({account_id for _, account_id in shown})
    page = shapes.UserPage(items=users(call, [known[account_id] for _, account_id in shown if account_id in known]), next=following)
    return Reply(page, headers=paging.link(following))


@route("POST", "/users", "users:manage", "Invite a new person", body=shapes.Invitation, answer=shapes.Sent, status=201)
def invite(call: Call) -> Reply:
    """Creates an account in an organization you administer, and emails its owner a link to register."""
    order, organization = call.body, call.rights.organization(call.body.organization_id, manages=True)
    audit.during(organization_id=organization.id)
    _held_back(call)
    person = (order.username, order.email, order.given_name, order.family_name)
    sent = invitations.invite(
        call.now, call.rights.actor, house().mailed_link, *person, npi=organization.npi, role=order.role, client_id=_goes_on_at(call), brand=_brand(call)
    )
    return _sent(call, sent, 201)


@route("GET", "/users/{user_id}", "users:read", "Read a person", answer=User, tagged=True)
def read_user(call: Call) -> Reply:
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
    """The previous address and the sign-in address are notified of a new one, and emailed links stop working. A new contact email does not
    change how the person signs in; for that, they register again. A disabled account is signed out everywhere at once."""
    writes = call.body.contact_email is not None
    account, change = _acted_on(call, replaces_proofs=writes, mails=writes), call.body
    unchanged(call, user(call, account))
    if change.disabled is not None:
        call.rights.all()
    if change.contact_email is not None and change.contact_email != account.contact_email:
        resets.correct_email(call.now, call.rights.actor, house().told, account, change.contact_email, _asked_by(call))
    if change.disabled is not None and change.disabled != (account.disabled_at is not None):
        (accounts.disable if change.disabled else accounts.enable)(call.now, call.rights.actor, account)
    return Reply(user(call, _again(account)))


@route("POST", "/users/{user_id}/resets", "users:manage", "Reset a registration", body=shapes.ResetOrder, answer=shapes.ResetDone)
def reset(call: Call) -> Reply:
    """Ends the person's phone, sign-in address, sessions, refresh tokens and trusted devices, and emails a link to register again, which
    works for a short while. After that, they can register with username and last password. The previous address and phone are notified."""
    account = _acted_on(call, replaces_proofs=call.body.password_lost, mails=True)
    if not _proven(account) and call.rights.refuses(account, organizations.of_accounts({account.id})[account.id], replaces_proofs=True):
        raise Refused(f"The link would not go to the address {account.username} signs in with. Only someone who manages all organizations may do this.")
    done = resets.reset(
        call.now, call.rights.actor, house().mailed_link, house().told, account, password_lost=call.body.password_lost, asked_by=_asked_by(call)
    )
    shown = user(call, _again(account))
    return Reply(shapes.ResetDone(user=shown, mailed_to=done.address, expires_at=when(done.expires_at), ended=done.ended))


@route("POST", "/users/{user_id}/invitations", "users:manage", "Send another invitation", answer=shapes.Sent)
def invite_again(call: Call) -> Reply:
    """The new invitation replaces the previous one."""
    account = _acted_on(call, replaces_proofs=True, mails=True)
    if resets.resettable(account):
        raise Mistake(f"{account.username} was registered before or has a password; reset the registration instead")
    return _sent(call, invitations.resend(call.now, call.rights.actor, house().mailed_link, account, client_id=_goes_on_at(call), brand=_brand(call)), 200)


@route("DELETE", "/users/{user_id}/invitations", "users:manage", "Withdraw an invitation", status=204)
def revoke_invitation(call: Call) -> Reply:
    """The emailed link stops working. The account is kept and can be invited again."""
    invitations.revoke(call.now, call.rights.actor, _acted_on(call))
    return Reply(status=204)


@route("DELETE", "/users/{user_id}/phone-hold", "users:manage", "Lift the hold on a new phone", status=204)
def lift_phone_hold(call: Call) -> Reply:
    """A phone that was registered without a code to the previous phone counts for less for a while. End this if you know that the person
    replaced the phone."""
    resets.lift_phone_hold(call.now, call.rights.actor, _acted_on(call, replaces_proofs=True))
    return Reply(status=204)


@route("GET", "/users/{user_id}/sessions", "users:read", "List where a person is signed in", answer=shapes.Sessions)
def list_sessions(call: Call) -> Reply:
    account, life = call.rights.person(call.where["user_id"]), house().settings.lifetimes
    found = sessions.of_account(account.id, call.now, life.session_idle, life.session)
    return Reply(shapes.Sessions(items=[shapes.Session(id=one.id, way=one.way, signed_in_at=when(one.auth_time), seen_at=when(one.seen_at)) for one in found]))


@route("DELETE", "/users/{user_id}/sessions", "users:manage", "Sign a person out everywhere", status=204)
def end_sessions(call: Call) -> Reply:
    """Ends sessions and refresh tokens, and notifies clients (back-channel logout)."""
    accounts.sign_out(call.now, call.rights.actor, _acted_on(call))
    return Reply(status=204)


@route("DELETE", "/users/{user_id}/sessions/{session_id}", "users:manage", "Sign a person out of one browser", status=204)
def end_session(call: Call) -> Reply:
    accounts.end_session(call.now, call.rights.actor, _acted_on(call), call.where["session_id"])
    return Reply(status=204)


@route("GET", "/users/{user_id}/remembered-browsers", "users:read", "List a person's trusted devices", answer=shapes.RememberedBrowsers)
def list_browsers(call: Call) -> Reply:
    found = remembered.of_account(call.rights.person(call.where["user_id"]).id, call.now)
    items = [shapes.RememberedBrowser(way=one.way, since=when(one.created_at), expires_at=when(one.expires_at)) for one in found]
    return Reply(shapes.RememberedBrowsers(items=items))


@route("DELETE", "/users/{user_id}/remembered-browsers", "users:manage", "End a person's trusted devices", status=204)
def forget_browsers(call: Call) -> Reply:
    accounts.forget_browsers(call.now, call.rights.actor, _acted_on(call))
    return Reply(status=204)


@route("GET", "/users/{user_id}/terms", "users:read", "List which terms of use a person has accepted", answer=shapes.Acceptances)
def list_acceptances(call: Call) -> Reply:
    found = terms.of_account(call.rights.person(call.where["user_id"]).id)
    return Reply(shapes.Acceptances(items=[shapes.Acceptance(brand=one.brand, version=one.version, accepted_at=when(one.at)) for one in found]))


def users(call: Call, found: list[Account]) -> list[User]:
    """These people, as the caller may see them; with four reads, however many they are."""
    ids = {account.id for account in found}
    memberships, invited, written = organizations.of_accounts(ids), links.invitations_of(ids), profiles.of_accounts(ids)
    return [_shown(call, account, memberships[account.id], invited.get(account.id), written.get(account.id)) for account in found]


def user(call: Call, account: Account) -> User:
    return users(call, [account])[0]


def _shown(call: Call, account: Account, memberships: list[Any], invitation: links.Link | None, profile: Profile | None) -> User:
    rights = call.rights
    seen = [one for one in memberships if rights.everything or account.id == rights.account_id or one.id in rights.administers]
    return User(
        id=account.id,
        username=account.username,
        given_name=account.given_name,
        family_name=account.family_name,
        contact_email=account.contact_email,
        sign_in_address=account.sign_in_address,
        phone=masked(account.phone) if account.phone else None,
        telephone=(profile and profile.phone) or None,
        fax=(profile and profile.fax) or None,
        state=invitations.state(account, invitation, call.now),
        company=account.upstream,
        roles=account.roles,
        organizations=[shapes.Membership(id=one.id, npi=one.npi, name=one.name, role=one.role) for one in seen],
        created_at=when(account.created_at),
        updated_at=when(account.updated_at),
        last_sign_in_at=when(account.signed_in_at) if account.signed_in_at is not None else None,
        acts=_acts(call, account, memberships, invitation),
    )


def _acts(call: Call, account: Account, memberships: list[Any], invitation: links.Link | None) -> list[str]:
    """What the caller may do for somebody as they stand now."""
    rights = call.rights
    if rights.refuses(account, memberships):
        return []
    takes_over = rights.refuses(account, memberships, replaces_proofs=True) is None
    enabled, ours = account.disabled_at is None, not account.upstream
    resettable = enabled and ours and resets.resettable(account) and bool(account.contact_email or account.sign_in_address)
    invitable = enabled and ours and not resets.resettable(account)
    may = {
        "reset": resettable and (takes_over or _proven(account)),
        "password_lost": resettable and takes_over,
        "correct_email": ours and takes_over,
        "invite": invitable and takes_over,
        "revoke_invitation": invitable and invitation is not None and invitation.outcome is None and call.now < invitation.expires_at,
        "lift_phone_hold": takes_over and resets.held(account, call.now),
        "sign_out": account.sign_in_address is not None or account.upstream is not None,
        "disable": rights.everything and enabled,
        "enable": rights.everything and not enabled,
    }
    return [name for name, allowed in may.items() if allowed]


def _held_back(call: Call, account: Account | None = None) -> None:
    """What is too much for a mailbox waits, and what is too much of one person, whoever it is to. Raises Mistake."""
    if account:
        for most, seconds, says in MAILS:
            if audit.count_of(account.id, MAILED, call.now - seconds) >= most:
                raise Mistake(f"administrators sent {account.username} {most} emails within {says}; wait before you send another one")
    for most, seconds, says in MAILS_BY_ONE if call.rights.account_id else ():
        if audit.count_by(call.rights.actor, MAILED, call.now - seconds) >= most:
            raise Mistake(f"you sent {most} emails to people within {says}; wait before you send another one")


def _proven(account: Account) -> bool:
    """Whether the address on file, to which a reset mails its link, is the one that its owner signs in with: an administrator may have
    written another."""
    return account.sign_in_address is not None and fold(account.contact_email or account.sign_in_address) == fold(account.sign_in_address)


def _acted_on(call: Call, replaces_proofs: bool = False, mails: bool = False) -> Account:
    """The person of the path, on whom the caller may act; what is done is written down in the organization for which they do it. What
    mails them something is held back when it is too much for a mailbox. Raises Refused or Mistake."""
    account = call.rights.person(call.where["user_id"])
    call.rights.acts_on(account, replaces_proofs)
    if mails:
        _held_back(call, account)
    audit.during(organization_id=next(iter(sorted(call.rights.places(account.id))), None))
    return account


def _again(account: Account) -> Account:
    """The same account, as it is now."""
    found = account_rows.by_id(account.id)
    if found is None:
        raise Refused("This account no longer exists.", hidden=True)
    return found


def _asked_by(call: Call) -> AskedBy:
    return AskedBy(client_id=_goes_on_at(call), brand=_brand(call))


def _goes_on_at(call: Call) -> str | None:
    """The client at which people go on who follow an emailed link: the one that asks, if it has said where a sign-in begins; else the portal."""
    client = house().registry.get(call.client_id)
    return call.client_id if client and client.client_metadata.get("initiate_login_uri") else None


def _brand(call: Call) -> str:
    client = house().registry.get(call.client_id)
    return house().settings.brand_of(client.brand if client else None).id


def _sent(call: Call, sent: invitations.Invited, status: int) -> Reply:
    account = account_rows.by_id(sent.account_id)
    if account is None:
        raise Mistake("the invitation could not be created")
    shown = shapes.Sent(user=user(call, account), mailed_to=sent.address, expires_at=when(sent.expires_at))
    return Reply(shown, status, {"Location": paging.address(f"/users/{account.id}")} if status == 201 else {})
