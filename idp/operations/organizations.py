"""Organizations and their registration codes, as operators make them."""

import re

from idp import secret
from idp.operations import NotFound, OperatorError
from idp.profiles import Profile
from idp.store import audit, lock, organizations, registration_codes
from idp.store.organizations import Organization
from idp.typed import LONGEST_LINE, digits, line

GROUPED = re.compile(r"[\d\s().-]+")  # a number as people write it
CODE_LIFE = 90 * 86400  # seconds
CODE_USES = 50


def add(
    now: float,
    actor: str,
    profile: Profile,
    identifier: str,
    name: str,
    uses: int = CODE_USES,
    life: int = CODE_LIFE,
) -> tuple[str, str]:
    """A new organization, known by an identifier of the profile's kind; empty for none, where the
    profile has no kind of its own. Its id, and its first registration code, shown this once. Raises
    OperatorError."""
    known_as = _identified(profile, identifier)
    lock(f"organization:{known_as}")
    if known_as and organizations.by_identifier(known_as):
        raise OperatorError(f"{known_as} already belongs to an organization")
    name = _named(name)
    organization_id = organizations.add(now, known_as, name)
    code = secret.spoken()
    registration_codes.add(
        now, organization_id, secret.digest(secret.heard(code)), now + life, uses
    )
    audit.add(
        now,
        "organization_added",
        actor=actor,
        organization_id=organization_id,
        **profile.known_by(known_as or organization_id, organization_id),
    )
    return organization_id, code


def _identified(profile: Profile, given: str) -> str:
    """The identifier as it is kept; empty for none. Raises OperatorError."""
    if profile.identifier is None:
        kept = line(given)
        if len(kept) > LONGEST_LINE:
            raise OperatorError(f"an identifier has at most {LONGEST_LINE} characters")
        return kept
    found = profile.identifier.field.read(given)
    if found is None:
        raise OperatorError(
            f"{given or 'nothing'} is not a valid {profile.identifier.name.upper()}; "
            f"{profile.identifier.rule}"
        )
    return found


def _named(name: str) -> str:
    """The name as it is kept. Raises OperatorError."""
    kept = line(name)
    if not kept or len(kept) > LONGEST_LINE:
        raise OperatorError(f"the name of an organization must have 1 to {LONGEST_LINE} characters")
    return kept


def found(identifier: str) -> Organization:
    """The organization with this id or identifier; one of digits, however they are grouped. Raises
    OperatorError."""
    given = identifier.strip()
    organization = organizations.by_id(given) or organizations.by_identifier(given)
    if organization is None and GROUPED.fullmatch(given):
        organization = organizations.by_identifier(digits(given))
    if organization is None:
        raise NotFound(
            f"there is no organization {identifier}",
            "`idp organizations list` shows all organizations",
        )
    return organization


def add_code(
    now: float,
    actor: str,
    identifier: str,
    uses: int = CODE_USES,
    life: int = CODE_LIFE,
    chosen: str | None = None,
    name: str = "",
) -> tuple[str, str]:
    """A further registration code of an organization, shown this once, and its id. `chosen` is for
    development and the demo; `name` tells it from the others. Raises OperatorError."""
    organization = found(identifier)
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
    code_id = registration_codes.add(
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


def end_codes(now: float, actor: str, identifier: str) -> int:
    """End every registration code of an organization that works; how many there were. Raises
    OperatorError."""
    organization = found(identifier)
    ended = registration_codes.end_codes(organization.id, now)
    audit.add(
        now, "registration_codes_ended", actor=actor, organization_id=organization.id, codes=ended
    )
    return ended


def listed() -> list[Organization]:
    """All organizations, by name."""
    return organizations.listed()
