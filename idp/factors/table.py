"""Every factor that is a second step, a row each; and all of them, with the password, as one object that
a visit asks."""

from collections.abc import Mapping
from typing import Any

from idp.factors.email_code import AddressCode, EmailCode, RecoveryCode
from idp.factors.factor import SecondStep, SetUp, TypedFactor
from idp.factors.password import Password
from idp.factors.phone_code import NumberCode, PhoneCode
from idp.factors.sent_code import SentCode
from idp.factors.voice import NumberCall, VoiceCode, VoiceConfirm
from idp.secret import Vault
from idp.settings import Settings
from idp.store.holders import Holder

FACTORS: tuple[type[SecondStep], ...] = (
    PhoneCode,
    NumberCode,
    VoiceCode,
    VoiceConfirm,
    NumberCall,
    EmailCode,
    RecoveryCode,
    AddressCode,
)


class Factors:
    """One for a process. Asked for a factor by its name; raises KeyError where it is not one of
    that kind."""

    def __init__(self, settings: Settings, vault: Vault) -> None:
        self._upstreams = {one.issuer: one for one in settings.upstreams}
        self.password = Password(settings, vault)
        made = [kind(settings, vault) for kind in FACTORS]
        self._steps: Mapping[str, SecondStep] = {one.name: one for one in made}
        self._purposes = {(one.method, one.purpose): one.name for one in made}
        self._typed = {one.name: one for one in made if isinstance(one, TypedFactor)}
        self._codes = {one.name: one for one in made if isinstance(one, SentCode)}
        self._set_ups = {one.credential: one for one in reversed(made) if isinstance(one, SetUp)}
        self._calls = {one.name: one for one in made if isinstance(one, VoiceCode)}

    def owned(self, holder: Holder) -> frozenset[str]:
        """The methods by which this person can sign in. Nothing that is kept here opens an account
        that a company manages: its own provider does, as far as the settings still name it."""
        if holder.account.upstream is not None:
            there = self._upstreams.get(holder.account.upstream)
            return frozenset({"upstream", *there.can()}) if there else frozenset()
        every = (self.password, *self._steps.values())
        return frozenset().union(*(one.owned(holder) for one in every))

    def used_last(self, holder: Holder) -> frozenset[str]:
        """The methods of the second step by which this person proved who they are last; none where
        that is not known."""
        kinds = {one.credential for one in self._steps.values()}
        used = [one for one in holder.credentials if one.used_at and one.kind in kinds]
        last = max(used, key=lambda one: one.used_at or 0.0, default=None)
        by_it = (one for one in self._steps.values() if last and one.credential == last.kind)
        return frozenset().union(*(one.owned(holder) for one in by_it))

    def named(self, method: str, purpose: str) -> str:
        """The factor that obtains a proof by this method for this purpose; the one to sign in by
        where it has none of its own."""
        return self._purposes.get((method, purpose), method)

    def is_step(self, name: str) -> bool:
        """Whether a second step has this name."""
        return name in self._steps

    def step(self, name: str) -> SecondStep:
        """Any second step."""
        return self._steps[name]

    def typed(self, name: str) -> TypedFactor[Any]:
        """One whose proof is typed on its page."""
        return self._typed[name]

    def code(self, name: str) -> SentCode:
        """One that sends a code."""
        return self._codes[name]

    def set_up(self, kind: str) -> SetUp:
        """One that is set up within a sign-in, by the kind of its credential."""
        return self._set_ups[kind]

    def call(self, name: str) -> VoiceCode:
        """One that places a call."""
        return self._calls[name]
