"""A new account, for an organization's registration code. An identifier is public; the code beside
it is the secret."""

import math

from idp import secret
from idp.factors import FieldError
from idp.factors.mailed_link import MailedLink
from idp.flow import history, throttle
from idp.secret import Vault
from idp.settings import Settings
from idp.store import (
    accounts,
    enrolments,
    links,
    lock,
    organizations,
    profiles,
    registration_codes,
    tries,
)
from idp.store.accounts import Account
from idp.store.organizations import Organization
from idp.store.tries import Asker
from idp.typed import fold
from idp.visit.notices import Notices
from idp.visit.recovering import asked_by, just_registered
from idp.visit.visit import Visit

TRIED_AS = "registration_code"
MOST_IN_A_ROW = 40
CORRECTED = "registration_corrected"  # what is counted of a code that got a use back
MOST_CORRECTED = 5  # times a day that a code gets one back
DAY = 86400.0  # seconds
ANYONE = Asker("anyone", False, "")


class Registering:
    """One for a process."""

    def __init__(
        self, settings: Settings, vault: Vault, mailed_link: MailedLink, notices: Notices
    ) -> None:
        self._limits = settings.limits
        self._profile = settings.registration
        self._vault = vault
        self._link = mailed_link
        self._notices = notices

    def begin_code(self, visit: Visit, identifier: str) -> tuple[list[int], FieldError | None]:
        """Count a try, to be committed before the code is compared; how long to wait, if too many
        were wrong. Each network waits for its own: an identifier is public, and what strangers guess
        at it closes it to no one else (a code has 80 random bits)."""
        limits, subjects = self._limits, {"network": self._limits.free_passwords * 4}
        if identifier:
            of = f"organization:{self._vault.fingerprint('organization', identifier)}"
            subjects = {of: limits.free_passwords, **subjects}
        asker = Asker(f"network:{visit.network}", False, visit.network)
        longest = 0.0
        # an office is one network
        for subject, free in subjects.items():
            lock(f"{TRIED_AS}:{subject}:{visit.network}")
            wrong = tries.wrong_in_a_row(subject, TRIED_AS, MOST_IN_A_ROW, asker, alone=True)
            wait = throttle.password_wait(
                visit.now,
                len(wrong),
                wrong[0] if wrong else None,
                free,
                limits.password_wait,
                limits.longest_password_wait,
            )
            longest = max(longest, wait)
        if longest > 0:
            return [], FieldError("organization_wait", math.ceil(longest))
        return [tries.add(subject, TRIED_AS, visit.now, asker) for subject in subjects], None

    def finish_code(
        self, visit: Visit, tried: list[int], identifier: str, typed: str
    ) -> FieldError | None:
        """Compare; a code that works opens the next page. Where organizations are known by an
        identifier, it must be that of the code's."""
        organization = organizations.by_identifier(identifier) if identifier else None
        # the second was made before codes could be read out
        digests = (secret.digest(secret.heard(typed)), secret.digest(typed))
        if self._profile.identifier:
            of = organization.id if organization else "nobody"
            codes = [registration_codes.code(of, one, visit.now) for one in digests]
        else:
            codes = [registration_codes.anywhere(one, visit.now) for one in digests]
        found = next((one for one in codes if one), None)
        if found is None:
            visit.audit(
                "registration_code_wrong",
                "failure",
                None,
                organization=organization.id if organization else None,
            )
            kind = self._profile.identifier
            return FieldError(f"{kind.name}_mismatch" if kind else "registration_code_wrong")
        for one in tried:
            tries.succeed(one)
        visit.add_fact(history.ORGANIZATION_NAMED, found.id)
        return None

    def organization(self, visit: Visit) -> Organization | None:
        """Whose registration code was given here."""
        code = registration_codes.working_code(visit.known.code_id or "", visit.now)
        return organizations.by_id(code.organization_id) if code else None

    def register(
        self,
        visit: Visit,
        username: str,
        email: str,
        given_name: str,
        family_name: str,
        **profile: str,
    ) -> FieldError | None:
        """Make the account, and mail the link with which it goes on. A taken username is said, for
        the code was right; a taken address is answered by mail alone."""
        lock(f"username:{fold(username)}")
        lock(f"address:{fold(email)}")
        if accounts.by_username(username):
            return FieldError("username_taken")
        code = registration_codes.working_code(visit.known.code_id or "", visit.now)
        if code is None or not registration_codes.use_code(code.id, visit.now):
            return FieldError("organization_over", elsewhere=True)
        owner = accounts.reached_by(email)
        # the username is taken all the same, and a use: who tries again learns nothing by it
        if owner:
            blank = accounts.add(visit.now, username, "", given_name, family_name)
            self._tell(visit, owner)
            visit.audit("registration_repeated", "failure", owner.id)
            visit.add_fact(history.MAIL_ASKED, email, blank)
            return None
        account_id = accounts.add(visit.now, username, email, given_name, family_name)
        if profile:
            profiles.add(account_id, profile)
        organizations.join(account_id, code.organization_id, "user", code.id)
        self._link.mail(
            accounts.by_id(account_id), username, links.REGISTRATION, asked_by(visit), visit.now
        )
        visit.add_fact(history.MAIL_ASKED, email, account_id)
        visit.audit("account_registered", "success", account_id, organization=code.organization_id)
        return None

    def enter_again(self, visit: Visit) -> None:
        """What was entered is wrong: the account that was made of it here is released, its link
        leads nowhere, and the form is shown again. The use of the code is left again, a few times a
        day: each registration mails an address that no one has checked. Nothing changes where the
        person has registered in the meantime."""
        made, code = visit.known.made_here, registration_codes.by_id(visit.known.code_id or "")
        if not made or code is None or not enrolments.release_one(made, visit.now):
            return
        links.end_all(made, "replaced")
        self._give_back(visit, code.id)
        visit.audit(
            "registration_entered_again", "success", made, organization=code.organization_id
        )
        visit.add_fact(history.JOURNEY_CHOSEN, "register")
        visit.add_fact(history.ORGANIZATION_NAMED, code.id)

    @staticmethod
    def _give_back(visit: Visit, code_id: str) -> None:
        """Leave a use of this code again, unless that was done too often today by anyone."""
        lock(f"{CORRECTED}:{code_id}")
        since = visit.now - DAY
        if tries.wrong_since(code_id, CORRECTED, since, ANYONE) < MOST_CORRECTED:
            tries.add(code_id, CORRECTED, visit.now, ANYONE)
            registration_codes.give_back(code_id)

    def _tell(self, visit: Visit, owner: Account) -> None:
        """What the owner of an address gets when it is registered once more."""
        if just_registered(owner):  # the same person, most likely: the mail with the link, again
            self._link.mail(owner, owner.username, links.REGISTRATION, asked_by(visit), visit.now)
        elif self._link.wait(f"told:{owner.id}", "", visit.now) <= 0:
            links.note(f"told:{owner.id}", visit.now)
            self._notices.tell(visit, owner, "address_taken")
