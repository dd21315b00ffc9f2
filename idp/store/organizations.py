"""Organizations (the clinics), who belongs to them, and the codes that let people register for them."""

from typing import Any

from sqlalchemy import ForeignKey, String, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from idp import secret
from idp.store import directory
from idp.store.database import Base, claimed, escaped, lock, row, rows, run, scalar, table
from idp.typed import digits, fold


class Organization(Base):
    __tablename__ = "organizations"

    id: Mapped[str] = mapped_column(primary_key=True)
    npi: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    found_by: Mapped[str] = mapped_column(String(255).with_variant(String(255, collation="C"), "postgresql"), server_default="")  # the name, folded
    created_at: Mapped[float]


class Membership(Base):
    """`role` is `administrator` or `user`. `code_id` is the registration code by which somebody joined who registered alone."""

    __tablename__ = "memberships"

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    organization_id: Mapped[str] = mapped_column(ForeignKey("organizations.id"), primary_key=True, index=True)
    role: Mapped[str]
    code_id: Mapped[str | None]


class RegistrationCode(Base):
    """The secret behind a public NPI: a digest, an expiry, a number of uses. `name` is for those who manage codes."""

    __tablename__ = "registration_codes"

    id: Mapped[str] = mapped_column(primary_key=True)
    organization_id: Mapped[str] = mapped_column(ForeignKey("organizations.id"), index=True)
    digest: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[float]
    expires_at: Mapped[float]
    uses_left: Mapped[int]
    name: Mapped[str] = mapped_column(server_default="")


ORGANIZATIONS = table(Organization)
MEMBERSHIPS = table(Membership)
CODES = table(RegistrationCode)

