"""The pages of codes and calls: to sign in, to recover a password, to register an address or a
phone."""

from typing import Any

from idp import store
from idp.factors import FieldError, phone
from idp.factors.email_code import masked
from idp.flow import history
from idp.flow.methods import Method
from idp.flow.proofs import session_counts, stepping_up
from idp.flow.steps import expected, next_step, old_phone_wanted
from idp.store import accounts
from idp.visit import Visit
from idp.visit.recipients import enrolling
from idp.web import house
from idp.web.flow.stage import Form, Stage, who


def shown_address(visit: Visit) -> str:
    """The address of this page: as it was typed here, else masked."""
    if visit.facts.journey == "recover":
        return visit.known.named or ""
    account, row = who(visit), visit.known.enrolment
    if enrolling(visit.facts) and row and row.address:
        return masked(row.address) if accounts.on_file(account) else row.address
    return masked(account.sign_in_address or "")


def asked_by(visit: Visit) -> str:
    """The client, by name, where it asks someone who is signed in for one more proof; else
    nothing."""
    return visit.client.name if stepping_up(visit.facts) else ""


def show_typed(visit: Visit, method: str) -> dict[str, Any]:
    """What every page of a proof that is typed shows: how it stands, who asks for it, and what else
    would do."""
    proofs = house().proofs
    return {
        **proofs.show(visit, method),
        "asked_by": asked_by(visit),
        "offers": proofs.offers(visit),
    }


def submit_typed(visit: Visit, form: Form, method: str) -> FieldError | None:
    """What every page of a proof that is typed does: another way, a code to send, or a try."""
    go_by_another(visit, form)
    return None if form.get("another") else code(visit, form, method)


def typed_stage(method: Method) -> Stage:
    """The page of a factor whose proof is typed, with nothing of its own but its template."""
    return Stage(
        f"factors/{method.name}.html",
        lambda visit, form: show_typed(visit, method.name),
        lambda visit, form: submit_typed(visit, form, method.name),
    )


def show_code(visit: Visit, form: Form) -> dict[str, Any]:
    """The page of the emailed code, for a sign-in, a registration or a forgotten password."""
    shown = show_typed(visit, "email_code")
    registering = enrolling(visit.facts)
    own = "address" if registering and not accounts.on_file(who(visit)) else ""
    return {
        **shown,
        "address": shown_address(visit),
        "phone_instead": registering
        and "phone" in visit.facts.options
        and getattr(visit.known.enrolment, "method", "") == "email",
        "mail_instead": registering
        and "email" in visit.facts.options
        and getattr(visit.known.enrolment, "method", "") == "phone",
        "phone_follows": registering and getattr(visit.known.enrolment, "method", "") == "phone",
        "more_time": shown["life"] < house().settings.lifetimes.code,
        "longer": house().settings.lifetimes.code,
        "change": "recover" if visit.facts.journey == "recover" else own,
        "registering": registering,
        "password_safe": visit.facts.journey == "sign-in",
    }


def email_code(visit: Visit, form: Form) -> FieldError | None:
    """Send or try a code, or go another way."""
    if form.get("action") in ("phone", "email") and enrolling(visit.facts):
        return house().enrolling.choose_method(visit, who(visit), form["action"])
    if form.get("action") == "change":
        if visit.facts.journey == "recover":
            house().choices.choose_journey(visit, "recover")
        elif enrolling(visit.facts):
            house().enrolling.forget_address(visit, who(visit))
        return None
    return submit_typed(visit, form, "email_code")


def code(visit: Visit, form: Form, method: str) -> FieldError | None:
    """Send a code by this method, or try the one that was typed."""
    proofs = house().proofs
    if form.get("action") in ("send", "more-time"):
        return proofs.send_code(visit, method, more_time=form["action"] == "more-time")
    if form.get("action") != "verify" and not form.get("code"):
        return None
    typed = proofs.read(visit, method, form.get("code", ""))
    if isinstance(typed, FieldError):
        return typed
    tried = proofs.begin(visit, method)
    store.commit()  # the try counts before the code is compared
    return tried if isinstance(tried, FieldError) else proofs.finish(visit, tried, typed)


