"""A page a stage: what it shows, and what a person can do on it. Which one is due is decided elsewhere."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from idp import secret, store
from idp.factors import Trouble, phone
from idp.factors.email_code import masked
from idp.flow.rules import leads, next_step
from idp.store import interactions
from idp.visit import Visit
from idp.web import house
from idp.web.flow.words import scope_in_words

Form = Mapping[str, str]


@dataclass(frozen=True)
class Stage:
    """`show` gives the template's context; `submit` does what the form asks, or says what the trouble is."""

    template: str
    show: Callable[[Visit, Form], dict[str, Any]]
    submit: Callable[[Visit, Form], Trouble | None]


def nothing_to_show(visit: Visit, form: Form) -> dict[str, Any]:
    return {}


def nothing_to_do(visit: Visit, form: Form) -> Trouble | None:
    return None


# Login options


def show_options(visit: Visit, form: Form) -> dict[str, Any]:
    return {"ways": visit.facts.ways, "client_name": visit.request.client.name}


def choose_way(visit: Visit, form: Form) -> Trouble | None:
    return house().visits.choose_way(visit, form.get("way", ""))


# Choose an account


def show_account(visit: Visit, form: Form) -> dict[str, Any]:
    account = visit.people.get(visit.session.account_id) if visit.session else None
    assert account is not None  # the stage is due only while a session is there
    return {"account": account, "address": masked(account.sign_in_address or account.contact_email)}


def choose_account(visit: Visit, form: Form) -> Trouble | None:
    return house().visits.choose_account(visit, form.get("choice", ""))


# Sign in: e-mail address and password


def show_sign_in(visit: Visit, form: Form) -> dict[str, Any]:
    hint = visit.request.parameters.get("login_hint", "")
    return {"email": form.get("email", hint if "@" in hint else "")[:255]}


def sign_in(visit: Visit, form: Form) -> Trouble | None:
    email = "".join(char for char in form.get("email", "") if char.isprintable()).strip()
    password = form.get("password", "")
    if not email:
        return Trouble("email_missing")
    if not password:
        return Trouble("password_missing")
    tried = house().proofs.begin_password(visit, email[:255])
    store.commit()  # the try counts, whatever comes of it
    return tried if isinstance(tried, Trouble) else house().proofs.finish_password(visit, tried, password)


# The code by e-mail


def show_code(visit: Visit, form: Form) -> dict[str, Any]:
    account = visit.identified
    assert account is not None
    return {
        "address": masked(account.sign_in_address or ""),
        "sent": house().proofs.code_sent(visit, account, "email_code"),
        "life": house().proofs.life("email_code"),
        "phone_offered": leads(visit.facts, "phone"),
    }


def email_code(visit: Visit, form: Form) -> Trouble | None:
    if form.get("action") == "phone":
        return house().visits.choose_way(visit, "phone")
    return code(visit, form, "email_code")


def code(visit: Visit, form: Form, method: str) -> Trouble | None:
    """Send a code by this method, or try the one that was typed."""
    proofs, account = house().proofs, visit.identified
    assert account is not None
    if form.get("action") == "send":
        return proofs.send_code(visit, account, method)
    if form.get("action") != "verify" and not form.get("code"):
        return None
    typed = re.sub(r"[\s\-]", "", form.get("code", ""))
    if not typed:
        return Trouble("code_missing")
    if not re.fullmatch(r"[0-9]{6}", typed):
        return Trouble("code_malformed")
    tried = proofs.begin_code(visit, account, method)
    store.commit()  # the try counts before the code is compared
    return tried if isinstance(tried, Trouble) else proofs.finish_code(visit, tried, typed)


def show_verified(visit: Visit, form: Form) -> dict[str, Any]:
    account = visit.identified
    assert account is not None
    return {"address": masked(account.sign_in_address or "")}


def confirm(visit: Visit, form: Form) -> Trouble | None:
    if form.get("action") == "continue":
        visit.add_fact(interactions.CONFIRMED)
    return None


# The phone: a code by text, or a call


