"""The questions of registering for multi-factor sign-in. `questions.py` says what a question is."""

from idp.flow.facts import Answer, Ask, Do, Facts
from idp.flow.methods import METHODS, SET_UP_METHODS
from idp.flow.proofs import subject
from idp.flow.questions import followed, given, identified
from idp.flow.steps import expected, old_phone_wanted, own_enrolment


def terms_not_accepted(facts: Facts) -> Answer | None:
    """The terms of use that are in force have not been accepted by this person."""
    person = facts.people.get(subject(facts) or "")
    return (
        Ask("terms", "terms_not_accepted")
        if person and facts.terms and person.terms != facts.terms
        else None
    )


def link_over(facts: Facts) -> Answer | None:
    """The emailed link that started this was withdrawn, or a newer one was sent."""
    return Ask("link-over", "link_over") if facts.link_over else None


def link_moved(facts: Facts) -> Answer | None:
    """The emailed link was opened in another browser. The registration continues there."""
    return Ask("link-moved", "link_moved") if facts.link_moved else None


def registrant_unproven(facts: Facts) -> Answer | None:
    """No one has proved whose registration this is, by username and password or by an emailed
    link."""
    return None if identified(facts) else Ask("login", "registrant_unproven")


def registered_already(facts: Facts) -> Answer | None:
    """This person is registered, and no link was emailed to register again."""
    person, enrolment = facts.people.get(subject(facts) or ""), own_enrolment(facts)
    done = (
        person is not None
        and person.registered
        and followed(facts) != "reset"
        and not (enrolment and enrolment.kept)
    )
    return Ask("options", "registered_already") if done else None


def password_unproven(facts: Facts) -> Answer | None:
    """A reset link works only together with the current password, if there is one."""
    person = facts.people.get(subject(facts) or "")
    wanted = followed(facts) == "reset" and person is not None and "password" in person.owns
    return (
        Ask("current-password", "password_unproven")
        if wanted and not given(facts, "password")
        else None
    )


def old_phone_closed(facts: Facts) -> Answer | None:
    """Too many wrong codes to the phone on record: it is closed for a while."""
    person = facts.people.get(subject(facts) or "")
    return (
        Ask("stopped", "old_phone_closed")
        if person and old_phone_wanted(facts) and person.locked.issuperset(expected(facts))
        else None
    )


def old_phone_unproven(facts: Facts) -> Answer | None:
    """The person registers again and has a phone on record, but has neither entered a code from it
    nor said that it is lost."""
    return Ask("phone", "old_phone_unproven") if old_phone_wanted(facts) else None


def method_not_chosen(facts: Facts) -> Answer | None:
    """It has not been chosen whether codes will come by phone or by email."""
    return None if own_enrolment(facts) else Ask("login-method", "method_not_chosen")


def address_not_given(facts: Facts) -> Answer | None:
    """There is no address on file, and none has been given."""
    enrolment = own_enrolment(facts)
    return None if enrolment and enrolment.address_given else Ask("address", "address_not_given")


def codes_exhausted(facts: Facts) -> Answer | None:
    """Too many wrong codes while registering, recovering, or setting up a factor: that is closed for a
    while."""
    person, due = facts.people.get(subject(facts) or ""), expected(facts)
    closed = facts.address_locked if facts.journey == "recover" and "email_code" in due else False
    return (
        Ask("stopped", "codes_exhausted")
        if closed or (person and due and person.locked.issuperset(due))
        else None
    )


def address_unverified(facts: Facts) -> Answer | None:
    """The emailed code has not been entered."""
    enrolment = own_enrolment(facts)
    return (
        None
        if enrolment and enrolment.address_verified
        else Ask("email-code", "address_unverified")
    )


def password_not_made(facts: Facts) -> Answer | None:
    """The new password has not been created."""
    enrolment = own_enrolment(facts)
    return (
        None if enrolment and enrolment.password_made else Ask("new-password", "password_not_made")
    )


def number_not_given(facts: Facts) -> Answer | None:
    """The person registers a phone but has not entered its number."""
    enrolment = own_enrolment(facts)
    return (
        Ask("number", "number_not_given")
        if enrolment and enrolment.method == "phone" and not enrolment.phone_given
        else None
    )


def factor_unverified(facts: Facts) -> Answer | None:
    """The phone, or other factor, that is being set up has not been confirmed by a code or a call."""
    enrolment = own_enrolment(facts)
    confirming = SET_UP_METHODS.get(enrolment.method, ()) if enrolment else ()
    if enrolment is None or not confirming or enrolment.factor_verified:
        return None
    return Ask(METHODS[confirming[0]].stage, "factor_unverified")


def registration_not_kept(facts: Facts) -> Answer | None:
    """Everything that is registered has been entered; it takes effect now."""
    enrolment = own_enrolment(facts)
    return Do("keep", "registration_not_kept") if enrolment and not enrolment.kept else None


def organization_not_named(facts: Facts) -> Answer | None:
    """No registration code that works has been given."""
    return (
        None
        if facts.organization or facts.mail_asked
        else Ask("organization", "organization_not_named")
    )


def profile_missing(facts: Facts) -> Answer | None:
    """The person has not entered their information."""
    return None if facts.mail_asked else Ask("profile", "profile_missing")
