"""A forgotten password, and what is asked for by name and answered by mail alone: the same pages
and the same work for everyone."""

from dataclasses import dataclass, replace

from idp import secret
from idp.factors import FieldError
from idp.factors.mailed_link import EXPLANATION, LINK, AskedBy, MailedLink
from idp.factors.password import Password
from idp.flow import history
from idp.flow.facts import Ask
from idp.store import account_credentials, accounts, enrolments, links, tries, writing
from idp.store.accounts import Account
from idp.store.endings import end
from idp.visit.notices import Notices
from idp.visit.visit import Visit

# tries at the password of an unfinished registration, apart from those at a sign-in
TRIED_AS = "completion"


@dataclass(frozen=True)
class Completion:
    """A try at the password of a registration that was left, if one was."""

    address: str
    left: enrolments.Enrolment | None
    try_id: int


@dataclass(frozen=True)
class Unfinished:
    """Someone who does not sign in with an address yet, or not any more, though it is theirs:
    whose password is known all the same."""

    account: Account
    password_hash: str
    purpose: str  # of the link with which they finish
    left: enrolments.Enrolment | None = None


class Recovering:
    """One for a process."""

    def __init__(self, password: Password, mailed_link: MailedLink, notices: Notices) -> None:
        self._password = password
        self._link = mailed_link
        self._notices = notices

    @staticmethod
    def name_address(visit: Visit, address: str) -> None:
        """Whose password is forgotten."""
        visit.add_fact(history.ADDRESS_NAMED, address)

    def change_password(self, visit: Visit, account: Account, made: str) -> None:
        """A new password in the place of the forgotten one; everything that the old one opened is
        closed."""
        if visit.answer != Ask(
            "new-password", "new_password_missing"
        ) or not account_credentials.change_password(
            account, visit.now, visit.interaction.id, made
        ):
            return
        visit.add_fact(history.PROOF_GIVEN, "recovery", account.id)
        visit.audit(
            "password_recovered",
            "success",
            account.id,
            **end("password_recovered", account.id, visit.now),
        )
        self._notices.tell(visit, account, "password_changed")

    def ask_reset(self, visit: Visit, username: str) -> None:
        """To register again: a link to the address on file. An invitation is the administrator's,
        and is not revived."""
        # who signs in by address knows no other name
        named, signing_in = accounts.by_username(username), accounts.by_address(username)
        left, on_file = enrolments.left_at(username), accounts.reached_by(username)
        stopped = accounts.by_id(left.account_id if left else "")
        account = named or signing_in or stopped or on_file
        instead = _instead(account)
        if account is stopped and left and not (named or signing_in):
            # an address that was verified, and the rest was left: there the way on is told
            self._mail(visit, account, username, links.RESET, instead or "completion_needed", left)
        else:
            self._mail(visit, account, username, links.RESET, instead)

    def ask_forgotten(self, visit: Visit, username: str) -> None:
        """To register without the portal password: a link that stands in for it. Who is registered
        is told so."""
        account = accounts.by_username(username)
        registered = account is not None and account.sign_in_address is not None
        self._mail(
            visit,
            account,
            username,
            links.FORGOT,
            _instead(account) or ("registered_already" if registered else ""),
        )

    def mail_again(self, visit: Visit, username: str) -> None:
        """What this attempt asked for by this name, once more; the limits of a mailbox hold as
        ever."""
        if visit.facts.journey == "reset":
            self.ask_reset(visit, username)
        elif visit.facts.journey == "forgot":
            self.ask_forgotten(visit, username)
        elif visit.facts.journey == "register":
            account = accounts.by_username(username)
            self._mail(
                visit,
                account if account and just_registered(account) else None,
                username,
                links.REGISTRATION,
            )

    @staticmethod
    def unfinished(address: str) -> Unfinished | None:
        """The registration that was left at this address, or the account that was reset or never
        registered and has it on file."""
        left, owner = enrolments.left_at(address), accounts.reached_by(address)
        account = accounts.by_id(left.account_id) if left else owner
        if account is None or account.sign_in_address is not None or account.upstream:
            return None
        if left and left.password_hash:
            return Unfinished(account, left.password_hash, links.COMPLETE, left)
        if not account.password_hash:
            return None
        purpose = links.FORGOT if accounts.never_registered(account) else links.RESET
        return Unfinished(account, account.password_hash, purpose)

    def finish_unfinished(
        self, visit: Visit, address: str, tried: Unfinished | None, try_id: int, typed: str
    ) -> FieldError:
        """Compare. Only behind the right password someone reads that the registration is not
        finished; the link is mailed at once. Raises Busy."""
        right = self._password.check(tried.password_hash if tried else None, typed).right
        writing()
        if tried is None or not right:
            visit.audit("password_wrong", "failure", tried.account.id if tried else None)
            return FieldError("password_wrong")
        tries.succeed(try_id)
        if tried.account.disabled_at is not None:
            visit.audit("sign_in_refused", "failure", tried.account.id, reason="disabled")
            return FieldError("account_disabled")
        went = self._link.mail(
            tried.account,
            address,
            tried.purpose,
            replace(asked_by(visit), behind_password=True),
            visit.now,
            left=tried.left,
        )
        visit.audit(
            "link_asked",
            "success" if went == LINK else "failure",
            tried.account.id,
            purpose=tried.purpose,
            mailed=went,
        )
        return FieldError("registration_unfinished")

    def begin_completion(self, visit: Visit, address: str) -> Completion | FieldError:
        """Count a try at the password of an unfinished registration. Commit it, then call
        `finish_completion`."""
        left = enrolments.left_at(address)
        account = accounts.by_id(left.account_id) if left else None
        subject = self._password.subject(account, address)
        counted = self._password.begin(subject, visit.now, visit.asker(subject), TRIED_AS)
        return counted if isinstance(counted, FieldError) else Completion(address, left, counted)

    def finish_completion(self, visit: Visit, tried: Completion, typed: str) -> None:
        """Compare; where it is right a link goes out, else a mail to the owner that says what to
        do. The page tells no one which. Raises Busy."""
        right = self._password.check(tried.left.password_hash if tried.left else None, typed).right
        writing()
        account = (
            accounts.by_id(tried.left.account_id)
            if tried.left
            else accounts.reached_by(tried.address)
        )
        if right:
            tries.succeed(tried.try_id)
        instead = _instead_of_completing(account, tried.left)  # looked up for strangers too
        instead = "" if right else instead
        self._mail(visit, account, tried.address, links.COMPLETE, instead, tried.left)

    def _mail(
        self,
        visit: Visit,
        account: Account | None,
        name: str,
        purpose: str,
        instead: str = "",
        left: enrolments.Enrolment | None = None,
    ) -> None:
        went = self._link.mail(account, name, purpose, asked_by(visit), visit.now, instead, left)
        visit.add_fact(history.MAIL_ASKED, visit.known.mailed_to or None)
        visit.audit(
            "link_asked",
            "success" if went == LINK else "failure",
            account.id if account else None,
            purpose=purpose,
            mailed=instead if went == EXPLANATION else went,
        )


