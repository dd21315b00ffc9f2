"""Reading what a company's provider answers: ID tokens (OIDC Core 3.1.3.7), logout tokens (OIDC
Back-Channel Logout 1.0 2.6), claims."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc.jwk import Key

from idp import jws, secret, typed
from idp.settings import UpstreamSettings

UNREADABLE = {
    "malformed": "it is no signed JWT",
    "algorithm": "it is signed by an algorithm that is not allowed",
    "type": "it is a token of another type",
    "signature": "its signature is not right by the keys that the provider publishes",
}
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
LOGOUT_LIFE = 300  # seconds that a logout token is taken after it was made
# RFC 8176; what else a provider makes up means nothing to a client of ours
REGISTERED_AMR = frozenset(
    [
        "face",
        "fpt",
        "geo",
        "hwk",
        "iris",
        "kba",
        "mca",
        "mfa",
        "otp",
        "pin",
        "pop",
        "pwd",
        "rba",
        "retina",
        "sc",
        "sms",
        "swk",
        "tel",
        "user",
        "vbm",
        "wia",
    ]
)
# is said of a sign-in here only where a rule of ours has counted the factors
AT_UPSTREAM_ONLY = frozenset({"mfa"})

Keys = Callable[[bool], list[Key]]  # True: look again, the one that is needed may be new


class UpstreamError(Exception):
    """What came cannot be taken for a sign-in. `reason` is one of KINDS of web.flow.upstream; `says`
    is for the operator, without what a terminal would obey: parts of it may be anybody's."""

    def __init__(self, reason: str, says: str) -> None:
        self.reason = reason
        self.says = "".join(char if char.isprintable() else "?" for char in says)
        super().__init__(f"{reason}: {self.says}")


@dataclass(frozen=True)
class UpstreamIdentity:
    """What a company says of someone who signed in there. `methods` is what that proves here,
    beside that it was so."""

    subject: str
    email: str
    given_name: str
    family_name: str
    username: str
    roles: tuple[str, ...]
    methods: tuple[str, ...]
    amr: tuple[str, ...]
    auth_time: float | None
    sid: str | None


def id_token(
    upstream: UpstreamSettings, token: str, keys: Keys, nonce: str | None, since: float, now: float
) -> dict[str, Any]:
    """The claims of an ID token made for us after `since`. Without a nonce it came with a refresh.
    Raises UpstreamError."""
    claims = _signed(upstream, token, keys, ("jwt",))
    if claims.get("iss") != upstream.issuer:
        raise UpstreamError("wrong_issuer", f"the ID token is from {str(claims.get('iss'))[:200]}")
    audience = claims.get("aud")
    if (audience if isinstance(audience, list) else [audience]) != [
        upstream.client_id
    ] or claims.get("azp", upstream.client_id) != upstream.client_id:
        raise UpstreamError("wrong_audience", f"the ID token is for {str(audience)[:200]}")
    if nonce is not None and not secret.same(str(claims.get("nonce")), nonce):
        raise UpstreamError("wrong_nonce", "the ID token belongs to another sign-in")
    times = {name: claims.get(name) for name in ("exp", "iat")}
    times |= {name: claims[name] for name in ("nbf", "auth_time") if name in claims}
    if not all(jws.is_time(value) for value in times.values()):
        raise UpstreamError(
            "bad_answer", "exp, iat and auth_time of an ID token are numbers of seconds"
        )
    ahead = claims["iat"] - now
    if ahead > upstream.leeway or claims.get("nbf", now) > now + upstream.leeway:
        raise UpstreamError("clock", f"its clock is {ahead:.0f} seconds ahead of ours")
    if claims["iat"] < since - upstream.leeway or claims["exp"] <= now - upstream.leeway:
        raise UpstreamError(
            "clock",
            f"its clock is behind ours: the ID token was made {now - claims['iat']:.0f} "
            "seconds ago, and asked for later than that",
        )
    if not plain(claims.get("sub")):
        raise UpstreamError("bad_answer", "the ID token names no subject")
    return claims


