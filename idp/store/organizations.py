"""Organizations, who belongs to them, and the codes that let people register for
them."""

from typing import Any

from sqlalchemy import ForeignKey, String, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from idp import secret
from idp.store import directory
from idp.store.database import Base, claimed, escaped, lock, row, rows, run, scalar, table
from idp.typed import digits, fold


class Organization(Base):
    """Where people work, and by what it is known; not every profile has identifiers."""

    __tablename__ = "organizations"

    id: Mapped[str] = mapped_column(primary_key=True)
    identifier: Mapped[str] = mapped_column(unique=True)  # its id where it has none
    name: Mapped[str]
    # the name, folded
    found_by: Mapped[str] = mapped_column(
        String(255).with_variant(String(255, collation="C"), "postgresql"), server_default=""
    )
    created_at: Mapped[float]


class Membership(Base):
    """`role` is `administrator` or `user`. `code_id` is the registration code by which someone
    joined who registered alone."""

    __tablename__ = "memberships"

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    organization_id: Mapped[str] = mapped_column(
        ForeignKey("organizations.id"), primary_key=True, index=True
    )
    role: Mapped[str]
    code_id: Mapped[str | None]


ORGANIZATIONS = table(Organization)
MEMBERSHIPS = table(Membership)

_BY_IDENTIFIER = select(ORGANIZATIONS).where(ORGANIZATIONS.c.identifier == bindparam("wanted"))
_BY_ID = select(ORGANIZATIONS).where(ORGANIZATIONS.c.id == bindparam("id_"))
_ADD, _JOIN = insert(ORGANIZATIONS), insert(MEMBERSHIPS)
_JOINED_BY_CODE = select(MEMBERSHIPS).where(
    MEMBERSHIPS.c.account_id == bindparam("who"), MEMBERSHIPS.c.code_id.is_not(None)
)
_ADMINISTERED = (
    select(MEMBERSHIPS.c.account_id)
    .where(MEMBERSHIPS.c.organization_id == bindparam("of"), MEMBERSHIPS.c.role == "administrator")
    .limit(1)
)
_SET_ROLE = (
    update(MEMBERSHIPS)
    .where(
        MEMBERSHIPS.c.organization_id == bindparam("of"),
        MEMBERSHIPS.c.account_id == bindparam("who"),
    )
    .values(role=bindparam("new_role"), code_id=None)
)
_LISTED = select(ORGANIZATIONS).order_by(ORGANIZATIONS.c.name)
_PAGE = (
    select(ORGANIZATIONS)
    .where(
        or_(
            ORGANIZATIONS.c.found_by > bindparam("name_"),
            (ORGANIZATIONS.c.found_by == bindparam("name_"))
            & (ORGANIZATIONS.c.identifier > bindparam("identifier_")),
        ),
        or_(
            ORGANIZATIONS.c.found_by.contains(bindparam("wanted"), autoescape=False, escape="\\"),
            ORGANIZATIONS.c.identifier == bindparam("plain"),
            # an identifier of digits is found however they are grouped
            ORGANIZATIONS.c.identifier == bindparam("digits_"),
        ),
    )
    .order_by(ORGANIZATIONS.c.found_by, ORGANIZATIONS.c.identifier)
    .limit(bindparam("most"))
)
_BY_IDS = (
    select(ORGANIZATIONS)
    .where(ORGANIZATIONS.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(ORGANIZATIONS.c.name, ORGANIZATIONS.c.identifier)
)
_RENAME = (
    update(ORGANIZATIONS)
    .where(ORGANIZATIONS.c.id == bindparam("id_"))
    .values(name=bindparam("new_name"), found_by=bindparam("new_key"))
)
_COUNT = select(func.count()).where(MEMBERSHIPS.c.organization_id == bindparam("of"))
_MEMBERSHIPS = (
    select(
        MEMBERSHIPS.c.account_id,
        MEMBERSHIPS.c.role,
        ORGANIZATIONS.c.id,
        ORGANIZATIONS.c.identifier,
        ORGANIZATIONS.c.name,
    )
    .join(ORGANIZATIONS, ORGANIZATIONS.c.id == MEMBERSHIPS.c.organization_id)
    .where(MEMBERSHIPS.c.account_id.in_(bindparam("ids", expanding=True)))
    .order_by(ORGANIZATIONS.c.name, ORGANIZATIONS.c.identifier)
)
_LEAVE = delete(MEMBERSHIPS).where(
    MEMBERSHIPS.c.organization_id == bindparam("of"), MEMBERSHIPS.c.account_id == bindparam("who")
)
_OF_ACCOUNT = (
    select(ORGANIZATIONS.c.id, ORGANIZATIONS.c.identifier, ORGANIZATIONS.c.name, MEMBERSHIPS.c.role)
    .join(MEMBERSHIPS, MEMBERSHIPS.c.organization_id == ORGANIZATIONS.c.id)
    .where(MEMBERSHIPS.c.account_id == bindparam("account_id"))
    .order_by(ORGANIZATIONS.c.name)
)


def add(now: float, identifier: str, name: str) -> str:
    """A new organization, with an identifier or without (empty); its id. Raises sqlalchemy's
    IntegrityError where the identifier is taken."""
    organization_id = secret.plain_token(22)
    run(
        _ADD,
        id=organization_id,
        identifier=identifier or organization_id,
        name=name,
        found_by=fold(name)[:255],
        created_at=now,
    )
    return organization_id


def join(account_id: str, organization_id: str, role: str, code_id: str | None = None) -> None:
    """Make a person a member, by a registration code or by an administrator."""
    run(_JOIN, account_id=account_id, organization_id=organization_id, role=role, code_id=code_id)
    directory.enter(account_id, organization_id)


def leave(account_id: str, organization_id: str) -> bool:
    """Whether this call ended the membership."""
    directory.leave(account_id, organization_id)
    return claimed(_LEAVE, who=account_id, of=organization_id)


def set_role(account_id: str, organization_id: str, role: str) -> None:
    """Change what a member is."""
    run(_SET_ROLE, who=account_id, of=organization_id, new_role=role)


def by_id(organization_id: str) -> Organization | None:
    """The organization with this ID; None where there is none."""
    return row(_BY_ID, Organization, id_=organization_id)


def settle_roles(account_id: str) -> list[str]:
    """A person who joined by a registration code and has now registered becomes the administrator of an
    organization that has none, and a user of any other; the ids of those that got their
    administrator."""
    made = []
    for membership in list(rows(_JOINED_BY_CODE, Membership, who=account_id)):
        lock(f"organization:{membership.organization_id}")
        vacant = row(_ADMINISTERED, Membership, of=membership.organization_id) is None
        run(
            _SET_ROLE,
            of=membership.organization_id,
            who=account_id,
            new_role="administrator" if vacant else "user",
        )
        made += [membership.organization_id] if vacant else []
    return made


def by_identifier(identifier: str) -> Organization | None:
    """The organization that is known by this; None where there is none."""
    return row(_BY_IDENTIFIER, Organization, wanted=identifier)


def listed() -> list[Organization]:
    """All organizations, by name."""
    return list(rows(_LISTED, Organization))


def page(after: tuple[str, str], most: int, wanted: str = "") -> list[Organization]:
    """The organizations that follow this folded name and identifier; of those, whose name has
    `wanted` in it, or whose identifier it is."""
    return list(
        rows(
            _PAGE,
            Organization,
            name_=after[0],
            identifier_=after[1],
            wanted=escaped(fold(wanted)),
            plain=wanted.strip(),
            digits_=digits(wanted),
            most=most,
        )
    )


def by_ids(organization_ids: set[str]) -> list[Organization]:
    """These organizations, by name."""
    return (
        list(rows(_BY_IDS, Organization, ids=sorted(organization_ids))) if organization_ids else []
    )


def rename(organization_id: str, name: str) -> None:
    """Give an organization another name."""
    run(_RENAME, id_=organization_id, new_name=name, new_key=fold(name)[:255])


def count_members(organization_id: str) -> int:
    """How many members an organization has."""
    return int(scalar(_COUNT, of=organization_id))


def of_accounts(account_ids: set[str]) -> dict[str, list[Any]]:
    """By account, its memberships: rows with id, identifier and name of the organization, and role; by
    name."""
    found: dict[str, list[Any]] = {account_id: [] for account_id in account_ids}
    for one in rows(_MEMBERSHIPS, Membership, ids=sorted(account_ids)) if account_ids else ():
        found[one.account_id].append(one)
    return found


def first_of(account_id: str) -> str | None:
    """The first of an account's organizations by name: in whose trail its own acts stand."""
    return next((str(one["id"]) for one in of_account(account_id)), None)


def of_account(account_id: str) -> list[dict[str, Any]]:
    """The organizations of an account: `[{id, identifier, name, roles}]`, by name."""
    found: Any = rows(_OF_ACCOUNT, Organization, account_id=account_id)
    return [
        {"id": one.id, "identifier": one.identifier, "name": one.name, "roles": [one.role]}
        for one in found
    ]
