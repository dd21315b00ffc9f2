"""purpose: what the person is about to do, in the client's words; ours alone may say it (OpenID
Connect for Identity Assurance 1.0)."""

from idp.oauth.authorization.checks import Context, Fields, Values
from idp.oauth.authorization.errors import CheckError

SHORTEST, LONGEST = 3, 300  # characters


def check(values: Values, context: Context) -> Fields:
    """The fields of the resolved request that it gives. Raises CheckError."""
    purpose = values.get("purpose", "").strip()
    if not purpose or context.client.third_party:  # no one else puts words on our pages
        return {}
    if not SHORTEST <= len(purpose) <= LONGEST or not purpose.isprintable():
        raise CheckError(
            "invalid_request", f"purpose must have {SHORTEST} to {LONGEST} printable characters"
        )
    return {"purpose": purpose}
