"""Employees: the request to the company's own provider, its answer, and whose account it is."""

import logging
import re
from dataclasses import dataclass
from typing import Any

from idp import metrics, secret
from idp.factors.upstream import Said, Upstream, UpstreamError, Upstreams, UpstreamSignIn, Wanted
from idp.flow import history
from idp.flow.facts import ANOTHER, Ask
from idp.flow.methods import ACR_LEVELS, UPSTREAM_METHODS
from idp.secret import Vault
from idp.settings import Lifetimes
from idp.store import account_credentials, accounts, lock, upstream_accounts, upstream_sessions
from idp.store.accounts import Account
from idp.store.endings import end
from idp.typed import fits_username, fold
from idp.visit.notices import Notices
from idp.visit.visit import Visit

log = logging.getLogger("idp.upstream")
SEALED = "upstream token"
ABOUT_PEOPLE = {  # of which the log tells no more than the reason: it holds no addresses
    *("cancelled", "no_email", "unverified_email", "foreign_domain", "wrong_tenant"),
    *("other_subject", "other_person", "other_issuer", "switched_off", "address_taken"),
    "ambiguous",
}
PAGES = ("upstream", "upstream-failed")  # on which a sign-in at the company is waited for


@dataclass(frozen=True)
class Departure:
    """Where the browser goes that leaves for another server."""

    location: str


