"""What is wrong with an authorization request, as three types, so that none is mistaken for
another."""


class PageError(Exception):
    """No one can be sent anywhere safely: a page shows cause and cure for the client's
    developer."""

    def __init__(self, reason: str, **about: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.about = about


class CheckError(Exception):
    """A check failed. `error` is a code of RFC 6749 4.1.2.1 or OIDC Core 3.1.2.6."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description


class RedirectError(Exception):
    """The client is told at its redirect URI, in the mode that it asked for (RFC 6749 4.1.2.1)."""

    def __init__(
        self,
        redirect_uri: str,
        state: str | None,
        error: str,
        description: str,
        mode: str = "query",
    ) -> None:
        super().__init__(f"{error}: {description}")
        self.redirect_uri = redirect_uri
        self.state = state
        self.error = error
        self.description = description
        self.mode = mode
