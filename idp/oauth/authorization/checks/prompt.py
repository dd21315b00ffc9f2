"""prompt: `none` alone, or any of the others (OIDC Core 3.1.2.1)."""

from idp.oauth.authorization.checks import Context, Fields, Values
from idp.oauth.authorization.errors import CheckError

# The last one: Initiating User Registration via OpenID Connect 1.0.
PROMPTS = frozenset({"none", "login", "select_account", "consent", "create"})


def check(values: Values, context: Context) -> Fields:
    """The fields of the resolved request that it gives. Raises CheckError."""
    prompt = frozenset(values.get("prompt", "").split())
    if prompt - PROMPTS or ("none" in prompt and len(prompt) > 1):
        says = (
            "prompt must be none alone, or one or more of login, select_account, consent and create"
        )
        raise CheckError("invalid_request", says)
    if "create" in prompt and not context.registers:
        says = "prompt=create is not supported: people do not register here"
        raise CheckError("invalid_request", says)
    return {"prompt": prompt}
