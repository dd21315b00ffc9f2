"""The company's own sign-in: we are a relying party of its OpenID provider, and believe it no more
than it proves."""

from idp.factors.upstream.reading import Ended, Said, UpstreamError
from idp.factors.upstream.upstream import Upstream, UpstreamSignIn, Wanted
from idp.factors.upstream.upstreams import Upstreams

__all__ = ["Ended", "Said", "Upstream", "UpstreamError", "UpstreamSignIn", "Upstreams", "Wanted"]
