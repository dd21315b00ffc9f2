"""What comes before Flask: the peer's address is read once, and nothing holds the threads of a
process without bound.

Work is done by `server.threads` threads at once, and some more requests may wait for one. A body is
read whole before that, by threads of which there are few for each peer: who sends slowly takes
none from those who work. Discovery, keys and health pass by: they are answered from memory whatever
waits."""

import threading
from io import BytesIO
from typing import Any

from idp.address import PORTS, peer
from idp.places import Places
from idp.settings import READERS, Server

QUEUE_SECONDS = 5.0  # that one waits; then it is answered 503
READERS_OF_ONE = READERS // 2  # bodies of one peer that may be read at once
READER_SECONDS = 1.0  # that a body waits to be read; then it is answered 503
PASSING = frozenset(
    {
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
        "/jwks",
        "/healthz",
    }
)
BUSY = (
    b'{"error": "temporarily_unavailable", '
    b'"error_description": "Too much is under way. Try again in a few seconds."}'
)
BUSY_PAGE = b"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>We are very busy right now</title></head>
<body><main><h1>We are very busy right now</h1>
<p>Nothing was changed. Wait a few seconds, then go back and try again.</p></main></body>
</html>
"""


class Door:
    """Whatever asks for the peer's address (audit trail, limits, log) sees one spelling, however a
    proxy writes it."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Let a request in whose address and scheme are those that the rest relies on."""
        environ["REMOTE_ADDR"] = peer(environ.get("REMOTE_ADDR"))
        if environ["wsgi.url_scheme"] not in PORTS:
            environ["wsgi.url_scheme"] = "http"
        return self._app(environ, start_response)


class Turnstile:
    """Lets in as many requests as there are threads for. One for a process."""

    def __init__(self, app: Any, server: Server, largest: int) -> None:
        self._app = app
        self._largest = largest
        self.places = Places(server.threads, server.room)
        self._readers = threading.Condition(threading.Lock())
        self._reading: dict[str, int] = {}  # bodies that are being read, by peer
        self._read_now = 0  # and of all
        self._waiting = 0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Let a request in when it is here whole and there is a thread for it."""
        path = environ["PATH_INFO"]
        if path in PASSING or path.startswith(("/static/", "/brands/")):
            return self._app(environ, start_response)
        if _has_body(environ) and not self._read(environ):
            return _busy(environ, start_response)
        if not self.places.enter(QUEUE_SECONDS):
            return _busy(environ, start_response)
        try:
            return self._app(environ, start_response)
        finally:
            self.places.leave()

    def _read(self, environ: dict[str, Any]) -> bool:
        """Put the whole body into memory, as far as we take one; False where too many are being
        read already."""
        length = environ.get("CONTENT_LENGTH") or ""
        if length.isdigit() and int(length) > self._largest:
            return True  # refused unread
        who = environ["REMOTE_ADDR"]
        if not self._begin_reading(who):
            return False
        try:
            wanted = int(length) if length.isdigit() else self._largest + 1
            body = environ["wsgi.input"].read(wanted)
        finally:
            self._end_reading(who)
        environ["wsgi.input"], environ["CONTENT_LENGTH"] = BytesIO(body), str(len(body))
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        return True

    def _begin_reading(self, who: str) -> bool:
        with self._readers:
            if not self._may_read(who):
                if self._waiting >= READERS:
                    return False
                self._waiting += 1
                try:
                    if not self._readers.wait_for(lambda: self._may_read(who), READER_SECONDS):
                        return False
                finally:
                    self._waiting -= 1
            self._reading[who] = self._reading.get(who, 0) + 1
            self._read_now += 1
        return True

    def _may_read(self, who: str) -> bool:
        return self._read_now < READERS and self._reading.get(who, 0) < READERS_OF_ONE

    def _end_reading(self, who: str) -> None:
        with self._readers:
            self._read_now -= 1
            left = self._reading.pop(who) - 1
            if left:
                self._reading[who] = left
            if self._waiting:
                self._readers.notify_all()


def _has_body(environ: dict[str, Any]) -> bool:
    return environ.get("CONTENT_LENGTH", "") not in ("", "0") or "HTTP_TRANSFER_ENCODING" in environ


def _busy(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    kind, body = (
        ("text/html; charset=utf-8", BUSY_PAGE)
        if "text/html" in environ.get("HTTP_ACCEPT", "")
        else ("application/json", BUSY)
    )
    headers = [
        ("Content-Type", kind),
        ("Cache-Control", "no-store"),
        ("Retry-After", "5"),
        ("Content-Length", str(len(body))),
    ]
    start_response(
        "503 Service Unavailable",
        [*headers, ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")],
    )
    return [body]
