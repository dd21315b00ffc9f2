"""The client of a request and where its answer may go: until both are valid nothing redirects."""

from idp.oauth.authorization.errors import PageError
from idp.oauth.clients import RegisteredClient, Registry
from idp.oauth.http import Pairs, present


def find(registry: Registry, pairs: Pairs) -> tuple[RegisteredClient, str]:
    """Client and redirect URI (RFC 6749 3.1.2). Raises PageError."""
    there = present(pairs)
    ids = [value for name, value in there if name == "client_id"]
    if len(ids) != 1:
        raise PageError("client_missing" if not ids else "client_repeated")
    client = known(registry, ids[0])
    uris = [value for name, value in there if name == "redirect_uri"]
    if len(uris) > 1:
        raise PageError("redirect_uri_repeated", client=client.name)
    scopes = {scope for name, value in there if name == "scope" for scope in value.split()}
    redirect_uri = uris[0] if uris else _default(client, scopes)
    if redirect_uri is None:
        raise PageError("redirect_uri_missing", client=client.name)
    if not client.check_redirect_uri(redirect_uri):
        raise PageError("redirect_uri_unregistered", client=client.name, uri=redirect_uri[:500])
    return client, redirect_uri


def known(registry: Registry, client_id: str) -> RegisteredClient:
    """The client of this id. Raises PageError."""
    client = registry.get(client_id)
    if client is None:
        raise PageError("client_unknown", client=client_id[:100])
    return client


def _default(client: RegisteredClient, scopes: set[str]) -> str | None:
    """An OpenID request names its redirect URI always (OIDC Core 3.1.2.1), another one where
    several are registered."""
    return None if "openid" in scopes else client.default_redirect_uri()
