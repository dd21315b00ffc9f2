"""The questions that journeys are made of: each a function from facts to an answer while it is
open, to None once it is closed.

A docstring says what is so while the question is open; `idp flow` and `idp explain` print it.
"""

from collections.abc import Callable

from idp.flow.facts import ANOTHER, START_OVER, Answer, Ask, Facts, Refuse
from idp.flow.methods import EMPLOYEE, METHODS, PHONE_CODES, SIGN_IN_OPTIONS
from idp.flow.proofs import satisfied, subject, valid_events
from idp.flow.steps import next_step, to_set_up

Question = Callable[[Facts], Answer | None]


def given_up(facts: Facts) -> Answer | None:
    """The person pressed Cancel on the login options: the client is told access_denied."""
    return Refuse("access_denied", "given_up") if facts.given_up else None


def account_not_chosen(facts: Facts) -> Answer | None:
    """The client wants the person to choose an account, and someone is signed in here."""
    if "select_account" not in facts.asked.prompt or facts.session is None:
        return None
    chosen = facts.chosen_account in (ANOTHER, START_OVER, facts.session.account)
    return None if chosen else Ask("choose-account", "account_not_chosen")


def option_not_chosen(facts: Facts) -> Answer | None:
    """No one is signed in strongly enough, and no sign-in option has been chosen."""
    if satisfied(facts) or facts.option in facts.options or identified(facts):
        return None
    return Ask("options", "option_not_chosen")


def identity_unproven(facts: Facts) -> Answer | None:
    """The person has not been identified yet."""
    if satisfied(facts) or identified(facts):
        return None
    along = SIGN_IN_OPTIONS.get(facts.option or "", frozenset(METHODS))
    return Ask(
        next(METHODS[name].stage for name in METHODS if METHODS[name].identifies and name in along),
        "identity_unproven",
    )


def upstream_failed(facts: Facts) -> Answer | None:
    """The company's answer was not accepted as a sign-in."""
    failed = facts.upstream_error is not None and facts.option == EMPLOYEE and not satisfied(facts)
    return Ask("upstream-failed", "upstream_failed") if failed else None


def signs_in_elsewhere(facts: Facts) -> Answer | None:
    """This person signs in through their company, so they cannot register or recover a password
    here."""
    person = facts.people.get(subject(facts) or "")
    return Ask("upstream", "signs_in_elsewhere") if person and person.upstream else None


def account_blocked(facts: Facts) -> Answer | None:
    """The account of this person has been disabled."""
    person = facts.people.get(subject(facts) or "")
    return Ask("blocked", "account_blocked") if person and not person.enabled else None


def no_phone_on_record(facts: Facts) -> Answer | None:
    """The chosen sign-in option needs a phone, and this person has none on record."""
    person = facts.people.get(subject(facts) or "")
    if person is None or satisfied(facts) or facts.option != "phone":
        return None
    return (
        None
        if person.owns & SIGN_IN_OPTIONS["phone"] - {"password"}
        else Ask("no-phone", "no_phone_on_record")
    )


def set_up_answered(facts: Facts) -> bool:
    """Whether the person at hand has said if they set up what they lack."""
    return facts.set_up is not None and facts.set_up_by in (None, subject(facts))


def set_up_needed(facts: Facts) -> Answer | None:
    """A proof is required that this person has no means for, and could set up here."""
    if satisfied(facts) or set_up_answered(facts) or not identified(facts):
        return None
    return Ask("set-up", "set_up_needed") if to_set_up(facts) else None


def set_up_offered(facts: Facts) -> Answer | None:
    """The client asks for a stronger sign-in than this person has the means for, and they could set
    it up here, or go on without."""
    if not satisfied(facts) or set_up_answered(facts):
        return None
    return Ask("set-up", "set_up_offered") if to_set_up(facts) else None


def call_refused(facts: Facts) -> Answer | None:
    """The star key was pressed during the call: the person who answered is not the one signing
    in."""
    return Ask("refused", "call_refused") if facts.call_refused and not satisfied(facts) else None


def tries_exhausted(facts: Facts) -> Answer | None:
    """Too many wrong codes while signing in: every method that could come next is locked for this
    account."""
    person = facts.people.get(subject(facts) or "")
    step = next_step(facts)
    return (
        Ask("stopped", "tries_exhausted")
        if person and step and person.locked.issuperset(step)
        else None
    )


