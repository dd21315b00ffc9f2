"""What is known when a decision is taken. Facts are read from rows, never from the request at hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field

ANOTHER = "another"  # the choice 'another account' on the page of prompt=select_account


@dataclass(frozen=True)
class Proof:
    """An authentication event: which method proved whom, when, and in which interaction."""

    method: str
    account: str
    at: float
    interaction: str


@dataclass(frozen=True)
class Person:
    """What the flow needs of an account. `owns` names the methods that the person has the means for,
    `locked` those that had too many wrong tries."""

    id: str
    enabled: bool = True
    credentials_changed_at: float = 0.0
    locked: frozenset[str] = frozenset()
    owns: frozenset[str] = frozenset({"password", "email_code"})


@dataclass(frozen=True)
class Session:
    """A completed sign-in of this browser that is neither ended nor expired."""

    id: str
    account: str
    auth_time: float
    proofs: tuple[Proof, ...]


@dataclass(frozen=True)
class Asked:
    """What the client's authorization request asks of the sign-in (OIDC Core 3.1.2.1)."""

    prompt: frozenset[str] = frozenset()
    max_age: int | None = None
    acr_values: tuple[str, ...] = ()
    subject: str | None = None  # the sub of a valid id_token_hint
    third_party: bool = False
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Facts:
    """Everything that `decide` reads. What happened before the person last started over is not in it."""

    now: float
    interaction: str
    asked: Asked
    accepted: tuple[frozenset[str], ...]  # the sets of methods that make a sign-in at the base level
    proof_life: float  # seconds that a proof given here counts
    ways: tuple[str, ...] = ()
    session: Session | None = None
    people: Mapping[str, Person] = field(default_factory=dict)
    proofs: tuple[Proof, ...] = ()
    given_up: bool = False
    way: str | None = None
    chosen_account: str | None = None
    confirmed_at: float | None = None  # when Continue was pressed after the address was verified
    consented: frozenset[str] = frozenset()  # the scopes that this person has allowed this client before
    allowed: tuple[str, frozenset[str]] | None = None  # who pressed Allow here, and the scopes that were shown
    denied: bool = False  # Deny was pressed
    call_refused: bool = False  # whoever took the call that was placed here pressed *: not me


@dataclass(frozen=True)
class Ask:
    """The next page. `reason` is the question that is open."""

    stage: str
    reason: str


@dataclass(frozen=True)
class Refuse:
    """An error for the client (RFC 6749 4.1.2.1, OIDC Core 3.1.2.6)."""

    error: str
    reason: str


@dataclass(frozen=True)
class Issue:
    """Every question is closed: who signed in, how, and when."""

    account: str
    acr: str
    amr: tuple[str, ...]
    auth_time: float
    proofs: tuple[Proof, ...]
    session: str | None  # the session that goes on; None where a new one begins


Answer = Ask | Refuse | Issue
