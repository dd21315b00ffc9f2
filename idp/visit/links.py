"""Opening an emailed link. Looking at it changes nothing; its button goes on in the interaction
that asked for it, or by the portal's own sign-in.

A link is used up when what it leads to is done, since mail scanners press buttons too. Until then
it is in the hands of one browser, and another one that presses the button takes it over."""

from dataclasses import dataclass

from idp import secret
from idp.factors.mailed_link import MailedLink
from idp.store import accounts, audit, interactions, links
from idp.store.accounts import Account
from idp.store.links import MOST_TAKEN_OVER, Link
from idp.visit.visit import Visit
from idp.visit.visits import Visits


@dataclass(frozen=True)
class Opened:
    """A link as its reader finds it. `state` is open, elsewhere (open, and another browser goes on
    by it), unknown, expired, replaced, revoked, corrected, done or used (in too many browsers)."""

    state: str
    link: Link | None = None
    account: Account | None = None

    @property
    def usable(self) -> bool:
        """Whether it can still lead somewhere."""
        return self.state in ("open", "elsewhere")


class Links:
    """One for a process."""

    def __init__(self, mailed_link: MailedLink, visits: Visits) -> None:
        self._mailed = mailed_link
        self._visits = visits

    def look(self, signed: str, browser: str, now: float) -> Opened:
        """How a link stands for this browser (what its cookie holds). Changes nothing."""
        link = self._mailed.read(signed)
        account = accounts.by_id(link.account_id) if link else None
        if link is None or account is None:
            return Opened("unknown")
        if link.outcome == "replaced" and account.sign_in_address:
            since = account.credentials_changed_at >= link.created_at
            return Opened("done" if since else "replaced", link, account)
        if link.outcome:
            return Opened(
                link.outcome
                if link.outcome in ("replaced", "revoked", "corrected", "done")
                else "expired",
                link,
                account,
            )
        if now >= link.expires_at:
            return Opened("expired", link, account)
        if link.used_at is None or (browser and link.browser == secret.digest(browser)):
            return Opened("open", link, account)
        return Opened("elsewhere" if link.taken_over < MOST_TAKEN_OVER else "used", link, account)

    def use(self, signed: str, browser: str, address: str | None, now: float) -> Opened:
        """Go on by it in this browser: of many that press the button the last one does."""
        opened = self.look(signed, browser, now)
        link = opened.link
        if not opened.usable or link is None:
            return opened
        if links.use(link.id, secret.digest(browser), now):
            action = "link_used"
        elif links.take_over(link.id, secret.digest(browser), now):
            action = "link_taken_over"
        else:
            again = self.look(signed, browser, now)
            return Opened("used", again.link, again.account) if again.usable else again
        audit.add(
            now,
            action,
            target=link.account_id,
            client_id=link.client_id,
            address=address,
            purpose=link.purpose,
        )
        return Opened("open", links.by_id(link.id), opened.account)

    def carried(self, link_id: str, browser: str, now: float) -> Link | None:
        """The link that is in the hands of this browser, which now follows it into a sign-in that
        it begins."""
        link = links.by_id(link_id)
        mine = (
            link is not None
            and link.outcome is None
            and link.browser == secret.digest(browser)
            and now < link.expires_at
        )
        return link if mine else None

    def overtaken(self, link_id: str, browser: str, now: float) -> bool:
        """Whether this browser has pressed the button of a link that is in the hands of another one
        since."""
        link = links.by_id(link_id)
        return (
            link is not None
            and link.outcome is None
            and now < link.expires_at
            and link.browser != secret.digest(browser)
        )

    def going_on(self, link: Link, now: float) -> str | None:
        """The interaction in which it goes on, if that can: the one that it was followed into, else
        the one in which it was asked for."""
        for interaction_id in (link.interaction_id, link.asked_in):
            found = interactions.by_id(interaction_id) if interaction_id else None
            if found and found.finished_at is None and not self._visits.over(found, now):
                return found.id
        return None

    def enter(self, link: Link, visit: Visit, now: float) -> None:
        """Follow it into an interaction of this browser. Where it is followed already, what was
        done there since counts on; where the person went back from it, or another browser had it
        by now, it begins again."""
        if visit.known.link_id != link.id or link.interaction_id != visit.interaction.id:
            self._visits.enter(link, visit.interaction.id, now)
        interactions.seen(visit.interaction.id, now)