class Employees:
    """One for a process. What raises UpstreamError has said nothing yet; `fail` notes it."""

    def __init__(
        self, lifetimes: Lifetimes, vault: Vault, upstreams: Upstreams, notices: Notices
    ) -> None:
        # seconds for which anything goes back to a sign-in
        self._longest = max(lifetimes.session, lifetimes.refresh_token)
        self._vault = vault
        self._notices = notices
        self.upstreams = upstreams

    def upstream(self, visit: Visit) -> Upstream | None:
        """Whose provider this visit leads to: that of the person at hand, the one that was chosen,
        the only one there is."""
        known = visit.identified
        mine = self.upstreams.of_issuer(known.upstream) if known and known.upstream else None
        return mine or self.upstreams.get(visit.facts.upstream) or self.upstreams.only()

    def leave(
        self,
        visit: Visit,
        upstream: Upstream,
        metadata: dict[str, Any],
        hint: str,
        other_account: bool = False,
    ) -> Departure:
        """Note the request to the company of this discovery document, and say where it goes."""
        asked, state = visit.facts.asked, secret.token()
        ages = [age for age in (upstream.config.max_age or None, asked.max_age) if age is not None]
        hint = hint or visit.request.login_hint
        wanted = Wanted(
            again="login" in asked.prompt or visit.facts.upstream_error == "too_old",
            another="select_account" in asked.prompt
            or visit.facts.chosen_account == ANOTHER
            or other_account,
            max_age=min(ages, default=None),
            acr_values=_asked_there(upstream, asked.acr_values),
            login_hint=hint if upstream.config.has(hint) else "",
            ui_locales=visit.request.ui_locales,
        )
        address = upstream.authorization_url(metadata, state, wanted)
        upstream_sessions.add_request(
            secret.digest(state),
            visit.interaction.id,
            upstream.config.id,
            wanted.again,
            wanted.max_age,
            visit.now,
        )
        visit.add_fact(history.UPSTREAM_LEFT_FOR, upstream.config.id)
        return Departure(address)

    def not_left(self, visit: Visit, upstream: Upstream, refused: UpstreamError) -> None:
        """The request could not be made."""
        visit.add_fact(history.UPSTREAM_LEFT_FOR, upstream.config.id)
        self.fail(visit, upstream, refused)

    @staticmethod
    def awaited(visit: Visit, pending: upstream_sessions.UpstreamRequest) -> bool:
        """Whether what answers this request is still asked for here: the person may have gone
        back, or to another company."""
        return (
            isinstance(visit.answer, Ask)
            and visit.answer.stage in PAGES
            and visit.facts.upstream == pending.upstream
        )

    def enter(self, visit: Visit, upstream: Upstream, came: UpstreamSignIn) -> None:
        """A person who signed in at the company has proven it here: their account is found, linked or
        made. Raises UpstreamError."""
        account = self._account(visit, upstream, came.said)
        when = "-" if came.said.auth_time is None else repr(came.said.auth_time)
        for method in ("upstream", *came.said.methods):
            visit.add_fact(
                history.PROOF_GIVEN, " ".join([method, when, *came.said.amr]), account.id
            )
        visit.audit(
            "proof_given",
            "success",
            account.id,
            method="upstream",
            upstream=upstream.config.id,
            worth=list(came.said.methods),
        )
        kept = self._vault.seal(SEALED, came.refresh_token) if came.refresh_token else None
        given = upstream_sessions.Given(
            upstream.config.id, came.said.sid, self._vault.seal(SEALED, came.id_token), kept
        )
        upstream_sessions.end_unused(account.id, visit.now - self._longest, visit.now)
        upstream_sessions.add(account.id, visit.interaction.id, given, visit.now)
        metrics.count(metrics.UPSTREAMS, upstream.config.id, "signed in")

    def fail(self, visit: Visit, upstream: Upstream, refused: UpstreamError) -> None:
        """Note that it came to nothing, and why: the page says what to do, the trail what it
        was."""
        visit.add_fact(history.UPSTREAM_FAILED, refused.reason)
        visit.audit(
            "upstream_refused",
            "failure",
            None,
            upstream=upstream.config.id,
            reason=refused.reason,
            says=refused.says[:500],
        )
        metrics.count(metrics.UPSTREAMS, upstream.config.id, refused.reason)
        says = "" if refused.reason in ABOUT_PEOPLE else f" ({refused.says})"
        log.warning("a sign-in at %s was refused: %s%s", upstream.config.id, refused.reason, says)

    def _account(self, visit: Visit, upstream: Upstream, said: Said) -> Account:
        """By the subject, which never changes; else by the verified address, once. Raises
        UpstreamError."""
        issuer, email, now = upstream.config.issuer, said.email, visit.now
        wanted = _wanted(said)
        # in the order of everyone
        for subject in (
            f"username:{fold(wanted)}",
            f"address:{fold(email)}",
            f"subject:{issuer} {said.subject}",
        ):
            lock(subject)
        if account := upstream_accounts.by_subject(issuer, said.subject):
            lock(f"account:{account.id}")  # an operator may be about to part it from its person
        account, owners = (
            upstream_accounts.by_subject(issuer, said.subject),
            accounts.with_address(email),
        )
        if account:
            return self._known(
                visit, account, [one for one in owners if one.id != account.id], said
            )
        if strays := [
            one for one in owners if one.upstream and self.upstreams.of_issuer(one.upstream) is None
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
        account_id = (
            owners[0].id
            if owners
            else accounts.add(now, _free(wanted), email, said.given_name, said.family_name)
        )
        lock(f"account:{account_id}")
        # whatever signed in with it until now does not any more: it belongs to the company
        if owners:
            account_credentials.change_credentials(
                owners[0], now, visit.interaction.id, None, None, None
            )
            ended = end("upstream_linked", account_id, now)
            visit.audit(
                "account_linked", "success", account_id, upstream=upstream.config.id, **ended
            )
            self._notices.tell(visit, owners[0], "upstream_account", company=upstream.config.name)
        else:
            visit.audit("account_made", "success", account_id, upstream=upstream.config.id)
        upstream_accounts.set_upstream(account_id, issuer, said.subject)
        before = owners[0] if owners else None
        given, family = (
            said.given_name or (before.given_name if before else ""),
            said.family_name or (before.family_name if before else ""),
        )
        upstream_accounts.set_person(account_id, now, email, given, family, list(said.roles))
        made = accounts.by_id(account_id)
        assert made is not None
        return made

    def _known(self, visit: Visit, account: Account, others: list[Account], said: Said) -> Account:
        """Someone who was here before: what the company says of them now counts, if it is about
        the same person. Raises UpstreamError."""
        moved = fold(account.contact_email) != fold(said.email)
        if moved and others:
            raise UpstreamError(
                "address_taken",
                f"{account.username} has the address {said.email} at the company now, "
                f"which is on file for {others[0].username}",
            )
        names = ((account.given_name, said.given_name), (account.family_name, said.family_name))
        if moved and not any(before and fold(before) == fold(now) for before, now in names):
            raise UpstreamError(
                "other_person",
                f"{account.username} has another address and other names at the company "
                "now: its subject may be someone else's",
            )
        given, family = (
            said.given_name or account.given_name,
            said.family_name or account.family_name,
        )
        if moved or (given, family, list(said.roles)) != (
            account.given_name,
            account.family_name,
            account.roles,
        ):
            upstream_accounts.set_person(
                account.id, visit.now, said.email, given, family, list(said.roles)
            )
            visit.audit(
                "account_changed", "success", account.id, moved=moved, roles=list(said.roles)
            )
        if moved:
            self._notices.tell(visit, account, "address_changed", address=said.email)
        return account


def _asked_there(upstream: Upstream, acr_values: tuple[str, ...]) -> tuple[str, ...]:
    """The company's acr values that reach what the client asks for, the strongest of it that it
    can."""
    mapping = upstream.config.acr
    for wanted in reversed(ACR_LEVELS[1:]):
        levels = {
            level
            for level, method in UPSTREAM_METHODS.items()
            if any(method in one for one in wanted.satisfied_by)
        }
        theirs = tuple(value for value, level in mapping.items() if level in levels)
        if wanted.acr in acr_values and theirs:
            return theirs
    return ()


def _wanted(said: Said) -> str:
    """The company's name for the person as a portal username, else what stands before the @."""
    for name in (said.username.partition("@")[0], said.email.partition("@")[0]):
        # the account's own name is shown nowhere but to administrators
        wanted = re.sub(r"\s+", ".", name)[:56]
        if fits_username(wanted) or fits_username(wanted := f"{wanted}.employee"):
            return wanted
    return f"employee{secret.plain_token(8)}"


def _free(wanted: str) -> str:
    """A portal username like this one that no one has."""
    names = [
        wanted,
        *(f"{wanted}{number}" for number in range(2, 30)),
        f"{wanted}-{secret.token(4)}",
    ]
    return next(name for name in names if accounts.by_username(name) is None)
