"""Organizations and their registration codes, as operators make them."""

from idp import secret
from idp.operations import NotFound, OperatorError
from idp.store import audit, lock, organizations, registration_codes
from idp.store.organizations import Organization
from idp.typed import LONGEST_LINE, digits, line

CODE_LIFE = 90 * 86400  # seconds
CODE_USES = 50


def add(
    now: float, actor: str, npi: str, name: str, uses: int = CODE_USES, life: int = CODE_LIFE
) -> tuple[str, str]:
    """A new organization: its id, and its first registration code, shown this once. Raises
    OperatorError."""
    given, npi = npi, digits(npi)
    if not organizations.valid_npi(npi):
        raise OperatorError(
            f"{given} is not a valid NPI; an NPI has 10 digits, and the last one is a check digit"
        )
    lock(f"npi:{npi}")
    if organizations.by_npi(npi):
        raise OperatorError(f"the NPI {npi} already belongs to an organization")
    name = _named(name)
    organization_id = organizations.add(now, npi, name)
    code = secret.spoken()
    registration_codes.add_code(
        now, organization_id, secret.digest(secret.heard(code)), now + life, uses
    )
    audit.add(now, "organization_added", actor=actor, organization_id=organization_id, npi=npi)
    return organization_id, code


def _named(name: str) -> str:
    """The name as it is kept. Raises OperatorError."""
    kept = line(name)
    if not kept or len(kept) > LONGEST_LINE:
        raise OperatorError(f"the name of an organization must have 1 to {LONGEST_LINE} characters")
    return kept


def found(npi: str) -> Organization:
    """The organization with this NPI. Raises OperatorError."""
    organization = organizations.by_npi(digits(npi))
    if organization is None:
        raise NotFound(
            f"there is no organization with the NPI {npi}",
            "`idp organizations list` shows all organizations",
        )
    return organization


def add_code(
    now: float,
    actor: str,
    npi: str,
    uses: int = CODE_USES,
    life: int = CODE_LIFE,
    chosen: str | None = None,
    name: str = "",
) -> tuple[str, str]:
    """A further registration code of an organization, shown this once, and its id. `chosen` is for
    development and the demo; `name` tells it from the others. Raises OperatorError."""
    organization = found(npi)
    name = line(name)
    if len(name) > LONGEST_LINE:
        raise OperatorError(
            f"the name of a registration code must have at most {LONGEST_LINE} characters"
        )
    if not 1 <= uses <= 10_000 or not 3600 <= life <= 366 * 86400:
        raise OperatorError(
            "a registration code can be used by 1 to 10000 people, for one hour to one year"
        )
    code = chosen or secret.spoken()
    code_id = registration_codes.add_code(
        now, organization.id, secret.digest(secret.heard(code)), now + life, uses, name
    )
    audit.add(
        now,
        "registration_code_added",
        actor=actor,
        organization_id=organization.id,
        uses=uses,
        code=code_id,
        name=name,
    )
    return code, code_id


def end_code(now: float, actor: str, organization: Organization, code_id: str) -> None:
    """End one registration code. Raises OperatorError."""
    if not registration_codes.end_code(organization.id, code_id, now):
        raise NotFound("this registration code does not exist or no longer works")
    audit.add(
        now, "registration_code_ended", actor=actor, organization_id=organization.id, code=code_id
    )


def rename(now: float, actor: str, organization: Organization, name: str) -> None:
    """Another name, as people read it. Raises OperatorError."""
    name = _named(name)
    organizations.rename(organization.id, name)
    audit.add(
        now,
        "organization_renamed",
        actor=actor,
        organization_id=organization.id,
        before=organization.name,
        name=name,
    )


def end_codes(now: float, actor: str, npi: str) -> int:
    """End every registration code of an organization that works; how many there were. Raises
    OperatorError."""
    organization = found(npi)
    ended = registration_codes.end_codes(organization.id, now)
    audit.add(
        now, "registration_codes_ended", actor=actor, organization_id=organization.id, codes=ended
    )
    return ended


def listed() -> list[Organization]:
    return organizations.listed()
