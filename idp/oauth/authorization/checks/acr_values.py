"""acr_values: wishes, in the order of preference; unknown ones are passed over later (OIDC Core
3.1.2.1)."""

from idp.oauth.authorization.checks import Context, Fields, Values


def check(values: Values, context: Context) -> Fields:
    """The fields of the resolved request that it gives."""
    return {"acr_values": tuple(values.get("acr_values", "").split())}
