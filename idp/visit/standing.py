"""Whether someone is still the company's: asked when a token is refreshed and when a browser comes in; and
signing out, there and from there."""

from dataclasses import dataclass
from typing import Any

from idp import secret
from idp.factors.upstream import Ended, Upstream, UpstreamError, Upstreams
from idp.oauth.granted import by_refresh_token
from idp.secret import Vault
from idp.store import (
    accounts,
    assertions,
    audit,
    endings,
    trusted_devices,
    upstream_accounts,
    upstream_sessions,
)
from idp.store.sessions import Session
from idp.store.trusted_devices import TrustedDevice
from idp.store.upstream_sessions import UpstreamSession
from idp.visit.employees import SEALED

SIGN_OUT = "company sign-out"
# seconds that a question may take in all; no one else asks until then, or a refresh token would be
# used twice
ASKING = 60.0
PAUSE = 10.0  # seconds for which no one asks again a company that did not answer


@dataclass(frozen=True)
class Question:
    """What the company is asked by: a refresh token that it gave, claimed for this one use."""

    upstream: Upstream
    row: UpstreamSession
    refresh_token: str
    subject: str


@dataclass(frozen=True)
class Reply:
    """`still_there` is None where no one can say; the refresh token is for the next time."""

    still_there: bool | None
    refresh_token: str | None = None
    why: str = ""
    asked: bool = True  # whether the company was: we may have been too busy ourselves


