"""Setting up a second factor within a sign-in that asks for one, by who has none."""

from idp.factors.table import Factors
from idp.flow import history
from idp.flow.methods import METHODS, SIGN_IN_OPTIONS
from idp.flow.steps import may_set_up, to_set_up
from idp.store import accounts, enrolments, organizations
from idp.store.accounts import Account
from idp.store.endings import end
from idp.visit.notices import Notices
from idp.visit.visit import Visit


class SettingUp:
    """One for a process."""

    def __init__(self, factors: Factors, notices: Notices) -> None:
        self._factors = factors
        self._notices = notices

    def begin(self, visit: Visit, account: Account, kind: str) -> None:
        """Begin to set up a credential of this kind, where that is what is lacking. Who has not
        just signed in fully does so first, by the option that they have the means for."""
        if kind not in {METHODS[name].set_up for name in to_set_up(visit.facts)}:
            return
        visit.add_fact(history.SET_UP_CHOSEN, "yes", account.id)
        begun = enrolments.add(
            account.id,
            visit.interaction.id,
            kind,
            visit.now,
            address=accounts.on_file(account),
            address_verified_at=visit.now,  # they sign in with it
        )
        visit.add_fact(history.ENROLMENT_BEGUN, begun, account.id)
        visit.audit("set_up_begun", "success", account.id, by=kind)
        steps = visit.facts.people[account.id].owns - {"password"}
        able = [option for option in visit.facts.options if SIGN_IN_OPTIONS[option] & steps]
        if visit.facts.option not in able:
            visit.add_fact(history.OPTION_CHOSEN, able[0])

    def refuse(self, visit: Visit, account: Account) -> None:
        """Not now: the sign-in goes on without, as far as it can."""
        visit.add_fact(history.SET_UP_CHOSEN, "no", account.id)

    def keep(self, visit: Visit, account: Account) -> None:
        """What was set up is verified: from now on it is the account's, and what was proven by it
        counts. Nothing happens where the account has got one in the meantime, or the sign-in was
        too long ago."""
        row = visit.known.enrolment
        assert row is not None
        if not may_set_up(visit.facts) or not enrolments.keep(row.id, visit.now):
            return
        told = self._factors.set_up(row.method).keep(account.id, row, visit.now)
        if told is None:
            return
        if visit.known.verified_by:
            visit.proof_given(visit.known.verified_by, account.id)
        event = f"{row.method}_set_up"
        ended = end("factor_set_up", account.id, visit.now)
        where = organizations.first_of(account.id)
        visit.audit(event, "success", account.id, organization=where, **ended)
        self._notices.tell(visit, account, event, **told)
