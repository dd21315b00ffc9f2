"""id_token_hint: an ID token of ours, which may have expired (OIDC Core 3.1.2.1)."""

from idp.oauth.authorization.checks import Context, Fields, Values
from idp.oauth.authorization.errors import CheckError
from idp.oauth.subjects import account


def check(values: Values, context: Context) -> Fields:
    """The fields of the resolved request that it gives. Raises CheckError."""
    if "id_token_hint" not in values:
        return {}
    sub = context.hinted(values["id_token_hint"])
    if sub is None:
        raise CheckError(
            "invalid_request", "id_token_hint is not an ID token of this identity provider"
        )
    return {"subject": account(sub, context.client)}
