"""What a grant of the token endpoint is: three steps, which `idp/oauth/token_endpoint.py` takes in
order."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from idp.oauth.clients import RegisteredClient, Registry
from idp.oauth.granted import LiveGrant
from idp.settings import Settings
from idp.store import audit, grants

Found = TypeVar("Found")


@dataclass(frozen=True)
class TokenRequest:
    """A request whose client has authenticated and may use the grant. `now` is seconds."""

    form: Mapping[str, str]
    client: RegisteredClient
    registry: Registry
    settings: Settings
    now: float


@dataclass(frozen=True)
class Award:
    """What the tokens of the answer are minted from. Without a grant the access token is the
    client's own."""

    client: RegisteredClient
    scope: str
    grant: LiveGrant | None = None
    generation: int | None = None  # of the refresh token that comes with it; None for none


class Grant(ABC, Generic[Found]):
    """A value of `grant_type` (RFC 6749 4, 6). Every step raises an OAuth2Error that the client is
    told."""

    name: str
    client_authentication: Sequence[str]  # the methods that a client may use

    @abstractmethod
    def find(self, request: TokenRequest) -> Found:
        """What the client presents, looked up. A second use of what works once ends its grant here."""

    @abstractmethod
    def confirm(self, request: TokenRequest, found: Found) -> str:
        """Check everything that must hold, and change nothing; the scope of the tokens."""

    @abstractmethod
    def claim(self, request: TokenRequest, found: Found, scope: str) -> Award:
        """Use up what works once. This is the last step before minting, so that a request that is
        refused uses nothing up."""


def reused(what: str, grant_id: str, account_id: str, client_id: str, now: float) -> None:
    """What works once was presented twice: all that came of it ends (RFC 9700 2.1.1, 4.14.2)."""
    if grants.revoke(grant_id, now):
        audit.add(
            now,
            "reuse_detected",
            "failure",
            target=account_id,
            client_id=client_id,
            what=what,
            grant=grant_id,
        )
