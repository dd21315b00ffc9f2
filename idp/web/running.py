"""For operators: is it alive, is it ready, what has it counted."""

from flask import Blueprint, Response, abort, request

from idp import clock, metrics, secret
from idp.oauth.keys import ALGORITHMS
from idp.operations import state
from idp.operations.doctor import APART
from idp.store import database, migrate
from idp.web import house, pages

bp = Blueprint("running", __name__)
PATHS = ("/healthz", "/readyz", "/metrics")  # asked by machines that know no host name


@bp.get("/healthz")
def alive() -> Response:
    """The process answers; nothing else is looked at. A caller who shows the token of the settings is
    told how the request looked from here, so that `idp doctor` can tell what is wrong in front of
    us."""
    if _trusted():
        hops = house().settings.server.proxy_hops
        seen = {
            "address": request.remote_addr,
            "host": request.host,
            "scheme": request.scheme,
            "hops": hops,
            "forwarded": len(_forwarded()),
        }
        return pages.json_response(seen)
    return Response("ok\n", mimetype="text/plain", headers={"Cache-Control": "no-store"})


@bp.get("/readyz")
def ready() -> Response:
    """Whether requests should be sent here: database, migrations and signing keys are there, and
    the clock is that of the database's server. 503 otherwise."""
    missing = []
    if not migrate.ready(migrate.served()):
        missing.append("migrations")
    elif not _can_sign():
        missing.append("keys")
    if not missing and abs(database.seconds_apart(clock.now())) > APART:
        missing.append("clock")  # what is good once expires by the clock
    response = pages.json_response(
        {"ready": not missing, "missing": missing}, 503 if missing else 200
    )
    if missing:
        response.headers["Retry-After"] = "5"
    return response


@bp.get("/metrics")
def counted() -> Response:
    """Prometheus' text, for callers who show the token of the settings; for everyone else there is no
    such page."""
    if not _trusted():
        abort(404)
    body = metrics.exposition(state.measured(house().settings, clock.now()))
    return Response(
        body,
        content_type="text/plain; version=0.0.4; charset=utf-8",
        headers={"Cache-Control": "no-store"},
    )


def _can_sign() -> bool:
    try:
        return {key.alg for key in house().keyring.published(clock.now())} >= set(ALGORITHMS)
    except ValueError:  # sealed with another root secret
        return False


def _trusted() -> bool:
    token = house().settings.metrics_token
    scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
    return bool(token) and scheme.lower() == "bearer" and secret.same(token.reveal(), shown.strip())


def _forwarded() -> list[str]:
    """The addresses that proxies have added, the last one by the proxy next to us."""
    return [one for one in request.headers.get("X-Forwarded-For", "").split(",") if one.strip()]
