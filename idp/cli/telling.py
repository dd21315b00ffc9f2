"""A visit in words that a help desk can read out over the phone: what the person did, and what came of it."""

from collections.abc import Mapping
from typing import Any

from idp.flow.methods import EMPLOYEE, METHODS
from idp.operations.explain import SAYS, Step, Story
from idp.web.flow.words import WORDS

PAGES: Mapping[str, str] = {
    "options": "the login options",
    "choose-account": "the choice between accounts",
    "sign-in": "the page for e-mail address and password",
    "phone": "the page for the code or call to the phone",
    "no-phone": "the page that says that no phone is on record",
    "email-code": "the page for the code by mail",
    "email-verified": "the page 'E-mail address verified', which waits for Continue",
    "login": "the page for username and password, for who registers",
    "current-password": "the page for the current password, for who registers anew",
    "login-method": "the choice between phone and e-mail (LOGIN METHOD)",
    "address": "the page for the e-mail address, for who has none on file",
    "new-password": "the page for the new password",
    "number": "the page for the phone number",
    "organization": "the page for NPI and registration code",
    "profile": "the form for user information",
    "mail-sent": "the page that says to look into the mailbox",
    "recover": "the page for the address whose password is forgotten",
    "reset": "the page for the username, to reset the registration",
    "forgot": "the page for the username, for a forgotten portal password",
    "complete": "the page for who did not finish registering",
    "terms": "the terms of use",
    "consent": "the question whether the application may see their data",
    "help": "the login help",
    "company": "the page that leads on to the company's own sign-in",
    "company-failed": "the page that says that the company's sign-in did not work",
    "blocked": "the page that says that the account is switched off",
    "refused": "the page that says that the call was answered 'not me'",
    "link-over": "the page that says that the mailed link does not count any more",
    "stopped": "the page that says that too many wrong codes were entered",
}

DID: Mapping[str, str] = {  # by button, whatever the page
    "cancel": "went back (Cancel, BACK or LOGIN)",
    "send": "asked for a code",
    "verify": "entered a code",
    "call": "asked to be called (Call Me)",
    "continue": "pressed Continue",
    "email": "chose e-mail instead of the phone",
    "phone": "chose the phone instead of e-mail",
    "change": "changed the address or number",
    "create": "made a new password",
    "accept": "agreed to the terms of use",
    "allow": "pressed Allow",
    "deny": "pressed Deny",
    "sign-in": "sent address and password",
    "company": "went on to the company's own sign-in",
    "go": "went on to the company's own sign-in",
    "again": "tried the company's sign-in again",
    "login": "sent the password",
    "recover": "chose 'Forgot your password?' or 'Change e-mail'",
    "register": "chose 'register here'",
    "enrol": "chose to complete the registration",
    "help": "asked for help",
    "reset": "chose RESET",
    "forgot": "chose 'Forgot Password?'",
    "complete": "chose to finish the registration",
}
SENT: Mapping[str, str] = {  # by page, where its only button says it all
    "options": "chose a way to sign in",
    "choose-account": "chose an account",
    "login-method": "chose phone or e-mail",
    "organization": "sent NPI and registration code",
    "profile": "sent the form",
    "reset": "sent a username",
    "forgot": "sent a username",
    "complete": "sent address and password",
}
ENDS: Mapping[str, str] = {
    "access_denied": "went back to the application without signing in",
    "login_required": "was sent back to the application: a sign-in is needed, and the application wanted no page to be shown, or another person",
    "consent_required": "was sent back to the application: it wanted no page to be shown, and a consent is missing",
    "interaction_required": "was sent back to the application: it wanted no page to be shown, and the terms of use are not accepted",
    "unmet_authentication_requirements": "was sent back to the application: it wants a stronger sign-in than this person has the means for",
}


WHY: Mapping[str, str] = {  # why what came back from a company was no sign-in
    "cancelled": "the person cancelled there, or the company let them not in",
    "company_error": "the company's provider answered with an error",
    "unreachable": "the company's provider cannot be reached",
    "slow": "the company's provider did not answer in time",
    "busy": "too many sign-ins waited for the company's provider already",
    "bad_answer": "the company's provider answered what no provider answers",
    "not_allowed": "the company's provider is at an address that we do not connect to; outbound.allow can name it",
    "discovery": "the company's discovery document is not that of its issuer",
    "token_refused": "the company's provider did not give its tokens: our client id or secret there may be wrong",
    "clock": "the company's clock and ours are too far apart",
    "bad_signature": "the ID token is not signed by a key that the company publishes",
    "wrong_issuer": "the ID token is from another provider",
    "wrong_audience": "the ID token is for another client",
    "wrong_nonce": "the ID token belongs to another sign-in",
    "wrong_token": "what came beside the ID token is about somebody else",
    "mix_up": "the answer is from another provider than the one that was asked",
    "undated": "the company does not say when the person signed in there",
    "too_old": "the sign-in there is older than what was asked for",
    "no_email": "the company gave no e-mail address",
    "unverified_email": "the company does not say that the e-mail address is verified",
    "foreign_domain": "the e-mail address is in no domain of the company",
    "wrong_tenant": "the person belongs to another tenant of that provider",
    "other_subject": "the company gives this address to another subject than before: a new person (`idp accounts retire`) or the same one (`unlink`)",
    "other_issuer": "the account belongs to an issuer that is not in the settings: `idp upstreams moved` takes its people along",
    "switched_off": "the address is on file for an account that is switched off: `idp accounts enable` or, for somebody else, `retire`",
    "other_person": "address and names have changed together: another person (`idp accounts retire`), or the same one (`unlink`, then `set-email`)",
    "address_taken": "the person's new address is on file for another account here",
    "ambiguous": "several accounts have the person's address on file: `idp accounts set-email` corrects one",
}


