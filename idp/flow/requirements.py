"""What rules want of a sign-in: sets of methods, and when and where their proofs were given.
Requirements combine to the stricter one."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Requirement:
    """What the proofs of one sign-in must be."""

    sets: tuple[frozenset[str], ...] = (frozenset(),)  # any one of these sets of methods
    since: float = float("-inf")  # a session signed in before this does not count
    fresh: float = float("-inf")  # the newest proof given here must not be older than this
    here: bool = False  # only proofs of this very interaction count
    because: tuple[str, ...] = field(default=(), compare=False)  # the rules that want it

    def __and__(self, other: "Requirement") -> "Requirement":
        both = {left | right for left in self.sets for right in other.sets}
        smallest = {one for one in both if not any(other < one for other in both)}
        return Requirement(
            tuple(sorted(smallest, key=sorted)),
            max(self.since, other.since),
            max(self.fresh, other.fresh),
            self.here or other.here,
        )


NOTHING = Requirement()  # what a rule wants that does not apply
