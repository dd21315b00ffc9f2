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
    "password_stopped": (
        "password",
        mark("Too many wrong passwords were entered for this address. Sign in with a browser you have used here before, or choose Forgot your password?"),
    ),
    "network_wait": ("password", mark("Too many wrong passwords were entered from your network. Try again in %(wait)s.")),
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
    "username_missing": ("username", mark("Enter your username.")),
    "username_malformed": ("username", mark("A username has 3 to 64 characters, without spaces and @.")),
    "username_taken": ("username", mark("Somebody has this username already. Choose another one.")),
    "login_wrong": ("password", mark("That username and password do not go together. Check both and try again.")),
    "current_wrong": ("password", mark("That is not the password of this account. Check it and try again.")),
    "email_malformed": ("email", mark("That is not an e-mail address. Enter it as in name@clinic.example.")),
    "address_gone": ("email", mark("This address cannot be registered any more. Look into its mailbox: a mail there says why.")),
    "method_unknown": ("method", mark("Choose one of the ways below.")),
    "new_missing": ("new_password", mark("Make a password.")),
    "password_short": ("new_password", mark("That is too short. A password has at least 8 characters; a few words in a row are good.")),
    "password_long": ("new_password", mark("That is too long. A password has at most 128 characters.")),
    "password_common": (
        "new_password",
        mark("That password is among the first that are tried by whoever guesses. Choose another one; a few words in a row are good."),
    ),
    "password_same": ("new_password", mark("That is the password that you have. Make another one.")),
    "password_personal": ("new_password", mark("That password is your name, address or clinic, which others can guess. Choose another one.")),
    "confirm_missing": ("confirm_password", mark("Enter the new password a second time.")),
    "confirm_differs": ("confirm_password", mark("The two passwords differ. Enter the same one twice.")),
    "country_unknown": ("country", mark("Choose the country of your phone.")),
    "phone_missing": ("number", mark("Enter your phone number.")),
    "phone_extension": (
        "number",
        mark("A number with an extension cannot be used: codes and calls would not get through. Enter a direct line, without the extension."),
    ),
    "phone_malformed": ("number", mark("That is not a phone number of the chosen country. With +1 it has ten digits, such as 303 555 0142.")),
    "phone_indirect": ("number", mark("That line cannot take our codes and calls: it is in another country, or is not a person's own. Enter a direct line.")),
    "phone_no_texts": ("send", mark("This line cannot take texts. Choose Call Me.")),
    "npi_missing": ("npi", mark("Enter the NPI of your organization.")),
    "npi_malformed": ("npi", mark("An NPI has ten digits, and these are not one. Check them.")),
    "registration_code_missing": ("code", mark("Enter the registration code of your organization.")),
    "organization_wrong": (
        "code",
        mark("That NPI and registration code do not go together, or the code does not work any more. Check both, or ask whoever gave it to you."),
    ),
    "organization_wait": ("code", mark("Too many wrong codes. Try again in %(wait)s.")),
    "organization_over": ("npi", mark("The registration code has just been used up, or has expired. Ask for a new one.")),
    "given_name_missing": ("given_name", mark("Enter your first name.")),
    "family_name_missing": ("family_name", mark("Enter your last name.")),
    "given_name_long": ("given_name", mark("Enter a first name of 100 characters or fewer.")),
    "family_name_long": ("family_name", mark("Enter a last name of 100 characters or fewer.")),
    "address_1_long": ("address_1", mark("Enter an address of 255 characters or fewer.")),
    "address_2_long": ("address_2", mark("Enter an address of 255 characters or fewer.")),
    "city_long": ("city", mark("Enter a city of 255 characters or fewer.")),
    "state_unknown": ("state", mark("Choose a state from the list.")),
    "zip_malformed": ("zip_code", mark("A ZIP code has five digits, or nine.")),
    "confirm_email_missing": ("confirm_email", mark("Enter the e-mail address a second time.")),
    "confirm_email_differs": ("confirm_email", mark("The two e-mail addresses differ. Enter the same one twice.")),
    "contact_phone_malformed": ("phone", mark("That is not a phone number. Enter ten digits, or leave it empty.")),
    "fax_missing": ("fax", mark("Enter a fax number: determination letters go there.")),
    "fax_malformed": ("fax", mark("That is not a fax number. Enter ten digits, such as 303 555 0143.")),
    "terms_missing": ("agree", mark("Tick the box if you agree. Without it you cannot go on.")),
    "terms_changed": ("agree", mark("The terms have changed while you read them. These are the new ones.")),
    "employee_email": ("email", mark("That is the address of an employee. Employees sign in with their company account: press the button below.")),
    "employee_username": ("username", mark("That is the address of an employee. Employees sign in with their company account: press the button below.")),
    "company_unknown": ("email", mark("No company that signs in here has addresses like this one. Check it, or go back and choose another way.")),
    "way_unknown": ("way", mark("Choose one of the ways below.")),
    "choice_missing": ("choice", mark("Choose an account, or another one.")),
}


SCOPES: Mapping[str, str] = {  # what each lets a client do, in plain words
    "openid": mark("know you again when you come back, by a number that says nothing about you"),
    "profile": mark("see your name and your portal username"),
    "email": mark("see your e-mail address"),
    "phone": mark("see your phone number"),
    "organizations": mark("see the clinics you belong to, and whether you administer them"),
    "roles": mark("see which roles you have"),
}


def scope_in_words(scope: str) -> str:
    """What a scope lets the client do: our own words, or those that its API was registered with."""
    return pages.text(SCOPES[scope]) if scope in SCOPES else house().registry.apis.says[scope]


def field_and_text(trouble: Trouble) -> tuple[str, str]:
    """Where to show it, and the sentence in the reader's language."""
    field, text = WORDS[trouble.reason]
    return field, pages.text(text, wait=pages.duration(trouble.seconds)) if "%(wait)s" in text else pages.text(text)
