"""What a person chooses on a page: each is a fact, and proves nothing."""

from dataclasses import replace

from idp import secret
from idp.factors import FieldError
from idp.factors.voice import CALLS
from idp.flow import decide, history
from idp.flow.facts import ANOTHER, START_OVER, Ask
from idp.flow.methods import CUSTOMER_OPTIONS, EMPLOYEE, SIGN_IN_OPTIONS
from idp.flow.steps import choices, next_step
from idp.settings import Settings
from idp.store import (
    accounts,
    codes,
    consents,
    terms,
    trusted_devices,
)
from idp.store.accounts import Account
from idp.visit.gather import TRUSTED_DEVICE
from idp.visit.visit import Visit

# of the login options
COLUMNS = {True: (EMPLOYEE,), False: CUSTOMER_OPTIONS}  # by whether it is the employees'


class Choices:
    """One for a process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def choose_option(
        self, visit: Visit, option: str, remember: bool | None = None
    ) -> FieldError | None:
        """A sign-in option, and how the box Remember Me stood; chosen with the box empty, the browser forgets
        at once what that column of the login options remembered; None where it has no box."""
        if option not in visit.facts.options:
            return FieldError("option_unknown")
        if visit.facts.journey != "sign-in":
            visit.add_fact(history.JOURNEY_CHOSEN, "sign-in")
        visit.add_fact(history.OPTION_CHOSEN, option)
        # whose column has no box, or was not what the box was about
        if remember is not None or option == EMPLOYEE:
            visit.add_fact(history.REMEMBER, "yes" if remember else "no")
        if remember is False and (
            held := [secret.digest(one) for one in visit.browser.trusted_devices]
        ):
            for one in COLUMNS[option == EMPLOYEE]:
                trusted_devices.end_option(held, one, visit.now)
        return None

    def choose_method(self, visit: Visit, method: str) -> None:
        """Another method than the one whose page is due, where it leads to what is required, and
        with it the option that leads to it."""
        if method not in (*choices(visit.facts), *next_step(visit.facts)):
            return
        option = visit.facts.option
        if option is not None and method not in SIGN_IN_OPTIONS[option]:
            by = next(one for one in visit.facts.options if method in SIGN_IN_OPTIONS[one])
            visit.add_fact(history.OPTION_CHOSEN, by)
        visit.add_fact(history.METHOD_CHOSEN, method)

    def choose_journey(self, visit: Visit, journey: str) -> None:
        """Begin another journey: nothing before it counts, and no phone that rings for what was
        before."""
        codes.end_here(visit.interaction.id, CALLS, "cancelled")
        visit.add_fact(history.JOURNEY_CHOSEN, journey)

    def accept_terms(self, visit: Visit, account: Account, version: str) -> FieldError | None:
        """The terms that were shown are those in force, or they are shown again."""
        if version != visit.facts.terms:
            return FieldError("terms_changed")
        accounts.accept_terms(account.id, visit.brand.id, version)
        terms.add(
            account.id,
            visit.brand.id,
            version,
            visit.now,
            visit.browser.address,
            visit.interaction.reference,
        )
        visit.audit("terms_accepted", "success", account.id, brand=visit.brand.id, version=version)
        return None

    def allow(self, visit: Visit, account: Account) -> None:
        """Allow on the consent page: it covers what was shown, for this person and client, and is
        remembered."""
        shown = frozenset(visit.request.scopes)
        visit.add_fact(history.CONSENT_GIVEN, " ".join(sorted(shown)), account.id)
        if consents.remember(account.id, visit.interaction.client_id, shown, visit.now):
            visit.audit("consent_given", "success", account.id, scopes=sorted(shown))

    def deny(self, visit: Visit, account: Account) -> None:
        """Deny on the consent page."""
        visit.add_fact(history.CONSENT_DENIED)
        visit.audit("consent_denied", "failure", account.id)

    def start_over(self, visit: Visit) -> None:
        """Cancel on a page of the journey: nothing before it counts, and no phone that rings for
        it."""
        # first: a call that was just confirmed comes before the fact
        codes.end_here(visit.interaction.id, CALLS, "cancelled")
        visit.add_fact(history.STARTED_OVER)

    def at_the_start(self, visit: Visit, stage: str) -> bool:
        """Whether starting over would lead to this very page: where there is one option, nothing lies
        before it."""
        start = replace(
            visit.facts,
            proofs=(),
            session=None,
            journey="sign-in",
            option=visit.facts.options[0],
            upstream_error=None,
            chosen_account=START_OVER,
        )
        alone = len(visit.facts.options) == 1 and TRUSTED_DEVICE not in visit.facts.accepted
        # a company lies before it
        chosen = visit.facts.upstream is not None and len(self._settings.upstreams) > 1
        return (
            alone and not chosen and decide.decide(start).answer == Ask(stage, "identity_unproven")
        )

    def choose_account(self, visit: Visit, choice: str) -> FieldError | None:
        """Go on as who is signed in, or as another. FieldError where nothing was chosen."""
        if choice != ANOTHER and (visit.session is None or choice != visit.session.account_id):
            return FieldError("choice_missing")
        visit.add_fact(history.ACCOUNT_CHOSEN, choice)
        return None
