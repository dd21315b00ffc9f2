"""The words of `idp explain`: pages, buttons, reasons, ends."""

from collections.abc import Mapping

from idp.flow.methods import METHODS
from idp.flow.rules import SHIPPED

PAGES: Mapping[str, str] = {
    **{one.stage: f"the page for {one.says}" for one in METHODS.values()},
    "options": "the LOGIN OPTIONS page",
    "choose-account": "the page to choose an account",
    "sign-in": "the page for email address and password",
    "phone": "the page for the code or call to the phone",
    "no-phone": "the page that says no phone is on record",
    "email-code": "the page for the emailed code",
    "email-verified": "the page 'E-mail address verified', which waits for Continue",
    "login": "the LOGIN page of the registration, for username and password",
    "current-password": "the page for the current password, to register again",
    "login-method": "the LOGIN METHOD page, to choose phone or email",
    "address": "the page for the email address",
    "new-password": "the page for the new password",
    "set-up": "the page that offers to set up a phone",
    "number": "the page for the phone number",
    "organization": "the page for the organization and its registration code",
    "profile": "the form for user information",
    "mail-sent": "the page that says to check the mailbox",
    "recover": "the forgotten-password page, for the email address",
    "reset": "the page for the username, to reset the registration",
    "forgot": "the page for the username, to replace a forgotten portal password",
    "complete": "the page to finish an incomplete registration",
    "terms": "the terms of use",
    "consent": "the consent page, which asks whether the application may see their data",
    "help": "the login help",
    "upstream": "the page that leads to the company's own sign-in",
    "upstream-failed": "the page that says the company's sign-in did not work",
    "blocked": "the page that says the account is disabled",
    "refused": "the page that says the call was refused with the star key",
    "link-over": "the page that says the emailed link no longer works",
    "link-moved": "the page that says the emailed link was opened in another browser",
    "stopped": "the page that says too many wrong codes were entered",
}


DID: Mapping[str, str] = {  # by button, whatever the page
    "cancel": "went back (Cancel, BACK or LOGIN)",
    "send": "asked for a code",
    "verify": "entered a code",
    "call": "asked to be called (Call Me)",
    "continue": "pressed Continue",
    "set-up": "chose to set up a phone",
    "not-now": "chose not to set up a phone now",
    "returned": "came back to the page",
    "went-back": "went back to an earlier page",
    "another": "chose another way to confirm that it is them",
    "email": "chose email instead of phone",
    "phone": "chose phone instead of email",
    "change": "changed the address or number",
    "create": "created a new password",
    "accept": "agreed to the terms of use",
    "allow": "pressed Allow",
    "deny": "pressed Deny",
    "sign-in": "entered the email address and password",
    "company": "continued to the company's own sign-in",
    "go": "continued to the company's own sign-in",
    "again": "tried the company's sign-in again",
    "login": "entered the password",
    "recover": "chose 'Forgot your password?'",
    "register": "chose 'register here'",
    "enrol": "chose to complete the registration",
    "help": "asked for help",
    "reset": "chose RESET",
    "forgot": "chose 'Forgot Password?'",
    "complete": "chose to finish the registration",
    "more-time": "asked for a code that works longer (I need more time)",
    "lost": "said that they no longer have the phone",
    "forget": "turned off Remember Me for a button",
}


DID_AT: Mapping[str, str] = {  # by page and button, where the button says something else there
    "mail-sent:register": "chose 'Enter it again'",
    "mail-sent:reset": "chose 'Enter it again'",
    "mail-sent:forgot": "chose 'Enter it again'",
    "mail-sent:complete": "chose 'Enter it again'",
    "email-verified:recover": "chose 'Change e-mail'",
    "mail-sent:again": "asked for the email again (Send again)",
    "complete:send": "asked for the link",
    "reset:send": "asked for the link",
    "forgot:send": "asked for the link",
}


