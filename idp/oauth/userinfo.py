"""The userinfo endpoint (OIDC Core 5.3) and bearer tokens (RFC 6750): one read of the database a
request."""

import json
from typing import Any

from idp.flow.claims import granted
from idp.oauth import access_tokens
from idp.oauth.granted import LiveGrant
from idp.oauth.http import Answer, Request, bearer, present
from idp.oauth.server import Server
from idp.oauth.subjects import of_token
from idp.profiles import Profile
from idp.store import organizations

HEADERS = [("Content-Type", "application/json"), ("Cache-Control", "no-store")]


def respond(server: Server, request: Request, now: float) -> Answer:
    """The claims that the token's scopes give, or a challenge (RFC 6750 3.1)."""
    in_header = [shown] if (shown := bearer(request.headers)) else []
    in_body = [value for name, value in present(request.parameters) if name == "access_token"]
    tokens = in_header + in_body
    if not tokens:
        return _challenge(401)
    if len(tokens) > 1:
        return _challenge(
            400, "invalid_request", "Send the access token only once, in the header or in the form"
        )
    issuer = server.settings.issuer
    token = access_tokens.read(server.registry, server.keyring, issuer, tokens[0], now)
    if token is None or token.grant is None or issuer not in token.audience:
        return _challenge(
            401, "invalid_token", "The access token is not valid, has expired or was revoked"
        )
    scopes = token.scope.split()
    if "openid" not in scopes:
        return _challenge(403, "insufficient_scope", "The userinfo endpoint needs the scope openid")
    return Answer(
        200,
        json.dumps(
            granted(
                scopes, known(token.grant, of_token(token), scopes, server.settings.registration)
            )
        ).encode(),
        HEADERS,
    )


def known(grant: LiveGrant, sub: str, scopes: list[str], profile: Profile) -> dict[str, Any]:
    """What we know of a person, in the words of OIDC Core 5.1; read further only for a scope that
    asks. `profile` names the identifier of organizations."""
    person = grant.person
    # a company has verified that of its people
    address = person.sign_in_address or (person.contact_email if person.upstream else None)
    return {
        "sub": sub,
        "name": f"{person.given_name} {person.family_name}".strip(),
        "given_name": person.given_name,
        "family_name": person.family_name,
        "preferred_username": person.username,
        "updated_at": int(person.updated_at),
        "email": address or person.contact_email,
        "email_verified": address is not None,
        "phone_number": person.phone,
        "phone_number_verified": True if person.phone else None,
        "roles": list(person.roles),
        "organizations": _organizations(profile, grant.account_id)
        if "organizations" in scopes
        else None,
    }


def _organizations(profile: Profile, account_id: str) -> list[dict[str, Any]]:
    """The claim `organizations`: `[{id, name, roles}]`, by name, with the identifier by its own
    name."""
    return [
        {
            "id": one["id"],
            **profile.known_by(one["identifier"], one["id"]),
            "name": one["name"],
            "roles": one["roles"],
        }
        for one in organizations.of_account(account_id)
    ]


def _challenge(status: int, error: str | None = None, description: str | None = None) -> Answer:
    said = ['realm="stagedoor"'] + (
        [f'error="{error}"', f'error_description="{description}"'] if error else []
    )
    if error == "insufficient_scope":
        said.append('scope="openid"')
    body = json.dumps({"error": error, "error_description": description} if error else {}).encode()
    return Answer(status, body, [*HEADERS, ("WWW-Authenticate", "Bearer " + ", ".join(said))])
