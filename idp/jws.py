"""The one reader of every signed JWT that comes in (RFC 7515, RFC 7519, RFC 8725): hints,
assertions, our own tokens, other providers' tokens.

Whatever a token holds, it is read or refused: nothing that a library raises over hostile input gets
past here. Keys come from the caller; what the header says of keys (jwk, jku, x5c, x5u) is not
looked at."""

import base64
import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.jwk import Key

LONGEST = 16 * 1024  # characters of a token
ALGORITHMS = [
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "Ed25519",
    "HS256",
    "HS384",
    "HS512",
]
LATEST = 2**53  # seconds; more is no time
# what a header says beside is passed over (RFC 7515 4.1.11)
_REGISTRY = jws.JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
# some providers put a whole chain of certificates there
_REGISTRY.max_header_length = _REGISTRY.max_payload_length = LONGEST
# header parameters that change how a token is read: no token of ours has them
NOT_UNDERSTOOD = frozenset({"crit", "b64", "zip"})


class Unreadable(ValueError):
    """The token is not one that we take. `reason` is malformed, algorithm, type or signature."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Token:
    """A token whose signature is right: its header, its claims and the key that verified it."""

    header: Mapping[str, Any]
    claims: dict[str, Any]
    key: Key


def unverified(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims as they are written, by whomever. Raises Unreadable."""
    if not isinstance(token, str) or len(token) > LONGEST or not token.isascii():
        raise Unreadable("malformed")
    try:
        header, claims, _ = token.split(".")
        return _object(header), _object(claims)
    except Exception as error:  # a library raises what it likes over bytes that a stranger made
        raise Unreadable("malformed") from error


def read(
    token: str,
    keys: Callable[[Mapping[str, Any]], Iterable[Key]],
    algorithms: Collection[str],
    types: Collection[str],
    untyped_too: bool = False,
) -> Token:
    """The token, if one of these keys (which may depend on its header) has signed it by one of
    these algorithms and its `typ`, in lower case, is one of `types`; `untyped_too` takes a token
    without `typ`. Raises Unreadable."""
    header, claims = unverified(token)
    algorithm, kind, kid = header.get("alg"), header.get("typ"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in algorithms:
        raise Unreadable("algorithm")
    if NOT_UNDERSTOOD & header.keys() or not (kid is None or isinstance(kid, str)):
        raise Unreadable("malformed")
    if not (
        untyped_too
        if kind is None
        else isinstance(kind, str) and kind.lower().removeprefix("application/") in types
    ):
        raise Unreadable("type")
    for key in keys(header):
        if _signed_by(token, key, algorithm):
            return Token(header, claims, key)
    raise Unreadable("signature")


def fitting(keys: Iterable[Key], header: Mapping[str, Any]) -> list[Key]:
    """The keys that may have signed a token with this header: by `kid`, where both name one."""
    kid = header.get("kid")
    return [key for key in keys if not key.kid or not kid or key.kid == kid]


def is_time(value: Any) -> bool:
    """Whether a claim is a NumericDate (RFC 7519 2) that a calculation can be made with."""
    # NaN is in no order
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < LATEST


def _signed_by(token: str, key: Key, algorithm: str) -> bool:
    try:
        jws.deserialize_compact(token.encode(), key, [algorithm], registry=_REGISTRY)
    except Exception:  # a key of another type, a signature of another length: not signed by it
        return False
    return True


def _object(segment: str) -> dict[str, Any]:
    """A JSON object in which no name stands twice and no number is beyond counting. Raises
    ValueError and what JSON raises."""
    raw = base64.b64decode(segment + "=" * (-len(segment) % 4), altchars=b"-_", validate=True)
    found = json.loads(
        raw.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number, parse_float=_number
    )
    if not isinstance(found, dict):
        raise ValueError("not an object")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number")


def _number(text: str) -> float:
    value = float(text)
    return value if abs(value) < float("inf") else _no_number(text)
