"""The checks of an authorization request: a file a parameter. Its first sentence says what it
checks, its function is pure.

A check gets the parameters by name and what it may look at beside them; it returns the fields of
the resolved request that it is about, or raises Invalid."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from idp.oauth.apis import Apis
from idp.oauth.clients import RegisteredClient

Values = Mapping[str, str]
Fields = dict[str, Any]


@dataclass(frozen=True)
class Context:
    """What a check may look at. `hinted` gives the `sub` of an ID token of ours, also of an expired
    one, else None."""

    client: RegisteredClient
    apis: Apis
    hinted: Callable[[str], str | None]


Check = Callable[[Values, Context], Fields]
