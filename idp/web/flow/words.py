"""What a person is told when something is wrong: the field it belongs to, and the sentence."""

from collections.abc import Mapping

from idp.factors import FieldError
from idp.profiles import PROFILES
from idp.texts import mark
from idp.web import pages

WORDS: Mapping[str, tuple[str, str]] = {
    "email_missing": ("email", mark("Enter your email address, like name@example.com.")),
    "password_missing": ("password", mark("Enter your password.")),
    "password_wrong": (
        "password",
        mark("That email address and password do not match. Check both and try again."),
    ),
    "password_wait": (
        "password",
        mark("Too many wrong passwords were entered for this address. Try again in %(wait)s."),
    ),
    "email_is_username": (
        "email",
        mark("Enter your email address, like name@example.com. A username does not work here."),
    ),
    "account_disabled": (
        "email",
        mark(
            "Your account is turned off, so you cannot sign in or register. Ask your "
            "organization's administrator."
        ),
    ),
    "registration_unfinished": (
        "email",
        mark(
            "You cannot sign in before your registration is finished. We emailed you a link: "
            "follow it to finish."
        ),
    ),
    "password_stopped": (
        "password",
        mark(
            "Too many wrong passwords were entered for this address. Sign in with a "
            "browser you have used here before, "
            "or choose 'Forgot your password?' to create a new one."
        ),
    ),
    "network_wait": (
        "password",
        mark("Too many wrong passwords were entered from your network. Try again in %(wait)s."),
    ),
    "send_wait": ("send", mark("You can send a new code in %(wait)s.")),
    "no_code": ("code", mark("We have not sent you a code yet. Choose the button to send one.")),
    "code_missing": ("code", mark("Enter the 6-digit code we sent you.")),
    "code_malformed": ("code", mark("Enter the code as 6 digits, like 042917.")),
    "code_wrong": (
        "code",
        mark("That code is not correct. Enter the 6 digits from the newest message we sent."),
    ),
    "code_expired": (
        "code",
        mark(
            "That code has expired. Send a new one. You do not need to enter your password again."
        ),
    ),
    "code_worn_out": ("code", mark("You entered a wrong code too many times. Send a new one.")),
    "code_under_way": (
        "code",
        mark("Your message is still on its way. Wait for it, then enter the code."),
    ),
    "code_lost": ("code", mark("We could not send the message. Send a new code.")),
    "locked": (
        "code",
        mark(
            "Too many wrong codes were entered. You cannot sign in this way right now. "
            "Try again in an hour, or use another way to sign in."
        ),
    ),
    "phone_not_allowed": (
        "send",
        mark(
            "We cannot send texts or calls to this number. Use your email address, or "
            "contact the help desk."
        ),
    ),
    "phone_paused": (
        "send",
        mark(
            "We cannot send texts or calls right now. Use your email address, or try "
            "again in an hour."
        ),
    ),
    "call_live": (
        "call",
        mark("We are already calling your phone. Wait until that call has ended."),
    ),
    "call_wait": ("call", mark("We can call again in %(wait)s.")),
    "call_refused_wait": (
        "call",
        mark(
            "The star key was pressed during a call for this account, which means 'this is not me'. "
            "We will not call for %(wait)s."
        ),
    ),
    "not_confirmed": ("call", mark("The call has not been confirmed yet.")),
    "consent_changed": (
        "allow",
        mark("Something changed since this page was shown. Read it again, then choose."),
    ),
    "username_missing": ("username", mark("Enter your username.")),
    "username_malformed": (
        "username",
        mark(
            "Enter a username of 3 to 64 letters and digits, like mvale2026. Between them, "
            "you may also use these characters: . _ - + '"
        ),
    ),
    "username_taken": ("username", mark("That username is already taken. Choose a different one.")),
    "login_address": (
        "username",
        mark("Enter your portal username, not your email address. It looks like mvale2026."),
    ),
    "login_wrong": (
        "password",
        mark("That username and password do not match. Check both and try again."),
    ),
    "current_wrong": (
        "password",
        mark("That is not the password for this account. Check it and try again."),
    ),
    "email_malformed": (
        "email",
        mark("Enter an email address in the right format, like name@example.com."),
    ),
    "address_gone": (
        "email",
        mark(
            "This email address can no longer be registered. We sent an email there that "
            "explains why."
        ),
    ),
    "method_unknown": ("method", mark("Choose one of the options below.")),
    "new_missing": ("new_password", mark("Enter a new password.")),
    "password_short": (
        "new_password",
        mark("Enter a password of at least 8 characters. A few words in a row work well."),
    ),
    "password_long": ("new_password", mark("Enter a password of 128 characters or fewer.")),
    "password_common": (
        "new_password",
        mark(
            "That password is too easy to guess. Choose a different one. A few words in "
            "a row work well."
        ),
    ),
    "password_same": (
        "new_password",
        mark("That is your current password. Choose a different one."),
    ),
    "password_personal": (
        "new_password",
        mark(
            "That password uses your name, username, address, organization, or the name of this "
            "site, so it is easy to guess. Choose a different one."
        ),
    ),
    "confirm_missing": ("confirm_password", mark("Enter the new password again.")),
    "confirm_differs": (
        "confirm_password",
        mark("The passwords do not match. Enter the same password in both fields."),
    ),
    "country_unknown": ("country", mark("Choose the country of your phone number.")),
    "phone_missing": ("number", mark("Enter a 10-digit phone number, like 303-555-0142.")),
    "phone_missing_abroad": ("number", mark("Enter your phone number.")),
    "phone_extension": (
        "number",
        mark(
            "We cannot use a number with an extension, because codes and calls would not "
            "reach you. Enter a direct number."
        ),
    ),
    "phone_malformed": (
        "number",
        mark(
            "Enter a direct phone number in the country you chose. It has 10 digits, "
            "like 303-555-0142."
        ),
    ),
    "phone_malformed_abroad": (
        "number",
        mark("Enter a direct phone number in the country you chose, with its area code."),
    ),
    "phone_indirect": (
        "number",
        mark("We cannot text or call that number. Enter a direct number in the country you chose."),
    ),
    "phone_no_texts": ("send", mark("This number cannot get text messages. Choose Call Me.")),
    "registration_code_missing": ("code", mark("Enter your organization's registration code.")),
    "organization_wait": (
        "code",
        mark("Too many wrong codes were entered. Try again in %(wait)s."),
    ),
    "registration_code_wrong": (
        "code",
        mark(
            "That registration code is not right, or no longer works. Check it, or ask the person "
            "who gave you the code."
        ),
    ),
    "organization_over": (
        "code",
        mark("That registration code has expired or has been used up. Ask for a new one."),
    ),
    "given_name_missing": ("given_name", mark("Enter your first name.")),
    "family_name_missing": ("family_name", mark("Enter your last name.")),
    "given_name_long": ("given_name", mark("Enter a first name of 100 characters or fewer.")),
    "family_name_long": ("family_name", mark("Enter a last name of 100 characters or fewer.")),
    "confirm_email_missing": ("confirm_email", mark("Enter the email address again.")),
    "confirm_email_differs": (
        "confirm_email",
        mark("The email addresses do not match. Enter the same address in both fields."),
    ),
    "terms_missing": (
        "agree",
        mark("Check the box to agree to the terms of use. You must agree to continue."),
    ),
    "terms_changed": (
        "agree",
        mark("The terms of use changed while you were reading them. Read the new terms below."),
    ),
    "employee_email": (
        "email",
        mark(
            "That email address belongs to an employee. Employees sign in with their "
            "company account. Choose the button below."
        ),
    ),
    "employee_username": (
        "username",
        mark(
            "That email address belongs to an employee. Employees sign in with their "
            "company account. Choose the button below."
        ),
    ),
    "upstream_unknown": (
        "email",
        mark(
            "We do not recognize the company in that email address. Check the address, "
            "or go back and choose another way to sign in."
        ),
    ),
    "option_unknown": ("option", mark("Choose one of the options below.")),
    "choice_missing": ("choice", mark("Choose an account, or choose to use another account.")),
    # of the fields that a profile of registration has
    **{reason: words for kind in PROFILES.values() for reason, words in kind.words.items()},
}


# What takes a moment, or goes on by email, and is no mistake.
WAITS = frozenset(
    {
        "send_wait",
        "call_wait",
        "call_live",
        "call_refused_wait",
        "code_under_way",
        "not_confirmed",
        "password_wait",
        "network_wait",
        "organization_wait",
        "registration_unfinished",
    }
)


class Sentence(str):
    """A sentence, and its `reason`. One that names a time to wait has it in `seconds`, and as
    `running` a place for a clock: {time}."""

    reason = ""
    seconds = 0
    running = ""


def field_and_text(error: FieldError) -> tuple[str, Sentence]:
    """Where to show it, and the sentence in the reader's language."""
    field, text = WORDS[error.reason]
    waits = "%(wait)s" in text
    sentence = Sentence(
        pages.text(text, wait=pages.duration(error.seconds)) if waits else pages.text(text)
    )
    sentence.reason = error.reason
    if waits:
        sentence.seconds, sentence.running = error.seconds, pages.text(text, wait="{time}")
    return field, sentence
