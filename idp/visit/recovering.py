"""A forgotten password, and what is asked for by name and answered by mail alone: the same pages and the same work for everybody."""

from dataclasses import dataclass

from idp.factors import Trouble
from idp.factors.mailed_link import AskedBy, MailedLink
from idp.factors.password import Password
from idp.flow.facts import Ask
from idp.store import accounts, enrolments, interactions, links, tries, writing
from idp.store.accounts import Account
from idp.store.endings import end
from idp.visit.notices import Notices
from idp.visit.visits import Visit

TRIED_AS = "completion"  # tries at the password of an unfinished registration, apart from those at a sign-in


@dataclass(frozen=True)
class Completion:
    """A try at the password of a registration that was left, if one was."""

    address: str
    left: enrolments.Enrolment | None
    try_id: int


class Recovering:
    """One for a process."""

    def __init__(self, password: Password, mailed_link: MailedLink, notices: Notices) -> None:
        self._password = password
        self._link = mailed_link
        self._notices = notices

    @staticmethod
    def name_address(visit: Visit, address: str) -> None:
        """Whose password is forgotten."""
        visit.add_fact(interactions.ADDRESS_NAMED, address)

    def change_password(self, visit: Visit, account: Account, made: str) -> None:
        """A new password in the place of the forgotten one; everything that the old one opened is closed."""
        if visit.answer != Ask("new-password", "new_password_missing") or not accounts.change_password(account, visit.now, visit.interaction.id, made):
            return
        visit.add_fact(interactions.PROOF_GIVEN, "recovery", account.id)
        visit.audit("password_recovered", "success", account.id, **end("password_recovered", account.id, visit.now))
        self._notices.tell(visit, account, "password_changed")

    def ask_reset(self, visit: Visit, username: str) -> None:
        """To register anew: a link to the address on file. An invitation is the administrator's, and is not revived."""
        account = accounts.by_username(username) or accounts.by_address(username)  # who signs in by address knows no other name
        self._mail(visit, account, username, links.RESET, _instead(account))

    def ask_forgotten(self, visit: Visit, username: str) -> None:
        """To register without the portal password: a link that stands in for it. Who is registered is told so."""
        account = accounts.by_username(username)
        registered = account is not None and account.sign_in_address is not None
        self._mail(visit, account, username, links.FORGOT, "registered_already" if registered else _instead(account))

    def begin_completion(self, visit: Visit, address: str) -> Completion | Trouble:
        """Count a try at the password of an unfinished registration. Commit it, then call `finish_completion`."""
        left = enrolments.left_at(address)
        account = accounts.by_id(left.account_id) if left else None
        subject = self._password.subject(account, address)
        counted = self._password.begin(subject, visit.now, visit.asker(subject), TRIED_AS)
        return counted if isinstance(counted, Trouble) else Completion(address, left, counted)

    def finish_completion(self, visit: Visit, tried: Completion, typed: str) -> None:
        """Compare; where it is right a link goes out, and nobody is told whether it was. Raises Busy."""
        right = self._password.check(tried.left.password_hash if tried.left else None, typed).right
        writing()
        left = tried.left if right else None
        account = accounts.by_id(left.account_id) if left else None
        if account:
            tries.succeed(tried.try_id)
        self._mail(visit, account, tried.address, links.COMPLETE, left=left)

    def _mail(self, visit: Visit, account: Account | None, name: str, purpose: str, instead: str = "", left: enrolments.Enrolment | None = None) -> None:
        went = self._link.mail(account, name, purpose, asked_by(visit), visit.now, instead, left)
        visit.add_fact(interactions.MAIL_ASKED)
        visit.audit("link_asked", "success" if went else "failure", account.id if account else None, purpose=purpose, mailed=instead or went)


def asked_by(visit: Visit) -> AskedBy:
    """Who asks for a link here, and where it goes on."""
    cause = visit.cause
    return AskedBy(cause.reference, cause.interaction_id, visit.interaction.client_id, cause.locale, cause.brand)


def _instead(account: Account | None) -> str:
    """The mail that explains, where a link to register is not theirs to ask for: an employee's company, or an invitation, comes before."""
    if account is None or account.sign_in_address is not None:
        return ""
    return "company_account" if account.upstream else "invitation_needed" if links.invitation(account.id) else ""
