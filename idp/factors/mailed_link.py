"""The factor `mailed_link`: a link sent to the address on file. Looking at it changes nothing; its
button takes it for one browser."""

from dataclasses import dataclass

from idp import secret
from idp.delivery import post
from idp.factors.sent_code import waits
from idp.flow.throttle import Cap
from idp.secret import Vault
from idp.settings import Settings
from idp.store import links, lock
from idp.store.accounts import Account, never_registered, on_file
from idp.store.enrolments import Enrolment
from idp.store.links import INVITATION, Link
from idp.store.trusted_devices import asker
from idp.typed import fold

PURPOSE = "link"
LINK, EXPLANATION = "link", "explanation"  # what was mailed
HELD_BACK, NO_ONE = "held_back", "no_one"  # or why nothing was


@dataclass(frozen=True)
class AskedBy:
    """Who asked for a link, and where its reader goes on: an interaction, or no one's but an
    operator's."""

    reference: str | None = None
    interaction_id: str | None = None
    client_id: str | None = None
    locale: str = "en"
    brand: str = ""
    password_lost: bool = False  # the link alone suffices
    behind_password: bool = False  # who asked has just entered the right password
    browser: str = ""  # digest of what the browser that asks is known by
    network: str = ""  # and of where it is
    administrator: bool = False  # someone who helps: what they send is not held back

    @property
    def proven(self) -> str:
        """What shows that no stranger asks; empty where nothing does."""
        if self.administrator:
            return "administrator"
        return "password" if self.behind_password else ""


class MailedLink:
    """One for a process."""

    def __init__(self, settings: Settings, vault: Vault) -> None:
        self._settings = settings
        self._vault = vault
        limits = settings.limits
        self._pause = Cap(1, limits.send_pause)
        self._caps = (
            Cap(limits.links_per_quarter_hour, 900),
            Cap(limits.links_per_day, 86400),
        )

    def life(self, purpose: str) -> int:
        """Seconds that a link of this purpose lives."""
        return (
            self._settings.lifetimes.invitation
            if purpose == INVITATION
            else self._settings.lifetimes.link
        )

    def wait(self, account_id: str, known: str, now: float) -> float:
        """Seconds until another link is mailed to this account. The pause is the mailbox's; of the
        caps, those who ask as strangers use up theirs, and a device that is `known`, or who knows
        the password, its own."""
        made = links.made_since(account_id, now - 86400)
        own = [at for at, by in made if by == known]
        return waits(now, [at for at, _ in made], own, self._pause, self._caps)

    def mail(
        self,
        account: Account | None,
        name: str,
        purpose: str,
        asked_by: AskedBy,
        now: float,
        instead: str = "",
        left: Enrolment | None = None,
    ) -> str:
        """Make a link and mail it to the address on file, or to that of the registration that was
        left. The same rows are written where no one has this name, or too many were mailed: a
        stranger cannot tell. `instead` is the kind of mail that goes out without a link. What left:
        LINK, EXPLANATION, or HELD_BACK or NO_ONE for nothing."""
        # the same statements run for both
        who = account.id if account else "name:" + self._vault.fingerprint("name", fold(name))
        # what strangers can have mailed uses up no link of the owner's
        counted = f"told:{who}" if instead else who
        lock(f"link:{counted}")
        by = asker(who, asked_by.browser, asked_by.network)
        known = asked_by.proven or (by.key if by.known else "")
        address = (left and left.address) or (on_file(account) if account else "")
        flooded = (
            purpose != INVITATION
            and not asked_by.administrator
            and self.wait(counted, known, now) > 0
        )
        gone = account is None or (account.disabled_at is not None and not instead)
        quiet = gone or not address or flooded
        link_id, token = secret.token(12), secret.token()
        outcome = "nobody's" if quiet else None  # what is no link is over from the start
        outcome = "mailed otherwise" if instead else outcome
        # what was not mailed is not counted, or it would never end
        whose = "flooded" if flooded else counted
        about = (
            purpose,
            whose,
            asked_by.interaction_id,
            asked_by.client_id,
            now,
            self.life(purpose),
            outcome,
            left.id if left else None,
            known,
        )
        links.add(link_id, secret.digest(token), *about)
        data = {
            "name": account.given_name or account.family_name if account else "",
            "username": account.username if account else "",
            "seconds": self.life(purpose),
            "password_lost": asked_by.password_lost,
            "registered": bool(account and account.sign_in_address),
            "registered_before": bool(account and not never_registered(account)),
            "has_password": bool(account and account.password_hash),
            "behind_password": asked_by.behind_password,
        }
        post.write(
            self._vault,
            now,
            channel=post.NOBODY if quiet else "email",
            recipient=address or "nobody",
            kind=instead or (f"{purpose}_by_administrator" if asked_by.administrator else purpose),
            data=data
            if instead
            else {
                **data,
                "link": f"{self._settings.issuer}/link/{self._vault.sign(PURPOSE, [link_id, token])}",
            },
            locale=asked_by.locale,
            brand=asked_by.brand or self._settings.look.id,
            not_after=now + self.life(purpose),
            reference=asked_by.reference,
        )
        if flooded and not gone:
            return HELD_BACK
        if quiet:
            return NO_ONE
        return EXPLANATION if instead else LINK

    def read(self, signed: str) -> Link | None:
        """The link of this address; None for one that is not ours, which costs no query unless its
        signature holds."""
        parts = self._vault.read(PURPOSE, signed)
        if not isinstance(parts, list) or len(parts) != 2:
            return None
        link = links.by_id(parts[0])
        return link if link and secret.same(link.digest, secret.digest(parts[1])) else None
