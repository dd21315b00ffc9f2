"""What comes in and goes out about clients, in the words of RFC 7591."""

from typing import Annotated, Any, Literal

from pydantic import AliasChoices, Field, StringConstraints

from idp.web.api.shapes import PRINTABLE, Id, Shape, When

Uri = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[\x21-\x7e]+$")]


Name = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=PRINTABLE)]
Scope = Annotated[str, StringConstraints(max_length=2000, pattern=r"^[\x20-\x7e]*$")]
Method = Literal[
    "client_secret_basic", "client_secret_post", "private_key_jwt", "client_secret_jwt", "none"
]
SCOPES = "API scopes, separated by spaces; the OpenID Connect scopes are added"
KEYS = "the client's public keys (JWK Set), for private_key_jwt"


FORMAT = "jwt, or reference: a random string to introspect; opaque is its old name"


class ClientOrder(Shape):
    """A client, as client metadata (RFC 7591)."""

    client_name: Name
    redirect_uris: list[Uri] = Field(default_factory=list, max_length=20)
    post_logout_redirect_uris: list[Uri] = Field(default_factory=list, max_length=20)
    backchannel_logout_uri: Uri | None = None
    initiate_login_uri: Uri | None = None
    client_uri: Uri | None = None
    policy_uri: Uri | None = None
    tos_uri: Uri | None = None
    token_endpoint_auth_method: Method = "client_secret_basic"
    jwks: dict[str, Any] | None = Field(None, description=KEYS)
    scope: Scope = Field("", description=SCOPES)
    id_token_signed_response_alg: Literal["RS256", "ES256"] = "RS256"
    access_token_format: Literal["jwt", "reference", "opaque"] = Field("jwt", description=FORMAT)
    service: bool = Field(
        False,
        validation_alias=AliasChoices("service", "machine"),  # its old name, until the next release
        description="whether it is a service client that gets its own tokens (client credentials)",
    )
    third_party: bool = Field(
        False,
        description="whether another organization runs it, so that people are asked for consent",
    )
    brand: Id | None = None


class ClientChange(Shape):
    """Fields that are left out stay as they are; null removes a value."""

    client_name: Name | None = None
    redirect_uris: list[Uri] | None = Field(None, min_length=1, max_length=20)
    post_logout_redirect_uris: list[Uri] | None = Field(None, max_length=20)
    backchannel_logout_uri: Uri | None = None
    initiate_login_uri: Uri | None = None
    client_uri: Uri | None = None
    policy_uri: Uri | None = None
    tos_uri: Uri | None = None
    jwks: dict[str, Any] | None = Field(None, description=KEYS)
    scope: Scope | None = Field(None, description=SCOPES)
    id_token_signed_response_alg: Literal["RS256", "ES256"] | None = None
    access_token_format: Literal["jwt", "reference", "opaque"] | None = Field(
        None, description=FORMAT
    )
    brand: Id | None = None


class Client(Shape):
    """A client with its metadata (OIDC Registration 2)."""

    client_id: str
    client_name: str
    third_party: bool
    created_at: When
    registration: dict[str, Any] = Field(description="client metadata (RFC 7591)")


class ClientPage(Shape):
    """A page of clients."""

    items: list[Client]
    next: str | None


class ClientMade(Shape):
    """A client that was registered, and its secret."""

    client: Client
    client_secret: str | None = Field(
        description="shown only once; null for a client without a secret"
    )


class SecretMade(Shape):
    """The new secret of a client."""

    client_secret: str = Field(description="shown only once; the previous secret no longer works")
