"""A company whose provider signs its people in: the request that takes them there, what comes back,
and what is asked later on."""

from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import quote_plus, urlencode

from idp import jws, secret
from idp.factors.upstream import claims_of, reading
from idp.factors.upstream.provider import LIVELY, Provider
from idp.factors.upstream.reading import Ended, UpstreamError, UpstreamIdentity
from idp.secret import Vault
from idp.settings import Settings, UpstreamSettings

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"  # RFC 7523
ASSERTION_ALG, ASSERTION_TYP, ASSERTION_LIFE = "ES256", "client-authentication+jwt", 60
GONE = "invalid_grant"

Sign = Callable[[dict[str, Any], str, str, float], str]  # claims, alg, typ, now


@dataclass(frozen=True)
class UpstreamDemand:
    """What is asked of a sign-in at the company (OIDC Core 3.1.2.1)."""

    again: bool = False  # prompt=login
    another: bool = False  # prompt=select_account
    max_age: int | None = None
    acr_values: tuple[str, ...] = ()
    login_hint: str = ""
    ui_locales: str = ""


@dataclass(frozen=True)
class UpstreamSignIn:
    """Someone signed in: who, and the tokens that came along."""

    identity: UpstreamIdentity
    id_token: str
    refresh_token: str | None


@dataclass(frozen=True)
class Refreshed:
    """Whether the person is still at the company, None where what it said cannot be believed; and
    the refresh token for the next time."""

    still_there: bool | None
    refresh_token: str | None = None
    why: str = ""


