"""The pages of what someone agrees to: terms of use, and what a client that someone else runs may
do."""

from typing import Any
from urllib.parse import urlsplit

from idp import secret
from idp.factors import FieldError
from idp.factors.email_code import masked
from idp.store import accounts
from idp.visit import Visit
from idp.web import house
from idp.web.flow.scopes import scope_in_words
from idp.web.flow.stage import Form, Stage, who


def show_terms(visit: Visit, form: Form) -> dict[str, Any]:
    """The terms of use that are in force."""
    found = visit.brand.terms_at(visit.now)
    account = visit.identified
    return {"terms": found, "again": account is not None and visit.brand.id in account.terms}


def accept(visit: Visit, form: Form) -> FieldError | None:
    """Accept the terms; FieldError where the box is not checked."""
    if form.get("action") != "accept":
        return None
    if form.get("agree") != "yes":
        return FieldError("terms_missing")
    return house().choices.accept_terms(visit, who(visit), form.get("version", ""))


def show_consent(visit: Visit, form: Form) -> dict[str, Any]:
    """Who asks for what, in the words of each scope."""
    account, client = who(visit), visit.client
    return {
        "account": account,
        "address": masked(accounts.on_file(account)),
        "client_name": client.name,
        "about": {
            name: client.client_metadata.get(name)
            for name in ("logo_uri", "client_uri", "policy_uri", "tos_uri")
        },
        "gets": [scope_in_words(scope) for scope in visit.request.scopes],
        "known": visit.facts.consented >= set(visit.request.scopes),
        "known_some": bool(visit.facts.consented),
        "returns_to": urlsplit(visit.request.redirect_uri).hostname
        or visit.request.redirect_uri.partition(":")[0],
        "shown": _shown(visit),
    }


def _shown(visit: Visit) -> str:
    """Names who was asked for what: someone else may sign in in another tab while the page is
    open."""
    account = who(visit)
    about = (visit.interaction.id, account.id, *sorted(visit.request.scopes))
    return house().vault.fingerprint("consent", " ".join(about))


def consent(visit: Visit, form: Form) -> FieldError | None:
    """Allow or deny what the page named."""
    account = who(visit)
    if form.get("action") == "allow":
        if not secret.same(form.get("shown", ""), _shown(visit)):
            return FieldError("consent_changed")
        house().choices.allow(visit, account)
    elif form.get("action") == "deny":
        house().choices.deny(visit, account)
    return None


STAGES = {
    "terms": Stage("flow/terms.html", show_terms, accept),
    "consent": Stage("flow/consent.html", show_consent, consent),
}
