"""The methods of proof, the ways (doors) made of them, and the ladder of acr values they reach.

A method is described once, here; a factor obtains its proof, a rule may ask for it, a token reports
it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Method:
    """One kind of proof: `amr` in the words of RFC 8176, `stage` the page that asks for it."""

    name: str
    says: str
    # of NIST SP 800-63B: knowledge, possession, inherence; email counts as none of them
    kinds: frozenset[str]
    amr: tuple[str, ...]
    stage: str
    identifies: bool = False  # tells who the person is, so that it can open a sign-in


METHODS: Mapping[str, Method] = {
    method.name: method
    for method in (
        Method(
            "password",
            "the password",
            frozenset({"knowledge"}),
            ("pwd",),
            "sign-in",
            identifies=True,
        ),
        Method("sms_code", "the code sent by text", frozenset({"possession"}), ("sms",), "phone"),
        Method(
            "keyed_call",
            "the number shown on the page, entered during a call",
            frozenset({"possession"}),
            ("tel",),
            "phone",
        ),
        # A bare # is pressed by many who were not asked: it shows that a phone rang, not that its
        # owner signs in here.
        Method("phone_call", "the # key, pressed during a call", frozenset(), ("tel",), "phone"),
        Method("email_code", "the code sent by email", frozenset(), ("otp",), "email-code"),
        Method(
            "mailed_link", "the link in an email", frozenset(), ("otp",), "login", identifies=True
        ),
        Method(
            "recovery",
            "a new password, created after the old one was forgotten",
            frozenset(),
            (),
            "new-password",
            identifies=True,
        ),
        Method(
            "upstream", "the company's own sign-in", frozenset(), (), "company", identifies=True
        ),
        Method(
            "upstream_two_step",
            "two steps at the company's own sign-in",
            frozenset(),
            (),
            "company",
        ),
        Method(
            "upstream_mfa",
            "several factors at the company's own sign-in",
            frozenset({"knowledge", "possession"}),
            (),
            "company",
        ),
        Method("remembered", "Remember Me", frozenset(), (), "sign-in", identifies=True),
    )
}

EMPLOYEE = "employee"  # the way through the company's own provider
# by what its acr and amr values are worth
COMPANY_METHODS: Mapping[str, str] = {"two-step": "upstream_two_step", "mfa": "upstream_mfa"}

WAYS: Mapping[str, frozenset[str]] = {  # the doors, and the methods that each leads through
    "phone": frozenset({"password", "sms_code", "keyed_call", "phone_call"}),
    "email": frozenset({"password", "email_code"}),
    EMPLOYEE: frozenset({"upstream", *COMPANY_METHODS.values()}),
}


@dataclass(frozen=True)
class AcrLevel:
    """One acr value and the sets of methods that reach it."""

    acr: str
    satisfied_by: tuple[frozenset[str], ...]


ACR_LEVELS: tuple[AcrLevel, ...] = (  # weakest first
    AcrLevel("urn:stagedoor:acr:single", tuple(frozenset({name}) for name in METHODS)),
    AcrLevel(
        "urn:stagedoor:acr:two-step",
        (
            frozenset({"password", "email_code"}),
            frozenset({"password", "phone_call"}),
            # A forgotten password: mailbox and phone are two steps, and neither is something that
            # is known.
            frozenset({"email_code", "sms_code", "recovery"}),
            frozenset({"email_code", "keyed_call", "recovery"}),
            frozenset({"upstream", "upstream_two_step"}),
        ),
    ),
    AcrLevel(
        "urn:stagedoor:acr:mfa",
        (
            frozenset({"password", "sms_code"}),
            frozenset({"password", "keyed_call"}),
            frozenset({"upstream", "upstream_mfa"}),
        ),
    ),
)

ACR_VALUES: tuple[str, ...] = tuple(rung.acr for rung in ACR_LEVELS)


PHONE_CODES = frozenset({"sms_code", "keyed_call"})
# what a code to a phone is worth that was bound a short while ago without the one before it
NEW_PHONE = "phone_call"


def weighed(method: str, new_phone: bool) -> str:
    """The method as what a proof by it is worth: a phone that replaced another one without it
    proves little more than that it rang."""
    return NEW_PHONE if new_phone and method in PHONE_CODES else method


def achieved(methods: Collection[str]) -> tuple[str, ...]:
    """The acr values that hold for these methods, weakest first: what reaches a rung also holds
    those below it."""
    given = frozenset(methods)
    top = max(
        (n for n, rung in enumerate(ACR_LEVELS) if any(s <= given for s in rung.satisfied_by)),
        default=-1,
    )
    return ACR_VALUES[: top + 1]


def methods_for(acr: str, new_phone: bool = False) -> tuple[frozenset[str], ...]:
    """The sets of methods that reach this acr value or one above it; none for a value that is not
    ours."""
    if acr not in ACR_VALUES:
        return ()
    sets = (one for rung in ACR_LEVELS[ACR_VALUES.index(acr) :] for one in rung.satisfied_by)
    return tuple(
        one for one in sets if acr in achieved({weighed(method, new_phone) for method in one})
    )


def reported_acr(methods: Collection[str], asked: Collection[str]) -> str:
    """The strongest value asked for that holds, else the one reached (OIDC Core 3.1.2.1, acr_values
    is voluntary)."""
    holding = achieved(methods)
    wanted = [acr for acr in holding if acr in asked]
    return (wanted or holding)[-1]


def reported_amr(
    methods: Collection[str], told: Collection[str] = (), worth: Collection[str] | None = None
) -> tuple[str, ...]:
    """RFC 8176 values in the order of METHODS, then those that a company has `told` of its own
    sign-in; `mfa` only for two different kinds of factor, as what the methods are worth."""
    given = [method for method in METHODS.values() if method.name in methods]
    values = dict.fromkeys(value for method in given for value in method.amr) | dict.fromkeys(told)
    kinds = {kind for name in (methods if worth is None else worth) for kind in METHODS[name].kinds}
    return (*values, "mfa") if len(kinds) > 1 else tuple(values)
