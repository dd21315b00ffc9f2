"""Accounts, as operators make and end them."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.exc import IntegrityError

from idp import typed
from idp.brand import Brand
from idp.factors import password
from idp.factors.phone import allowed, read
from idp.operations import NotFound, OperatorError
from idp.operations.organizations import found as organization_named
from idp.settings.upstreams import UpstreamSettings
from idp.store import (
    accounts,
    audit,
    endings,
    grants,
    lock,
    organizations,
    rollback,
    sessions,
    terms,
    tries,
)
from idp.store.accounts import Account
from idp.typed import fold

USERNAME = (
    "a username has 3 to 64 letters and digits, with . _ - + ' between them; letters of different "
    "alphabets cannot be mixed"
)
UNFIT: Mapping[str, str] = {
    "password_short": f"the password must have at least {password.SHORTEST} characters",
    "password_long": f"the password must have at most {password.LONGEST} characters",
    "password_common": "the password is too easy to guess",
    "password_personal": "the password is based on the person's name or address",
}


def add(
    now: float,
    actor: str,
    username: str,
    contact_email: str,
    given_name: str,
    family_name: str,
    *,
    new_password: str | None = None,
    enrolled: bool = False,
    phone: str | None = None,
    countries: tuple[str, ...] = (),
    organization: str | None = None,
    role: str = "user",
) -> str:
    """A new account; its id. `enrolled` makes the contact email its verified sign-in address; an
    account with a password may have no address on file, and gives one when it registers.
    `organization` is an identifier or an id. Raises OperatorError."""
    given_name, family_name = typed.name(given_name), typed.name(family_name)
    address, username = (
        typed.email(contact_email) if contact_email.strip() else "",
        typed.line(username),
    )
    if address is None:
        raise OperatorError(f"{contact_email} is not a valid email address")
    contact_email = address
    if not contact_email and (enrolled or new_password is None):
        raise OperatorError(
            "give an email address or a password; without either, no one could use the account"
        )
    if not typed.fits_username(username):
        raise OperatorError(USERNAME, field="username")
    if (
        not (given_name or family_name)
        or max(len(given_name), len(family_name)) > typed.LONGEST_NAME
    ):
        raise OperatorError(
            f"give a given name or a family name, of at most {typed.LONGEST_NAME} characters each"
        )
    if new_password is not None and (
        why := password.unfit(new_password, (username, contact_email, given_name, family_name))
    ):
        raise OperatorError(UNFIT[why])
    if role not in ("user", "administrator"):
        raise OperatorError("the role in an organization must be user or administrator")
    number = read(phone) if phone else None
    if phone and number is None:
        raise OperatorError(
            f"{phone} is not a valid phone number; give the 10 digits of a direct line, "
            "or start with + and the country code"
        )
    if number and countries and not allowed(number, countries):
        raise OperatorError(
            f"{number} cannot receive text messages and calls; give an ordinary line in "
            f"one of these countries: {', '.join(countries)} (phone.countries)"
        )
    place = organization_named(organization) if organization else None
    lock(f"address:{fold(contact_email)}")
    if contact_email and accounts.taken(contact_email):
        raise OperatorError(
            f"the address {contact_email} is already on file for another account", field="email"
        )
    if accounts.by_username(username):
        raise OperatorError(
            f"the username {username} already belongs to another account", field="username"
        )
    try:
        account_id = accounts.add(
            now,
            username,
            contact_email,
            given_name,
            family_name,
            password.hashed(new_password) if new_password else None,
            contact_email if enrolled else None,
            number,
        )
    except IntegrityError:
        rollback()
        raise OperatorError(
            f"the username {username} or the address {contact_email} already belongs to "
            "another account"
        ) from None
    audit.add(
        now,
        "account_added",
        actor=actor,
        target=account_id,
        organization_id=place.id if place else None,
    )
    if place:
        organizations.join(account_id, place.id, role)
        audit.add(
            now,
            "member_added",
            actor=actor,
            target=account_id,
            organization_id=place.id,
            role=role,
        )
    return account_id


def found(name: str | Account) -> Account:
    """The account of this username, address or id; or the one at hand, as it was read. Raises
    OperatorError."""
    if not isinstance(name, str):
        return name
    account = accounts.by_username(name) or accounts.by_address(name) or accounts.by_id(name)
    account = account or next((one for one in accounts.with_address(name) if one.upstream), None)
    if account is None:
        raise NotFound(f"there is no account {name}", "`idp accounts list` shows all accounts")
    return account


def not_an_employees(address: str, upstreams: Iterable[UpstreamSettings], field: str) -> None:
    """Raises OperatorError for an address of a company's people: they sign in there, and register
    nothing here."""
    upstream = next((one for one in upstreams if one.has(address)), None)
    if upstream is not None:
        raise OperatorError(
            f"the address {address} belongs to an employee of {upstream.name}; employees sign in with "
            "LOGIN and do not register",
            field=field,
        )


def record(now: float, actor: str | None, action: str, account: Account, **detail: Any) -> None:
    """Write an act at this account into the audit trail, in the book of the organization that the
    actor acts for, else of the account's first."""
    place = audit.ambient("organization_id") or organizations.first_of(account.id)
    audit.add(now, action, actor=actor, target=account.id, organization_id=place, **detail)


