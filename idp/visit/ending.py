"""The end of an interaction: the client gets its code or an error, the browser its session."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from idp import metrics, secret
from idp.flow.facts import AuthenticationEvent, Issue, Refuse
from idp.flow.methods import EMPLOYEE, SIGN_IN_OPTIONS, achieved
from idp.flow.proofs import undated, worth_of
from idp.oauth.authorization import RedirectError
from idp.oauth.granted import SignIn
from idp.oauth.http import Answer as HttpAnswer
from idp.oauth.server import Server
from idp.settings import Settings
from idp.store import (
    accounts,
    authorization_codes,
    endings,
    interactions,
    sessions,
    trusted_devices,
    upstream_sessions,
)
from idp.visit.notices import Notices, browser_in_words
from idp.visit.visit import InteractionClosed, Visit

REFUSALS: Mapping[str, str] = {
    "access_denied": "the person cancelled, or did not allow it",
    "login_required": "a sign-in is needed, and no page may be shown or someone else signed in",
    "interaction_required": "the terms of use must be accepted, and no page may be shown",
    "consent_required": "the person's consent is needed, and no page may be shown",
    "unmet_authentication_requirements": "what is required cannot be met by the option that was chosen",
}


@dataclass(frozen=True)
class Outcome:
    """A redirect to the client, and the secrets that the browser gets."""

    answer: HttpAnswer
    session_secret: str | None = None
    # the option, and the secret by which this browser is trusted for it
    trusted_device: tuple[str, str] | None = None
    known: str | None = None  # the secret by which this browser is known from now on


class Ending:
    """One for a process."""

    def __init__(self, settings: Settings, server: Server, notices: Notices) -> None:
        self._lifetimes = settings.lifetimes
        self._server = server
        self._notices = notices

    def finish(self, visit: Visit) -> Outcome:
        """Answer the client. The end happens once; a second click gets the answer again, see
        `_again`."""
        answer = visit.answer
        if isinstance(answer, Refuse):
            return self._refuse(visit, answer)
        assert isinstance(answer, Issue)
        if not interactions.finish(visit.interaction.id, "issued", visit.now):
            return self._again(visit)
        session_id, session_secret = self._session(visit, answer)
        there = self._at_upstream(visit, answer, session_id)
        event = "sign_in" if session_secret else "sign_in_continued"
        metrics.count(metrics.SIGN_INS, visit.facts.option or "session", "issued")
        visit.audit(
            event,
            "success",
            answer.account,
            acr=answer.acr,
            amr=list(answer.amr),
            session=session_id,
        )
        if session_secret:
            accounts.signed_in(answer.account, visit.now)
        kept = self._remember(visit, answer, there)
        return Outcome(
            self._code(visit, answer, session_id),
            session_secret,
            kept,
            self._known(visit, answer) if session_secret else None,
        )

    @staticmethod
    def _at_upstream(visit: Visit, answer: Issue, session_id: str) -> str | None:
        """The session at the company that an employee's goes back to, and with which it ends: its
        id."""
        methods = {proof.method for proof in answer.proofs}
        if visit.facts.option != EMPLOYEE and not methods & SIGN_IN_OPTIONS[EMPLOYEE]:
            return None  # a customer's sign-in asks the database nothing more
        at_company, before = (
            upstream_sessions.lives(visit.interaction.id, answer.account),
            visit.session.upstream_session_id if visit.session else None,
        )
        if at_company is None and "trusted_device" in methods:
            device = trusted_devices.live(
                [secret.digest(one) for one in visit.browser.trusted_devices], visit.now
            ).get(visit.facts.option or "")
            at_company = (
                upstream_sessions.by_id(device.upstream_session_id or "") if device else None
            )
        if at_company is None:
            return None
        if before and visit.session and visit.session.id == session_id and before != at_company.id:
            upstream_sessions.replace(before, at_company.id, visit.now)
        sessions.go_back_to(session_id, at_company.id)
        return at_company.id

    def _remember(self, visit: Visit, answer: Issue, there: str | None) -> tuple[str, str] | None:
        """Remember Me: this browser, for the option by which someone has just signed in, if the box
        was ticked. A sign-in by a trusted device does not prolong it; one of which no one knows
        how old it is cannot be remembered."""
        option = visit.facts.option
        here = {
            proof.method for proof in answer.proofs if proof.interaction == visit.interaction.id
        }
        if (
            not option
            or not visit.known.remember
            or not here
            or "trusted_device" in here
            or any(undated(proof) for proof in answer.proofs)
        ):
            return None
        if option == EMPLOYEE and not visit.brand.remember_employees:
            return None
        # one person a button a browser
        trusted_devices.end_option(
            [secret.digest(one) for one in visit.browser.trusted_devices], option, visit.now
        )
        fresh = secret.token()
        trusted_devices.add(
            secret.digest(fresh),
            answer.account,
            option,
            answer.auth_time,
            visit.now,
            self._lifetimes.trusted_device,
            there,
        )
        visit.audit("device_trusted", "success", answer.account, option=option)
        return option, fresh

    def _known(self, visit: Visit, answer: Issue, again: bool = False) -> str | None:
        """Tell the owner of a browser that was not seen before; not of the very first, nor of one
        that has just registered, nor `again`."""
        fresh = None if visit.browser.known else secret.token()
        how = trusted_devices.seen(
            answer.account,
            secret.digest(visit.browser.known or fresh or ""),
            visit.facts.option,
            visit.now,
        )
        account = visit.people.get(answer.account)
        if (
            how == "new"
            and not again
            and account
            and account.credentials_changed_in != visit.interaction.id
        ):
            self._notices.tell(
                visit, account, "new_browser", browser=browser_in_words(visit.browser.agent)
            )
        return fresh

    def answers_again(self, visit: Visit) -> bool:
        """Whether the answer that this interaction ended with may be given once more: a code,
        within its minute, that no client has redeemed."""
        finished_at = visit.interaction.finished_at
        # None: finished while we looked
        recent = finished_at is None or visit.now - finished_at < self._lifetimes.authorization_code
        issued = visit.interaction.outcome in (None, "issued") and isinstance(visit.answer, Issue)
        return recent and issued and authorization_codes.waiting(visit.interaction.id)

    def _again(self, visit: Visit) -> Outcome:
        """A second click on the last button: the browser shows only this answer, so it carries a
        fresh code for the same session, and the secrets that the first answer gave, again. Raises
        InteractionClosed once a client has redeemed the first code, its minute is over, or the session is."""
        answer, life = visit.answer, self._lifetimes
        session = sessions.of_interaction(
            visit.interaction.id, visit.now, life.session_idle, life.session
        )
        if (
            session is None
            and isinstance(answer, Issue)
            and visit.session
            and answer.session == visit.session.id
        ):
            session = visit.session  # it was there before, and goes on
        mine = (
            session is not None
            and isinstance(answer, Issue)
            and session.account_id == answer.account
        )
        if (
            not self.answers_again(visit)
            or not mine
            or not authorization_codes.void(visit.interaction.id, visit.now)
        ):
            raise InteractionClosed("finished", visit.interaction)
        assert session is not None and isinstance(answer, Issue)
        code = self._code(visit, answer, session.id)
        if secret.digest(visit.browser.session_secret or "") == session.digest:
            return Outcome(code)
        fresh = secret.token()
        sessions.set_secret(session.id, secret.digest(fresh))
        kept = self._remember(visit, answer, session.upstream_session_id)
        return Outcome(code, fresh, kept, self._known(visit, answer, again=True))

    def _code(self, visit: Visit, answer: Issue, session_id: str) -> HttpAnswer:
        interaction = visit.interaction
        sign_in = SignIn(
            answer.account,
            session_id,
            interaction.reference,
            answer.auth_time,
            answer.acr,
            tuple(answer.amr),
        )
        return self._server.answer_code(visit.request, interaction.id, sign_in)

    def _refuse(self, visit: Visit, answer: Refuse) -> Outcome:
        if interactions.finish(visit.interaction.id, answer.error, visit.now):
            metrics.count(metrics.SIGN_INS, visit.facts.option or "none", answer.error)
            visit.audit(
                "sign_in_refused", "failure", None, error=answer.error, reason=answer.reason
            )
        request, says = visit.request, REFUSALS[answer.error]
        told = RedirectError(
            request.redirect_uri, request.state, answer.error, says, request.response_mode
        )
        return Outcome(self._server.answer_error(told))

    def _session(self, visit: Visit, answer: Issue) -> tuple[str, str | None]:
        """The session that goes on, or begins now: its id, and its secret where the browser needs a
        new one."""
        known = visit.session
        proofs = [_kept(proof) for proof in answer.proofs]
        before = visit.facts.session.proofs if visit.facts.session else ()
        if (
            answer.session
            and known
            and len(achieved(worth_of(visit.facts, answer.proofs)))
            > len(achieved(worth_of(visit.facts, before)))
        ):
            fresh = secret.token()
            sessions.raise_level(
                known.id, secret.digest(fresh), visit.interaction.id, proofs, visit.now
            )
            return known.id, fresh
        if answer.session:
            if known and "none" not in visit.facts.asked.prompt:  # prompt=none is no activity
                sessions.seen(known, visit.now)
            return answer.session, None
        fresh = secret.token()
        start = sessions.Start(
            digest=secret.digest(fresh),
            account_id=answer.account,
            interaction_id=visit.interaction.id,
            proofs=proofs,
            option=visit.facts.option,
            auth_time=answer.auth_time,
        )
        if known and known.account_id == answer.account:
            sessions.renew(known.id, start, visit.now)
            return known.id, fresh
        if known:
            endings.end_session(known.id, visit.now)
        return sessions.add(start, visit.now), fresh


def _kept(proof: AuthenticationEvent) -> list[Any]:
    """A proof as a session keeps it; what a company said of it comes last."""
    there = (
        [proof.signed_in_at, list(proof.upstream_amr)]
        if proof.method in SIGN_IN_OPTIONS[EMPLOYEE]
        else []
    )
    return [proof.method, proof.at, proof.interaction, *there]
