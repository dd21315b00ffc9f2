"""response_type: one that the client's profile allows (RFC 6749 3.1.1)."""

from idp.oauth.authorization.checks import Context, Fields, Values
from idp.oauth.authorization.errors import CheckError
from idp.oauth.authorization.request import AuthorizationRequest
from idp.oauth.clients import RegisteredClient


def check(values: Values, context: Context) -> Fields:
    """The fields of the resolved request that it gives. Raises CheckError."""
    if "response_type" not in values:
        raise CheckError("invalid_request", "response_type is missing")
    allowed = context.client.policy.response_types
    if values["response_type"] not in allowed:
        raise CheckError(
            "unsupported_response_type",
            f"response_type must be {' or '.join(allowed)} for this client",
        )
    return {"response_type": values["response_type"]}


def still(request: AuthorizationRequest, client: RegisteredClient) -> bool:
    """Whether a request that was kept goes on standing."""
    return request.response_type in client.policy.response_types