def disable(now: float, actor: str, name: str | Account) -> int:
    """No one can use it any more, at once; how many sessions that ended. Raises OperatorError."""
    account = found(name)
    # what they do by their role at the same time is done before, or not at all
    lock(f"member:{account.id}")
    if not accounts.disable(account.id, now):
        raise OperatorError(f"{account.username} is already disabled")
    ended = endings.end("disabled", account.id, now)
    record(now, actor, "account_disabled", account, sessions=ended["sessions"])
    return ended["sessions"]


def unlock(now: float, actor: str, name: str) -> None:
    """Forget the wrong passwords and codes of an account, so that its owner may try again at once.
    Raises OperatorError."""
    account = found(name)
    record(now, actor, "account_unlocked", account, tries=tries.forget(account.id))


def end_session(now: float, actor: str, account: Account, session_id: str) -> None:
    """Sign someone out of one browser. Raises OperatorError."""
    session = sessions.by_id(session_id)
    if (
        session is None
        or session.account_id != account.id
        or not endings.end_session(session_id, now)
    ):
        raise NotFound("this session does not exist or has ended")
    grants.revoke_of_session(session_id, now)
    record(now, actor, "session_ended", account, session=session_id)


def sign_out(now: float, actor: str, account: Account) -> int:
    """Sign someone out everywhere; how many sessions that ended. No browser is remembered any more
    either."""
    lock(f"member:{account.id}")
    ended = endings.end("signed_out", account.id, now)
    record(
        now,
        actor,
        "sessions_ended",
        account,
        sessions=ended["sessions"],
        browsers=ended["browsers"],
    )
    return ended["sessions"]


def forget_browsers(now: float, actor: str, account: Account) -> int:
    """No browser of theirs is remembered any more; how many there were."""
    ended = endings.end("browsers_forgotten", account.id, now)["browsers"]
    record(now, actor, "browsers_forgotten", account, browsers=ended)
    return ended


def enable(now: float, actor: str, name: str | Account) -> None:
    """It may be used again; what was ended stays ended. Raises OperatorError."""
    account = found(name)
    if not accounts.enable(account.id):
        raise OperatorError(f"{account.username} is not disabled")
    record(now, actor, "account_enabled", account)


def accept_terms(now: float, actor: str, name: str, brand: Brand) -> None:
    """Record that this person has accepted the brand's terms elsewhere, on paper say: they are not
    asked again. Raises OperatorError."""
    account, in_force = found(name), brand.terms_at(now)
    if in_force is None:
        raise OperatorError(f"the brand {brand.id} has no terms of use in force")
    accounts.accept_terms(account.id, brand.id, in_force.version)
    terms.add(account.id, brand.id, in_force.version, now, None, None)
    audit.add(
        now,
        "terms_accepted",
        actor=actor,
        target=account.id,
        brand=brand.id,
        version=in_force.version,
        how="recorded by an operator",
    )
