"""Sample APIs, written with Authlib as their developers would: one verifies JWTs by the published
keys, one introspects."""

import requests
from authlib.integrations.flask_oauth2 import ResourceProtector, current_token
from authlib.oauth2.rfc7662 import IntrospectTokenValidator
from authlib.oauth2.rfc9068 import JWTBearerTokenValidator
from flask import Flask, jsonify
from joserfc.jwk import KeySet


class ByKeys(JWTBearerTokenValidator):
    def get_jwks(self):
        discovery = requests.get(
            f"{self.issuer}/.well-known/openid-configuration", timeout=10
        ).json()
        return KeySet.import_key_set(requests.get(discovery["jwks_uri"], timeout=10).json())


class ByIntrospection(IntrospectTokenValidator):
    def __init__(self, issuer, audience, credentials):
        super().__init__()
        self.issuer, self.audience, self.credentials = issuer, audience, credentials

    def introspect_token(self, token_string):
        response = requests.post(
            f"{self.issuer}/introspect",
            data={"token": token_string},
            auth=self.credentials,
            timeout=10,
        )
        response.raise_for_status()
        told = response.json()
        audience = told.get("aud", [])
        return (
            told
            if self.audience in (audience if isinstance(audience, list) else [audience])
            else {"active": False}
        )


def cases_api(validator) -> Flask:
    """GET /cases wants cases:read, POST /cases wants cases:file."""
    app, protect = Flask("cases"), ResourceProtector()
    protect.register_token_validator(validator)

    @app.get("/cases")
    @protect("cases:read")
    def read():
        return jsonify(
            cases=["Rowan Ellery"], client=current_token["client_id"], sub=current_token["sub"]
        )

    @app.post("/cases")
    @protect("cases:file")
    def file():
        return jsonify(filed=True)

    return app
