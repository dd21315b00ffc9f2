"""The `sub` of an account at a client, and back (OIDC Core 8). Today every client sees the same
one: the account's id."""

from idp.oauth.access_tokens import AccessToken
from idp.oauth.clients import RegisteredClient


def subject(account_id: str, client: RegisteredClient) -> str:
    """What tokens for this client call the account."""
    return account_id


def account(sub: str, client: RegisteredClient | None) -> str:
    """The account that a token of this client calls so; the client may be gone."""
    return sub


def of_token(token: AccessToken) -> str:
    """The `sub` of an access token that was read (RFC 9068 2.2): the person, as the token's client
    knows them, or the client itself."""
    if token.grant is None:
        return token.client_id
    assert token.client is not None  # `access_tokens.read` has found it
    return subject(token.grant.account_id, token.client)
