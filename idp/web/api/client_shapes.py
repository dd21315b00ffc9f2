"""What comes in and goes out about clients, in the words of RFC 7591."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from idp.web.api.shapes import PRINTABLE, Id, Shape, When

Uri = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[\x21-\x7e]+$")]


class ClientOrder(Shape):
    """A client, in the words of RFC 7591."""

    client_name: Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=PRINTABLE)]
    redirect_uris: list[Uri] = Field(default_factory=list, max_length=20)
    post_logout_redirect_uris: list[Uri] = Field(default_factory=list, max_length=20)
    backchannel_logout_uri: Uri | None = None
    initiate_login_uri: Uri | None = None
    client_uri: Uri | None = None
    policy_uri: Uri | None = None
    tos_uri: Uri | None = None
    token_endpoint_auth_method: Literal["client_secret_basic", "client_secret_post", "private_key_jwt", "client_secret_jwt", "none"] = "client_secret_basic"
    jwks: dict[str, Any] | None = Field(None, description="the public keys of private_key_jwt")
    scope: Annotated[str, StringConstraints(max_length=2000, pattern=r"^[\x20-\x7e]*$")] = Field("", description="scopes of APIs, beside those of OpenID")
    machine: bool = Field(False, description="has tokens of its own (client credentials)")
    third_party: bool = Field(False, description="people are asked for their consent")
    brand: Id | None = None


class ClientChange(Shape):
    """What is left out stays; null takes away."""

    redirect_uris: list[Uri] | None = Field(None, min_length=1, max_length=20)
    post_logout_redirect_uris: list[Uri] | None = Field(None, max_length=20)
    backchannel_logout_uri: Uri | None = None
    initiate_login_uri: Uri | None = None
    brand: Id | None = None


class Client(Shape):
    client_id: str
    client_name: str
    third_party: bool
    created_at: When
    registration: dict[str, Any] = Field(description="in the words of RFC 7591")


class ClientPage(Shape):
    items: list[Client]
    next: str | None


class ClientMade(Shape):
    client: Client
    client_secret: str | None = Field(description="shown this once; null for a client without")


class SecretMade(Shape):
    client_secret: str = Field(description="shown this once; the one before does not work any more")
