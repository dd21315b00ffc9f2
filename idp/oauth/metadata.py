"""What discovery says (OIDC Discovery 3, RFC 8414): all of it is done, and nothing done is
missing."""

import json
from typing import Any

from idp.flow.claims import CLAIMS, SCOPES
from idp.flow.methods import ACR_VALUES
from idp.oauth.assertions import ALGORITHMS
from idp.oauth.profiles import PRESETS
from idp.oauth.resource_servers import OWN, PATH
from idp.settings import Settings
from idp.texts import LOCALES


def document(settings: Settings) -> dict[str, Any]:
    """The metadata of this provider."""
    issuer, presets = settings.issuer, PRESETS.values()

    def union(name: str) -> list[str]:
        return list(dict.fromkeys(value for preset in presets for value in getattr(preset, name)))

    assertion_algs = [alg for algs in ALGORITHMS.values() for alg in algs]
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "jwks_uri": f"{issuer}/jwks",
        "revocation_endpoint": f"{issuer}/revoke",
        "introspection_endpoint": f"{issuer}/introspect",
        "end_session_endpoint": f"{issuer}/logout",
        "scopes_supported": [*SCOPES, *OWN],
        "response_types_supported": union("response_types"),
        "response_modes_supported": union("response_modes"),
        "grant_types_supported": union("grant_types"),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": union("id_token_algs"),
        "token_endpoint_auth_methods_supported": union("auth_methods"),
        "token_endpoint_auth_signing_alg_values_supported": assertion_algs,
        "revocation_endpoint_auth_methods_supported": union("auth_methods"),
        "revocation_endpoint_auth_signing_alg_values_supported": assertion_algs,
        "introspection_endpoint_auth_methods_supported": [
            name for name in union("auth_methods") if name != "none"
        ],
        "introspection_endpoint_auth_signing_alg_values_supported": assertion_algs,
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": [
            "none",
            "login",
            "select_account",
            "consent",
            *(["create"] if "register" in settings.look.journeys else []),
        ],
        "acr_values_supported": list(ACR_VALUES),
        "claim_types_supported": ["normal"],
        "claims_supported": [
            *CLAIMS,
            "iss",
            "aud",
            "azp",
            "exp",
            "iat",
            "auth_time",
            "nonce",
            "acr",
            "amr",
            "sid",
            "txn",
        ],
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "authorization_response_iss_parameter_supported": True,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "protected_resources": [f"{issuer}{PATH}"],  # RFC 9728 4
        "op_tos_uri": f"{issuer}/terms",
        "help_uri": f"{issuer}/help",  # for people; our own
        "ui_locales_supported": list(LOCALES),
    }


def resource(settings: Settings) -> dict[str, Any]:
    """The metadata of the management API as a protected resource (RFC 9728 2)."""
    identifier = f"{settings.issuer}{PATH}"
    return {
        "resource": identifier,
        "authorization_servers": [settings.issuer],
        "scopes_supported": list(OWN),
        "bearer_methods_supported": ["header"],
        "resource_name": "Management API",
        "resource_documentation": f"{identifier}/docs",
    }


def prepared(settings: Settings) -> bytes:
    """The document as it is served."""
    return json.dumps(document(settings)).encode()
