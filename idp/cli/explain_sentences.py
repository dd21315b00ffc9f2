"""A sign-in in words that a help desk can read out over the phone: what the person did, and what
happened."""

from itertools import takewhile

from idp.cli.explain_words import BECAUSE, DID, DID_AT, ENDS, PAGES, PLAINLY, SENT, WHY
from idp.factors.mailed_link import HELD_BACK, LINK, NO_ONE
from idp.factors.voice import CALLS
from idp.flow.earlier import word
from idp.flow.methods import EMPLOYEE, METHODS, UPSTREAM_METHODS
from idp.flow.proofs import too_late
from idp.operations.explain import QUESTIONS, Step, Story
from idp.store.audit import AuditRow
from idp.web.flow.words import WORDS

BY_CALL = {
    "voice_code": "During the call, the number on the page was entered.",
    "voice_confirm": "During the call, the # key was pressed.",
}
LINK_ASKED = {  # by what was mailed; by true and false in trails of before
    **dict.fromkeys((LINK, "True"), "We emailed a link to {to}. "),
    HELD_BACK: "No email was sent: {to} got a link a short while ago, or too many today. The newest "
    "link still works until it expires. ",
    **dict.fromkeys(
        (NO_ONE, "False"), "No email was sent: no account has that name, or no address is on file. "
    ),
}
CALL_ENDED = {
    "no_answer": "No one answered the call.",
    "busy": "The line was busy.",
    "machine": "Voicemail answered the call.",
}
UPSTREAM = frozenset(UPSTREAM_METHODS.values())


def mailed(step: Step, story: Story) -> str:
    """What was emailed at this step because the person asked by username or address, or why nothing
    was."""
    for row in story.audit:
        if row.action == "link_asked" and row.at == step.at:
            to = story.names.get(row.target or "", "the address on file")
            return LINK_ASKED.get(
                str(row.detail.get("mailed")), "We emailed an explanation to {to}. "
            ).format(to=to)
        if (
            row.action in ("code_sent", "call_placed")
            and row.at == step.at
            and row.outcome != "success"
        ):
            sort = "call was placed" if row.action == "call_placed" else "code was sent"
            reason = str(row.detail.get("reason"))
            if reason in WORDS and "%(wait)s" in WORDS[reason][1]:
                return f"No {sort}, because it was too soon. "
            if reason in WORDS:
                return f"No {sort}: {WORDS[reason][1]} "
            return f"No {sort}: no account has that address. "
    return ""


def did(step: Step, story: Story) -> str:
    """What the person did."""
    stage, _, what = step.event.partition(":")
    if step.event == "authorize":
        if step.facts.link:
            return f"Followed the link in an email ({step.facts.link})."
        return f"Came from {story.client_name}."
    if stage == "link":
        return f"Followed the link in an email ({what})."
    if stage == "upstream" and (what == "came" or what in WHY):
        return "Came back from the company's sign-in."
    if step.answer["kind"] == "do":
        return "Nothing more was missing."
    reasons = what.split("+")  # every mistake in one form
    if all(reason in WORDS for reason in reasons):
        page, says = PAGES.get(stage, stage), " ".join(WORDS[reason][1] for reason in reasons)
        return (
            f"Was told to wait on {page}." if "%(wait)s" in says else f"Was told on {page}: {says}"
        )
    if stage == "options" and what not in DID:
        option = str(step.facts.option)
        return (
            "Chose LOGIN, the employees' button."
            if option == EMPLOYEE
            else f"Chose LOGIN WITH {option.upper()}."
        )
    said = DID_AT.get(step.event) or DID.get(what) or SENT.get(stage, "went on")
    return f"{_sentence(said)}."


def _said(step: Step, story: Story) -> str:
    """What it was in detail, by the audit trail."""
    return "".join(
        f": {row.detail['says'].rstrip('.')}"
        for row in story.audit
        if word(row.action) == "upstream_refused" and row.at == step.at
    )