class Upstream:
    """One for a process and company. What raises UpstreamError says why."""

    def __init__(
        self,
        upstream: UpstreamSettings,
        settings: Settings,
        vault: Vault,
        provider: Provider,
        sign: Sign,
    ) -> None:
        self.config = upstream
        self._issuer = settings.issuer
        self._vault = vault
        self._sign = sign
        self._provider = provider

    @property
    def callback(self) -> str:
        """Where answers come; no two companies share it, so that none can answer for another (RFC
        9700 4.4.2.2)."""
        return f"{self._issuer}/upstream/{self.config.id}/callback"

    @property
    def signed_out(self) -> str:
        """Where people come back to after signing out there (RP-Initiated Logout 3)."""
        return f"{self._issuer}/upstream/{self.config.id}/signed-out"

    @property
    def backchannel(self) -> str:
        """Where its logout tokens are received (Back-Channel Logout 2.2)."""
        return f"{self._issuer}/upstream/{self.config.id}/backchannel-logout"

    def look(self) -> dict[str, Any]:
        """Its discovery document, read a moment ago: no one is sent to a provider that does not
        answer. Raises UpstreamError."""
        return self._provider.metadata(LIVELY)

    def check(self) -> int:
        """Read its discovery document and keys; how many keys there are. Raises UpstreamError."""
        self._provider.metadata()
        return len(self._provider.keys())

    def authorization_url(
        self, metadata: dict[str, Any], state: str, wanted: UpstreamDemand
    ) -> str:
        """The authorization request, with PKCE, state and nonce (RFC 9700 2.1)."""
        challenge = (
            urlsafe_b64encode(sha256(self._of(state, "verifier").encode()).digest())
            .rstrip(b"=")
            .decode()
        )
        prompt = " ".join(
            name
            for name, asked in (
                ("login", wanted.again),
                ("select_account", wanted.another and not wanted.again),
            )
            if asked
        )
        told, scopes = metadata.get("scopes_supported"), list(self.config.scopes)
        if self.config.roles and isinstance(told, list) and self.config.roles_claim in told:
            scopes += [self.config.roles_claim] if self.config.roles_claim not in scopes else []
        parameters = {
            "response_type": "code",
            "client_id": self.config.client_id,
            "redirect_uri": self.callback,
            "scope": " ".join(scopes),
            "state": state,
            "nonce": self._of(state, "nonce"),
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "prompt": prompt,
            "max_age": "" if wanted.max_age is None else str(wanted.max_age),
            "acr_values": " ".join(wanted.acr_values),
            "login_hint": wanted.login_hint,
            "ui_locales": wanted.ui_locales,
        }
        return _with(
            str(metadata["authorization_endpoint"]),
            {name: value for name, value in parameters.items() if value},
        )

    def redeem(
        self,
        state: str,
        answer: Mapping[str, str],
        again: bool,
        max_age: int | None,
        since: float,
        now: float,
    ) -> UpstreamSignIn:
        """Who signed in, by what came to our callback. Raises UpstreamError."""
        self._from_it(answer)
        if answer.get("error"):
            reason = "cancelled" if answer["error"] == "access_denied" else "upstream_error"
            raise UpstreamError(
                reason, f"{answer['error'][:80]}: {answer.get('error_description', '')[:300]}"
            )
        form = {
            "grant_type": "authorization_code",
            "code": answer.get("code", ""),
            "redirect_uri": self.callback,
        }
        status, tokens = self._ask_token(
            {**form, "code_verifier": self._of(state, "verifier")}, now
        )
        if status != 200:
            raise UpstreamError(
                "token_refused",
                f"{str(tokens.get('error'))[:80]}: "
                f"{str(tokens.get('error_description', ''))[:300]}",
            )
        id_token, access_token = str(tokens.get("id_token")), str(tokens.get("access_token"))
        if not self._bearer(tokens) or not reading.plain(id_token, jws.LONGEST):
            raise UpstreamError(
                "bad_answer", "token_endpoint: an ID token and a bearer token were to come"
            )
        claims = reading.id_token(
            self.config, id_token, self._provider.keys, self._of(state, "nonce"), since, now
        )
        reading.bound(claims, id_token, access_token)
        claims_of.recent_enough(self.config, claims, again, max_age, since, now)
        identity = reading.identity(
            self.config,
            claims_of.with_userinfo(self.config, self._provider, claims, access_token),
        )
        refresh_token = tokens.get("refresh_token")
        return UpstreamSignIn(
            identity, id_token, refresh_token if reading.plain(refresh_token, jws.LONGEST) else None
        )

    def refreshed(self, refresh_token: str, subject: str, now: float) -> Refreshed:
        """Ask whether the person is still there. Raises UpstreamError where nothing was answered: then
        the same token is good once more."""
        status, tokens = self._ask_token(
            {"grant_type": "refresh_token", "refresh_token": refresh_token}, now
        )
        if status != 200 and tokens.get("error") == GONE:
            return Refreshed(False)
        if status != 200:
            raise UpstreamError(
                "token_refused",
                f"{str(tokens.get('error'))[:80]}: "
                f"{str(tokens.get('error_description', ''))[:300]}",
            )
        fresh = tokens.get("refresh_token")
        kept = str(fresh) if reading.plain(fresh, jws.LONGEST) else refresh_token
        try:
            if not self._bearer(tokens):
                raise UpstreamError("bad_answer", "token_endpoint: a refresh gives a bearer token")
            if isinstance(tokens.get("id_token"), str):
                claims = reading.id_token(
                    self.config, tokens["id_token"], self._provider.keys, None, 0, now
                )
                if claims["sub"] != subject:
                    raise UpstreamError(
                        "other_subject", "a refresh gave an ID token of someone else"
                    )
        except (
            UpstreamError
        ) as error:  # the old token may be used up, whatever is wrong with the rest
            return Refreshed(None, kept, f"{error.reason}: {error.says}")
        return Refreshed(True, kept)

    def way_out(self, id_token: str, state: str) -> str | None:
        """Where someone signs out there too (RP-Initiated Logout 1.0); None where that is not
        possible. Raises UpstreamError."""
        address = self.look().get("end_session_endpoint")
        parameters = {
            "id_token_hint": id_token,
            "client_id": self.config.client_id,
            "post_logout_redirect_uri": self.signed_out,
            "state": state,
        }
        return _with(address, parameters) if address else None

    def ended(self, logout_token: str, now: float) -> Ended:
        """Whose sessions the company says are over. Raises UpstreamError."""
        return reading.logout_token(self.config, logout_token, self._provider.keys, now)

    @staticmethod
    def _bearer(tokens: dict[str, Any]) -> bool:
        """Whether this is an answer with an access token (RFC 6749 5.1): a refusal with status 200
        is none."""
        return (
            reading.plain(tokens.get("access_token"), jws.LONGEST)
            and str(tokens.get("token_type")).casefold() == "bearer"
            and "error" not in tokens
        )

    def _from_it(self, answer: Mapping[str, str]) -> None:
        """An answer says whose it is, where its issuer says that it does (RFC 9207)."""
        announced = (
            self._provider.metadata().get("authorization_response_iss_parameter_supported") is True
        )
        if answer.get("iss", None if announced else self.config.issuer) != self.config.issuer:
            raise UpstreamError(
                "mix_up", f"the answer says that it is from {answer.get('iss', 'no one')[:200]}"
            )

    def _ask_token(self, form: dict[str, str], now: float) -> tuple[int, dict[str, Any]]:
        """Authenticated as the company registered us."""
        upstream, basic = self.config, None
        if upstream.client_auth == "client_secret_basic":
            # RFC 6749 2.3.1
            basic = (quote_plus(upstream.client_id), quote_plus(upstream.client_secret.reveal()))
        elif upstream.client_auth == "client_secret_post":
            form = {
                **form,
                "client_id": upstream.client_id,
                "client_secret": upstream.client_secret.reveal(),
            }
        else:
            mine = {
                "iss": upstream.client_id,
                "sub": upstream.client_id,
                "aud": upstream.issuer,
                "jti": secret.token(16),
            }
            assertion = self._sign(
                {**mine, "iat": int(now), "exp": int(now) + ASSERTION_LIFE},
                ASSERTION_ALG,
                ASSERTION_TYP,
                now,
            )
            form = {
                **form,
                "client_id": upstream.client_id,
                "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": assertion,
            }
        return self._provider.token(form, basic)

    def _of(self, state: str, what: str) -> str:
        """Nonce and verifier of a request: only who has the root secret and the state can tell them,
        so nothing of them is stored."""
        return self._vault.fingerprint(f"upstream {what}", state)


def _with(address: str, parameters: Mapping[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(parameters)}"