def just_registered(account: Account) -> bool:
    """Whether someone made this account by a registration code, and never got further than the
    mail."""
    return (
        account.sign_in_address is None
        and account.password_hash is None
        and links.invitation(account.id) is None
    )


def asked_by(visit: Visit) -> AskedBy:
    """Who asks for a link here, and where it goes on."""
    cause = visit.cause
    return AskedBy(
        cause.reference,
        cause.interaction_id,
        visit.interaction.client_id,
        cause.locale,
        cause.brand,
        browser=secret.digest(visit.browser.known) if visit.browser.known else "",
        network=visit.network,
    )


def _instead_of_completing(account: Account | None, left: enrolments.Enrolment | None) -> str:
    """The mail that says what to do, where the password of a registration that was left was wrong,
    or none was left."""
    otherwise = _instead(account)
    if account is None:
        return ""
    if account.sign_in_address is not None and account.disabled_at is None:
        return "registered_already"
    return otherwise or ("completion_refused" if left else "not_registered")


def _instead(account: Account | None) -> str:
    """The mail that explains, where a link to register is not theirs to ask for: an employee's
    company, or an invitation, comes before."""
    invited = links.invitation(account.id if account else "")  # looked up for strangers too
    if account is not None and account.disabled_at is not None:
        return "account_disabled"
    if account is None or account.sign_in_address is not None:
        return ""
    if account.upstream:
        return "upstream_account"
    return "invitation_needed" if invited else ""
