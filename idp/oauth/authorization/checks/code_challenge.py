"""code_challenge, code_challenge_method: PKCE with S256, where the client's profile demands it or
it was begun (RFC 7636 4.3)."""

import re

from idp.oauth.authorization.checks import Context, Fields, Values
from idp.oauth.authorization.errors import CheckError
from idp.oauth.authorization.request import AuthorizationRequest
from idp.oauth.clients import RegisteredClient

CHALLENGE = re.compile(r"[A-Za-z0-9\-._~]{43,128}")


def check(values: Values, context: Context) -> Fields:
    """The fields of the resolved request that it gives. Raises CheckError."""
    client, challenge = context.client, values.get("code_challenge")
    if challenge is None:
        if demanded(client) or "code_challenge_method" in values:
            raise CheckError(
                "invalid_request",
                "code_challenge is missing; use PKCE with code_challenge_method=S256",
            )
        return {}
    if values.get("code_challenge_method") != "S256":
        raise CheckError("invalid_request", "code_challenge_method must be S256")
    if not CHALLENGE.fullmatch(challenge):
        raise CheckError("invalid_request", "code_challenge is malformed")
    return {"code_challenge": challenge}


def demanded(client: RegisteredClient) -> bool:
    """Whether this client must use PKCE."""
    return client.policy.pkce_required or client.public


def still(request: AuthorizationRequest, client: RegisteredClient) -> bool:
    """Whether a request that was kept goes on standing."""
    return bool(request.code_challenge) or not demanded(client)
