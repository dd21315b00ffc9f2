"""Client metadata (RFC 7591 2), as one table: what each field is, what it may hold, who may change
it.

FIELDS feeds registering and changing a client, the options of the command line, the bodies of the
management API and what is printed of a client. A field is a row here, and is read where it matters.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from idp.oauth.metadata_checks import (
    PEOPLE,
    SERVICE,
    Check,
    InvalidMetadata,
    Metadata,
    MetadataContext,
    as_it_is,
    auth_method,
    display_name,
    grant_types,
    granted_scope,
    id_token_alg,
    introspected,
    key_set,
    known_brand,
    logout_address,
    redirect_addresses,
    site_address,
    token_format,
)

# what a profile has a say in
OF_PROFILE = ("token_endpoint_auth_method", "grant_types", "id_token_signed_response_alg")


@dataclass(frozen=True)
class Field:
    """`kind` is its shape: text, uri, uris, scope, keys or choice. `option` is its option of the
    command line, where it has one. `fixed` says that it is given when the client is registered and
    not changed afterwards, `operator` that no one else gives it."""

    name: str
    kind: str
    says: str
    check: Check
    option: str = ""
    title: str = ""  # as it is printed
    fixed: bool = False
    operator: bool = False


def registered(
    given: Metadata, context: MetadataContext, only: Collection[str] | None = None
) -> dict[str, Any]:
    """The registration of a client with this metadata: defaults, checks, and what follows from
    them. With `only` these fields alone are checked: the others were, when they were given. Raises
    InvalidMetadata."""
    draft = _drafted(given)
    _check_together(draft)
    checked = {
        field.name: field.check(draft[field.name], draft, context)
        if only is None or field.name in only
        else draft[field.name]
        for field in FIELDS
        if field.name in draft
    }
    follows: dict[str, Any] = {
        "response_types": list(context.policy.response_types) if checked["redirect_uris"] else []
    }
    if "backchannel_logout_uri" in checked:
        follows["backchannel_logout_session_required"] = True
    return {**checked, **follows}


def changed(before: Metadata, changes: Metadata, context: MetadataContext) -> dict[str, Any]:
    """The registration `before` with these changes; None takes a value away. Raises InvalidMetadata."""
    fixed = {field.name for field in FIELDS if field.fixed}
    if wrong := next(
        (name for name in changes if name in fixed and changes[name] != before.get(name)), None
    ):
        raise InvalidMetadata(wrong, f"{wrong} cannot be changed", "register a new client")
    # what is gone since then bars no change
    mine = replace(context, scopes={*context.scopes, *before["scope"].split()})
    return registered(
        {**{field.name: before.get(field.name) for field in FIELDS}, **changes},
        mine,
        {*changes, *OF_PROFILE},
    )


def _drafted(given: Metadata) -> dict[str, Any]:
    """What was given, with what stands for what was left out."""
    if unknown := sorted(set(given) - {field.name for field in FIELDS}):
        raise InvalidMetadata(unknown[0], f"{unknown[0]} is not a field of client metadata")
    draft = {
        name: value
        for name, value in given.items()
        if value is not None and (name == "jwks" or value not in ("", (), []))
    }
    draft.setdefault("client_name", "")
    draft.setdefault("redirect_uris", [])
    draft.setdefault("post_logout_redirect_uris", [])
    draft.setdefault(
        "token_endpoint_auth_method",
        "private_key_jwt" if "jwks" in draft else "client_secret_basic",
    )
    draft.setdefault("grant_types", PEOPLE if draft["redirect_uris"] else [])
    draft.setdefault("scope", "")
    draft.setdefault("id_token_signed_response_alg", "RS256")
    draft.setdefault("access_token_format", "jwt")
    return draft


def _check_together(draft: Metadata) -> None:
    """What one field asks of another. Raises InvalidMetadata."""
    method, service, people = (
        draft["token_endpoint_auth_method"],
        SERVICE in draft["grant_types"],
        draft["redirect_uris"],
    )
    if not people and (
        "authorization_code" in draft["grant_types"] or (not service and "introspects" not in draft)
    ):
        cure = "give --redirect-uri, or --service for a service client, or --introspects for an API"
        raise InvalidMetadata(
            "redirect_uris", "a client that people sign in to needs a redirect URI", cure
        )
    if people and "authorization_code" not in draft["grant_types"]:
        raise InvalidMetadata(
            "redirect_uris", "people do not sign in to this client, so it cannot have redirect URIs"
        )
    if method == "none" and (service or "introspects" in draft):
        raise InvalidMetadata(
            "token_endpoint_auth_method",
            "a service client or an API needs a secret or a key, so it cannot be public",
        )
    if (method == "private_key_jwt") != ("jwks" in draft):
        says = "private_key_jwt needs the client's public keys, and only private_key_jwt uses them"
        raise InvalidMetadata("jwks", says, "give the file with --jwks")


FIELDS = (
    Field("client_name", "text", "The name people see when they sign in.", display_name, "--name"),
    Field(
        "redirect_uris",
        "uris",
        "The address the client receives responses at.",
        redirect_addresses("redirect_uris"),
        "--redirect-uri",
        "Redirect URIs",
    ),
    Field(
        "initiate_login_uri",
        "uri",
        "The address that starts a sign-in at the client.",
        site_address("initiate_login_uri"),
        "--start-url",
        "Start",
    ),
    Field(
        "post_logout_redirect_uris",
        "uris",
        "An address people may return to after signing out.",
        redirect_addresses("post_logout_redirect_uris"),
        "--post-logout-redirect-uri",
        "After sign-out",
    ),
    Field(
        "backchannel_logout_uri",
        "uri",
        "The address that receives logout tokens (OpenID Connect Back-Channel Logout).",
        logout_address,
        "--backchannel-logout-uri",
        "Told of sign-outs",
    ),
    Field(
        "token_endpoint_auth_method",
        "choice",
        "client_secret_basic, client_secret_post, client_secret_jwt, private_key_jwt "
        "(with --jwks) or none (with --public).",
        auth_method,
        "--auth-method",
        fixed=True,
    ),
    Field(
        "jwks",
        "keys",
        "File with the client's public keys (JWK Set), for private_key_jwt.",
        key_set,
        "--jwks",
    ),
    Field("grant_types", "choices", "The grants that the client uses.", grant_types, fixed=True),
    Field(
        "scope",
        "scope",
        "An API scope the client may request. The OpenID Connect scopes are included by default.",
        granted_scope,
        "--scope",
        "Scopes",
    ),
    Field(
        "id_token_signed_response_alg",
        "choice",
        "The signing algorithm of its ID tokens: RS256 (default) or ES256.",
        id_token_alg,
        "--id-token-alg",
    ),
    Field(
        "access_token_format",
        "choice",
        "The format of its access tokens: jwt (default) or reference: a random string, which must be introspected.",
        token_format,
        "--access-token-format",
    ),
    Field(
        "introspects",
        "texts",
        "The client is this API, and introspects the tokens it receives.",
        introspected,
        "--introspects",
        "Introspects",
        operator=True,
    ),
    Field(
        "brand",
        "text",
        "The ID of the brand for its sign-in pages and emails. Default: the deployment's brand.",
        known_brand,
        "--brand",
        "Brand",
    ),
    Field(
        "client_uri",
        "uri",
        "Its home page, shown on the consent page.",
        site_address("client_uri"),
        "--client-uri",
    ),
    Field(
        "policy_uri",
        "uri",
        "Its privacy policy, shown on the consent page.",
        site_address("policy_uri"),
        "--policy-uri",
    ),
    Field(
        "tos_uri",
        "uri",
        "Its terms of use, shown on the consent page.",
        site_address("tos_uri"),
        "--tos-uri",
    ),
    Field("logo_uri", "text", "Where its logo is served.", as_it_is, fixed=True),
)
BY_NAME: Mapping[str, Field] = {field.name: field for field in FIELDS}
