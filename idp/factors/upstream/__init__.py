"""The company's own sign-in: we are a relying party of its OpenID provider, and believe it no more
than it proves."""

from idp.factors.upstream.reading import Ended, UpstreamError, UpstreamIdentity
from idp.factors.upstream.upstream import Upstream, UpstreamDemand, UpstreamSignIn
from idp.factors.upstream.upstreams import Upstreams

__all__ = [
    "Ended",
    "Upstream",
    "UpstreamDemand",
    "UpstreamError",
    "UpstreamIdentity",
    "UpstreamSignIn",
    "Upstreams",
]
