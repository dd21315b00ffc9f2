"""Authorization requests: what is checked before anybody is asked anything (RFC 6749 4.1.1, OIDC
Core 3.1.2).

CHECKS is the matrix that runs: for each check the endpoints at which it does. `idp oauth checks`
prints it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from idp.oauth.authorization import client, sources
from idp.oauth.authorization.checks import (
    Check,
    Context,
    Still,
    acr_values,
    carried,
    code_challenge,
    id_token_hint,
    max_age,
    prompt,
    purpose,
    response_mode,
    response_type,
    scope,
    unsupported,
)
from idp.oauth.authorization.errors import CheckError, PageError, RedirectError
from idp.oauth.authorization.request import AuthorizationRequest
from idp.oauth.clients import RegisteredClient, Registry
from idp.oauth.http import Pairs
from idp.oauth.keys import Keyring

__all__ = ["AuthorizationRequest", "CheckError", "PageError", "RedirectError", "reopen", "resolve"]

AUTHORIZATION = "authorization"
ENDPOINTS = (AUTHORIZATION,)
CHECKS: Mapping[Check, tuple[str, ...]] = {
    unsupported.check: (AUTHORIZATION,),
    response_type.check: (AUTHORIZATION,),
    response_mode.check: (AUTHORIZATION,),
    scope.check: (AUTHORIZATION,),
    code_challenge.check: (AUTHORIZATION,),
    prompt.check: (AUTHORIZATION,),
    max_age.check: (AUTHORIZATION,),
    id_token_hint.check: (AUTHORIZATION,),
    acr_values.check: (AUTHORIZATION,),
    purpose.check: (AUTHORIZATION,),
    carried.check: (AUTHORIZATION,),
}


STILL: tuple[Still, ...] = (response_type.still, response_mode.still, code_challenge.still)


def resolve(
    registry: Registry,
    keyring: Keyring,
    pairs: Pairs,
    now: float,
    registers: Callable[[RegisteredClient], bool],
) -> tuple[RegisteredClient, AuthorizationRequest]:
    """The client, and its request as an interaction keeps it. `registers` says whether people may
    make accounts by a client. Raises PageError or RedirectError."""
    found, redirect_uri = client.find(registry, pairs)

    def hinted(token: str) -> str | None:
        claims = keyring.verify(token, "JWT", now, expired_too=True)
        return str(claims.get("sub")) if claims and claims.get("iss") == registry.issuer else None

    try:
        values, context = (
            sources.read(pairs),
            Context(found, registry.resource_servers, hinted, registers(found)),
        )
        resolved: dict[str, Any] = {}
        for check, endpoints in CHECKS.items():
            if AUTHORIZATION in endpoints:
                resolved |= check(values, context)
    except CheckError as error:
        mode = next(
            (
                value
                for name, value in pairs
                if name == "response_mode" and value in found.policy.response_modes
            ),
            "query",
        )
        raise RedirectError(
            redirect_uri, sources.echoed(pairs), error.error, error.description, mode
        ) from None
    sent = "redirect_uri" in values
    return found, AuthorizationRequest(
        client_id=found.client_id, redirect_uri=redirect_uri, redirect_uri_sent=sent, **resolved
    )


def reopen(
    registry: Registry, kept: Mapping[str, Any]
) -> tuple[RegisteredClient, AuthorizationRequest] | None:
    """A request that was kept, and its client as it is now, with the scopes that are left; None
    where the client's registration does not bear it any more. Raises PageError where no one can be
    sent to the client safely."""
    request = AuthorizationRequest.of(kept)
    found = client.known(registry, request.client_id)
    if not found.check_redirect_uri(request.redirect_uri):
        raise PageError(
            "redirect_uri_unregistered", client=found.name, uri=request.redirect_uri[:500]
        )
    left = tuple(scope for scope in request.scopes if scope in found.scopes)
    stands = all(still(request, found) for still in STILL)
    return (found, replace(request, scopes=left)) if stands and left else None
