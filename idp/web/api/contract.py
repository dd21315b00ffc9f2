"""How a route is declared: path, scope, what it reads and what it answers. Checks and documentation
are made of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from idp.operations.rights import Rights
from idp.web.api.shapes import Nothing


@dataclass(frozen=True)
class Call:
    """One request, whose token and shape have been checked."""

    rights: Rights
    now: float
    client_id: str
    scopes: frozenset[str]
    where: Mapping[str, str]  # the parts of the path
    query: Any
    body: Any
    if_match: str | None


@dataclass(frozen=True)
class Reply:
    """What a route answers: a shape or nothing, its status, and headers."""

    body: BaseModel | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Call], Reply]


@dataclass(frozen=True)
class Route:
    """`acts`: it changes something, so a person's sign-in must be strong and recent. `tagged`: its
    answer has an ETag; a PATCH wants it back in If-Match."""

    method: str
    path: str
    scope: str
    says: str
    handler: Handler
    more: str
    query: type[BaseModel]
    body: type[BaseModel] | None
    answer: type[BaseModel] | None
    status: int
    tagged: bool

    @property
    def acts(self) -> bool:
        """Whether it changes something."""
        return self.method != "GET"

    @property
    def name(self) -> str:
        """The operation's ID in the OpenAPI document."""
        return self.handler.__name__.rstrip("_")


ROUTES: list[Route] = []


def route(
    method: str,
    path: str,
    scope: str,
    says: str,
    *,
    query: type[BaseModel] = Nothing,
    body: type[BaseModel] | None = None,
    answer: type[BaseModel] | None = None,
    status: int = 200,
    tagged: bool = False,
) -> Callable[[Handler], Handler]:
    """Declare a route; the handler's docstring is the rest of its documentation."""

    def declare(handler: Handler) -> Handler:
        ROUTES.append(
            Route(
                method,
                path,
                scope,
                says,
                handler,
                handler.__doc__ or "",
                query,
                body,
                answer,
                status,
                tagged,
            )
        )
        return handler

    return declare
