"""max_age: seconds since the sign-in, at most (OIDC Core 3.1.2.1)."""

import re

from idp.oauth.authorization.checks import Context, Fields, Values
from idp.oauth.authorization.errors import CheckError

SECONDS = re.compile(r"[0-9]{1,9}")


def check(values: Values, context: Context) -> Fields:
    """The fields of the resolved request that it gives. Raises CheckError."""
    asked = values.get("max_age")
    if asked is None:
        return {}
    if not SECONDS.fullmatch(asked):
        raise CheckError("invalid_request", "max_age must be a number of seconds")
    return {"max_age": int(asked)}