_ADD, _ADD_CODE, _JOIN = insert(ORGANIZATIONS), insert(CODES), insert(MEMBERSHIPS)
_BY_NPI = select(ORGANIZATIONS).where(ORGANIZATIONS.c.npi == bindparam("npi"))
_BY_ID = select(ORGANIZATIONS).where(ORGANIZATIONS.c.id == bindparam("id_"))
_VALID = (CODES.c.uses_left > 0) & (CODES.c.expires_at > bindparam("now"))
_CODE = select(CODES).where(CODES.c.organization_id == bindparam("of"), CODES.c.digest == bindparam("wanted"), _VALID)
_CODE_BY_ID = select(CODES).where(CODES.c.id == bindparam("id_"), _VALID)
_USE_CODE = update(CODES).where(CODES.c.id == bindparam("id_"), _VALID).values(uses_left=CODES.c.uses_left - 1)
_FORGET_CODE = delete(CODES).where(CODES.c.digest == bindparam("wanted"))
_END_CODES = update(CODES).where(CODES.c.organization_id == bindparam("of"), _VALID).values(expires_at=bindparam("now"))
_JOINED_BY_CODE = select(MEMBERSHIPS).where(MEMBERSHIPS.c.account_id == bindparam("who"), MEMBERSHIPS.c.code_id.is_not(None))
_ADMINISTERED = select(MEMBERSHIPS.c.account_id).where(MEMBERSHIPS.c.organization_id == bindparam("of"), MEMBERSHIPS.c.role == "administrator").limit(1)
_SET_ROLE = (
    update(MEMBERSHIPS)
    .where(MEMBERSHIPS.c.organization_id == bindparam("of"), MEMBERSHIPS.c.account_id == bindparam("who"))
    .values(role=bindparam("new_role"), code_id=None)
)
_LISTED = select(ORGANIZATIONS).order_by(ORGANIZATIONS.c.name)
_PAGE = (
    select(ORGANIZATIONS)
    .where(
        or_(ORGANIZATIONS.c.found_by > bindparam("name_"), (ORGANIZATIONS.c.found_by == bindparam("name_")) & (ORGANIZATIONS.c.npi > bindparam("npi_"))),
        or_(ORGANIZATIONS.c.found_by.contains(bindparam("wanted"), autoescape=False, escape="\\"), ORGANIZATIONS.c.npi == bindparam("plain")),
    )
    .order_by(ORGANIZATIONS.c.found_by, ORGANIZATIONS.c.npi)
    .limit(bindparam("most"))
)
_BY_IDS = select(ORGANIZATIONS).where(ORGANIZATIONS.c.id.in_(bindparam("ids", expanding=True))).order_by(ORGANIZATIONS.c.name, ORGANIZATIONS.c.npi)
_RENAME = update(ORGANIZATIONS).where(ORGANIZATIONS.c.id == bindparam("id_")).values(name=bindparam("new_name"), found_by=bindparam("new_key"))
_COUNT = select(func.count()).where(MEMBERSHIPS.c.organization_id == bindparam("of"))
_MEMBERSHIPS = (
    select(MEMBERSHIPS.c.account_id, MEMBERSHIPS.c.role, ORGANIZATIONS.c.id, ORGANIZATIONS.c.npi, ORGANIZATIONS.c.name)
    .join(ORGANIZATIONS, ORGANIZATIONS.c.id == MEMBERSHIPS.c.organization_id)
    .where(MEMBERSHIPS.c.account_id.in_(bindparam("ids", expanding=True)))
    .order_by(ORGANIZATIONS.c.name, ORGANIZATIONS.c.npi)
)
_LEAVE = delete(MEMBERSHIPS).where(MEMBERSHIPS.c.organization_id == bindparam("of"), MEMBERSHIPS.c.account_id == bindparam("who"))
_CODES = select(CODES).where(CODES.c.organization_id == bindparam("of")).order_by(CODES.c.created_at, CODES.c.id)
_END_CODE = update(CODES).where(CODES.c.organization_id == bindparam("of"), CODES.c.id == bindparam("id_"), _VALID).values(expires_at=bindparam("now"))
_OF_ACCOUNT = (
    select(ORGANIZATIONS.c.id, ORGANIZATIONS.c.npi, ORGANIZATIONS.c.name, MEMBERSHIPS.c.role)
    .join(MEMBERSHIPS, MEMBERSHIPS.c.organization_id == ORGANIZATIONS.c.id)
    .where(MEMBERSHIPS.c.account_id == bindparam("account_id"))
    .order_by(ORGANIZATIONS.c.name)
)


def valid_npi(npi: str) -> bool:
    """Ten digits whose Luhn check holds over the prefix 80840 (the standard of the NPI)."""
    if len(npi) != 10 or not (npi.isascii() and npi.isdigit()):
        return False
    total = 0
    for place, digit in enumerate(int(d) for d in reversed("80840" + npi)):
        doubled = digit * 2 if place % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def add(now: float, npi: str, name: str) -> str:
    """A new organization; its id. Raises sqlalchemy's IntegrityError where the NPI is taken."""
    organization_id = secret.plain_token(22)
    run(_ADD, id=organization_id, npi=npi, name=name, found_by=fold(name)[:255], created_at=now)
    return organization_id


def add_code(now: float, organization_id: str, digest: str, expires_at: float, uses: int, name: str = "") -> str:
    """A further registration code; its id."""
    code_id = secret.plain_token(22)
    run(_ADD_CODE, id=code_id, organization_id=organization_id, digest=digest, created_at=now, expires_at=expires_at, uses_left=uses, name=name)
    return code_id


def join(account_id: str, organization_id: str, role: str, code_id: str | None = None) -> None:
    run(_JOIN, account_id=account_id, organization_id=organization_id, role=role, code_id=code_id)
    directory.enter(account_id, organization_id)


def leave(account_id: str, organization_id: str) -> bool:
    """Whether this call ended the membership."""
    directory.leave(account_id, organization_id)
    return claimed(_LEAVE, who=account_id, of=organization_id)


