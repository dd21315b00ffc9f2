"""Clients that authenticate by a signed assertion: private_key_jwt and client_secret_jwt (RFC 7523,
OIDC Core 9)."""

from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from idp import jws, secret
from idp.oauth.clients import RegisteredClient
from idp.store import assertions, writing

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = {
    "private_key_jwt": ("RS256", "PS256", "ES256", "ES384", "EdDSA", "Ed25519"),
    "client_secret_jwt": ("HS256", "HS384", "HS512"),
}
TYPS = ("jwt", "client-authentication+jwt")  # of the header, where it has one
LIFE = 300  # seconds that an assertion is taken at most
MOST_KEYS, WEAKEST_RSA = 20, 2048
SKEW = 30  # seconds by which a client's clock may differ


def claimed_client(assertion: str) -> str | None:
    """Who the assertion says it is from, unverified."""
    try:
        _, claims = jws.unverified(assertion)
    except jws.Unreadable:
        return None
    subject = claims.get("sub")
    return subject if isinstance(subject, str) else None


def fault(
    client: RegisteredClient, assertion: str, audiences: tuple[str, ...], now: float, epoch: float
) -> str | None:
    """Why this assertion, signed by the client, does not authenticate it, or None; then it is used
    up. Raises Unreadable for one that the client has not signed."""
    allowed = ALGORITHMS.get(client.auth_method, ())
    registered = client.keys.keys if client.keys else []
    token = jws.read(
        assertion, lambda header: jws.fitting(registered, header), allowed, TYPS, untyped_too=True
    )
    return _claims_fault(client, token.claims, audiences, now, epoch)


def _claims_fault(
    client: RegisteredClient,
    claims: dict[str, Any],
    audiences: tuple[str, ...],
    now: float,
    epoch: float,
) -> str | None:
    if not claims.get("iss") == claims.get("sub") == client.client_id:
        return "iss and sub must both be the client_id"
    audience = claims.get("aud")
    if (audience if isinstance(audience, list) else [audience]) not in [[one] for one in audiences]:
        return f"aud must be {audiences[0]}"
    numbers = {name: claims[name] for name in ("exp", "nbf", "iat") if name in claims}
    if "exp" not in numbers or not all(jws.is_time(value) for value in numbers.values()):
        return "exp is required, and times must be numbers of seconds"
    # whatever exp says: some libraries ask for an hour
    exp = min(float(numbers["exp"]), float(numbers.get("iat", now)) + LIFE)
    if exp <= now - SKEW:
        return f"it has expired; an assertion is accepted for {LIFE} seconds from its iat"
    if "iat" not in numbers and numbers["exp"] > now + LIFE + SKEW:
        return f"without iat, exp may be at most {LIFE} seconds ahead"
    if numbers.get("nbf", now) > now + SKEW or numbers.get("iat", now) > now + SKEW:
        return "it is not valid yet; check the client's clock"
    if numbers.get("iat", numbers["exp"] - LIFE) < epoch + (SKEW if epoch else 0):
        return "it was made before this identity provider was restored from a backup"
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= 255:
        return "jti is required and must be a string"
    writing(afresh=True)
    return (
        None
        if assertions.use(secret.digest(f"{client.client_id}:{jti}"), exp + SKEW)
        else "its jti was already used"
    )


def public_keys(jwks: Any) -> dict[str, Any]:
    """The public parts of a client's JWK Set. Raises ValueError, saying why, for keys that
    assertions cannot be verified with."""
    one = [jwks] if isinstance(jwks, dict) and "kty" in jwks else None
    keys = jwks.get("keys", one) if isinstance(jwks, dict) else None
    if not isinstance(keys, list) or not 0 < len(keys) <= MOST_KEYS:
        raise ValueError(
            f"must be a JWK Set (RFC 7517) with 1 to {MOST_KEYS} keys in `keys`, or one public key"
        )
    try:
        found = KeySet.import_key_set({"keys": keys}).keys
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"cannot be read: {error}") from None
    if any(key.key_type not in ("RSA", "EC", "OKP") for key in found):
        raise ValueError("contains a key that is not a public key; use RSA, EC or OKP keys")
    if any(isinstance(key, RSAKey) and key.raw_value.key_size < WEAKEST_RSA for key in found):
        raise ValueError(f"contains an RSA key with fewer than {WEAKEST_RSA} bits")
    return {"keys": [key.as_dict(private=False) for key in found]}