def show_phone(visit: Visit, form: Form) -> dict[str, Any]:
    proofs, account = house().proofs, visit.identified
    assert account is not None
    sent, call, step = proofs.code_sent(visit, account, "sms_code"), proofs.call(visit, account), next_step(visit.facts)
    enterable = sent is not None and not sent.dropped and not sent.worn_out and (not sent.handed_over or sent.seconds_left > 0)
    calling = call is not None and call.state in ("placing", "ringing")
    newest_is_call = call is not None and (sent is None or (call.created_at, calling) > (sent.created_at, False))
    return {
        "number": phone.masked(account.phone or ""),
        "showing": ("call" if calling else "start") if newest_is_call else ("code" if enterable else "start"),
        "by_text": "sms_code" in step,
        "by_call": bool({"keyed_call", "phone_call"} & set(step)),
        "sent": sent,
        "call": call if newest_is_call else None,
        "next_send": proofs.next_send(visit, account, "sms_code"),
        "next_call": proofs.next_call(visit, account),
        "email_offered": leads(visit.facts, "email"),
    }


def use_phone(visit: Visit, form: Form) -> Trouble | None:
    account = visit.identified
    assert account is not None
    if form.get("action") == "email":
        return house().visits.choose_way(visit, "email")
    if form.get("action") == "call":
        return house().proofs.call_me(visit, account)
    if form.get("action") == "continue":
        call = house().proofs.call(visit, account)
        return Trouble("not_confirmed") if call and call.state == "ringing" else None
    return code(visit, form, "sms_code")


def show_no_phone(visit: Visit, form: Form) -> dict[str, Any]:
    return {"email_offered": leads(visit.facts, "email")}


def go_by_email(visit: Visit, form: Form) -> Trouble | None:
    return house().visits.choose_way(visit, "email") if form.get("action") == "email" else None


# Consent, for clients that somebody else runs


def show_consent(visit: Visit, form: Form) -> dict[str, Any]:
    account, client = visit.identified, visit.request.client
    assert account is not None
    return {
        "account": account,
        "address": masked(account.sign_in_address or account.contact_email),
        "client_name": client.name,
        "about": {name: client.client_metadata.get(name) for name in ("logo_uri", "client_uri", "policy_uri", "tos_uri")},
        "gets": [scope_in_words(scope) for scope in visit.request.asked.scopes],
        "known": visit.facts.consented >= set(visit.request.asked.scopes),
        "known_some": bool(visit.facts.consented),
        "returns_to": urlsplit(visit.request.redirect_uri).netloc or visit.request.redirect_uri.partition(":")[0],
        "shown": _shown(visit),
    }


def _shown(visit: Visit) -> str:
    """Names who was asked for what: somebody else may sign in in another tab while the page is open."""
    account = visit.identified
    assert account is not None
    about = (visit.interaction.id, account.id, *sorted(visit.request.asked.scopes))
    return house().vault.fingerprint("consent", " ".join(about))


def consent(visit: Visit, form: Form) -> Trouble | None:
    account = visit.identified
    assert account is not None
    if form.get("action") == "allow":
        if not secret.same(form.get("shown", ""), _shown(visit)):
            return Trouble("consent_changed")
        house().visits.allow(visit, account)
    elif form.get("action") == "deny":
        house().visits.deny(visit, account)
    return None


STAGES: Mapping[str, Stage] = {
    "options": Stage("flow/options.html", show_options, choose_way),
    "choose-account": Stage("flow/choose_account.html", show_account, choose_account),
    "sign-in": Stage("flow/sign_in.html", show_sign_in, sign_in),
    "phone": Stage("flow/phone.html", show_phone, use_phone),
    "no-phone": Stage("flow/no_phone.html", show_no_phone, go_by_email),
    "email-code": Stage("flow/email_code.html", show_code, email_code),
    "email-verified": Stage("flow/email_verified.html", show_verified, confirm),
    "consent": Stage("flow/consent.html", show_consent, consent),
    "blocked": Stage("flow/blocked.html", nothing_to_show, nothing_to_do),
    "refused": Stage("flow/refused.html", nothing_to_show, nothing_to_do),
    "stopped": Stage("flow/stopped.html", nothing_to_show, nothing_to_do),
}
