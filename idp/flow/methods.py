"""The methods of proof, the sign-in options that lead through them, and the acr levels that they reach.

A method is described once, here; a factor obtains its proof, a rule may ask for it, a token reports
it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

EMPLOYEE = "employee"  # the sign-in option of the company's own provider


@dataclass(frozen=True)
class Method:
    """One kind of proof: `amr` in the words of RFC 8176, `stage` the page that asks for it, `says`
    what it is in a sentence."""

    name: str
    says: str
    stage: str
    amr: tuple[str, ...] = ()
    # of NIST SP 800-63B: knowledge, possession, inherence; email counts as none of them
    kinds: frozenset[str] = frozenset()
    identifies: bool = False  # tells who the person is, so that it can open a sign-in
    options: tuple[str, ...] = ()  # the sign-in options that lead through it
    # what it makes of a password, as its second step: `two-step`, `mfa`, or nothing
    with_password: str = ""
    # the kind of credential that someone without it sets up in mid-flow; empty where no one may
    set_up: str = ""


KNOWS, HAS = frozenset({"knowledge"}), frozenset({"possession"})

METHODS: Mapping[str, Method] = {
    method.name: method
    for method in (
        Method(
            name="password",
            says="the password",
            stage="sign-in",
            amr=("pwd",),
            kinds=KNOWS,
            identifies=True,
            options=("phone", "email"),
        ),
        Method(
            name="sms_code",
            says="the code sent by text",
            stage="phone",
            amr=("sms",),
            kinds=HAS,
            options=("phone",),
            with_password="mfa",
            set_up="phone",
        ),
        Method(
            name="voice_code",
            says="the number shown on the page, entered during a call",
            stage="phone",
            amr=("tel",),
            kinds=HAS,
            options=("phone",),
            with_password="mfa",
            set_up="phone",
        ),
        # A bare # is pressed by many who were not asked: it shows that a phone rang, not that its
        # owner signs in here.
        Method(
            name="voice_confirm",
            says="the # key, pressed during a call",
            stage="phone",
            amr=("tel",),
            options=("phone",),
            with_password="two-step",
        ),
        Method(
            name="email_code",
            says="the code sent by email",
            stage="email-code",
            amr=("otp",),
            options=("email",),
            with_password="two-step",
        ),
        Method(
            name="mailed_link",
            says="the link in an email",
            stage="login",
            amr=("otp",),
            identifies=True,
        ),
        Method(
            name="recovery",
            says="a new password, created after the old one was forgotten",
            stage="new-password",
            identifies=True,
        ),
        Method(
            name="upstream",
            says="the company's own sign-in",
            stage="upstream",
            identifies=True,
            options=(EMPLOYEE,),
        ),
        Method(
            name="upstream_two_step",
            says="two steps at the company's own sign-in",
            stage="upstream",
            options=(EMPLOYEE,),
        ),
        Method(
            name="upstream_mfa",
            says="several factors at the company's own sign-in",
            stage="upstream",
            kinds=KNOWS | HAS,
            options=(EMPLOYEE,),
        ),
        Method(name="trusted_device", says="Remember Me", stage="sign-in", identifies=True),
    )
}

# by what its acr and amr values are worth
UPSTREAM_METHODS: Mapping[str, str] = {"two-step": "upstream_two_step", "mfa": "upstream_mfa"}

SIGN_IN_OPTIONS: Mapping[str, frozenset[str]] = {  # and the methods that each leads through
    option: frozenset(method.name for method in METHODS.values() if option in method.options)
    for option in ("phone", "email", EMPLOYEE)
}

CUSTOMER_OPTIONS: tuple[str, ...] = tuple(one for one in SIGN_IN_OPTIONS if one != EMPLOYEE)


def _with_password(level: str) -> tuple[frozenset[str], ...]:
    """The sets of a password and a second step that are worth this."""
    return tuple(
        frozenset({"password", one.name}) for one in METHODS.values() if one.with_password == level
    )


# a password and any second step: what makes a sign-in unless a deployment says otherwise
SECOND_STEPS: tuple[tuple[str, ...], ...] = tuple(
    ("password", one.name) for one in METHODS.values() if one.with_password
)
# the same without what can be set up: what comes before a second factor is set up
FULL_SIGN_INS: tuple[frozenset[str], ...] = tuple(
    frozenset(one) for one in SECOND_STEPS if not any(METHODS[name].set_up for name in one)
)


# by the kind of credential that is set up: the methods any of which confirms it
SET_UP_METHODS: Mapping[str, tuple[str, ...]] = {
    kind: tuple(one.name for one in METHODS.values() if one.set_up == kind)
    for kind in dict.fromkeys(one.set_up for one in METHODS.values() if one.set_up)
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
            *_with_password("two-step"),
            # A forgotten password: mailbox and phone are two steps, and neither is something that
            # is known.
            frozenset({"email_code", "sms_code", "recovery"}),
            frozenset({"email_code", "voice_code", "recovery"}),
            frozenset({"upstream", "upstream_two_step"}),
        ),
    ),
    AcrLevel(
        "urn:stagedoor:acr:mfa",
        (*_with_password("mfa"), frozenset({"upstream", "upstream_mfa"})),
    ),
)

ACR_VALUES: tuple[str, ...] = tuple(level.acr for level in ACR_LEVELS)


# what shows, also to a stranger, that the phone's owner is here
PHONE_CODES = ("sms_code", "voice_code")
# what a code to a phone is worth that was bound a short while ago without the one before it
NEW_PHONE = "voice_confirm"


def weighed(method: str, new_phone: bool) -> str:
    """The method as what a proof by it is worth: a phone that replaced another one without it
    proves little more than that it rang."""
    return NEW_PHONE if new_phone and method in PHONE_CODES else method


def achieved(methods: Collection[str]) -> tuple[str, ...]:
    """The acr values that hold for these methods, weakest first: what reaches a level also holds
    those below it."""
    given = frozenset(methods)
    top = max(
        (n for n, level in enumerate(ACR_LEVELS) if any(s <= given for s in level.satisfied_by)),
        default=-1,
    )
    return ACR_VALUES[: top + 1]


def methods_for(acr: str, new_phone: bool = False) -> tuple[frozenset[str], ...]:
    """The sets of methods that reach this acr value or one above it; none for a value that is not
    ours."""
    if acr not in ACR_VALUES:
        return ()
    sets = (one for level in ACR_LEVELS[ACR_VALUES.index(acr) :] for one in level.satisfied_by)
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
    methods: Collection[str],
    upstream_amr: Collection[str] = (),
    worth: Collection[str] | None = None,
) -> tuple[str, ...]:
    """RFC 8176 values in the order of METHODS, then those that a company has stated of its own
    sign-in; `mfa` only for two different kinds of factor, as what the methods are worth."""
    given = [method for method in METHODS.values() if method.name in methods]
    values = dict.fromkeys(value for method in given for value in method.amr) | dict.fromkeys(
        upstream_amr
    )
    kinds = {kind for name in (methods if worth is None else worth) for kind in METHODS[name].kinds}
    return (*values, "mfa") if len(kinds) > 1 else tuple(values)
