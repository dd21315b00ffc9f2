"""Settings to paste: what a new client's developer needs, for common frameworks."""

from typing import Any

SPRING = "spring.security.oauth2.client.registration.stagedoor"


def snippets(issuer: str, client: dict[str, Any]) -> dict[str, str]:
    """By framework. The secret is in it where there is one: it is shown this once anyway."""
    client_id, redirect_uri = client["client_id"], client["redirect_uris"][0]
    secret, method = client.get("client_secret"), client["token_endpoint_auth_method"]
    insecure = "\n  { execute: [client.allowInsecureRequests] }, // for http on localhost only" if issuer.startswith("http:") else ""
    return {
        "Environment": "\n".join(
            [f"OIDC_ISSUER={issuer}", f"OIDC_CLIENT_ID={client_id}", *([f"OIDC_CLIENT_SECRET={secret}"] if secret else []), f"OIDC_REDIRECT_URI={redirect_uri}"]
        ),
        "Flask with Authlib": f"""oauth.register(
    "stagedoor",
    server_metadata_url="{issuer}/.well-known/openid-configuration",
    client_id="{client_id}",
    client_secret={f'"{secret}"' if secret else "None"},
    client_kwargs={{"scope": "openid profile email", "code_challenge_method": "S256"}},
)""",
        "Node with openid-client": f"""const config = await client.discovery(
  new URL("{issuer}"),
  "{client_id}",
  {f'"{secret}"' if secret else "undefined"},
  {_node_auth(client)},{insecure}
);""",
        "Apache with mod_auth_openidc": f"""OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
OIDCClientID {client_id}
{f"OIDCClientSecret {secret}" if secret else "OIDCProviderTokenEndpointAuth none"}
OIDCRedirectURI {redirect_uri}
OIDCPKCEMethod S256""",
        "Spring Security": f"""spring.security.oauth2.client.provider.stagedoor.issuer-uri={issuer}
{SPRING}.client-id={client_id}
{f"{SPRING}.client-secret={secret}{chr(10)}" if secret else ""}{SPRING}.client-authentication-method={method}
{SPRING}.authorization-grant-type=authorization_code
{SPRING}.redirect-uri={redirect_uri}
{SPRING}.scope=openid,profile,email
# and PKCE: OAuth2AuthorizationRequestCustomizers.withPkce() for the authorizationRequestResolver""",
    }


def _node_auth(client: dict[str, Any]) -> str:
    method = client["token_endpoint_auth_method"]
    if method == "none":
        return "client.None()"
    return f'client.{"ClientSecretBasic" if method == "client_secret_basic" else "ClientSecretPost"}("{client["client_secret"]}")'
