"""The API's addresses: every declared route, its document (OpenAPI), its page for people, and what
says who issues tokens for it."""

import json
import re
from collections.abc import Callable
from http import HTTPStatus

from flask import Blueprint, Response, request

from idp.oauth import metadata
from idp.oauth.resource_servers import OWN, PATH
from idp.settings import Settings
from idp.web import pages
from idp.web.api import (
    clients,
    described,
    gate,
    openapi,
    organizations,
    problems,
    records,
    sessions,
    users,
)
from idp.web.api.contract import ROUTES, Route
from idp.web.api.problems import Problem

NAME = "management"
PART = re.compile(r"[A-Za-z0-9_:.-]{1,64}")
KIND = {
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    429: "too_many",
    500: "server_error",
    503: "unavailable",
}
DECLARED = (
    users,
    sessions,
    organizations,
    clients,
    records,
)  # importing them declares their routes


def blueprint(settings: Settings) -> Blueprint:
    """The routes; the documents are prepared as bytes."""
    bp = Blueprint(NAME, __name__)
    document, for_people = (
        json.dumps(openapi.document(settings)).encode(),
        described.described(settings),
    )
    resource = json.dumps(metadata.resource(settings)).encode()
    for route in ROUTES:
        rule = re.sub(r"\{(\w+)\}", r"<\1>", PATH + route.path)
        bp.add_url_rule(
            rule, route.name, _serve(route), methods=[route.method], provide_automatic_options=False
        )

    @bp.get(f"{PATH}/openapi.json")
    def described_() -> Response:
        return _public(document)

    @bp.get(f"/.well-known/oauth-protected-resource{PATH}")
    def protected_resource() -> Response:
        """Protected resource metadata (RFC 9728)."""
        return _public(resource)

    @bp.get(f"{PATH}/docs")
    def docs() -> Response:
        return pages.page(
            "api.html",
            tags=openapi.ABOUT,
            described=for_people,
            problems=problems.KINDS,
            scopes=OWN,
            events=records.EVENTS,
        )

    @bp.get(PATH)
    @bp.get(f"{PATH}/")
    def home() -> Response:
        return Response(status=303, headers={"Location": f"{PATH}/docs"})

    return bp


def _serve(route: Route) -> Callable[..., Response]:
    def view(**where: str) -> Response:
        return gate.answer(
            route, {name: part if PART.fullmatch(part) else "" for name, part in where.items()}
        )

    return view


def _public(body: bytes) -> Response:
    return Response(
        body,
        headers={
            "Content-Type": "application/json",
            "Cache-Control": "public, max-age=300",
            "Access-Control-Allow-Origin": "*",
        },
    )


def went_wrong(status: int, kind: str = "") -> Response:
    """The answer to what never reached a route: no such address, a body that is too large, a fault
    of ours."""
    if status == HTTPStatus.NOT_FOUND:
        return gate.nowhere()
    fallback = "invalid_request" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "server_error"
    return problems.response(Problem(kind or KIND.get(status, fallback)))


def asked() -> bool:
    """Whether this request is for the API, so that errors are problems."""
    return request.path == PATH or request.path.startswith(f"{PATH}/")
