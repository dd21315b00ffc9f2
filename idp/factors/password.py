"""The factor `password`: Argon2id in a bounded pool, counted tries, waits that grow, equal time for every name."""

import math
import threading
import unicodedata
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from idp.factors import Busy, Trouble
from idp.flow import throttle
from idp.secret import Vault
from idp.settings import Settings
from idp.store import accounts, lock, tries
from idp.store.accounts import Account

METHOD = "password"
SHORTEST, LONGEST = 8, 128  # characters, after NFKC
QUEUE_SECONDS = 3.0
MOST_IN_A_ROW = 40  # the wait has long reached its maximum then

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def normalised(password: str) -> str:
    """One spelling for the same characters however a keyboard makes them (NIST SP 800-63B 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def unfit(password: str) -> str | None:
    """Why this cannot be somebody's new password, or None."""
    length = len(normalised(password))
    return None if SHORTEST <= length <= LONGEST else f"a password has {SHORTEST} to {LONGEST} characters"


def hashed(password: str) -> str:
    return _hasher.hash(normalised(password))


@dataclass(frozen=True)
class Checked:
    """`newer_hash` is the same password under today's parameters, where the stored hash has older ones."""

    right: bool
    newer_hash: str | None = None


class Password:
    """Checks passwords. One for a process: it holds the pool that bounds how many are hashed at once."""

    def __init__(self, settings: Settings, vault: Vault) -> None:
        self._limits = settings.limits
        self._vault = vault
        self._pool = threading.BoundedSemaphore(settings.server.hashing)
        self._nobody = hashed("the hash that unknown names are compared with")

    def subject(self, account: Account | None, name: str) -> str:
        """Whose tries are counted: the account's, else the name's as it was typed."""
        return account.id if account else "name:" + self._vault.fingerprint("name", accounts.fold(name))

    def begin(self, subject: str, now: float) -> int | Trouble:
        """Count a try, to be committed before the password is looked at; its id, or how long to wait."""
        lock(f"password:{subject}")
        limits = self._limits
        wrong = tries.wrong_in_a_row(subject, METHOD, MOST_IN_A_ROW)
        wait = throttle.password_wait(now, len(wrong), wrong[0] if wrong else None, limits.free_passwords, limits.password_wait, limits.longest_password_wait)
        return Trouble("password_wait", math.ceil(wait)) if wait > 0 else tries.add(subject, METHOD, now)

    def check(self, account: Account | None, typed: str) -> Checked:
        """Whether this is the account's password. Takes the same time for unknown names and too long input.
        Raises Busy when the pool stays full."""
        stored = account.password_hash if account and account.password_hash else self._nobody
        if not self._pool.acquire(timeout=QUEUE_SECONDS):
            raise Busy
        try:
            _hasher.verify(stored, normalised(typed[: LONGEST * 4]))
            right = stored is not self._nobody
            return Checked(right, hashed(typed) if right and _hasher.check_needs_rehash(stored) else None)
        except (VerificationError, InvalidHashError):
            return Checked(False)
        finally:
            self._pool.release()

    def finish(self, account: Account, checked: Checked, try_id: int) -> None:
        """Note that the try was right, and keep the hash up to date with our parameters."""
        tries.succeed(try_id)
        if account.password_hash and checked.newer_hash:
            accounts.upgrade_hash(account.id, account.password_hash, checked.newer_hash)
