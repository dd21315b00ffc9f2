"""response_mode: one that the client's profile allows, `query` without one (OAuth 2.0 Multiple
Response Types 2.1)."""

from idp.oauth.authorization.checks import Context, Fields, Values
from idp.oauth.authorization.errors import CheckError
from idp.oauth.authorization.request import AuthorizationRequest
from idp.oauth.clients import RegisteredClient


def check(values: Values, context: Context) -> Fields:
    """The fields of the resolved request that it gives. Raises CheckError."""
    allowed = context.client.policy.response_modes
    mode = values.get("response_mode", "query")
    if mode not in allowed:
        raise CheckError("invalid_request", f"response_mode must be {' or '.join(allowed)}")
    return {"response_mode": mode}


def still(request: AuthorizationRequest, client: RegisteredClient) -> bool:
    """Whether a request that was kept goes on standing."""
    return request.response_mode in client.policy.response_modes
