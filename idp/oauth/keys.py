"""The keyring: which key signs, which are published, and verifying what we signed ourselves."""

import json
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry
from sqlalchemy.exc import DBAPIError

from idp import clock, jws, secret
from idp.secret import Vault
from idp.settings import Settings
from idp.store import clients as versions
from idp.store import keys as store
from idp.store import rollback

log = logging.getLogger("idp.oauth")

ALGORITHMS = ("RS256", "ES256")
PURPOSE = "signing key"
RECHECK = 1.0  # seconds that a new key may go unnoticed
# tokens whose signature was found right, by digest: an API asks about the same one again and again
MOST_VERIFIED = 2000


@dataclass(frozen=True)
class Key:
    """A signing key with its private part, and from when it signs, in seconds since 1970."""

    kid: str
    alg: str
    jwk: RSAKey | ECKey
    active_from: float


def _at_once(work: Callable[[], None]) -> None:
    work()


class Keyring:
    """Signing keys of this process, read again when one was added. Importing one costs 40 ms, so it
    is done once."""

    def __init__(self, settings: Settings, vault: Vault) -> None:
        lifetimes = settings.lifetimes
        self._vault = vault
        # seconds of the longest-lived signature
        self._longest = max(lifetimes.access_token, lifetimes.id_token)
        self._lead = lifetimes.signing_key_lead
        self._lock = threading.Lock()
        self._keys: tuple[Key, ...] = ()
        self._version = -1
        self._checked = float("-inf")
        # A signature that was right stays right; time and keys are looked at again each time.
        self._verified: dict[str, tuple[str, dict[str, Any]]] = {}
        self.background = _at_once  # how work is done that no request waits for
        self._jwks: tuple[tuple[str, ...], bytes] = ((), b"")

    def create(self, alg: str, now: float, at_once: bool) -> str:
        """A new key; its kid. It is published now and signs from the lead time on, the first of all
        at once."""
        jwk: RSAKey | ECKey = (
            RSAKey.generate_key(2048) if alg == "RS256" else ECKey.generate_key("P-256")
        )
        kid = jwk.thumbprint()
        sealed = self._vault.seal(PURPOSE, json.dumps(jwk.as_dict(private=True)))
        store.add(kid, alg, sealed, now, now if at_once else now + self._lead)
        return kid

    def sign(self, claims: dict[str, Any], alg: str, typ: str, now: float) -> str:
        """A JWT of these claims, by the key of this algorithm that is active now."""
        key = self.signing(alg, now)
        return jwt.encode({"alg": alg, "typ": typ, "kid": key.kid}, claims, key.jwk, [alg])

    def signing(self, alg: str, now: float) -> Key:
        """The key that signs: the one that took over last; on a node whose clock is behind all of
        them, the oldest. Raises LookupError where none was made."""
        made = [key for key in self.all() if key.alg == alg]
        active = [key for key in made if key.active_from <= now]
        if not made:
            raise LookupError(f"there is no signing key for {alg}; `idp init` creates one")
        return active[-1] if active else made[0]

    def published(self, now: float) -> list[Key]:
        """Keys that sign, will sign, or have signed something that may not have expired yet."""
        return [key for key in self.all() if now < self.retires(key) + self._longest]

    def retires(self, key: Key) -> float:
        """When a later key of the same algorithm takes over; infinity for the last."""
        later = [
            other.active_from
            for other in self._keys
            if other.alg == key.alg and other.active_from > key.active_from
        ]
        return min(later, default=float("inf"))

    def jwks(self, now: float) -> bytes:
        """The published key set (RFC 7517), prepared. Answered from memory whatever the database
        does; a new key is published long before it signs, so that it may be looked for
        since then."""
        if self._keys and clock.ticks() - self._checked > RECHECK:
            self._in_background(self._refresh)
        published = [
            key for key in self._keys or self.all() if now < self.retires(key) + self._longest
        ]
        kids = tuple(key.kid for key in published)
        if kids != self._jwks[0]:
            keys = [
                {**key.jwk.as_dict(private=False), "kid": key.kid, "alg": key.alg, "use": "sig"}
                for key in published
            ]
            self._jwks = (kids, json.dumps({"keys": keys}).encode())
        return self._jwks[1]

    def verify(
        self, token: str, typ: str, now: float, expired_too: bool = False
    ) -> dict[str, Any] | None:
        """The claims of a JWT that we signed with this `typ`, or None. The key fixes the algorithm;
        header parameters that name keys are not looked at (RFC 8725)."""
        if len(token) > jws.LONGEST or not token.isascii():
            return None
        # what a retired key signs now is a forgery
        trusted = self.all() if expired_too else self.published(now)
        name = f"{typ} {secret.digest(token)}"
        try:
            kid, claims = self._verified.get(name) or self._signed(token, typ)
        except jws.Unreadable:
            return None
        if not any(key.kid == kid for key in trusted):
            return None
        if len(self._verified) >= MOST_VERIFIED:
            self._verified.clear()
        self._verified[name] = (kid, claims)
        return (
            dict(claims)
            if expired_too or (jws.is_time(claims.get("exp")) and now < claims["exp"])
            else None
        )

    def _signed(self, token: str, typ: str) -> tuple[str, dict[str, Any]]:
        """Which of our keys signed this, and its claims. Raises Unreadable."""
        header, _ = jws.unverified(token)
        key = next((key for key in self.all() if key.kid == header.get("kid")), None)
        if key is None:
            raise jws.Unreadable("signature")
        return key.kid, jws.read(token, lambda _: [key.jwk], [key.alg], [typ.lower()]).claims

    def _in_background(self, work: Callable[[], None]) -> None:
        self._checked = clock.ticks()  # one look at a time
        self.background(work)

    def all(self) -> Sequence[Key]:
        """All keys that were ever made, in the order in which they took over."""
        if clock.ticks() - self._checked > RECHECK:
            self._refresh()
        return self._keys

    def _refresh(self) -> None:
        """Read the keys again where one was added. Without the database what is known goes on
        serving."""
        if not self._lock.acquire(blocking=not self._keys):
            return  # someone looks already
        try:
            version = versions.version("keys")
            if version != self._version:
                known = {key.kid: key for key in self._keys}
                self._keys = tuple(known.get(row.kid) or self._read(row) for row in store.listed())
                self._version = version
        except DBAPIError:
            rollback()
            if not self._keys:
                raise
            log.warning("the database did not answer; the keys that are known go on serving")
        finally:
            self._checked = clock.ticks()
            self._lock.release()

    def _read(self, row: store.SigningKey) -> Key:
        data = json.loads(self._vault.unseal(PURPOSE, row.sealed))
        jwk = (
            RSAKey.import_key(data, {"kid": row.kid})
            if row.alg == "RS256"
            else ECKey.import_key(data, {"kid": row.kid})
        )
        return Key(row.kid, row.alg, jwk, row.active_from)


assert set(ALGORITHMS) <= set(JWSRegistry.recommended)
