"""scope: those that the client may request, of one API at most (RFC 6749 3.3, RFC 8707 in
spirit)."""

from idp.oauth.authorization.checks import Context, Fields, Values
from idp.oauth.authorization.errors import CheckError


def check(values: Values, context: Context) -> Fields:
    """The fields of the resolved request that it gives. Raises CheckError."""
    client = context.client
    scopes = tuple(client.allowed_scope(values.get("scope")).split())
    if not scopes:
        known = " ".join(sorted(client.scopes))
        raise CheckError("invalid_scope", f"this client may request these scopes: {known}")
    if len(context.resource_servers.asked(scopes)) > 1:
        raise CheckError(
            "invalid_scope",
            "an access token is for one API; request the scopes of one API at a time",
        )
    return {"scopes": scopes}
