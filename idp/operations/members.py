"""Who belongs to an organization, and as what."""

from idp.operations import OperatorError
from idp.operations.accounts import sign_out
from idp.store import audit, lock, organizations
from idp.store.accounts import Account
from idp.store.organizations import Organization

ROLES = ("user", "administrator")


def set_role(
    now: float, actor: str, account: Account, organization: Organization, role: str
) -> bool:
    """Let someone belong to an organization in this role; whether they are new there. Raises
    OperatorError."""
    if role not in ROLES:
        raise OperatorError("the role in an organization must be user or administrator")
    # what they do by their role at the same time is done before, or not at all
    lock(f"member:{account.id}")
    # who registers first becomes the administrator of one without
    lock(f"organization:{organization.id}")
    before = role_of(account.id, organization.id)
    if before is None:
        organizations.join(account.id, organization.id, role)
        audit.add(
            now,
            "member_added",
            actor=actor,
            target=account.id,
            organization_id=organization.id,
            role=role,
        )
    elif before != role:
        organizations.set_role(account.id, organization.id, role)
        audit.add(
            now,
            "member_role_changed",
            actor=actor,
            target=account.id,
            organization_id=organization.id,
            before=before,
            role=role,
        )
    return before is None


def remove(now: float, actor: str, account: Account, organization: Organization) -> None:
    """They do not belong to it any more, and are signed out, so that no client goes on believing
    it. Raises OperatorError."""
    lock(f"member:{account.id}")
    lock(f"organization:{organization.id}")
    if not organizations.leave(account.id, organization.id):
        raise OperatorError(f"{account.username} does not belong to {organization.name}")
    sign_out(now, actor, account)
    audit.add(
        now, "member_removed", actor=actor, target=account.id, organization_id=organization.id
    )


def role_of(account_id: str, organization_id: str) -> str | None:
    """What a person is in an organization; None where they are no member."""
    return next(
        (
            str(one.role)
            for one in organizations.of_accounts({account_id})[account_id]
            if one.id == organization_id
        ),
        None,
    )
