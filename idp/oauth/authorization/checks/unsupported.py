"""request, request_uri, registration: refused by name (OIDC Core 3.1.2.6)."""

from idp.oauth.authorization.checks import Context, Fields, Values
from idp.oauth.authorization.errors import CheckError

ERRORS = {
    "request": "request_not_supported",
    "request_uri": "request_uri_not_supported",
    "registration": "registration_not_supported",
}


def check(values: Values, context: Context) -> Fields:
    """Nothing: what is here is refused. Raises CheckError."""
    for name, error in ERRORS.items():
        if name in values:
            raise CheckError(error, f"{name} is not supported")
    return {}
