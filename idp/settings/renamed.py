"""Names of settings from before, accepted until the next release; the doctor names those in use."""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from idp.settings.key import SettingsError

SECTIONS: Mapping[str, str] = {"edge": "rate_limits"}
KEYS: Mapping[str, Mapping[str, str]] = {  # by section
    "sign_in": {"ways": "options"},
    "lifetimes": {"remembered": "trusted_device"},
}
METHODS: Mapping[str, str] = {  # in sign_in.accepted
    "keyed_call": "voice_code",
    "phone_call": "voice_confirm",
    "remembered": "trusted_device",
}

Old = tuple[tuple[str, str], ...]  # what was read by its old name, and the name of today


def by_new_names(
    data: Mapping[str, Any], environ: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, str], Old]:
    """What the file and the environment say, by the names of today, and which old ones were there.
    Raises SettingsError where one is there by both names."""
    old: dict[str, str] = {}

    def renamed(values: Mapping[str, Any], new: Callable[[str], str], says: str) -> dict[str, Any]:
        for name in values:
            if new(name) == name:
                continue
            if new(name) in values:
                raise SettingsError(
                    f"{name} is the old name of {new(name)}, and both are there; keep the new one"
                )
            old[says.format(name)] = says.format(new(name))
        return {new(name): value for name, value in values.items()}

    found = renamed(data, lambda name: SECTIONS.get(name, name), "[{}]")
    for section, keys in KEYS.items():
        if isinstance(found.get(section), dict):
            new_name = partial(_of, keys)
            found[section] = renamed(found[section], new_name, f"{section}.{{}}")
    sign_in = found.get("sign_in")
    if isinstance(sign_in, dict) and isinstance(sign_in.get("accepted"), list):
        found["sign_in"] = sign_in | {
            "accepted": [_methods(one, old) for one in sign_in["accepted"]]
        }
    variables = renamed(environ, _variable, "{}")
    if accepted := variables.get("IDP_SIGN_IN_ACCEPTED"):
        for before, now in METHODS.items():
            by_name = rf"(['\"]){before}\1"
            old |= {before: now} if re.search(by_name, accepted) else {}
            accepted = re.sub(by_name, rf"\1{now}\1", accepted)
        variables["IDP_SIGN_IN_ACCEPTED"] = accepted
    return found, variables, tuple(old.items())


def _of(keys: Mapping[str, str], name: str) -> str:
    return keys.get(name, name)


def _methods(accepted: Any, old: dict[str, str]) -> Any:
    if not isinstance(accepted, list):
        return accepted
    old |= {one: METHODS[one] for one in accepted if isinstance(one, str) and one in METHODS}
    return [METHODS.get(one, one) if isinstance(one, str) else one for one in accepted]


def _variable(name: str) -> str:
    """The name by which a variable of the environment is read now."""
    for before, now in SECTIONS.items():
        if name.startswith(f"IDP_{before.upper()}_"):
            return name.replace(f"IDP_{before.upper()}_", f"IDP_{now.upper()}_", 1)
    for section, keys in KEYS.items():
        for before, now in keys.items():
            if name == f"IDP_{section}_{before}".upper():
                return f"IDP_{section}_{now}".upper()
    return name