class Standing:
    """One for a process. Between `question` and `note` no transaction is open: that is when the
    company is asked."""

    def __init__(self, vault: Vault, upstreams: Upstreams) -> None:
        self._vault = vault
        self._upstreams = upstreams

    def of_refresh_token(self, token: str) -> str | None:
        """The employee behind a refresh token; None where it is not about one."""
        found = by_refresh_token(secret.digest(token)) if self._upstreams else None
        return found[0].account_id if found and found[0].person.upstream else None

    @staticmethod
    def employees_of(held_by: tuple[str, ...], session: Session | None, now: float) -> list[str]:
        """The employees whom a browser would sign in without a request to their company, by its
        session and by what it is remembered for."""
        held = trusted_devices.live([secret.digest(one) for one in held_by], now)
        known = {one.account_id for one in held.values()} | (
            {session.account_id} if session else set()
        )
        return sorted(account.id for account in accounts.by_ids(known).values() if account.upstream)

    def doubtful(self, account_id: str, now: float) -> bool:
        """Whether the company has not said lately that the person is still there."""
        for row in upstream_sessions.of_account(account_id):
            upstream = self._upstreams.get(row.upstream)
            if upstream and now - row.confirmed_at < upstream.config.recheck:
                return False
        return True

    def question(self, account_id: str, now: float) -> Question | None:
        """What to ask the company now; None where it has just said so, is being asked, or cannot
        be. The transaction must be one that writes."""
        account = accounts.by_id(account_id)
        rows = upstream_sessions.of_account(account_id)
        if (
            account is None
            or account.upstream_subject is None
            or any(_lately(row, now) for row in rows)
            or not self.doubtful(account_id, now)
        ):
            return None
        # the one that was heard of last is likely to say
        for row in sorted(rows, key=lambda one: (one.silent_since is not None, -one.confirmed_at)):
            upstream, refresh_token = (
                self._upstreams.get(row.upstream),
                self._unsealed(row.refresh_token),
            )
            if upstream and refresh_token and upstream_sessions.claim_check(row, now):
                return Question(upstream, row, refresh_token, account.upstream_subject)
        return None

    @staticmethod
    def ask(question: Question, now: float) -> Reply:
        """A request to the company; nothing is read or written."""
        try:
            answer = question.upstream.refreshed(question.refresh_token, question.subject, now)
        except UpstreamError as error:
            return Reply(
                None,
                question.refresh_token,
                f"{error.reason}: {error.says}",
                error.reason != "busy",
            )
        return Reply(answer.still_there, answer.refresh_token, answer.why)

    def note(self, question: Question, reply: Reply, now: float) -> None:
        """Keep what it said."""
        row, kept = (
            question.row,
            self._vault.seal(SEALED, reply.refresh_token) if reply.refresh_token else None,
        )
        if reply.still_there:
            upstream_sessions.confirm(row.id, now, kept)
        elif reply.still_there is False:
            upstream_sessions.end(row.id, now)
            # older than what it confirmed, they are no reason to believe otherwise
            upstream_sessions.end_unconfirmable(row.account_id, row.confirmed_at, now)
        else:
            # Two moments of silence with a long time between them, in which no one asked, are not
            # one long silence.
            goes_on = (
                row.silent_since is not None
                and now - row.answered_at < question.upstream.config.grace
            )
            since = row.silent_since if goes_on or not reply.asked else now
            upstream_sessions.silent(row.id, now, since, kept)
            audit.add(
                now,
                "upstream_silent",
                "failure",
                target=row.account_id,
                upstream=row.upstream,
                says=reply.why[:500],
            )

    def conclude(self, account_id: str, now: float) -> bool:
        """Whether the person may go on; if not, everything of the account ends until they sign in
        at the company again."""
        rows = upstream_sessions.of_account(account_id)
        if any(self._bears(row, now) for row in rows):
            return True
        ended: dict[str, Any] = {**endings.end("upstream_left", account_id, now)}
        audit.add(now, "employee_gone", target=account_id, sure=not rows, **ended)
        return False

    def _bears(self, row: UpstreamSession, now: float) -> bool:
        """Whether this is reason enough to let the person go on: the company has said so, is being
        asked just now, or has been silent for less than is borne. Where it cannot be asked, what it
        said at the sign-in holds for as long."""
        upstream = self._upstreams.get(row.upstream)
        if upstream is None:
            return False
        grace, recheck = upstream.config.grace, upstream.config.recheck
        if self._unsealed(row.refresh_token) is None:
            return now - row.confirmed_at < max(grace, recheck)
        return _under_way(row, now) or row.silent_since is None or now - row.silent_since < grace

    @staticmethod
    def leaves_by(
        session: Session | None, held: list[TrustedDevice], now: float
    ) -> UpstreamSession | None:
        """The session at the company that someone leaves who signs out here: that of our session
        or, without one, that to which this browser goes back; with it whatever came by it is
        over."""
        there = (
            [session.upstream_session_id] if session else [one.upstream_session_id for one in held]
        )
        row = next((found for one in there if (found := upstream_sessions.by_id(one or ""))), None)
        if row:
            upstream_sessions.end(row.id, now)
            endings.end_sessions_of_upstream(row.id, now)
        return row

    def way_out(self, row: UpstreamSession, kept: list[str | None]) -> str | None:
        """Where the person signs out at the company too; `kept` comes back from there. No
        transaction may be open."""
        upstream, id_token = self._upstreams.get(row.upstream), self._unsealed(row.id_token)
        if upstream is None or id_token is None:
            return None
        try:
            return upstream.way_out(id_token, self._vault.sign(SIGN_OUT, kept))
        except UpstreamError:
            # signed out here; there, when its provider answers again, or by its own idle time
            return None

    def kept(self, state: str) -> list[str | None] | None:
        """What went out with someone and has come back."""
        found = self._vault.read(SIGN_OUT, state)
        return found if isinstance(found, list) and len(found) == 3 else None

    @staticmethod
    def ended_there(upstream: Upstream, ended: Ended, now: float) -> int:
        """Back-channel logout: the company says that sessions are over, so ours that came by them
        are; how many there were. Raises UpstreamError."""
        if not assertions.use(
            secret.digest(f"logout {upstream.config.issuer} {ended.jti}"), ended.until
        ):
            raise UpstreamError("bad_answer", "this logout token was used before")
        rows = upstream_sessions.by_sid(upstream.config.id, ended.sid) if ended.sid else []
        account = (
            upstream_accounts.by_subject(upstream.config.issuer, ended.subject)
            if ended.subject
            else None
        )
        if ended.subject:
            if ended.sid:
                rows = [row for row in rows if account and row.account_id == account.id]
            else:
                rows = upstream_sessions.of_account(account.id) if account else []
        count = 0
        for row in rows:
            upstream_sessions.end(row.id, now)
            count += endings.end_sessions_of_upstream(row.id, now)
            trusted_devices.end_all(row.account_id, now)
        if account and not ended.sid:
            count += endings.end_sessions(account.id, now)
        for who in sorted({row.account_id for row in rows} | ({account.id} if account else set())):
            audit.add(
                now,
                "signed_out_by_upstream",
                target=who,
                upstream=upstream.config.id,
                sessions=count,
            )
        return count

    def _unsealed(self, sealed: str | None) -> str | None:
        """A token of the company's; None where there is none, or it was sealed by another root
        secret."""
        try:
            return self._vault.unseal(SEALED, sealed) if sealed else None
        except ValueError:
            return None


def _under_way(row: UpstreamSession, now: float) -> bool:
    """Whether someone else asks about it at this moment."""
    return row.checked_at > row.answered_at and now - row.checked_at < ASKING


def _lately(row: UpstreamSession, now: float) -> bool:
    """Whether it is being asked about, or was a moment ago and the company was silent."""
    return _under_way(row, now) or (row.silent_since is not None and now - row.answered_at < PAUSE)
