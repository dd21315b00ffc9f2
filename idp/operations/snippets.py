"""Settings to paste: what a new client's developer needs, for common frameworks."""

from typing import Any

SPRING = "spring.security.oauth2.client.registration.stagedoor"


def snippets(issuer: str, client: dict[str, Any]) -> dict[str, str]:
    """By framework. The secret is in it where there is one: it is shown this once anyway."""
    if not client["redirect_uris"]:
        return _api(issuer, client) if client.get("introspects") else _machine(issuer, client)
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


def _machine(issuer: str, client: dict[str, Any]) -> dict[str, str]:
    """For a client that gets tokens of its own."""
    client_id, method, scope = client["client_id"], client["token_endpoint_auth_method"], client["scope"]
    known = f"-u {client_id}:{client.get('client_secret')}"
    if method == "client_secret_post":
        known = f"-d client_id={client_id} -d client_secret={client['client_secret']}"
    shell = {"Shell": f"curl {known} -d grant_type=client_credentials -d 'scope={scope}' {issuer}/token"}
    session = f'''session = OAuth2Session("{client_id}", secret, scope="{scope}", token_endpoint_auth_method="{method}")'''
    lines = ["from authlib.integrations.requests_client import OAuth2Session"]
    if method == "private_key_jwt":
        lines += ["from authlib.oauth2.rfc7523 import PrivateKeyJWT", "from joserfc.jwk import import_key", ""]
        lines += ['secret = import_key(json.load(open("private-key.json")))  # the private half of the registered JWK', session]
        lines += [f'session.register_client_auth_method(PrivateKeyJWT("{issuer}", alg="ES256"))  # aud is the issuer']
        lines.insert(0, "import json")
    elif method == "client_secret_jwt":
        lines += ["from authlib.oauth2.rfc7523 import ClientSecretJWT", "", f'secret = "{client["client_secret"]}"', session]
        lines += [f'session.register_client_auth_method(ClientSecretJWT("{issuer}"))  # aud is the issuer']
    else:
        lines += ["", f'secret = "{client["client_secret"]}"', session]
    lines += [f'token = session.fetch_token("{issuer}/token", grant_type="client_credentials")']
    return {**(shell if method in ("client_secret_basic", "client_secret_post") else {}), "Python with Authlib": "\n".join(lines)}


def _api(issuer: str, client: dict[str, Any]) -> dict[str, str]:
    """For an API that asks about tokens."""
    credentials = f"{client['client_id']}:{client['client_secret']}" if client["token_endpoint_auth_method"] == "client_secret_basic" else client["client_id"]
    return {"Shell": f"curl -u {credentials} {issuer}/introspect -d token=$TOKEN   # active, scope, sub, exp; check that aud is {client['introspects'][0]}"}
