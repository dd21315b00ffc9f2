"""The end of an interaction: the client gets its code or an error, the browser its session."""

from collections.abc import Mapping
from dataclasses import dataclass

from idp import secret
from idp.flow.facts import Issue, Refuse
from idp.oauth.authorization import RedirectError
from idp.oauth.http import Answer as HttpAnswer
from idp.oauth.server import Server, SignedIn
from idp.store import authorization_codes, interactions, sessions
from idp.visit.visits import Closed, Visit

REFUSALS: Mapping[str, str] = {
    "access_denied": "the person cancelled the sign-in",
    "login_required": "a sign-in is needed, and no page may be shown or somebody else signed in",
    "account_selection_required": "an account must be chosen, and no page may be shown",
    "unmet_authentication_requirements": "what is required cannot be met by the way that was chosen",
    "interaction_required": "a page must be shown, and none may be",
}


@dataclass(frozen=True)
class Outcome:
    """A redirect to the client, and the secret of a session that begins."""

    answer: HttpAnswer
    session_secret: str | None = None


class Ending:
    """One for a process."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def finish(self, visit: Visit) -> Outcome:
        """Answer the client. The end happens once; a second click gets the same answer with a fresh code, as
        long as nobody has redeemed the first. Raises Closed when that has happened."""
        answer = visit.answer
        if isinstance(answer, Refuse):
            return self._refuse(visit, answer)
        assert isinstance(answer, Issue)
        first = interactions.finish(visit.interaction.id, "issued", visit.now)
        if not first and not authorization_codes.void(visit.interaction.id, visit.now):
            raise Closed("finished", visit.interaction)
        session_id, session_secret = self._session(visit, answer)
        signed_in = SignedIn(visit.interaction.id, secret.token(16), answer.account, session_id, answer.auth_time, answer.acr, answer.amr)
        http = self._server.answer_code(visit.request, signed_in)
        if first:
            event = "sign_in" if session_secret else "sign_in_continued"
            visit.audit(event, "success", answer.account, acr=answer.acr, amr=list(answer.amr), session=session_id)
        return Outcome(http, session_secret)

    def _refuse(self, visit: Visit, answer: Refuse) -> Outcome:
        if interactions.finish(visit.interaction.id, answer.error, visit.now):
            visit.audit("sign_in_refused", "failure", None, error=answer.error, reason=answer.reason)
        request = visit.request
        return Outcome(self._server.answer_error(RedirectError(request.redirect_uri, request.state, answer.error, REFUSALS[answer.error])))

    def _session(self, visit: Visit, answer: Issue) -> tuple[str, str | None]:
        """The session that goes on, or begins now: its id, and its secret where the browser needs a new one."""
        if answer.session:
            if visit.session and "none" not in visit.facts.asked.prompt:  # prompt=none is no activity
                sessions.seen(visit.session, visit.now)
            return answer.session, None
        fresh = secret.token()
        start = sessions.Start(
            digest=secret.digest(fresh),
            account_id=answer.account,
            interaction_id=visit.interaction.id,
            proofs=[[proof.method, proof.at, proof.interaction] for proof in answer.proofs],
            way=visit.facts.way,
            auth_time=answer.auth_time,
        )
        known = sessions.of_interaction(visit.interaction.id) or visit.session
        if known and known.account_id == answer.account and known.ended_at is None:
            sessions.renew(known.id, start, visit.now)
            return known.id, fresh
        if known:
            sessions.end(known.id, visit.now)
        return sessions.add(start, visit.now), fresh
