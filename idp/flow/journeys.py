"""The journeys: ordered tables of questions. The first open question is the next page.

Read it as a table of contents; what each question asks stands in `questions`.
"""

from collections.abc import Mapping

from idp.flow.questions import (
    Question,
    account_blocked,
    account_not_chosen,
    address_not_named,
    call_refused,
    consent_denied,
    consent_not_given,
    continue_not_pressed,
    given_up,
    help_wanted,
    identity_unproven,
    mail_awaited,
    mailbox_unproven,
    new_password_missing,
    no_phone_on_record,
    option_not_chosen,
    phone_unproven,
    portal_username_missing,
    proof_too_weak,
    set_up_needed,
    set_up_offered,
    signs_in_elsewhere,
    someone_else,
    tries_exhausted,
    unfinished_unknown,
    unreachable,
    upstream_failed,
    username_missing,
)
from idp.flow.registering import (
    address_not_given,
    address_unverified,
    codes_exhausted,
    factor_unverified,
    link_moved,
    link_over,
    method_not_chosen,
    number_not_given,
    old_phone_closed,
    old_phone_unproven,
    organization_not_named,
    password_not_made,
    password_unproven,
    profile_missing,
    registered_already,
    registrant_unproven,
    registration_not_kept,
    terms_not_accepted,
)

CONSENT: tuple[Question, ...] = (someone_else, consent_denied, consent_not_given)

SIGN_IN: tuple[Question, ...] = (
    given_up,
    account_not_chosen,
    option_not_chosen,
    upstream_failed,
    identity_unproven,
    account_blocked,
    set_up_needed,
    no_phone_on_record,
    call_refused,
    tries_exhausted,
    continue_not_pressed,
    number_not_given,
    codes_exhausted,
    factor_unverified,
    registration_not_kept,
    proof_too_weak,
    unreachable,
    set_up_offered,
    terms_not_accepted,
    *CONSENT,
)

ENROL: tuple[Question, ...] = (
    given_up,
    link_over,
    link_moved,
    registrant_unproven,
    account_blocked,
    signs_in_elsewhere,
    registered_already,
    password_unproven,
    call_refused,
    old_phone_closed,
    old_phone_unproven,
    method_not_chosen,
    address_not_given,
    codes_exhausted,
    address_unverified,
    password_not_made,
    number_not_given,
    factor_unverified,
    terms_not_accepted,
    registration_not_kept,
    proof_too_weak,
    unreachable,
    *CONSENT,
)

REGISTER: tuple[Question, ...] = (given_up, organization_not_named, profile_missing, mail_awaited)

RECOVER: tuple[Question, ...] = (
    given_up,
    address_not_named,
    codes_exhausted,
    mailbox_unproven,
    account_blocked,
    signs_in_elsewhere,
    continue_not_pressed,
    call_refused,
    phone_unproven,
    new_password_missing,
    proof_too_weak,
    unreachable,
    terms_not_accepted,
    *CONSENT,
)

RESET: tuple[Question, ...] = (given_up, username_missing, mail_awaited)
FORGOT: tuple[Question, ...] = (given_up, portal_username_missing, mail_awaited)
COMPLETE: tuple[Question, ...] = (given_up, unfinished_unknown, mail_awaited)
HELP: tuple[Question, ...] = (given_up, help_wanted)

JOURNEYS: Mapping[str, tuple[Question, ...]] = {
    "sign-in": SIGN_IN,
    "enrol": ENROL,
    "register": REGISTER,
    "recover": RECOVER,
    "reset": RESET,
    "forgot": FORGOT,
    "complete": COMPLETE,
    "help": HELP,
}

PURPOSES: Mapping[str, str] = {  # what each journey is for
    "sign-in": "signing in",
    "enrol": "registering for multi-factor sign-in: with a portal username, or by an emailed link",
    "register": "a new account, for an organization's registration code",
    "recover": "a forgotten password",
    "reset": "registering again",
    "forgot": "a forgotten portal password, before registering",
    "complete": "finishing a registration that was left",
    "help": "help with signing in",
}

# from which page which other journeys begin; Cancel leads back to signing in from every page
LEADS_TO: Mapping[str, tuple[str, ...]] = {
    "options": ("register", "enrol", "help"),
    # the last three where it is the first page, since there is one option
    "sign-in": ("recover", "register", "enrol", "help"),
    "login": ("forgot",),
    "email-verified": ("recover",),  # Change email
    "mail-sent": ("reset", "forgot", "complete", "register"),  # Enter it again
    "stopped": ("reset",),
    "refused": ("reset",),
    "link-over": ("reset",),
    "help": ("enrol", "complete", "reset"),
}
