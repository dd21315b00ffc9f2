"""Organizations and their registration codes, as operators make them."""

from idp import secret
from idp.operations import Mistake
from idp.store import audit, organizations
from idp.store.organizations import Organization

CODE_BYTES = 10  # 80 random bits; the NPI beside it is public
CODE_LIFE = 90 * 86400  # seconds
CODE_USES = 50


def add(now: float, actor: str, npi: str, name: str, uses: int = CODE_USES, life: int = CODE_LIFE) -> str:
    """A new organization; its first registration code, shown this once. Raises Mistake."""
    if not organizations.valid_npi(npi):
        raise Mistake(f"{npi} is not an NPI: ten digits whose check digit must fit")
    if organizations.by_npi(npi):
        raise Mistake(f"the NPI {npi} belongs to an organization already")
    if not name.strip() or not name.isprintable():
        raise Mistake("give the organization a name")
    organization_id = organizations.add(now, npi, name.strip())
    code = secret.token(CODE_BYTES)
    organizations.add_code(now, organization_id, secret.digest(code), now + life, uses)
    audit.add(now, "organization_added", actor=actor, organization_id=organization_id, npi=npi)
    return code


def listed() -> list[Organization]:
    return organizations.listed()