def proof_too_weak(facts: Facts) -> Answer | None:
    """The proofs given do not make up a required set yet: the next one is missing."""
    step = next_step(facts)
    return Ask(METHODS[step[0]].stage, "proof_too_weak") if step else None


def unreachable(facts: Facts) -> Answer | None:
    """The client requires more proof than this person can give."""
    return None if satisfied(facts) else Refuse("unmet_authentication_requirements", "unreachable")


def continue_not_pressed(facts: Facts) -> Answer | None:
    """The address has just been verified, and the person has not pressed Continue."""
    codes = [
        proof.at
        for proof in valid_events(facts)
        if proof.method == "email_code" and proof.interaction == facts.interaction
    ]
    waiting = bool(codes) and (facts.confirmed_at is None or facts.confirmed_at < codes[-1])
    return Ask("email-verified", "continue_not_pressed") if waiting else None


def someone_else(facts: Facts) -> Answer | None:
    """The client's id_token_hint names a person, and another one signed in (OIDC Core 3.1.2.1)."""
    expected = facts.asked.subject
    return (
        Refuse("login_required", "someone_else")
        if expected and expected != subject(facts)
        else None
    )


def consent_not_given(facts: Facts) -> Answer | None:
    """The client is run by another organization, and this person has not allowed all that it asks
    for, or is to be asked again."""
    asked, wanted = facts.asked, frozenset(facts.asked.scopes)
    if not asked.third_party or (wanted <= facts.consented and "consent" not in asked.prompt):
        return None
    who, shown = facts.allowed or ("", frozenset())
    return (
        None if who == subject(facts) and wanted <= shown else Ask("consent", "consent_not_given")
    )


def consent_denied(facts: Facts) -> Answer | None:
    """The person pressed Deny: the client is told access_denied."""
    return Refuse("access_denied", "consent_denied") if facts.denied else None


def identified(facts: Facts) -> bool:
    """Whether a proof that counts tells who the person is."""
    return any(METHODS[proof.method].identifies for proof in valid_events(facts))


def given(facts: Facts, *methods: str) -> bool:
    """Whether a proof by one of these methods counts."""
    return any(proof.method in methods for proof in valid_events(facts))


def followed(facts: Facts) -> str | None:
    """The purpose of the emailed link that proves who this is; another person's proves nothing."""
    return facts.link if given(facts, "mailed_link") else None


# What is answered by mail


def mail_awaited(facts: Facts) -> Answer | None:
    """The person must follow the emailed link."""
    return Ask("mail-sent", "mail_awaited")


# A forgotten password


def address_not_named(facts: Facts) -> Answer | None:
    """The email address has not been entered."""
    return (
        None
        if facts.address_given or given(facts, "email_code", "recovery")
        else Ask("recover", "address_not_named")
    )


def mailbox_unproven(facts: Facts) -> Answer | None:
    """The emailed code has not been entered. If no account has the address, no code was sent."""
    return None if given(facts, "email_code") else Ask("email-code", "mailbox_unproven")


def phone_unproven(facts: Facts) -> Answer | None:
    """The person has a phone on record and must confirm with it too, by a code or by the number
    shown on the page."""
    person = facts.people.get(subject(facts) or "")
    wanted = person is not None and person.phone_on_record and "phone" in facts.options
    return (
        Ask("phone", "phone_unproven")
        if wanted and not given(facts, *PHONE_CODES, "recovery")
        else None
    )


def new_password_missing(facts: Facts) -> Answer | None:
    """The new password has not been created."""
    return None if given(facts, "recovery") else Ask("new-password", "new_password_missing")


# What is answered by mail alone


def username_missing(facts: Facts) -> Answer | None:
    """The username has not been entered."""
    return None if facts.mail_asked else Ask("reset", "username_missing")


def portal_username_missing(facts: Facts) -> Answer | None:
    """The username has not been entered."""
    return None if facts.mail_asked else Ask("forgot", "portal_username_missing")


def unfinished_unknown(facts: Facts) -> Answer | None:
    """The email address and password have not been entered."""
    return None if facts.mail_asked else Ask("complete", "unfinished_unknown")


def help_wanted(facts: Facts) -> Answer | None:
    """The person is reading the login help."""
    return Ask("help", "help_wanted")
