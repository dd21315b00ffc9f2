"""One visit: gather the facts, decide, try a factor, record what happened, issue.

The only place where proving an identity (factors) and getting a token (oauth) meet. It writes rows
and leaves the commit to the caller: the pages, which commit a counted try before a secret is
compared."""

from idp.visit.calls import Calls
from idp.visit.choices import Choices
from idp.visit.deeds import Deeds
from idp.visit.employees import Departure, Employees
from idp.visit.ending import Ending, Outcome
from idp.visit.enrolling import Enrolling
from idp.visit.links import Links
from idp.visit.proofs import Proofs
from idp.visit.recovering import Recovering
from idp.visit.registering import Registering
from idp.visit.setting_up import SettingUp
from idp.visit.standing import Standing
from idp.visit.visit import Begin, Browser, InteractionClosed, Visit
from idp.visit.visits import Visits

__all__ = [
    "Begin",
    "Browser",
    "Calls",
    "Choices",
    "Deeds",
    "Departure",
    "Employees",
    "Ending",
    "Enrolling",
    "InteractionClosed",
    "Links",
    "Outcome",
    "Proofs",
    "Recovering",
    "Registering",
    "SettingUp",
    "Standing",
    "Visit",
    "Visits",
]
