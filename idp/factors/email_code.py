"""The factor `email_code`: six digits sent to the address on file, good for a short while, once."""

import math
from dataclasses import dataclass

from idp import secret
from idp.delivery import post
from idp.factors import Trouble
from idp.flow import throttle
from idp.secret import Vault
from idp.settings import Settings
from idp.store import codes, lock, tries
from idp.store.accounts import Account, fold

METHOD = "email_code"
SAME_CLICK = 3.0  # seconds in which a second click on Send means the first


@dataclass(frozen=True)
class Sent:
    """How it stands with the newest code: for the page, which asks again every second."""

    handed_over: bool
    seconds_left: int  # 0 when it has expired
    dropped: bool  # its mail could not leave
    worn_out: bool  # it had too many wrong tries
    next_send: int  # seconds until another one may be sent


def masked(address: str) -> str:
    """An address as it may be shown: first letter, five stars, the domain."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}*****@{domain}"


class EmailCode:
    """Sends and checks codes."""

    def __init__(self, settings: Settings, vault: Vault) -> None:
        self._limits = settings.limits
        self._life = settings.lifetimes.sign_in_email_code
        self._message_life = settings.lifetimes.message
        self._vault = vault

    def wait(self, account: Account, now: float) -> int:
        """Seconds until another code may be sent to this account's address."""
        limits = self._limits
        pause, quarter, day = throttle.Cap(1, limits.send_pause), throttle.Cap(limits.sends_per_quarter_hour, 900), throttle.Cap(limits.sends_per_day, 86400)
        sends = codes.unused_sends(account.id, fold(account.sign_in_address or ""), METHOD, now - 86400)
        return math.ceil(throttle.wait(now, sends, (pause, quarter, day)))

    def send(self, interaction_id: str, reference: str, account: Account, locale: str, now: float) -> Trouble | None:
        """Write a new code and its mail; the code before it is void. Trouble where one was sent too lately."""
        lock(f"send:{fold(account.sign_in_address or '')}")
        lock(f"send:{account.id}")
        before = codes.newest(interaction_id, account.id, METHOD)
        if before and before.used_at is None and before.dropped_at is None and now - before.created_at < SAME_CLICK:
            return None  # a double click: the code is on its way
        if wait := self.wait(account, now):
            return Trouble("send_wait", wait)
        address = account.sign_in_address or ""
        code, code_id = secret.six_digits(), secret.token(16)
        codes.add(code_id, interaction_id, account.id, METHOD, fold(address), self._digest(code_id, code), now)
        post.write(
            self._vault,
            now,
            channel="email",
            recipient=address,
            kind="sign_in_code",
            data={"code": code, "seconds": self._life, "name": account.given_name},
            locale=locale,
            not_after=now + self._message_life,
            code_id=code_id,
            reference=reference,
        )
        return None

    def sent(self, interaction_id: str, account: Account, now: float) -> Sent | None:
        """How it stands with the newest code of this interaction; None when there is none to be entered."""
        code = codes.newest(interaction_id, account.id, METHOD)
        if code is None or code.used_at is not None:
            return None
        left = 0 if code.handed_over_at is None else max(0, math.ceil(code.handed_over_at + self._life - now))
        worn_out = code.tries >= self._limits.tries_per_code
        return Sent(code.handed_over_at is not None, left, code.dropped_at is not None, worn_out, self.wait(account, now))

    def begin(self, interaction_id: str, account: Account, now: float) -> tuple[codes.Code, int] | Trouble:
        """Count a try at the newest code, to be committed before the code is compared."""
        code = codes.newest(interaction_id, account.id, METHOD)
        if code is None or code.used_at is not None:
            return Trouble("no_code")
        if code.handed_over_at is None:
            return Trouble("code_lost" if code.dropped_at else "code_under_way")
        if now >= code.handed_over_at + self._life:
            return Trouble("code_expired")
        if not codes.count_try(code.id, self._limits.tries_per_code):
            return Trouble("code_worn_out")
        return code, tries.add(account.id, METHOD, now)

    def locked(self, account_id: str, now: float, own: int = 0) -> bool:
        """Whether this account had too many wrong tries at its codes; `own` of them are under way."""
        limits = self._limits
        return (
            tries.wrong_since(account_id, METHOD, now - 3600) - own >= limits.tries_per_hour
            or len(tries.wrong_in_a_row(account_id, METHOD, limits.tries_in_a_row + own)) - own >= limits.tries_in_a_row
        )

    def use(self, code: codes.Code, typed: str, try_id: int, now: float) -> Trouble | None:
        """Compare, and use the code up; of several right tries one wins."""
        if not secret.same(code.digest, self._digest(code.id, typed)):
            return Trouble("code_wrong" if code.tries + 1 < self._limits.tries_per_code else "code_worn_out")
        if not codes.use(code.id, now, self._life):
            return Trouble("code_expired")
        tries.succeed(try_id)
        return None

    def _digest(self, code_id: str, code: str) -> str:
        return self._vault.fingerprint("code", f"{code_id}:{code}")
