"""The factor `password`: Argon2id in a bounded pool, counted tries, waits that grow, equal time for
every name."""

import math
import re
import threading
import unicodedata
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from idp.factors import Busy, FieldError
from idp.factors.factor import Factor
from idp.flow import throttle
from idp.places import turn_at
from idp.secret import Vault
from idp.settings import Settings
from idp.store import account_credentials, credentials, lock, tries
from idp.store.accounts import Account
from idp.store.holders import Holder
from idp.store.tries import Asker
from idp.typed import fold

METHOD = "password"
SHORTEST, LONGEST = 8, 128  # characters, after NFKC
AROUND = "0123456789 !?.*#$_-"  # what is put around a word to make it look like another
HOUR = 3600.0  # seconds
QUEUE_SECONDS = 3.0
MOST_IN_A_ROW = 40  # the wait has long reached its maximum then

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def normalised(password: str) -> str:
    """One spelling for the same characters however a keyboard makes them (NIST SP 800-63B
    3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def unfit(password: str, about: Collection[str] = ()) -> str | None:
    """Why this cannot be someone's new password, or None: password_short, password_long,
    password_common (on the list of those that are tried first), password_personal (`about`: names
    and addresses that others can guess)."""
    length = len(normalised(password))
    if not SHORTEST <= length <= LONGEST:
        return "password_short" if length < SHORTEST else "password_long"
    plain = normalised(password).casefold()
    forms = {plain, plain.rstrip(AROUND), plain.strip(AROUND)}
    if forms & _common() or len(set(plain)) < 3:
        return "password_common"
    # what is left without the words that others can guess: they do not count towards the length
    own = plain
    for word in sorted(_words(about), key=len, reverse=True):
        own = own.replace(word, "")
    guessed = own != plain and (
        len(own) < SHORTEST or own in _common() or own.strip(AROUND) in _common()
    )
    return "password_personal" if guessed else None


def _words(about: Collection[str]) -> set[str]:
    """What others can guess of someone: names and addresses whole and in parts, and their letters
    without the digits beside them."""
    names = [normalised(name).casefold() for name in about if name]
    parts = {
        part
        for name in names
        for part in (name, *re.split(r"[\W_]+", name), *re.split(r"[\W\d_]+", name))
    }
    return {part for part in parts if len(part) > 3}


@cache
def _common() -> frozenset[str]:
    """The passwords that are tried first (NIST SP 800-63B 3.1.1.2), loaded when the first one is
    made."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(FREQUENCY_LISTS["passwords"])


def hashed(password: str) -> str:
    """The Argon2id hash of a password, to be stored."""
    return _hasher.hash(normalised(password))


@dataclass(frozen=True)
class Checked:
    """`newer_hash` is the same password under today's parameters, where the stored hash has older
    ones."""

    right: bool
    newer_hash: str | None = None


class Password(Factor):
    """Checks passwords. One for a process: it holds the pool that bounds how many are hashed at
    once."""

    name = METHOD
    credential = credentials.PASSWORD

    def __init__(self, settings: Settings, vault: Vault) -> None:
        self._limits = settings.limits
        self._vault = vault
        self._pool = threading.BoundedSemaphore(settings.server.hashing)
        # to be hashed, now or soon: as much room is left for others
        self._admitted = threading.BoundedSemaphore(max(1, settings.server.room // 2))
        self._nobody = hashed("the hash that unknown names are compared with")

    def owned(self, holder: Holder) -> frozenset[str]:
        """By everyone who has made one, or has one of the portal's."""
        return frozenset({METHOD}) if holder.newest(self.credential) else frozenset()

    def subject(self, account: Account | None, name: str) -> str:
        """Whose tries are counted: the account's, else the name's as it was typed."""
        return account.id if account else "name:" + self._vault.fingerprint("name", fold(name))

    def begin(
        self, subject: str, now: float, asker: Asker, tried_as: str = METHOD
    ) -> int | FieldError:
        """Count a try, to be committed before the password is looked at; its id, or how long to
        wait. `tried_as` is what it is a try at. A known device waits for its own mistakes alone;
        strangers wait by network, and end after so many in a row."""
        lock(f"{tried_as}:{subject}")
        limits = self._limits
        wrong = tries.wrong_in_a_row(subject, tried_as, MOST_IN_A_ROW, asker, alone=True)
        wait = throttle.password_wait(
            now,
            len(wrong),
            wrong[0] if wrong else None,
            limits.free_passwords,
            limits.password_wait,
            limits.longest_password_wait,
        )
        if wait > 0:
            return FieldError("password_wait", math.ceil(wait))
        if not asker.known:
            if self.stopped(subject, asker, tried_as):
                return FieldError("password_stopped")
            of_network = tries.wrong_of_network(
                asker.key, tried_as, now - HOUR, limits.network_passwords
            )
            if len(of_network) >= limits.network_passwords:
                return FieldError("network_wait", math.ceil(of_network[-1] + HOUR - now))
        return tries.add(subject, tried_as, now, asker)

    def stopped(self, subject: str, asker: Asker, tried_as: str = METHOD) -> bool:
        """Whether strangers were wrong so often that their tries are not looked at any more."""
        most = self._limits.passwords_in_a_row
        return not asker.known and len(tries.wrong_in_a_row(subject, tried_as, most, asker)) >= most

    def check(self, stored: str | None, typed: str) -> Checked:
        """Whether this is the password of the stored hash. Takes the same time where there is none,
        and for too long input. Raises Busy when the pool stays full."""
        stored = stored or self._nobody
        with self._place():
            try:
                _hasher.verify(stored, normalised(typed[: LONGEST * 4]))
                right = stored is not self._nobody
                return Checked(
                    right, hashed(typed) if right and _hasher.check_needs_rehash(stored) else None
                )
            except (VerificationError, InvalidHashError):
                return Checked(False)

    def made(self, typed: str) -> str:
        """The hash of a new password. Raises Busy when the pool stays full."""
        with self._place():
            return hashed(typed)

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._admitted.acquire(blocking=False):
            raise Busy
        try:
            with turn_at(self._pool, QUEUE_SECONDS) as turn:
                if not turn:
                    raise Busy
                yield
        finally:
            self._admitted.release()

    def finish(self, account: Account, checked: Checked, try_id: int, now: float) -> None:
        """Note that the try was right, and keep the hash up to date with our parameters."""
        tries.succeed(try_id)
        credentials.used(account.id, self.credential, now)
        if account.password_hash and checked.newer_hash:
            account_credentials.upgrade_hash(account.id, account.password_hash, checked.newer_hash)
