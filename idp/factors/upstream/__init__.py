"""The company's own sign-in: we are a relying party of its OpenID provider, and believe it no more
than it proves."""

from idp.factors.upstream.companies import Companies
from idp.factors.upstream.company import Company, UpstreamSignIn, Wanted
from idp.factors.upstream.reading import Ended, Said, UpstreamError

__all__ = ["Companies", "Company", "Ended", "Said", "UpstreamError", "UpstreamSignIn", "Wanted"]
