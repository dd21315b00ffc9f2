"""Rate limits at the edge, by address: they keep crowds off. What protects an account is counted in the database (factors)."""

from ipaddress import ip_address, ip_network
from typing import cast

from flask import Blueprint, Flask, Response, request
from flask_limiter import Limiter

from idp.settings import Settings
from idp.web import authorize, protocol
from idp.web.flow import routes

FAILED = (400, 401)  # what a client's endpoint answers to guesses


def init(app: Flask, settings: Settings) -> None:
    """In Redis where it is configured, so that processes and nodes count together; else each process counts in memory.
    Without its Redis a process counts for itself: slower to stop a crowd, never wrong."""
    edge, redis = settings.edge, settings.edge.redis_url
    shared = {"in_memory_fallback_enabled": True, "storage_options": {"socket_connect_timeout": 1, "socket_timeout": 1}} if redis else {}
    limiter = Limiter(_address, app=app, storage_uri=redis or "memory://", strategy="fixed-window", swallow_errors=True, **shared)  # type: ignore[arg-type]
    limiter.limit(f"{edge.visits}/minute")(authorize.bp)
    limiter.limit(f"{edge.forms}/minute", methods=["POST"])(routes.bp)
    limiter.limit(f"{edge.failures}/minute", methods=["POST"], deduct_when=_failed)(cast(Blueprint, app.blueprints[protocol.NAME]))


def _address() -> str:
    """Who counts as one: an IPv4 address, or the /64 that a site has of IPv6."""
    try:
        found = ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    return str(found) if found.version == 4 else str(ip_network((found, 64), strict=False))


def _failed(response: Response) -> bool:
    return response.status_code in FAILED
