"""Whose account an employee's is: found by the company's subject, linked by its verified address, or
made."""

import re

from idp import secret
from idp.factors.upstream import Upstream, UpstreamError, UpstreamIdentity, Upstreams
from idp.store import account_credentials, accounts, lock, upstream_accounts
from idp.store.accounts import Account
from idp.store.endings import end
from idp.typed import fits_username, fold
from idp.visit.notices import Notices
from idp.visit.visit import Visit


class EmployeeAccounts:
    """One for a process."""

    def __init__(self, upstreams: Upstreams, notices: Notices) -> None:
        self._upstreams = upstreams
        self._notices = notices

    def of(self, visit: Visit, upstream: Upstream, identity: UpstreamIdentity) -> Account:
        """By the subject, which never changes; else by the verified address, once. Raises
        UpstreamError."""
        issuer, email = upstream.config.issuer, identity.email
        username = _username(identity)
        # in the order of everyone
        for subject in (
            f"username:{fold(username)}",
            f"address:{fold(email)}",
            f"subject:{issuer} {identity.subject}",
        ):
            lock(subject)
        if account := upstream_accounts.by_subject(issuer, identity.subject):
            lock(f"account:{account.id}")  # an operator may be about to part it from its person
        account = upstream_accounts.by_subject(issuer, identity.subject)
        owners = accounts.with_address(email)
        if account:
            others = [one for one in owners if one.id != account.id]
            return self._known(visit, account, others, identity)
        owner = self._linkable(email, owners)
        if owner:
            account_id = self._link(visit, upstream, owner)
        else:
            account_id = accounts.add(
                visit.now, _free(username), email, identity.given_name, identity.family_name
            )
            lock(f"account:{account_id}")
            visit.audit("account_made", "success", account_id, upstream=upstream.config.id)
        upstream_accounts.set_upstream(account_id, issuer, identity.subject)
        given, family = (
            identity.given_name or (owner.given_name if owner else ""),
            identity.family_name or (owner.family_name if owner else ""),
        )
        upstream_accounts.set_person(
            account_id, visit.now, email, given, family, list(identity.roles)
        )
        made = accounts.by_id(account_id)
        assert made is not None
        return made

    def _linkable(self, email: str, owners: list[Account]) -> Account | None:
        """The one account that this address may be linked to; None where no one has it. Raises
        UpstreamError where it is someone's that it cannot be linked to."""
        if strays := [
            one
            for one in owners
            if one.upstream and self._upstreams.of_issuer(one.upstream) is None
        ]:
            raise UpstreamError(
                "other_issuer",
                f"{strays[0].username} belongs to {strays[0].upstream}, which is in no "
                "table of the settings",
            )
        if any(one.upstream for one in owners):
            raise UpstreamError(
                "other_subject",
                f"{email} belongs to the account of another subject: the person who had it "
                "before, perhaps",
            )
        if len(owners) > 1:
            raise UpstreamError(
                "ambiguous",
                f"{email} is on file for {len(owners)} accounts: "
                f"{', '.join(one.username for one in owners)}",
            )
        if owners and owners[0].disabled_at is not None:
            raise UpstreamError(
                "switched_off",
                f"{email} is on file for {owners[0].username}, which is switched off",
            )
        return owners[0] if owners else None

    def _link(self, visit: Visit, upstream: Upstream, owner: Account) -> str:
        """Give an account to the company: what signed in with it until now does not any more."""
        lock(f"account:{owner.id}")
        account_credentials.change_credentials(
            owner, visit.now, visit.interaction.id, None, None, None
        )
        ended = end("upstream_linked", owner.id, visit.now)
        visit.audit("account_linked", "success", owner.id, upstream=upstream.config.id, **ended)
        self._notices.tell(visit, owner, "upstream_account", company=upstream.config.name)
        return owner.id

    def _known(
        self, visit: Visit, account: Account, others: list[Account], identity: UpstreamIdentity
    ) -> Account:
        """Someone who was here before: what the company says of them now counts, if it is about
        the same person. Raises UpstreamError."""
        moved = fold(account.contact_email) != fold(identity.email)
        if moved and others:
            raise UpstreamError(
                "address_taken",
                f"{account.username} has the address {identity.email} at the company now, "
                f"which is on file for {others[0].username}",
            )
        names = (
            (account.given_name, identity.given_name),
            (account.family_name, identity.family_name),
        )
        if moved and not any(before and fold(before) == fold(now) for before, now in names):
            raise UpstreamError(
                "other_person",
                f"{account.username} has another address and other names at the company "
                "now: its subject may be someone else's",
            )
        given, family = (
            identity.given_name or account.given_name,
            identity.family_name or account.family_name,
        )
        if moved or (given, family, list(identity.roles)) != (
            account.given_name,
            account.family_name,
            account.roles,
        ):
            upstream_accounts.set_person(
                account.id, visit.now, identity.email, given, family, list(identity.roles)
            )
            visit.audit(
                "account_changed", "success", account.id, moved=moved, roles=list(identity.roles)
            )
        if moved:
            self._notices.tell(visit, account, "address_changed", address=identity.email)
        return account


def _username(identity: UpstreamIdentity) -> str:
    """The company's name for the person as a portal username, else what stands before the @."""
    for name in (identity.username.partition("@")[0], identity.email.partition("@")[0]):
        # the account's own name is shown nowhere but to administrators
        username = re.sub(r"\s+", ".", name)[:56]
        if not fits_username(username):
            username = f"{username}.employee"
        if fits_username(username):
            return username
    return f"employee{secret.plain_token(8)}"


def _free(username: str) -> str:
    """A portal username like this one that no one has."""
    names = [
        username,
        *(f"{username}{number}" for number in range(2, 30)),
        f"{username}-{secret.token(4)}",
    ]
    return next(name for name in names if accounts.by_username(name) is None)
