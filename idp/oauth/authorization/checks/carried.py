"""state, nonce, login_hint, ui_locales: carried as they came (RFC 6749 4.1.1, OIDC Core
3.1.2.1)."""

from idp.oauth.authorization.checks import Context, Fields, Values

NAMES = ("state", "nonce", "login_hint", "ui_locales")


def check(values: Values, context: Context) -> Fields:
    """The fields of the resolved request that they give."""
    return {name: values[name] for name in NAMES if name in values}
