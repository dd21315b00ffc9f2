"""Who may see and manage whom, by the roles that someone has at this moment. What is not theirs
does not exist for them."""

from dataclasses import dataclass
from typing import Any

from idp.store import accounts, organizations
from idp.store.accounts import Account
from idp.store.organizations import Organization


class Forbidden(Exception):
    """What someone asked for is not theirs. `hidden`: they are not told that it exists."""

    def __init__(self, says: str, hidden: bool = False) -> None:
        super().__init__(says)
        self.hidden = hidden


# administrators, also elsewhere, and who works elsewhere too
NOT_THEIRS = "Only someone who manages all organizations may do this for %s."
NOWHERE = Forbidden("It does not exist, or you do not have access to it.", hidden=True)


@dataclass(frozen=True)
class Rights:
    """`actor` is who acts, as the audit trail names them; `account_id` is None for a service client.
    `everything`: all organizations, all people, all clients. Ids of organizations: those that they
    belong to, and those of them that they administer."""

    actor: str
    account_id: str | None
    everything: bool
    belongs: frozenset[str]
    administers: frozenset[str]
    role: str  # of those who manage everything

    @classmethod
    def of_person(cls, account: Account, role: str) -> "Rights":
        """What this person may do now; `role` is that of those who manage everything."""
        found = organizations.of_accounts({account.id})[account.id]
        administers = frozenset(one.id for one in found if one.role == "administrator")
        return cls(
            account.id,
            account.id,
            role in account.roles,
            frozenset(one.id for one in found),
            administers,
            role,
        )

    @classmethod
    def of_machine(cls, client_id: str, role: str) -> "Rights":
        """A client without a person, which an operator registered for this: its scopes are all that
        limits it."""
        return cls(f"client:{client_id}", None, True, frozenset(), frozenset(), role)

    def person(self, account_id: str) -> Account:
        """Someone whom the actor sees: a member of an organization that they administer, or
        themselves. Raises Forbidden."""
        account = accounts.by_id(account_id)
        if account is None or not (
            self.everything or account.id == self.account_id or self.places(account.id)
        ):
            raise NOWHERE
        return account

    def places(self, account_id: str) -> frozenset[str]:
        """The organizations of someone for which the actor acts."""
        found = frozenset(one.id for one in organizations.of_accounts({account_id})[account_id])
        return found if self.everything else found & self.administers

    def organization(self, organization_id: str, manages: bool = False) -> Organization:
        """An organization that the actor sees, or manages. Raises Forbidden."""
        organization = organizations.by_id(organization_id)
        if organization is None or not (self.everything or organization.id in self.belongs):
            raise NOWHERE
        if manages and not (self.everything or organization.id in self.administers):
            raise Forbidden(f"Only an administrator of {organization.name} may do this.")
        return organization

    def all(self) -> None:
        """What only those do who manage everything. Raises Forbidden."""
        if not self.everything:
            raise Forbidden(f"Only people with the role {self.role} may do this.")

    def acts_on(self, account: Account, replaces_proofs: bool = False) -> None:
        """Whether the actor may change something of someone whom they see: not of themselves, nor
        of who has their role or a higher one. What would let them take the account over
        (`replaces_proofs`) is only for who administers all organizations that it is in. Raises
        Forbidden."""
        if why := self.refuses(
            account, organizations.of_accounts({account.id})[account.id], replaces_proofs
        ):
            raise Forbidden(why)

    def refuses(
        self, account: Account, found: list[Any], replaces_proofs: bool = False
    ) -> str | None:
        """Why the actor may not, in words; None where they may. `found` are the memberships of the
        account."""
        if account.id == self.account_id:
            return (
                "You cannot do this to your own account. Ask the help desk, or someone who "
                "manages all organizations."
            )
        if self.account_id is None:
            return None
        if self.role in account.roles:
            return (
                f"Only an operator may do this for {account.username}, who manages all "
                "organizations."
            )
        if self.everything:
            return None
        if not {one.id for one in found} & self.administers:
            return "Only an administrator of an organization may do this."
        if any(one.role == "administrator" for one in found):
            return NOT_THEIRS % account.username
        if replaces_proofs and {one.id for one in found} - self.administers:
            return NOT_THEIRS % account.username
        return None