SENT: Mapping[str, str] = {  # by page, where its only button says it all
    "options": "chose a way to sign in",
    "choose-account": "chose an account",
    "login-method": "chose phone or email",
    "organization": "entered the registration code",
    "profile": "submitted the form",
    "reset": "entered a username",
    "forgot": "entered a username",
    "complete": "entered the email address and password",
}


TRIED: Mapping[str, str] = {  # what was tried, by what its tries are counted as
    "password": "the password",
    "email_code": "the emailed code",
    "phone": "the phone's codes and calls",
    "recovery_code": "the code to replace a forgotten password",
    "address_code": "the code to register an address",
    "number_code": "the codes and calls to register a phone",
    "completion": "the password of an unfinished registration",
    "registration_code": "the registration code",
}


ENDS: Mapping[str, str] = {
    "access_denied": "returned to the application without signing in",
    "login_required": "was sent back to the application: a sign-in was needed, but the application asked "
    "us not to show a page, "
    "or asked for a different person",
    "consent_required": "was sent back to the application: consent was missing, but the application asked us "
    "not to show a page",
    "interaction_required": "was sent back to the application: the terms of use were not accepted, but the "
    "application asked us not to show a page",
    "unmet_authentication_requirements": "was sent back to the application: it asked for a "
    "stronger sign-in than this person has set up",
}


BECAUSE: Mapping[str, str] = SHIPPED.reasons()  # by rule, why a proof is asked for


WHY: Mapping[str, str] = {  # why the company's answer was not a sign-in
    "cancelled": "the person canceled there, or the company refused the sign-in",
    "upstream_error": "the company's identity provider answered with an error",
    "unreachable": "the company's identity provider cannot be reached",
    "slow": "the company's identity provider did not answer in time",
    "busy": "too many sign-ins were already waiting for the company's identity provider",
    "bad_answer": "the company's identity provider sent an invalid answer",
    "not_allowed": "the company's identity provider is at an address that is not allowed; add it to "
    "outbound.allow",
    "discovery": "the company's discovery document does not match its issuer",
    "token_refused": "the company's identity provider refused to issue tokens: our client ID or secret "
    "there may be wrong",
    "clock": "the company's clock and ours are too far apart",
    "bad_signature": "the ID token is not signed with a key that the company publishes",
    "wrong_issuer": "the ID token is from another identity provider",
    "wrong_audience": "the ID token is for another client",
    "wrong_nonce": "the ID token belongs to another sign-in",
    "wrong_token": "the data that came with the ID token is about someone else",
    "mix_up": "the answer is from a different identity provider than the one we asked",
    "undated": "the company did not say when the person signed in there",
    "too_old": "the sign-in there is older than we asked for",
    "no_email": "the company did not send an email address",
    "unverified_email": "the company did not say that the email address is verified",
    "foreign_domain": "the email address is not in any of the company's domains",
    "wrong_tenant": "the person belongs to another tenant of that identity provider",
    "other_subject": "the company now uses another subject for this address: `idp accounts retire` for a "
    "new person, or `unlink` for the same person",
    "other_issuer": "the account belongs to an issuer that is not in the settings: `idp upstreams moved` "
    "moves its accounts",
    "switched_off": "the address is on file for a disabled account: `idp accounts enable` for the same "
    "person, or `retire` for someone else",
    "other_person": "address and names changed together: `idp accounts retire` for another person, or "
    "`unlink` and then `set-email` for the same one",
    "address_taken": "the person's new address is on file for another account here",
    "ambiguous": "several accounts have the person's address on file: correct one with `idp accounts "
    "set-email`",
}


PLAINLY: Mapping[str, str] = {  # where the question's own words say too little on the phone
    "proof_too_weak": "The next step of the sign-in is still missing.",
    "identity_unproven": "The person has not been identified yet.",
    "tries_exhausted": "Too many wrong codes. Wait an hour, or unlock the account at once with `idp "
    "accounts unlock`.",
    "codes_exhausted": "Too many wrong codes. Wait an hour, or unlock the account at once with `idp "
    "accounts unlock`.",
    "mailbox_unproven": "The emailed code has not been entered yet. If no account has that address, no code "
    "was sent.",
}
