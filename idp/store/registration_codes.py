"""Registration codes of organizations: counted, expiring, kept by their digest."""

from sqlalchemy import ForeignKey, bindparam, delete, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from idp import secret
from idp.store.database import Base, claimed, row, rows, run, table


class RegistrationCode(Base):
    """The secret with which people register for an organization: a digest, an expiry, a number of
    uses. `name` is for those who manage codes."""

    __tablename__ = "registration_codes"

    id: Mapped[str] = mapped_column(primary_key=True)
    organization_id: Mapped[str] = mapped_column(ForeignKey("organizations.id"), index=True)
    digest: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[float]
    expires_at: Mapped[float]
    uses_left: Mapped[int]
    name: Mapped[str] = mapped_column(server_default="")


CODES = table(RegistrationCode)


_VALID = (CODES.c.uses_left > 0) & (CODES.c.expires_at > bindparam("now"))
_ADD_CODE = insert(CODES)


_CODE = select(CODES).where(
    CODES.c.organization_id == bindparam("of"), CODES.c.digest == bindparam("wanted"), _VALID
)


_CODE_BY_DIGEST = select(CODES).where(CODES.c.digest == bindparam("wanted"), _VALID)


_BY_ID = select(CODES).where(CODES.c.id == bindparam("id_"))


_CODE_BY_ID = select(CODES).where(CODES.c.id == bindparam("id_"), _VALID)


_USE_CODE = (
    update(CODES)
    .where(CODES.c.id == bindparam("id_"), _VALID)
    .values(uses_left=CODES.c.uses_left - 1)
)


_GIVE_BACK = (
    update(CODES).where(CODES.c.id == bindparam("id_")).values(uses_left=CODES.c.uses_left + 1)
)


_FORGET_CODE = delete(CODES).where(CODES.c.digest == bindparam("wanted"))


_END_CODES = (
    update(CODES)
    .where(CODES.c.organization_id == bindparam("of"), _VALID)
    .values(expires_at=bindparam("now"))
)


_CODES = (
    select(CODES)
    .where(CODES.c.organization_id == bindparam("of"))
    .order_by(CODES.c.created_at, CODES.c.id)
)


_END_CODE = (
    update(CODES)
    .where(CODES.c.organization_id == bindparam("of"), CODES.c.id == bindparam("id_"), _VALID)
    .values(expires_at=bindparam("now"))
)


def add(
    now: float, organization_id: str, digest: str, expires_at: float, uses: int, name: str = ""
) -> str:
    """A further registration code; its id."""
    code_id = secret.plain_token(22)
    run(
        _ADD_CODE,
        id=code_id,
        organization_id=organization_id,
        digest=digest,
        created_at=now,
        expires_at=expires_at,
        uses_left=uses,
        name=name,
    )
    return code_id


def code(organization_id: str, digest: str, now: float) -> RegistrationCode | None:
    """A registration code that works: of this organization, not expired, with uses left."""
    return row(_CODE, RegistrationCode, of=organization_id, wanted=digest, now=now)


def anywhere(digest: str, now: float) -> RegistrationCode | None:
    """A registration code that works, of whatever organization."""
    return row(_CODE_BY_DIGEST, RegistrationCode, wanted=digest, now=now)


def by_id(code_id: str) -> RegistrationCode | None:
    """The registration code of this id, whether or not it works."""
    return row(_BY_ID, RegistrationCode, id_=code_id)


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
    """Remove a code, that it may be made again; no one but the demo chooses its codes."""
    run(_FORGET_CODE, wanted=digest)


def give_back(code_id: str) -> None:
    """A use that led to nothing is left again."""
    run(_GIVE_BACK, id_=code_id)


def use_code(code_id: str, now: float) -> bool:
    """Whether this call took one of its uses."""
    return claimed(_USE_CODE, id_=code_id, now=now)
