"""What earlier versions kept, read as it is kept today: facts, answers and the audit trail, by names
that have changed since. Decision records are forgotten within 30 days, the trail is not."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from idp.flow.facts import Facts, Person

ROUND_TRIP = 7  # before this version of the tables, records lost parts of the facts
NEW_NAMES = 10  # from this one on, the names are those of today

FIELDS: Mapping[str, str] = {
    "way": "option",
    "ways": "options",
    "remembered": "trusted_devices",
    "company": "upstream",
    "company_trouble": "upstream_error",
    "phone_verified": "factor_verified",
}
# fields that hold names of methods, stages, reasons or rules, and those that are keyed by ids
NAMED = frozenset(
    {
        "accepted",
        "because",
        "locked",
        "method",
        "missing",
        "owns",
        "proofs",
        "reason",
        "stage",
        "used_last",
    }
    | {"upstream_error"}
)
BY_ID = frozenset({"people", "trusted_devices"})
VALUES: Mapping[str, str] = {
    "keyed_call": "voice_code",
    "phone_call": "voice_confirm",
    "remembered": "trusted_device",
    "way_not_chosen": "option_not_chosen",
    "number_unverified": "factor_unverified",
    "company": "upstream",
    "company-failed": "upstream-failed",
    "api_added": "resource_server_added",
    "api_removed": "resource_server_removed",
    "browser_remembered": "device_trusted",
    "signed_out_by_company": "signed_out_by_upstream",
    **{
        f"company_{what}": f"upstream_{what}"
        for what in (
            "account",
            "error",
            "failed",
            "left",
            "linked",
            "moved",
            "refused",
            "silent",
            "unknown",
            "unlinked",
        )
    },
}


def word(name: str) -> str:
    """A stage, reason, method or audit action by its name of today."""
    return VALUES.get(name, name)


def names_of(name: str) -> list[str]:
    """A name of today, and those before it."""
    return [name, *(old for old, new in VALUES.items() if new == name)]


def event(name: str) -> str:
    """The event of a decision record, `stage:what`, by the names of today. A button is called as it
    was."""
    stage, colon, what = name.partition(":")
    return word(stage) + colon + (what if what == "company" else word(what))


def words(value: Any) -> Any:
    """A JSON value of the flow by the names of today: its fields, and what stands in NAMED ones.
    The keys of mappings from ids are ids."""
    if isinstance(value, list):
        return [words(one) for one in value]
    if not isinstance(value, Mapping):
        return value
    found = {}
    for name, held in value.items():
        new = FIELDS.get(name, name)
        if new in BY_ID and isinstance(held, Mapping):
            found[new] = {one: words(what) for one, what in held.items()}
        else:
            found[new] = _named(held) if new in NAMED else words(held)
    return found


def _named(value: Any) -> Any:
    """Names in a field, alone or in lists."""
    if isinstance(value, str):
        return word(value)
    if isinstance(value, list):
        return [_named(one) for one in value]
    return words(value)


def of_today(facts: Mapping[str, Any], tables: int) -> Mapping[str, Any]:
    """The facts of a decision record that was made by this version of the tables."""
    if tables < NEW_NAMES:
        facts = words(facts)
    return _whole(facts) if tables < ROUND_TRIP else facts


def _whole(old: Mapping[str, Any]) -> dict[str, Any]:
    """Facts from before the round trip, as far as they were kept."""
    asked = {
        name: old[name]
        for name in ("prompt", "max_age", "acr_values", "third_party", "scopes")
        if name in old
    }
    proofs = [
        {"method": method, "account": account, "at": at, "interaction": ""}
        for method, account, at in old["proofs"]
    ]
    known = {one.name for one in fields(Person)}
    people = {
        name: {"id": name, **{k: v for k, v in one.items() if k in known}}
        for name, one in old["people"].items()
    }
    changed = ("session", "trusted_devices", "allowed", "proofs", "people")
    same = {
        one.name: old[one.name]
        for one in fields(Facts)
        if one.name in old and one.name not in changed
    }
    found = {
        **same,
        "interaction": "",
        "asked": {**asked, "subject": old.get("hinted")},
        "proofs": proofs,
        "people": people,
    }
    if old.get("session"):
        account, at, given = old["session"]
        kept = [
            {"method": method, "account": account, "at": when, "interaction": ""}
            for method, when in given
        ]
        found["session"] = {"id": "", "account": account, "auth_time": at, "proofs": kept}
    found["trusted_devices"] = {
        option: {"account": account, "auth_time": at}
        for option, (account, at) in (old.get("trusted_devices") or {}).items()
    }
    if old.get("allowed"):
        found["allowed"] = ["", old["allowed"]]
    return found
