"""Signing keys, as operators make and rotate them."""

from dataclasses import dataclass

from idp.oauth.keys import ALGORITHMS, Keyring
from idp.store import audit, lock
from idp.store import keys as store


@dataclass(frozen=True)
class KeyState:
    """A signing key as an operator sees it."""

    kid: str
    alg: str
    state: str  # next, signing, published (its signatures may still be around) or retired
    active_from: float


def ensure(now: float, actor: str, keyring: Keyring) -> list[str]:
    """Make the first key of every algorithm that has none; their kids."""
    lock("signing_keys")  # two nodes may be set up at once
    have = {key.alg for key in store.listed()}
    return [
        _create(now, actor, keyring, alg, at_once=True) for alg in ALGORITHMS if alg not in have
    ]


def rotate(now: float, actor: str, keyring: Keyring) -> list[str]:
    """A new key of every algorithm: published now, signing after the lead time. Their kids."""
    return [_create(now, actor, keyring, alg, at_once=False) for alg in ALGORITHMS]


def listed(now: float, keyring: Keyring) -> list[KeyState]:
    """Every key and what it is good for now."""
    published = keyring.published(now)
    states = []
    for key in keyring.all():
        if key.active_from > now:
            state = "next"
        elif keyring.retires(key) > now:
            state = "signing"
        else:
            state = "published" if key in published else "retired"
        states.append(KeyState(key.kid, key.alg, state, key.active_from))
    return states


def _create(now: float, actor: str, keyring: Keyring, alg: str, at_once: bool) -> str:
    kid = keyring.create(alg, now, at_once)
    audit.add(now, "key_created", actor=actor, kid=kid, alg=alg)
    return kid