def show_verified(visit: Visit, form: Form) -> dict[str, Any]:
    """The address that has just been verified."""
    recovering = visit.facts.journey == "recover"
    return {"address": shown_address(visit), "recovering": recovering}


def confirm(visit: Visit, form: Form) -> FieldError | None:
    """Continue, after the address was verified."""
    if form.get("action") == "continue":
        visit.add_fact(history.CONFIRMED)
    return None


def show_phone(visit: Visit, form: Form) -> dict[str, Any]:
    """The page of the code or call to the phone: what was sent last, and how it stands."""
    proofs, registering, row = house().proofs, enrolling(visit.facts), visit.known.enrolment
    texted, called = proofs.show(visit, "sms_code"), proofs.show(visit, "voice_code")
    sent, call, step = texted["sent"], called["call"], expected(visit.facts)
    enterable = (
        sent is not None
        and not sent.dropped
        and not sent.worn_out
        and (not sent.handed_over or sent.seconds_left > 0)
    )
    calling = call is not None and call.state in ("placing", "ringing", "confirmed")
    newest_is_call = call is not None and (
        sent is None or (call.created_at, calling) > (sent.created_at, False)
    )
    number = row.phone if registering and row else who(visit).phone
    by_code = "code" if enterable else "start"
    return {
        "number": phone.written(number or "") if registering else phone.masked(number or ""),
        "asked_by": asked_by(visit),
        "showing": "call" if newest_is_call and calling else by_code,
        "enterable": enterable,
        "by_text": "sms_code" in step,
        "by_call": bool({"voice_code", "voice_confirm"} & set(step)),
        "sent": sent,
        "call": call if newest_is_call else None,
        "next_send": texted["next_send"],
        "next_call": called["next_call"],
        "call_refused": called["refused"],
        "registering": registering,
        "recovering": visit.facts.journey == "recover",
        "old_phone": old_phone_wanted(visit.facts),
        "hold": house().settings.lifetimes.new_phone_hold,
        "mail_instead": "email" in visit.facts.options and visit.facts.journey == "enrol",
        "offers": proofs.offers(visit),
    }


def use_phone(visit: Visit, form: Form) -> FieldError | None:
    """Send or try a code, place a call, or go another way."""
    action, registering = form.get("action"), enrolling(visit.facts)
    if action == "email" and visit.facts.journey == "enrol":
        return house().enrolling.choose_method(visit, who(visit), "email")
    if action == "lost" and old_phone_wanted(visit.facts):
        visit.add_fact(history.OLD_PHONE_LOST)
        return None
    if action == "change" and registering:
        house().enrolling.forget_number(visit)
        return None
    if action == "call":
        return house().proofs.call_me(visit)
    if action == "continue":
        call = house().proofs.show(visit, "voice_code")["call"]
        return FieldError("not_confirmed") if call and call.state == "ringing" else None
    return submit_typed(visit, form, "sms_code")


def show_stopped(visit: Visit, form: Form) -> dict[str, Any]:
    """Too many wrong codes: who signs in or recovers waits; who registers may begin
    again."""
    journey = visit.facts.journey
    return {
        "registering": journey in ("enrol", "register"),
        "invited": visit.facts.link == "invitation",
        "recovering": journey == "recover",
        "signed_in": session_counts(visit.facts),
        "seconds": house().proofs.stopped_for(visit),
    }


def show_no_phone(visit: Visit, form: Form) -> dict[str, Any]:
    """What would do instead of the phone that is not there."""
    return {"instead_of_it": next(iter(next_step(visit.facts)), "")}


def go_by_another(visit: Visit, form: Form) -> None:
    """The button that leads to another proof that would do."""
    if form.get("another"):
        house().choices.choose_method(visit, form["another"])


STAGES = {
    "phone": Stage("flow/phone.html", show_phone, use_phone),
    "no-phone": Stage("flow/no_phone.html", show_no_phone, go_by_another),
    "email-code": Stage("flow/email_code.html", show_code, email_code),
    "email-verified": Stage("flow/email_verified.html", show_verified, confirm),
}
