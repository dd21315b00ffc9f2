"""A policy: the rules that say what the proofs of a sign-in must be. Rules combine to the stricter;
a shadow rule is only noted."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from idp.flow.facts import Facts
from idp.flow.requirements import NOTHING, Requirement


def always(facts: Facts) -> bool:
    """The condition of a rule that applies to every sign-in."""
    return True


@dataclass(frozen=True)
class Rule:
    """`when` it applies, it wants what `demand` says. `because` ends the sentence 'a proof is asked
    for, because …', in `idp explain`; empty where that needs no reason."""

    name: str
    demand: Callable[[Facts], Requirement]
    because: str = ""
    when: Callable[[Facts], bool] = always
    # it says when or where proofs must be given, so whether the session counts depends on it
    timing: bool = False
    of_sessions: bool = False  # it asks for nothing more where no one was signed in
    shadow: bool = False  # what it would ask for is noted in the decision record, and not asked for
    # fields of `Facts` that are looked up for it alone: see `LOOKED_UP`
    needs: tuple[str, ...] = ()

    @property
    def says(self) -> str:
        """What it wants, in a sentence."""
        return " ".join((self.demand.__doc__ or "").split())

    def wants(self, facts: Facts) -> Requirement:
        """What it wants of this sign-in."""
        return self.demand(facts) if self.when(facts) else NOTHING


# fields of `Facts` that cost something, so that a rule has to name them
LOOKED_UP = ("network", "known_device", "last_sign_in_at")


@dataclass(frozen=True)
class Policy:
    """Rules in the order in which they are told."""

    rules: tuple[Rule, ...]

    @property
    def needs(self) -> frozenset[str]:
        """The fields of `Facts` that have to be looked up for these rules."""
        return frozenset(name for rule in self.rules for name in rule.needs)

    def timing(self, facts: Facts) -> Requirement:
        """What the rules want of when and where proofs are given."""
        return _combined(facts, (rule for rule in self.rules if rule.timing and not rule.shadow))

    def requirement(self, facts: Facts) -> Requirement:
        """What all rules together want."""
        return _combined(facts, (rule for rule in self.rules if not rule.shadow))

    def shadows(self, facts: Facts, wanted: Requirement) -> tuple[str, ...]:
        """The shadow rules that would ask for more than what all others want together."""
        return tuple(
            rule.name for rule in self.rules if rule.shadow and wanted & rule.wants(facts) != wanted
        )

    def because(self, facts: Facts, wanted: Requirement) -> tuple[str, ...]:
        """The rules that ask for more than those before them, and can give a reason. `wanted` is
        what all of them want together."""
        told = {
            rule.name
            for rule in self.rules
            if rule.because and (facts.session or not rule.of_sessions)
        }
        return tuple(name for name in wanted.because if name in told)

    def reasons(self) -> dict[str, str]:
        """By name, why each rule asks for more."""
        return {rule.name: rule.because for rule in self.rules if rule.because}


def _combined(facts: Facts, rules: Iterable[Rule]) -> Requirement:
    """What these rules want, combined to the stricter, and which of them want more than those
    before."""
    wanted = NOTHING
    because: list[str] = []
    for rule in rules:
        one = rule.wants(facts)
        if one is not NOTHING:
            both = one if wanted is NOTHING else wanted & one
            because += [rule.name] if both != wanted else []
            wanted = both
    return replace(wanted, because=tuple(because)) if because else NOTHING
