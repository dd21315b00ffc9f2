"""A company's OpenID provider as HTTP sees it: its discovery document and keys, kept for a while,
and its endpoints."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key, RSAKey

from idp import clock
from idp.factors.upstream.reading import UpstreamError
from idp.outbound import SECONDS, Outbound, OutboundError, Reply
from idp.settings import UpstreamSettings

T = TypeVar("T")
KEPT = 600.0  # seconds that discovery and keys are kept
STALE = 3600.0  # seconds for which keys do that cannot be read again
# seconds for which a provider that has answered is believed to be there, before someone is sent to
# it
LIVELY = 10.0
PAUSE = 2.0  # seconds between two looks for a key that is not known
DOWN = 2.0  # seconds for which no one else waits for a provider that has just not answered
MOST_KEYS, WEAKEST_RSA = 50, 2048
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")  # that must be there
OTHER_ENDPOINTS = ("userinfo_endpoint", "end_session_endpoint")


class Provider:
    """One for a process and company. Raises UpstreamError where the provider cannot be reached or says
    what it must not."""

    def __init__(
        self, upstream: UpstreamSettings, outbound: Outbound, places: threading.BoundedSemaphore
    ) -> None:
        self._upstream = upstream
        self._outbound = outbound
        self._places = places
        self._lock = threading.Lock()
        self._metadata: tuple[float, dict[str, Any]] = (float("-inf"), {})
        self._keys: tuple[float, list[Key]] = (float("-inf"), [])
        self._looked = float("-inf")
        self._down: tuple[float, UpstreamError | None] = (float("-inf"), None)

    def metadata(self, kept: float = KEPT) -> dict[str, Any]:
        """Its discovery document (OIDC Discovery 4), read within so many seconds. One that is kept
        will do while its server answers, be it with an error."""
        read_at, known = self._metadata
        if clock.ticks() - read_at > kept:
            try:
                with self._alone(bool(known)) as mine:
                    if mine and clock.ticks() - self._metadata[0] > kept:
                        self._metadata = (clock.ticks(), self._answer(self._discover))
            except UpstreamError as refused:
                if refused.reason not in ("bad_answer", "busy") or clock.ticks() - read_at > KEPT:
                    raise
        return self._metadata[1]

    def keys(self, afresh: bool = False) -> list[Key]:
        """Its public keys; `afresh` looks again, unless that was done a moment ago: the key we need
        may be new."""
        kept = PAUSE if afresh else KEPT
        if afresh and clock.ticks() - self._looked < PAUSE:
            return self._keys[1]
        read_at, known = self._keys
        if clock.ticks() - read_at > kept:
            address = self.metadata()["jwks_uri"]
            try:
                with self._alone(bool(known) and not afresh) as mine:
                    if mine and clock.ticks() - self._keys[0] > kept:
                        self._looked = clock.ticks()  # whatever comes of it
                        self._keys = (
                            clock.ticks(),
                            self._answer(
                                lambda: _public_keys(
                                    self._json(self._outbound.get(address), "jwks_uri")
                                )
                            ),
                        )
            except UpstreamError:
                if afresh or not known or clock.ticks() - read_at > STALE:
                    raise
        return self._keys[1]

    def token(
        self, form: Mapping[str, str], basic: tuple[str, str] | None
    ) -> tuple[int, dict[str, Any]]:
        """Ask the token endpoint; status and answer. Raises UpstreamError unless it is one of OAuth's
        (RFC 6749 5)."""
        address = self.metadata()["token_endpoint"]
        reply = self._asked(lambda: self._outbound.post(address, form, basic))
        if reply.status not in (200, 400, 401, 403):
            raise UpstreamError("bad_answer", f"token_endpoint: status {reply.status}")
        return reply.status, _object(reply, "token_endpoint")

    def userinfo(self, access_token: str) -> dict[str, Any]:
        """What it says of the person whose token this is; nothing where there is no such endpoint
        (OIDC Core 5.3)."""
        address = self.metadata().get("userinfo_endpoint")
        if not address:
            return {}
        return self._json(
            self._asked(
                lambda: self._outbound.get(address, {"Authorization": f"Bearer {access_token}"})
            ),
            "userinfo_endpoint",
        )

    def _discover(self) -> dict[str, Any]:
        found = self._json(
            self._outbound.get(
                f"{self._upstream.issuer.rstrip('/')}/.well-known/openid-configuration"
            ),
            "discovery",
        )
        if found.get("issuer") != self._upstream.issuer:
            raise UpstreamError(
                "discovery",
                f"the discovery document says issuer {str(found.get('issuer'))[:200]}, "
                f"not {self._upstream.issuer}",
            )
        for name in (*ENDPOINTS, *OTHER_ENDPOINTS):
            address = found.get(name)
            if address is None and name in OTHER_ENDPOINTS:
                continue
            if not isinstance(address, str) or (why := self._outbound.refusal(address)):
                raise UpstreamError(
                    "discovery", f"{name}: {why if isinstance(address, str) else 'it is missing'}"
                )
        return found

    @contextmanager
    def _alone(self, old_will_do: bool) -> Iterator[bool]:
        """One fetches what all need: others take what was there before, or wait
        in one of the places. Whether it is the caller that may fetch."""
        if old_will_do:
            mine = self._lock.acquire(blocking=False)
            try:
                if mine:
                    with self._place():
                        yield True
                else:
                    yield False
            finally:
                if mine:
                    self._lock.release()
            return
        with self._place():
            if not self._lock.acquire(timeout=SECONDS):
                raise UpstreamError("busy", "others wait for this provider already")
            try:
                yield True
            finally:
                self._lock.release()

    @contextmanager
    def _place(self) -> Iterator[None]:
        """A place among the threads that may wait for this provider."""
        if not self._places.acquire(blocking=False):
            raise UpstreamError("busy", "too many requests wait for this provider already")
        try:
            yield
        finally:
            self._places.release()

    def _asked(self, ask: Callable[[], T]) -> T:
        """What this asks of the provider, in a place of its own."""
        with self._place():
            return self._answer(ask)

    def _answer(self, ask: Callable[[], T]) -> T:
        """What it answers; those who ask just after it has failed learn so at once."""
        since, why = self._down
        if why and clock.ticks() - since < DOWN:
            raise UpstreamError(why.reason, why.says)
        try:
            return ask()
        except OutboundError as error:
            refused = UpstreamError(
                error.reason if error.reason in ("not_allowed", "slow") else "unreachable",
                error.says,
            )
            if refused.reason in ("slow", "unreachable") and error.reason != "too_large":
                self._down = (clock.ticks(), refused)
            raise refused from error

    @staticmethod
    def _json(reply: Reply, what: str) -> dict[str, Any]:
        if reply.status != 200:
            raise UpstreamError("bad_answer", f"{what}: status {reply.status}")
        return _object(reply, what)


def _object(reply: Reply, what: str) -> dict[str, Any]:
    try:
        found = json.loads(reply.body)
    except (ValueError, RecursionError):
        raise UpstreamError("bad_answer", f"{what}: no JSON") from None
    if not isinstance(found, dict):
        raise UpstreamError("bad_answer", f"{what}: no JSON object")
    return found


def _public_keys(jwks: dict[str, Any]) -> list[Key]:
    """The keys that ID tokens can be verified with. One that cannot be read, is symmetric, short,
    or for encryption is passed over."""
    listed = jwks.get("keys")
    if not isinstance(listed, list) or len(listed) > MOST_KEYS:
        raise UpstreamError("bad_answer", "jwks_uri: no JWK Set (RFC 7517)")
    found: list[Key] = []
    for one in listed:
        if (
            not isinstance(one, dict)
            or one.get("kty") not in ("RSA", "EC", "OKP")
            or one.get("use", "sig") != "sig"
        ):
            continue
        try:
            key: Any = JWKRegistry.import_key(
                {name: value for name, value in one.items() if name not in ("use", "key_ops")}
            )
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            continue
        if not (isinstance(key, RSAKey) and key.raw_value.key_size < WEAKEST_RSA):
            found.append(key)
    return found
