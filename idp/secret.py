"""Secrets: a type that never prints, random tokens and their digests, peppered codes, sealing at
rest, signing.

One root secret of the deployment gives every purpose a key of its own (HKDF, RFC 5869), so that
nothing made for one purpose is ever valid for another.
"""

import hashlib
import hmac
import secrets
import unicodedata
from functools import cache
from string import ascii_letters, digits
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from itsdangerous import BadSignature, TimestampSigner, URLSafeTimedSerializer

from idp import clock

# nothing that is misheard or misread on the phone
REFERENCE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
MINIMUM_ROOT_BYTES = 32


class Secret:
    """A value that is compared and used, and never printed, logged or serialised by accident."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself, for where it is used."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and same(self._value, other._value)

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __reduce__(self) -> Any:
        raise TypeError("a Secret is not pickled")


def token(size: int = 32) -> str:
    """A fresh random token of `size` bytes (256 bits by default), safe in URLs and cookies."""
    return secrets.token_urlsafe(size)


def plain_token(length: int = 43) -> str:
    """A fresh random token of letters and digits alone (5.95 bits each, 256 in all by default): for
    what is typed and pasted, as a command's argument too, where a dash in front would make an
    option of it."""
    return "".join(secrets.choice(ascii_letters + digits) for _ in range(length))


def reference() -> str:
    """The eight characters that a person reads out to the help desk; they prove nothing."""
    return "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(8))


def spoken() -> str:
    """A secret that can be read out over the phone: sixteen characters in groups of four, 80 random
    bits."""
    made = "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(16))
    return "-".join(made[n : n + 4] for n in range(0, 16, 4))


def heard(typed: str) -> str:
    """The same however someone writes it down: without regard to case, width, spaces and
    dashes."""
    return "".join(char for char in unicodedata.normalize("NFKC", typed).upper() if char.isalnum())


def six_digits() -> str:
    """A one-time code: six random digits, zeros in front included."""
    return f"{secrets.randbelow(1_000_000):06d}"


def digest(value: str) -> str:
    """What is stored instead of a random token: its SHA-256. Tokens have 256 bits, so no slow hash
    is wanted."""
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()


def same(left: str, right: str) -> bool:
    """Compare as bytes in constant time; any text may come in."""
    return hmac.compare_digest(
        left.encode("utf-8", "surrogatepass"), right.encode("utf-8", "surrogatepass")
    )


class _Signer(TimestampSigner):
    """Reads the one clock."""

    def get_timestamp(self) -> int:
        return int(clock.now())


class Vault:
    """All that is derived from the deployment's root secret."""

    def __init__(self, root: Secret) -> None:
        self._root = root.reveal().encode()
        if len(self._root) < MINIMUM_ROOT_BYTES:
            raise ValueError(f"the root secret needs at least {MINIMUM_ROOT_BYTES} bytes")
        self._key = cache(self._derive)

    def _derive(self, purpose: str) -> bytes:
        return HKDF(SHA256(), 32, salt=None, info=f"stagedoor:{purpose}".encode()).derive(
            self._root
        )

    def fingerprint(self, purpose: str, value: str) -> str:
        """A keyed digest (HMAC-SHA256) for what is too short to be hashed bare: codes, names of
        strangers."""
        return hmac.new(
            self._key(purpose), value.encode("utf-8", "surrogatepass"), hashlib.sha256
        ).hexdigest()

    def seal(self, purpose: str, plain: str) -> str:
        """Encrypt for the database (AES-256-GCM)."""
        nonce = secrets.token_bytes(12)
        return (
            nonce + AESGCM(self._key(purpose)).encrypt(nonce, plain.encode(), purpose.encode())
        ).hex()

    def unseal(self, purpose: str, sealed: str) -> str:
        """The text again. Raises ValueError where the root secret is another or the row was
        changed."""
        blob = bytes.fromhex(sealed)
        try:
            return (
                AESGCM(self._key(purpose)).decrypt(blob[:12], blob[12:], purpose.encode()).decode()
            )
        except InvalidTag as error:
            raise ValueError(f"{purpose}: sealed with another root secret, or altered") from error

    def sign(self, purpose: str, value: Any) -> str:
        """Sign what leaves in a URL or a cookie, with the time (HMAC-SHA256); the row it names
        still decides."""
        return str(self._serializer(purpose).dumps(value))

    def read(self, purpose: str, signed: str, max_age: int | None = None) -> Any | None:
        """What was signed, or None for a forgery and for what is older than `max_age` seconds: that
        costs no query."""
        try:
            return self._serializer(purpose).loads(signed, max_age=max_age)
        except (BadSignature, ValueError):
            return None

    def _serializer(self, purpose: str) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(
            self._key(purpose),
            salt=purpose,
            signer=_Signer,
            signer_kwargs={"digest_method": hashlib.sha256},
        )
