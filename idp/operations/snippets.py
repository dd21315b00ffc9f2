"""Settings to paste: what a new client's developer needs, for common frameworks."""

from typing import Any

from idp.flow.claims import SCOPES

SPRING = "spring.security.oauth2.client.registration.stagedoor"


def snippets(issuer: str, client: dict[str, Any]) -> dict[str, str]:
    """By framework. The secret is in it where there is one: it is shown this once anyway."""
    if not client["redirect_uris"]:
        return _api(issuer, client) if client.get("introspects") else _machine(issuer, client)
    client_id, redirect_uri, secret = (
        client["client_id"],
        client["redirect_uris"][0],
        client.get("client_secret"),
    )
    method = client["token_endpoint_auth_method"]
    insecure = (
        "\n  { execute: [client.allowInsecureRequests] }, // for http on localhost only"
        if issuer.startswith("http:")
        else ""
    )
    environment = [
        f"OIDC_ISSUER={issuer}",
        f"OIDC_CLIENT_ID={client_id}",
        f"OIDC_REDIRECT_URI={redirect_uri}",
        f"OIDC_AUTH_METHOD={method}",
    ]
    return {
        "Environment": "\n".join(
            [*environment, *([f"OIDC_CLIENT_SECRET={secret}"] if secret else [])]
        ),
        "Flask with Authlib": "\n".join(_flask(issuer, client)),
        "Node with openid-client": f"""const config = await client.discovery(
  new URL("{issuer}"),
  "{client_id}",
  {f'"{secret}"' if secret else "undefined"},
  {_node_auth(client)},{insecure}
);""",
        "Apache with mod_auth_openidc": "\n".join(
            [
                f"OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration",
                f"OIDCClientID {client_id}",
            ]
            + ([f"OIDCClientSecret {secret}"] if secret else [])
            + (['OIDCPrivateKeyFiles "private-key.pem"'] if method == "private_key_jwt" else [])
            + [
                f"OIDCProviderTokenEndpointAuth {method}",
                f"OIDCRedirectURI {redirect_uri}",
                "OIDCPKCEMethod S256",
            ]
        ),
        "Spring Security": "\n".join(
            [
                f"spring.security.oauth2.client.provider.stagedoor.issuer-uri={issuer}",
                f"{SPRING}.client-id={client_id}",
            ]
            + ([f"{SPRING}.client-secret={secret}"] if secret else [])
            + [
                f"{SPRING}.client-authentication-method={method}",
                f"{SPRING}.authorization-grant-type=authorization_code",
                f"{SPRING}.redirect-uri={redirect_uri}",
                f"{SPRING}.scope={_scope(client).replace(' ', ',')}",
                "# and PKCE: OAuth2AuthorizationRequestCustomizers.withPkce() for the "
                "authorizationRequestResolver",
            ]
        ),
    }


def _flask(issuer: str, client: dict[str, Any]) -> list[str]:
    method, secret = client["token_endpoint_auth_method"], client.get("client_secret")
    lines = [
        "oauth.register(",
        '    "stagedoor",',
        f'    server_metadata_url="{issuer}/.well-known/openid-configuration",',
        f'    client_id="{client["client_id"]}",',
    ]
    more = ""
    if method == "private_key_jwt":
        lines.insert(
            0,
            'key = import_key(json.load(open("private-key.json")))  # the private half '
            "of the registered JWK; joserfc.jwk",
        )
        lines += [
            "    client_secret=key,",
            f'    client_auth_methods=[PrivateKeyJWT("{issuer}", alg="ES256")],  # '
            "authlib.oauth2.rfc7523; aud is the issuer",
        ]
        more = f', "token_endpoint_auth_method": "{method}"'
    elif method == "client_secret_jwt":
        lines += [
            f'    client_secret="{secret}",',
            f'    client_auth_methods=[ClientSecretJWT("{issuer}")],  # '
            "authlib.oauth2.rfc7523; aud is the issuer",
        ]
        more = f', "token_endpoint_auth_method": "{method}"'
    elif method == "none":
        lines += ["    client_secret=None,"]
        more = ', "token_endpoint_auth_method": "none"'
    else:
        lines += [f'    client_secret="{secret}",']
        more = (
            f', "token_endpoint_auth_method": "{method}"' if method == "client_secret_post" else ""
        )
    scope = _scope(client)
    return [
        *lines,
        f'    client_kwargs={{"scope": "{scope}", "code_challenge_method": "S256"{more}}},',
        ")",
    ]


