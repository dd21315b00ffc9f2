"""The company's own sign-in: we are a relying party of its OpenID provider, and believe it no more
than it proves."""

from idp.factors.upstream.companies import Companies
from idp.factors.upstream.company import Came, Company, Wanted
from idp.factors.upstream.reading import Ended, Refused, Said

__all__ = ["Came", "Companies", "Company", "Ended", "Refused", "Said", "Wanted"]