def set_role(account_id: str, organization_id: str, role: str) -> None:
    run(_SET_ROLE, who=account_id, of=organization_id, new_role=role)


def by_id(organization_id: str) -> Organization | None:
    return row(_BY_ID, Organization, id_=organization_id)


def code(organization_id: str, digest: str, now: float) -> RegistrationCode | None:
    """A registration code that works: of this organization, not expired, with uses left."""
    return row(_CODE, RegistrationCode, of=organization_id, wanted=digest, now=now)


def working_code(code_id: str, now: float) -> RegistrationCode | None:
    """The registration code of this id, while it works."""
    return row(_CODE_BY_ID, RegistrationCode, id_=code_id, now=now)


def codes(organization_id: str) -> list[RegistrationCode]:
    """Every registration code of an organization that is still remembered, the oldest first."""
    return list(rows(_CODES, RegistrationCode, of=organization_id))


def end_code(organization_id: str, code_id: str, now: float) -> bool:
    """Whether this call ended it."""
    return claimed(_END_CODE, of=organization_id, id_=code_id, now=now)


def end_codes(organization_id: str, now: float) -> int:
    """End every code of an organization that works; how many there were."""
    return run(_END_CODES, of=organization_id, now=now)


def forget_code(digest: str) -> None:
    """Remove a code, that it may be made again; nobody but the demo chooses its codes."""
    run(_FORGET_CODE, wanted=digest)


def use_code(code_id: str, now: float) -> bool:
    """Whether this call took one of its uses."""
    return claimed(_USE_CODE, id_=code_id, now=now)


def settle_roles(account_id: str) -> list[str]:
    """Whoever joined by a registration code and has now registered becomes the administrator of an organization that
    has none, and a user of any other; the ids of those that got their administrator."""
    made = []
    for membership in list(rows(_JOINED_BY_CODE, Membership, who=account_id)):
        lock(f"organization:{membership.organization_id}")
        vacant = row(_ADMINISTERED, Membership, of=membership.organization_id) is None
        run(_SET_ROLE, of=membership.organization_id, who=account_id, new_role="administrator" if vacant else "user")
        made += [membership.organization_id] if vacant else []
    return made


def by_npi(npi: str) -> Organization | None:
    return row(_BY_NPI, Organization, npi=npi)


def listed() -> list[Organization]:
    return list(rows(_LISTED, Organization))


def page(after: tuple[str, str], most: int, wanted: str = "") -> list[Organization]:
    """The organizations that follow this folded name and NPI; of those, whose name has `wanted` in it, or whose NPI it is."""
    return list(rows(_PAGE, Organization, name_=after[0], npi_=after[1], wanted=escaped(fold(wanted)), plain=digits(wanted), most=most))


def by_ids(organization_ids: set[str]) -> list[Organization]:
    """These organizations, by name."""
    return list(rows(_BY_IDS, Organization, ids=sorted(organization_ids))) if organization_ids else []


def rename(organization_id: str, name: str) -> None:
    run(_RENAME, id_=organization_id, new_name=name, new_key=fold(name)[:255])


def count_members(organization_id: str) -> int:
    return int(scalar(_COUNT, of=organization_id))


def of_accounts(account_ids: set[str]) -> dict[str, list[Any]]:
    """By account, its memberships: rows with id, npi and name of the organization, and role; by name."""
    found: dict[str, list[Any]] = {account_id: [] for account_id in account_ids}
    for one in rows(_MEMBERSHIPS, Membership, ids=sorted(account_ids)) if account_ids else ():
        found[one.account_id].append(one)
    return found


def of_account(account_id: str) -> list[dict[str, Any]]:
    """The claim `organizations`: `[{id, npi, name, roles}]`, by name."""
    found: Any = rows(_OF_ACCOUNT, Organization, account_id=account_id)
    return [{"id": one.id, "npi": one.npi, "name": one.name, "roles": [one.role]} for one in found]
