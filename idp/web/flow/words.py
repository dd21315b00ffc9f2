"""What a person is told about a trouble: the field it is beside, and the sentence."""

from collections.abc import Mapping

from idp.factors import Trouble
from idp.texts import mark
from idp.web import house, pages

WORDS: Mapping[str, tuple[str, str]] = {
    "email_missing": ("email", mark("Enter your e-mail address.")),
    "password_missing": ("password", mark("Enter your password.")),
    "password_wrong": ("password", mark("That e-mail address and password do not go together. Check both and try again.")),
    "password_wait": ("password", mark("Too many wrong passwords for this address. Try again in %(wait)s.")),
    "send_wait": ("send", mark("A new code can be sent in %(wait)s.")),
    "no_code": ("code", mark("There is no code to enter yet. Ask for one first.")),
    "code_missing": ("code", mark("Enter the six digits that we sent.")),
    "code_malformed": ("code", mark("A code has six digits, such as 042917. Enter it as it stands in the message.")),
    "code_wrong": ("code", mark("That is not the code we sent last. Check the newest message and try again.")),
    "code_expired": ("code", mark("This code has expired. Send a new one; your password is not needed again.")),
    "code_worn_out": ("code", mark("That was wrong too often for this code. Send a new one.")),
    "code_under_way": ("code", mark("The message is still on its way. Wait for it, then enter its code.")),
    "code_lost": ("code", mark("The message could not be sent. Send a new code.")),
    "locked": ("code", mark("Too many wrong codes. This way of signing in is closed for a while.")),
    "phone_not_allowed": ("send", mark("This number cannot take our texts and calls. Use your e-mail address, or ask the help desk.")),
    "phone_paused": ("send", mark("Texts and calls are not possible just now. Use your e-mail address, or try again in an hour.")),
    "call_live": ("call", mark("Your phone is being called already. Wait until that call is over.")),
    "call_wait": ("call", mark("The next call is possible in %(wait)s.")),
    "call_refused_wait": ("call", mark("Somebody pressed the star key on that phone: not me. It is not called for %(wait)s.")),
    "not_confirmed": ("call", mark("Nobody has confirmed the call yet. Take it, then press Continue.")),
    "consent_changed": ("allow", mark("This page was about somebody else, or about something else. Read it again, then choose.")),
    "way_unknown": ("way", mark("Choose one of the ways below.")),
    "choice_missing": ("choice", mark("Choose an account, or another one.")),
}


SCOPES: Mapping[str, str] = {  # what each lets a client do, in plain words
    "openid": mark("know you again when you come back, by a number that says nothing about you"),
    "profile": mark("see your name and your portal username"),
    "email": mark("see your e-mail address"),
    "phone": mark("see your phone number"),
    "organizations": mark("see the clinics you belong to, and whether you administer them"),
}


def scope_in_words(scope: str) -> str:
    """What a scope lets the client do: our own words, or those that its API was registered with."""
    return pages.text(SCOPES[scope]) if scope in SCOPES else house().registry.apis.says[scope]


def field_and_text(trouble: Trouble) -> tuple[str, str]:
    """Where to show it, and the sentence in the reader's language."""
    field, text = WORDS[trouble.reason]
    return field, pages.text(text, wait=pages.duration(trouble.seconds)) if "%(wait)s" in text else pages.text(text)
