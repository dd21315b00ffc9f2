"""How an answer travels to the client (OAuth 2.0 Multiple Response Type Encoding Practices 2.1):
one function a mode."""

from collections.abc import Callable, Mapping

from idp.oauth.http import Answer, Pairs, with_parameters

Mode = Callable[[str, Pairs], Answer]


def query(redirect_uri: str, parameters: Pairs) -> Answer:
    """In the query of the redirect URI; what stands there already stays to the letter."""
    return Answer(303, b"", [("Location", with_parameters(redirect_uri, parameters))])


MODES: Mapping[str, Mode] = {"query": query}