def outcome(step: Step, story: Story) -> str:
    """What happened then."""
    answer = step.answer
    if answer["kind"] == "issue":
        methods = (
            _listed([METHODS[method].says for method in _methods(step, answer["account"])])
            or "an earlier sign-in in this browser"
        )
        return f"{story.names.get(answer['account'])} is signed in with {methods}."
    if answer["kind"] == "refuse":
        return f"{_sentence(ENDS.get(answer['error'], answer['error']))}."
    if answer["kind"] == "do":
        if step.facts.journey == "sign-in":
            return "The phone was added to the account."
        before = " The previous sign-in details no longer work." if _registered(step) else ""
        return f"The registration is saved. The new password works from now on.{before}"
    why, email = (
        PLAINLY.get(answer["reason"], QUESTIONS.get(answer["reason"], "")),
        mailed(step, story),
    )
    if answer["reason"] == "identity_unproven" and email:
        why = "They cannot sign in before that is done."
    causes = _causes(step) if answer["reason"] in ("proof_too_weak", "identity_unproven") else ""
    if causes:
        why = f"{why.rstrip('.')}, because {causes}."
    missing = answer.get("missing", [])  # a release before kept none
    if answer["reason"] == "proof_too_weak" and missing:
        because = f", because {causes}" if causes else ""
        says = _listed([METHODS[one].says for one in missing], "or")
        why = f"Still missing{because}: {says}."
    if answer["reason"] == "identity_unproven" and too_late(step.facts):
        why = "The password was entered so long ago that it no longer counted."
    if answer["reason"] == "upstream_failed":
        error = step.facts.upstream_error or ""
        why = _sentence(f"{WHY.get(error, error)}{_said(step, story)}.")
    return f"{email}We showed {PAGES.get(answer['stage'], answer['stage'])}. {why}"


def due(step: Step, story: Story) -> list[Step]:
    """What was due after what the person did at this step, and was done before the answer."""
    before = story.steps[: next(at for at, one in enumerate(story.steps) if one is step)]
    done = list(takewhile(lambda one: one.answer["kind"] == "do", reversed(before)))
    return done[::-1] if step.answer["kind"] != "do" else []


def beside(step: Step, story: Story) -> list[str]:
    """What happened after this step and before the next one, on no page: during a call."""
    during = (_during(row) for row in story.audit if _before(row.at, story) is step)
    return [said for said in during if said]


def _during(row: AuditRow) -> str:
    """What a row of the audit trail says of a call; empty where it is of something else."""
    if row.action == "call_refused":
        return "During the call, the star key was pressed: 'this is not me'. Nothing was confirmed."
    if row.action == "proof_given":
        return BY_CALL.get(word(str(row.detail.get("method"))), "")
    if row.action == "code_wrong" and word(str(row.detail.get("factor"))) in CALLS:
        return "During the call, the wrong number was entered."
    if row.action == "call_ended":
        return CALL_ENDED.get(str(row.detail.get("how")), "The call could not be placed.")
    return ""


def _registered(step: Step) -> bool:
    """Whether the person was registered before."""
    enrolment = step.facts.enrolment
    person = step.facts.people.get(enrolment.account if enrolment else "")
    return person is not None and person.registered


def _before(at: float, story: Story) -> Step:
    """The last step before this moment."""
    return next((step for step in reversed(story.steps) if step.at < at), story.steps[0])


def _causes(step: Step) -> str:
    """Why the proof is asked for, beside that every sign-in wants one."""
    told = [BECAUSE[rule] for rule in step.answer["because"] if rule in BECAUSE]
    asks = "the application asked for "
    if told and all(one.startswith(asks) for one in told):
        return asks + _listed([one.removeprefix(asks) for one in told])
    return _listed(told)


def _listed(parts: list[str], last: str = "and") -> str:
    """Parts of a sentence as one: a, b, and c."""
    between = "; " if any("," in part for part in parts) else ", "
    if len(parts) < 3:
        return f" {last} ".join(parts)
    return f"{between.join(parts[:-1])}{between}{last} {parts[-1]}"


def who(story: Story) -> str:
    """Whom it is about, as far as is known."""
    known = [story.names.get(account, account) for step in story.steps for account in _people(step)]
    # whose right password led to an email, and no further
    known += [
        story.names.get(row.target, row.target)
        for row in story.audit
        if row.action == "link_asked" and row.target
    ]
    return ", ".join(dict.fromkeys(known)) or "no one identified yet"


def _people(step: Step) -> list[str]:
    """The accounts that a step is about: who proved something, is signed in here, or is remembered
    at the button that was pressed."""
    facts = step.facts
    held = facts.trusted_devices.get(facts.option or "")
    return [
        *(proof.account for proof in facts.proofs),
        *([facts.session.account] if facts.session and not facts.proofs else []),
        *([held.account] if held and not facts.proofs else []),
        *([step.answer["account"]] if step.answer["kind"] == "issue" else []),
    ]


def _methods(step: Step, account: str) -> list[str]:
    session, option = step.facts.session, step.facts.option
    given = [proof.method for proof in step.facts.proofs if proof.account == account]
    given += (
        [proof.method for proof in session.proofs] if session and session.account == account else []
    )
    given += ["trusted_device"] if not given and option in step.facts.trusted_devices else []
    found = list(dict.fromkeys(given))
    # how the company did it says that it did
    return [one for one in found if one != "upstream" or not UPSTREAM.intersection(found)]


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
