"""The grants of the token endpoint, a file each."""

from collections.abc import Mapping
from typing import Any

from idp.oauth.grants.authorization_code import AuthorizationCodeGrant
from idp.oauth.grants.client_credentials import ClientCredentialsGrant
from idp.oauth.grants.grant import Award, Grant, TokenRequest
from idp.oauth.grants.refresh_token import RefreshTokenGrant

GRANTS: Mapping[str, Grant[Any]] = {
    grant.name: grant
    for grant in (AuthorizationCodeGrant(), RefreshTokenGrant(), ClientCredentialsGrant())
}

__all__ = ["GRANTS", "Award", "Grant", "TokenRequest"]
