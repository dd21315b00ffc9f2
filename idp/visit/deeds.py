"""What is due and needs no page: done as soon as the flow says so, and decided again."""

from idp.factors import FieldError
from idp.flow.facts import Do
from idp.store import lock
from idp.visit.enrolling import Enrolling
from idp.visit.setting_up import SettingUp
from idp.visit.visit import Visit
from idp.visit.visits import Visits

MAX_DEEDS = 5  # deeds in a row; a journey that wants more goes round in a circle


class Deeds:
    """One for a process."""

    def __init__(self, visits: Visits, enrolling: Enrolling, setting_up: SettingUp) -> None:
        self._visits = visits
        self._enrolling = enrolling
        self._setting_up = setting_up

    def settle(self, visit: Visit) -> tuple[Visit, FieldError | None]:
        """Do what is due until a page, a refusal or a code is. The transaction must be one that
        writes."""
        for _ in range(MAX_DEEDS):
            if not isinstance(visit.answer, Do):
                return visit, None
            account = visit.identified
            assert account is not None and visit.answer.deed == "keep"
            lock(f"account:{account.id}")
            # no one else changes this account now; someone may have until now
            visit = self._visits.again(visit)
            account = visit.identified
            if not isinstance(visit.answer, Do) or account is None:
                continue
            self._visits.record(visit, visit.answer.reason)
            error = None
            if visit.facts.journey == "enrol":
                error = self._enrolling.keep(visit, account)
            else:
                self._setting_up.keep(visit, account)
            visit = self._visits.again(visit)
            if error:
                return visit, error
        raise RuntimeError("the journey goes round in a circle")
