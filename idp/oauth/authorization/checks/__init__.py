"""The checks of an authorization request: a file a parameter. Its first sentence says what it
checks, its function is pure.

A check gets the parameters by name and what it may look at beside them; it returns the fields of
the resolved request that it is about, or raises CheckError. Where what it checks depends on how the
client is registered, `still` says whether a request that was kept goes on standing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from idp.oauth.authorization.request import AuthorizationRequest
from idp.oauth.clients import RegisteredClient
from idp.oauth.resource_servers import ResourceServers

Values = Mapping[str, str]
Fields = dict[str, Any]


@dataclass(frozen=True)
class Context:
    """What a check may look at. `hinted` gives the `sub` of an ID token of ours, also of an expired
    one, else None."""

    client: RegisteredClient
    resource_servers: ResourceServers
    hinted: Callable[[str], str | None]
    registers: bool = True  # whether people may make accounts by this client


Check = Callable[[Values, Context], Fields]
# whether a request that was kept still stands, with the client as it is now
Still = Callable[[AuthorizationRequest, RegisteredClient], bool]
