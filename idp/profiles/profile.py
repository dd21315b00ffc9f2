"""What a profile of registration says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Read = Callable[[str], str | None]


@dataclass(frozen=True)
class Field:
    """A field of the form beside name, username and email. `read` gives what was typed as it is
    kept, None where it is not right; `wrong` says so, `missing` that it is required. Texts are
    marked for translation."""

    name: str
    label: str
    read: Read
    wrong: str
    missing: str = ""  # where it is required
    hint: str = ""
    autocomplete: str = "off"
    type: str = "text"  # or tel
    inputmode: str = ""
    choices: tuple[str, ...] = ()
    nothing_chosen: str = ""  # what the list of choices says first
    beside: bool = False  # on one line with its neighbors that say so too

    def reason(self, typed: str) -> str | None:
        """The reason for which this cannot be taken; None where it can."""
        if not typed:
            return f"profile_{self.name}_missing" if self.missing else None
        return None if self.read(typed) is not None else f"profile_{self.name}_wrong"

    @property
    def words(self) -> dict[str, tuple[str, str]]:
        """Its reasons, each with the field and the sentence."""
        said = {f"profile_{self.name}_wrong": (self.name, self.wrong)}
        if self.missing:
            said[f"profile_{self.name}_missing"] = (self.name, self.missing)
        return said


@dataclass(frozen=True)
class Identifier:
    """A public number or name by which everyone knows an organization. `name` is that of its claim
    and of its field; `rule` what operators are told of its form."""

    field: Field
    rule: str
    mismatch: str  # it and the registration code do not belong together

    @property
    def name(self) -> str:
        """The name of its field, in forms and the API."""
        return self.field.name

    @property
    def words(self) -> dict[str, tuple[str, str]]:
        """Its reasons, each with the field and the sentence."""
        return self.field.words | {f"{self.name}_mismatch": ("code", self.mismatch)}


@dataclass(frozen=True)
class Profile:
    """`before` are the fields above the email address, `after` those below it. Without an
    identifier people give the registration code alone."""

    name: str
    before: tuple[Field, ...] = ()
    after: tuple[Field, ...] = ()
    identifier: Identifier | None = None

    @property
    def fields(self) -> tuple[Field, ...]:
        """Every field of the form beside name, username and email, in order."""
        return (*self.before, *self.after)

    @property
    def words(self) -> Mapping[str, tuple[str, str]]:
        """The reasons of all its fields, each with the field and the sentence."""
        found = {name: said for one in self.fields for name, said in one.words.items()}
        return found | (self.identifier.words if self.identifier else {})

    def known_by(self, identifier: str, organization_id: str) -> dict[str, str]:
        """How an organization is named to programs, beside its id and name: by its identifier,
        where it has one."""
        if self.identifier:
            return {self.identifier.name: identifier}
        return {} if identifier == organization_id else {"identifier": identifier}
