"""What is known when a decision is taken. Facts are read from rows, never from the request at
hand."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Protocol, TypeVar

from idp.flow.requirements import Requirement

ANOTHER = "another"  # the choice 'another account' on the page of prompt=select_account
# someone went back to the login options: who is signed in here does not count
START_OVER = "anew"


@dataclass(frozen=True)
class AuthenticationEvent:
    """An authentication event: which method proved whom, when, and in which interaction. A company
    says of its own sign-in when it was, and by which amr values; what it does not say does not
    count."""

    method: str
    account: str
    at: float
    interaction: str
    signed_in_at: float | None = None  # at the company, by its clock
    upstream_amr: tuple[str, ...] = ()

    @property
    def made_at(self) -> float:
        """When the person proved something: here, or at the company before."""
        return self.at if self.signed_in_at is None else min(self.at, self.signed_in_at)


@dataclass(frozen=True)
class Person:
    """What the flow needs of an account. `owns` names the methods that the person has the means
    for, `locked` those that had too many wrong tries. Proofs given in the interaction that changed
    the credentials go on counting after the change; all others from before it do not."""

    id: str
    enabled: bool = True
    credentials_changed_at: float = 0.0
    locked: frozenset[str] = frozenset()
    owns: frozenset[str] = frozenset({"password", "email_code"})
    credentials_changed_in: str | None = None
    registered: bool = True  # for multi-factor sign-in: there is a verified sign-in address
    phone_on_record: bool = False  # whether or not it can be texted and called at the moment
    terms: str | None = None  # the version of the brand's terms that was accepted last
    # a proof by the phone from before this moment is worth less: it replaced another one without it
    new_phone_until: float = 0.0
    # the account is managed by the person's company, whose own provider signs them in
    upstream: bool = False
    used_last: frozenset[str] = frozenset()  # the methods of the second step that was used last


@dataclass(frozen=True)
class Session:
    """A completed sign-in of this browser that is neither ended nor expired."""

    id: str
    account: str
    auth_time: float
    proofs: tuple[AuthenticationEvent, ...]


@dataclass(frozen=True)
class TrustedDevice:
    """A browser that is trusted for an option since someone signed in by it; `auth_time` is of that
    sign-in, which at a company may be older than `made_at`."""

    account: str
    auth_time: float
    made_at: float | None = None


@dataclass(frozen=True)
class Enrolment:
    """How far someone is with registering for multi-factor sign-in, or with setting up a factor
    within a sign-in. Nothing of it counts before it is `kept`."""

    account: str
    method: str  # phone or email, or the kind of what is set up
    address_given: bool = False
    address_verified: bool = False
    password_made: bool = False
    phone_given: bool = False
    factor_verified: bool = False  # the phone, or whatever else is set up
    kept: bool = False


@dataclass(frozen=True)
class Asked:
    """What the client's authorization request asks of the sign-in (OIDC Core 3.1.2.1)."""

    prompt: frozenset[str] = frozenset()
    max_age: int | None = None
    acr_values: tuple[str, ...] = ()
    subject: str | None = None  # the sub of a valid id_token_hint
    third_party: bool = False
    scopes: tuple[str, ...] = ()


class Rules(Protocol):
    """What proofs must be, by facts: a `flow.policy.Policy`."""

    def timing(self, facts: "Facts") -> Requirement:
        """What is wanted of when and where they are given."""

    def requirement(self, facts: "Facts") -> Requirement:
        """All that is wanted of them."""


@dataclass(frozen=True)
class Facts:
    """Everything that `decide` reads. What happened before the person last started over is not in
    it."""

    now: float
    interaction: str
    asked: Asked
    # the sets of methods that make a sign-in at the base level
    accepted: tuple[frozenset[str], ...]
    proof_life: float  # seconds that a proof given here counts
    policy: Rules = field(compare=False, repr=False, metadata={"kept": False})
    options: tuple[str, ...] = ()
    session: Session | None = None
    people: Mapping[str, Person] = field(default_factory=dict)
    proofs: tuple[AuthenticationEvent, ...] = ()
    given_up: bool = False
    option: str | None = None
    method: str | None = None  # chosen on a page, where several could come next
    # whether what the person lacks is to be set up here; None where they were not asked
    set_up: bool | None = None
    set_up_by: str | None = None  # who said so
    chosen_account: str | None = None
    confirmed_at: float | None = None  # when Continue was pressed after the address was verified
    # the scopes that this person has allowed this client before
    consented: frozenset[str] = frozenset()
    # who pressed Allow here, and the scopes that were shown
    allowed: tuple[str, frozenset[str]] | None = None
    denied: bool = False  # Deny was pressed
    call_refused: bool = (
        False  # the person who took the call that was placed here pressed *: not me
    )
    journey: str = "sign-in"
    # by option, as this browser holds them
    trusted_devices: Mapping[str, TrustedDevice] = field(default_factory=dict)
    # the version of the terms that is in force for the brand; None where there are none
    terms: str | None = None
    # the purpose of the emailed link that was followed into this interaction
    link: str | None = None
    link_over: bool = False  # since then it was withdrawn, or a newer one was sent
    link_moved: bool = False  # since then another browser has taken it over
    enrolment: Enrolment | None = None
    # an address was named whose password is forgotten; whether anybody has it is not said
    address_given: bool = False
    address_locked: bool = False  # too many wrong codes for it
    organization: bool = False  # a registration code that works was given
    mail_asked: bool = False  # what was asked for is answered by mail, if at all
    # the person who registers again says that the phone on record is not at hand any more
    old_phone_lost: bool = False
    upstream: str | None = None  # whose own provider the person was sent to last
    upstream_error: str | None = None  # why what it answered since cannot be taken for a sign-in
    # the peer's address; this and the two below are known where a rule needs them
    network: str | None = None
    # whether the person at hand has signed in with this browser before
    known_device: bool | None = None
    last_sign_in_at: float | None = None  # when the person at hand signed in before


@dataclass(frozen=True)
class Ask:
    """The next page. `reason` is the question that is open."""

    stage: str
    reason: str


@dataclass(frozen=True)
class Do:
    """Something that is due and that no page asks for: it is done at once, and then decided
    again."""

    deed: str
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
    proofs: tuple[AuthenticationEvent, ...]
    session: str | None  # the session that goes on; None where a new one begins


Answer = Ask | Do | Refuse | Issue


T = TypeVar("T")


def once(function: Callable[[Facts], T]) -> Callable[[Facts], T]:
    """Facts never change, so what follows from them is worked out once: many questions ask for the
    same thing."""
    name = f"_{function.__name__}"

    @wraps(function)
    def cached(facts: Facts) -> T:
        known = vars(facts)
        if name not in known:
            known[name] = function(facts)
        found: T = known[name]
        return found

    return cached
