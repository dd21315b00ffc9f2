"""APIs (resource servers), as operators register them."""

import re
from collections.abc import Mapping

from idp.flow.claims import SCOPES
from idp.oauth.resource_servers import OWN
from idp.operations import NotFound, OperatorError
from idp.store import audit, resource_servers
from idp.store.resource_servers import ResourceServer

IDENTIFIER = re.compile(r"[a-z][a-z0-9+.-]{0,20}:[!-~]{1,480}")  # an absolute URI (RFC 8707 2)
SCOPE = re.compile(r"[!#-\[\]-~]{1,100}")  # RFC 6749 3.3


def add(now: float, actor: str, identifier: str, name: str, scopes: Mapping[str, str]) -> None:
    """Register an API: its identifier is the `aud` of its tokens; each scope says in plain words
    what it allows. Raises OperatorError."""
    if not IDENTIFIER.fullmatch(identifier) or "#" in identifier:
        raise OperatorError(
            f"{identifier} is not a valid identifier; use an absolute URI without a "
            "fragment, such as https://cases.example.org"
        )
    if not name.strip() or not name.isprintable() or len(name) > 100:
        raise OperatorError("the name must have 1 to 100 printable characters")
    if not scopes:
        raise OperatorError(
            "give at least one --scope NAME=WORDS: the scope that clients request, and "
            "what it allows in plain words"
        )
    registered = resource_servers.listed()
    taken = {scope: api.identifier for api in registered for scope in api.scopes} | dict.fromkeys(
        [*SCOPES, *OWN], "this identity provider"
    )
    for scope, words in scopes.items():
        if not SCOPE.fullmatch(scope) or not words.strip() or not words.isprintable():
            raise OperatorError(
                f"{scope} is not valid; a scope is printable ASCII without spaces or "
                'quotes, and has words that explain it: cases:read="read your cases"'
            )
        if scope in taken:
            raise OperatorError(
                f"the scope {scope} already belongs to {taken[scope]}; a scope can belong "
                "to only one API"
            )
    if identifier in {api.identifier for api in registered}:
        raise OperatorError(
            f"the API {identifier} already exists; `idp resource-servers remove` removes it"
        )
    resource_servers.add(identifier, name.strip(), dict(scopes), now)
    audit.add(now, "resource_server_added", actor=actor, api=identifier, scopes=sorted(scopes))


def listed() -> list[ResourceServer]:
    """All that are registered."""
    return resource_servers.listed()


def found(identifier: str) -> ResourceServer:
    """The API of this identifier. Raises NotFound."""
    api = next((one for one in resource_servers.listed() if one.identifier == identifier), None)
    if api is None:
        raise NotFound(f"there is no API {identifier}; `idp resource-servers list` shows all APIs")
    return api


def remove(now: float, actor: str, identifier: str) -> None:
    """No one gets its scopes any more; tokens that were issued live out their minutes. Raises
    OperatorError."""
    if not resource_servers.remove(identifier):
        raise NotFound(f"there is no API {identifier}; `idp resource-servers list` shows all APIs")
    audit.add(now, "resource_server_removed", actor=actor, api=identifier)
