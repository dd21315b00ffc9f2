"""Employees: the request to the company's own provider, and its answer."""

import logging
from dataclasses import dataclass
from typing import Any

from idp import metrics, secret
from idp.factors.upstream import (
    Upstream,
    UpstreamDemand,
    UpstreamError,
    Upstreams,
    UpstreamSignIn,
)
from idp.flow import history
from idp.flow.facts import ANOTHER, Ask
from idp.flow.methods import ACR_LEVELS, UPSTREAM_METHODS
from idp.secret import Vault
from idp.settings import Lifetimes
from idp.store import upstream_sessions
from idp.visit.employee_accounts import EmployeeAccounts
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
        self._accounts = EmployeeAccounts(upstreams, notices)
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
        wanted = UpstreamDemand(
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

    def enter(self, visit: Visit, upstream: Upstream, sign_in: UpstreamSignIn) -> None:
        """A person who signed in at the company has proven it here: their account is found, linked or
        made. Raises UpstreamError."""
        account = self._accounts.of(visit, upstream, sign_in.identity)
        when = "-" if sign_in.identity.auth_time is None else repr(sign_in.identity.auth_time)
        for method in ("upstream", *sign_in.identity.methods):
            visit.add_fact(
                history.PROOF_GIVEN, " ".join([method, when, *sign_in.identity.amr]), account.id
            )
        visit.audit(
            "proof_given",
            "success",
            account.id,
            method="upstream",
            upstream=upstream.config.id,
            worth=list(sign_in.identity.methods),
        )
        kept = self._vault.seal(SEALED, sign_in.refresh_token) if sign_in.refresh_token else None
        given = upstream_sessions.Given(
            upstream.config.id,
            sign_in.identity.sid,
            self._vault.seal(SEALED, sign_in.id_token),
            kept,
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