def bound(claims: dict[str, Any], token: str, access_token: str) -> None:
    """An access token belongs to its ID token where that says so (at_hash, OIDC Core 3.1.3.6).
    Raises UpstreamError."""
    if "at_hash" not in claims:
        return
    alg = str(jws.unverified(token)[0]["alg"])
    made = hashlib.new(
        {"256": "sha256", "384": "sha384"}.get(alg[-3:], "sha512"), access_token.encode()
    ).digest()
    if claims["at_hash"] != urlsafe_b64encode(made[: len(made) // 2]).rstrip(b"=").decode():
        raise UpstreamError(
            "wrong_token", "the access token is not the one that the ID token names"
        )


def identity(upstream: UpstreamSettings, claims: dict[str, Any]) -> UpstreamIdentity:
    """Who signed in, where these claims make it someone of the company. Raises UpstreamError."""
    for name, value in upstream.required.items():
        if claims.get(name) != value or isinstance(claims.get(name), bool) != isinstance(
            value, bool
        ):
            raise UpstreamError(
                "wrong_tenant", f"{name} is {str(claims.get(name))[:100]!r}, and must be {value!r}"
            )
    email = claims.get("email")
    if not isinstance(email, str) or typed.email(email) is None:
        raise UpstreamError(
            "no_email",
            "no email address came along: ask for the scope email, and let the provider give it",
        )
    if claims.get("email_verified") is not True:
        raise UpstreamError(
            "unverified_email",
            f"the provider does not say that {email} is verified (email_verified)",
        )
    if not upstream.has(email):
        raise UpstreamError("foreign_domain", f"{email} is in no domain of the company")
    listed = claims.get(upstream.roles_claim)
    theirs = listed if isinstance(listed, list) else str(listed or "").split()
    amr = claims.get("amr")
    told = tuple(one for one in (amr if isinstance(amr, list) else [amr]) if isinstance(one, str))
    acr = claims.get("acr")
    return UpstreamIdentity(
        claims["sub"],
        email,
        _name(claims.get("given_name")),
        _name(claims.get("family_name")),
        typed.line(claims["preferred_username"])
        if isinstance(claims.get("preferred_username"), str)
        else "",
        tuple(
            dict.fromkeys(
                upstream.roles[one]
                for one in theirs
                if isinstance(one, str) and one in upstream.roles
            )
        ),
        upstream.worth(acr if isinstance(acr, str) else None, told),
        tuple(one for one in dict.fromkeys(told) if one in REGISTERED_AMR - AT_UPSTREAM_ONLY),
        float(claims["auth_time"]) if "auth_time" in claims else None,
        claims["sid"] if plain(claims.get("sid")) else None,
    )


@dataclass(frozen=True)
class Ended:
    """Whose sessions a logout token ends: one by its sid, or all of a subject."""

    subject: str | None
    sid: str | None
    jti: str
    until: float  # from when on the token is not taken any more


def logout_token(upstream: UpstreamSettings, token: str, keys: Keys, now: float) -> Ended:
    """What a logout token says. Raises UpstreamError."""
    claims = _signed(upstream, token, keys, ("jwt", "logout+jwt"))
    audience = claims.get("aud")
    if claims.get("iss") != upstream.issuer or upstream.client_id not in (
        audience if isinstance(audience, list) else [audience]
    ):
        raise UpstreamError(
            "wrong_audience", "the logout token is not from this company, or not for us"
        )
    events = claims.get("events")
    if (
        not isinstance(events, dict)
        or not isinstance(events.get(LOGOUT_EVENT), dict)
        or "nonce" in claims
    ):
        raise UpstreamError("bad_answer", "it is no logout token")
    made, until = claims.get("iat", -1), claims.get("exp", now)
    if (
        not jws.is_time(made)
        or not jws.is_time(until)
        or not now - LOGOUT_LIFE <= float(made) <= now + upstream.leeway
        or until < now - upstream.leeway
    ):
        raise UpstreamError("clock", "the logout token has expired, or is not valid yet")
    subject, sid, jti = (claims.get(name) for name in ("sub", "sid", "jti"))
    if (
        not plain(jti)
        or not all(one is None or plain(one) for one in (subject, sid))
        or not (subject or sid)
    ):
        raise UpstreamError("bad_answer", "a logout token has jti, and sub or sid")
    return Ended(subject, sid, str(jti), float(made) + LOGOUT_LIFE + 1)


def _signed(
    upstream: UpstreamSettings, token: str, keys: Keys, typs: tuple[str, ...]
) -> dict[str, Any]:
    """The claims of a JWT whose signature is right by the company's keys and an algorithm that is
    allowed (RFC 8725). Raises UpstreamError."""

    def candidates(header: Mapping[str, Any]) -> Iterator[Key]:
        # a key that we do not know may be new, and one that does not fit may have been replaced
        for afresh in (False, True):
            yield from jws.fitting(keys(afresh), header)

    try:
        return jws.read(token, candidates, upstream.algorithms, typs, untyped_too=True).claims
    except jws.Unreadable as error:
        raise UpstreamError(
            "bad_signature", UNREADABLE[error.reason] + _signed_how(upstream, token, error)
        ) from None


def _signed_how(upstream: UpstreamSettings, token: str, error: jws.Unreadable) -> str:
    """For the operator: how the token says that it is signed, and what the settings allow."""
    if error.reason not in ("algorithm", "type"):
        return ""
    header, _ = jws.unverified(token)
    return (
        f": alg {str(header.get('alg'))[:20]}, typ {str(header.get('typ'))[:30]}; algorithms "
        f"allows {', '.join(upstream.algorithms)}"
    )


def plain(value: Any, longest: int = 255) -> bool:
    """Whether it is text as identifiers and tokens are made of: ASCII that can be seen (OIDC Core
    2, RFC 6749 A)."""
    return (
        isinstance(value, str)
        and 0 < len(value) <= longest
        and value.isascii()
        and value.isprintable()
    )


def _name(value: Any) -> str:
    """A name as the company writes it; empty for what is too long to be one."""
    found = typed.name(value) if isinstance(value, str) else ""
    return found if len(found) <= typed.LONGEST_NAME else ""
