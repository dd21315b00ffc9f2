"""The endpoints that clients call: token, userinfo, revocation, discovery, keys; and who may read
them from a script (CORS)."""

import json

from flask import Blueprint, Response, abort, request

from idp import clock, store
from idp.oauth import metadata, userinfo
from idp.oauth.http import Answer, Pairs, Request
from idp.oauth.server import JSON
from idp.settings import Settings
from idp.web import house
from idp.web.upstream import still_there

NAME = "protocol"
CACHED = "public, max-age=300"
FORM = "application/x-www-form-urlencoded"


def blueprint(settings: Settings) -> Blueprint:
    """The routes, with the discovery document prepared as bytes."""
    bp = Blueprint(NAME, __name__)
    discovery = metadata.prepared(settings)

    @bp.get("/.well-known/openid-configuration")
    @bp.get("/.well-known/oauth-authorization-server")
    def well_known() -> Response:
        return _public(discovery)

    @bp.get("/jwks")
    def jwks() -> Response:
        return _public(house().keyring.jwks(clock.now()))

    @bp.post("/token", provide_automatic_options=False)
    def token() -> Response:
        # read whole before any write lock is taken: a slow sender holds up no one
        form = _form_request()
        _employee(request.form.get("refresh_token", ""))
        answer = house().server.token(form)
        store.commit()  # a refusal too: reuse of a code ends what it gave
        return _private(answer)

    @bp.post("/revoke", provide_automatic_options=False)
    def revoke() -> Response:
        form = _form_request()
        store.writing()
        answer = house().server.revoke(form)
        store.commit()
        return _private(answer)

    @bp.route("/userinfo", methods=["GET", "POST"], provide_automatic_options=False)
    def user() -> Response:
        return _private(userinfo.respond(house().server, _form_request(), clock.now()))

    @bp.post("/introspect", provide_automatic_options=False)
    def introspect() -> Response:
        answer = house().server.introspect(_form_request())
        store.commit()  # an assertion was used up
        return Response(answer.body, answer.status, answer.headers)  # no CORS: APIs are servers

    @bp.route("/token", methods=["OPTIONS"])
    @bp.route("/revoke", methods=["OPTIONS"])
    @bp.route("/userinfo", methods=["OPTIONS"])
    def preflight() -> Response:
        response = _cors(Response(status=204))
        if "Access-Control-Allow-Origin" in response.headers:
            response.headers["Access-Control-Allow-Methods"] = "GET, POST"
            response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
            response.headers["Access-Control-Max-Age"] = "600"
        return response

    return bp


def _employee(refresh_token: str) -> None:
    """Before an employee's token is refreshed their company is asked, now and then, whether they
    are still there."""
    if not refresh_token or not house().employees.upstreams:
        return
    account_id = house().standing.of_refresh_token(refresh_token)
    store.rollback()
    if account_id:
        still_there(account_id)


def _form_request() -> Request:
    """Only the form counts at these endpoints: a token in a query would end up in logs. Any other
    kind of body is refused (RFC 6749 3.2, RFC 7009 2.1, RFC 7662 2.1)."""
    form: Pairs = []
    if request.method == "POST":
        if request.mimetype == FORM:
            form = list(request.form.items(multi=True))
        elif request.path != "/userinfo" or request.content_length:
            abort(_form_wanted())
    return Request(request.method, request.path, form, request.headers)


def _form_wanted() -> Response:
    sent = (
        request.mimetype
        if request.mimetype.isascii() and request.mimetype.isprintable()
        else "another type"
    )
    error = f"Send the parameters as {FORM}; this request came as {sent[:60] or 'no type at all'}."
    return _private(
        Answer(
            400, json.dumps({"error": "invalid_request", "error_description": error}).encode(), JSON
        )
    )


def _public(body: bytes) -> Response:
    return Response(
        body,
        headers={
            "Content-Type": "application/json",
            "Cache-Control": CACHED,
            "Access-Control-Allow-Origin": "*",
        },
    )


def _private(answer: Answer) -> Response:
    return _cors(Response(answer.body, answer.status, answer.headers))


def _cors(response: Response) -> Response:
    """Scripts of public clients' own origins may read the answer; never with credentials."""
    origin = request.environ.get("HTTP_ORIGIN")
    if origin is not None:
        response.headers["Vary"] = "Origin"
        if origin in house().registry.public_origins():
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = "WWW-Authenticate"
    return response