def _scope(client: dict[str, Any]) -> str:
    return " ".join(
        ["openid profile email", *(one for one in client["scope"].split() if one not in SCOPES)]
    )


def _node_auth(client: dict[str, Any]) -> str:
    made = {
        "none": "client.None()",
        "private_key_jwt": "client.PrivateKeyJwt(privateKey)",  # a CryptoKey of the registered key
        "client_secret_basic": "client.ClientSecretBasic",
        "client_secret_post": "client.ClientSecretPost",
        "client_secret_jwt": "client.ClientSecretJwt",
    }[client["token_endpoint_auth_method"]]
    return made if made.endswith(")") else f'{made}("{client["client_secret"]}")'


def _machine(issuer: str, client: dict[str, Any]) -> dict[str, str]:
    """For a client that gets tokens of its own."""
    client_id, method, scope = (
        client["client_id"],
        client["token_endpoint_auth_method"],
        client["scope"],
    )
    known = f"-u {client_id}:{client.get('client_secret')}"
    if method == "client_secret_post":
        known = f"-d client_id={client_id} -d client_secret={client['client_secret']}"
    shell = {
        "Shell": f"curl {known} -d grant_type=client_credentials -d 'scope={scope}' {issuer}/token"
    }
    named = f'"{client_id}", secret, scope="{scope}", token_endpoint_auth_method="{method}"'
    session = f"session = OAuth2Session({named})"
    lines = ["from authlib.integrations.requests_client import OAuth2Session"]
    if method == "private_key_jwt":
        lines += [
            "from authlib.oauth2.rfc7523 import PrivateKeyJWT",
            "from joserfc.jwk import import_key",
            "",
        ]
        lines += [
            'secret = import_key(json.load(open("private-key.json")))  # the private '
            "half of the registered JWK",
            session,
        ]
        lines += [
            f'session.register_client_auth_method(PrivateKeyJWT("{issuer}", alg="ES256")) '
            " # aud is the issuer"
        ]
        lines.insert(0, "import json")
    elif method == "client_secret_jwt":
        lines += [
            "from authlib.oauth2.rfc7523 import ClientSecretJWT",
            "",
            f'secret = "{client["client_secret"]}"',
            session,
        ]
        lines += [
            f'session.register_client_auth_method(ClientSecretJWT("{issuer}"))  # aud is the issuer'
        ]
    else:
        lines += ["", f'secret = "{client["client_secret"]}"', session]
    lines += [
        f'token = session.fetch_token("{issuer}/token", grant_type="client_credentials")',
        'print(token["access_token"])',
    ]
    return {
        **(shell if method in ("client_secret_basic", "client_secret_post") else {}),
        "Python with Authlib": "\n".join(lines),
    }


def _api(issuer: str, client: dict[str, Any]) -> dict[str, str]:
    """For an API that asks about tokens."""
    method, check = (
        client["token_endpoint_auth_method"],
        f"# active, scope, sub, exp; check that aud is {client['introspects'][0]}",
    )
    known = {
        "client_secret_basic": f"-u {client['client_id']}:{client.get('client_secret')}",
        "client_secret_post": f"-d client_id={client['client_id']} -d "
        f"client_secret={client.get('client_secret')}",
    }.get(
        method,
        "-d client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer "
        "-d client_assertion=$ASSERTION",
    )
    return {"Shell": f"curl {known} -d token=$TOKEN {issuer}/introspect   {check}"}