PLAINLY: Mapping[str, str] = {  # where the question's own words say too little on the phone
    "proof_too_weak": "The next proof is still missing.",
    "identity_unproven": "Who it is has not been shown yet.",
    "tries_exhausted": "Too many wrong codes: wait an hour, or `idp accounts unlock` opens it at once.",
    "codes_exhausted": "Too many wrong codes: wait an hour, or `idp accounts unlock` opens it at once.",
    "mailbox_unproven": "The code from the mail is still missing; if no account has that address, no mail was sent.",
}


def mailed(step: Step, story: Story) -> str:
    """What was mailed at this step because somebody asked by name, or why nothing was."""
    for row in story.audit:
        if row.action == "link_asked" and row.at == step.at:
            if row.outcome == "success":
                return f"A mail with a link went to {story.names.get(row.target or '', 'the address on file')}. "
            if isinstance(row.detail.get("mailed"), str):
                return f"A mail that explains went to {story.names.get(row.target or '', 'the address on file')}. "
            return "No mail was sent: nobody has that name, no address is on file, or too many mails were asked for. "
        if row.action in ("code_sent", "call_placed") and row.at == step.at and row.outcome != "success":
            return "No code left: nobody has that address, or too many were asked for. "
    return ""


def did(step: Step, story: Story) -> str:
    """What the person did."""
    stage, _, what = step.event.partition(":")
    if step.event == "authorize":
        return f"Came from {story.client_name}."
    if stage == "link":
        return f"Followed the link of a mail ({what})."
    if stage == "company" and (what == "came" or what in WHY):
        return "Came back from the company."
    if stage in SAYS:
        return "Was through with the last page of registering."
    if what in WORDS:
        return f"Was told on {PAGES.get(stage, stage)}: “{WORDS[what][1].replace('%(wait)s', 'some time')}”"
    if stage == "options" and what not in DID:
        way = str(step.facts.get("way"))
        return "Chose LOGIN, the employees' button." if way == EMPLOYEE else f"Chose LOGIN WITH {way.upper()}."
    return f"{_sentence(DID.get(what) or SENT.get(stage, 'went on'))}."


def _said(step: Step, story: Story) -> str:
    """What it was in detail, by the audit trail."""
    return "".join(f": {row.detail['says'].rstrip('.')}" for row in story.audit if row.action == "company_refused" and row.at == step.at)


def came(step: Step, story: Story) -> str:
    """What came of it."""
    answer = step.answer
    if answer["kind"] == "issue":
        methods = " and ".join(METHODS[method].says for method in _methods(step, answer["account"])) or "an earlier sign-in in this browser"
        return f"{story.names.get(answer['account'])} is signed in, by {methods}."
    if answer["kind"] == "refuse":
        return f"{_sentence(ENDS.get(answer['error'], answer['error']))}."
    if answer["kind"] == "do":
        return "The registration is kept: the new password counts from now on, and everything from before has ended."
    why = PLAINLY.get(answer["reason"], SAYS.get(answer["reason"], ""))
    if answer["reason"] == "company_failed":
        why = _sentence(f"{WHY.get(step.facts['company_trouble'], step.facts['company_trouble'])}{_said(step, story)}.")
    return f"{mailed(step, story)}We showed {PAGES.get(answer['stage'], answer['stage'])}. {why}"


def who(story: Story) -> str:
    """Whom it is about, as far as anybody has shown."""
    known = [story.names.get(account, account) for step in story.steps for _, account, _ in step.facts["proofs"]]
    return ", ".join(dict.fromkeys(known)) or "nobody known yet"


def _methods(step: Step, account: str) -> list[str]:
    given: list[Any] = [method for method, one, _ in step.facts["proofs"] if one == account]
    session = step.facts.get("session")
    given += [method for method, _ in session[2]] if session and session[0] == account else []
    way = step.facts.get("way")
    given += ["remembered"] if not given and way in (step.facts.get("remembered") or {}) else []
    return list(dict.fromkeys(given))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
