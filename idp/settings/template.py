"""The settings file with every key in it, documented: what `idp init` leaves, and
config/idp.toml."""

from collections.abc import Mapping
from dataclasses import Field, fields, is_dataclass
from typing import Any

from idp.settings.key import default_of
from idp.settings.keys import Settings
from idp.settings.upstreams import UpstreamSettings


def template(**chosen: Any) -> str:
    """The settings file with every key, its meaning, its bounds and its default; `chosen` values
    are set."""
    lines = [
        "# Settings of Stagedoor. Every key can also be set in the environment: "
        "IDP_ISSUER, IDP_SERVER_PORT, …"
    ]
    for part in (
        f
        for f in fields(Settings)
        if not is_dataclass(default_of(f)) and not f.metadata.get("hidden")
    ):
        lines += _lines(part, chosen)
    for part in (
        f for f in fields(Settings) if is_dataclass(default_of(f)) and not f.metadata.get("hidden")
    ):
        lines += ["", f"[{part.name}]  # {part.metadata['says']}"]
        for key in fields(default_of(part)):
            lines += _lines(key, chosen.get(part.name, {}))
    lines += [
        "",
        "# A company whose own identity provider signs its people in. Add one table for "
        "each; docs/operating.md has an example.",
    ]
    tables: tuple[dict[str, Any], ...] = tuple(chosen.get("upstreams", ())) or ({},)
    for table in tables:
        lines += ["[[upstreams]]" if table else "# [[upstreams]]"]
        for key in (one for one in fields(UpstreamSettings) if not one.metadata.get("hidden")):
            lines += _lines(key, table)
    return "\n".join(lines) + "\n"


def _lines(key: "Field[Any]", chosen: Mapping[str, Any]) -> list[str]:
    low, high = key.metadata["low"], key.metadata["high"]
    says = key.metadata["says"] + (f" ({low} to {high})" if low is not None else "")
    value = chosen.get(key.name, default_of(key))
    return [f"# {says}", f"{'' if key.name in chosen else '# '}{key.name} = {_toml(value)}"]


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return (
            "{ " + ", ".join(f"{_toml(name)} = {_toml(one)}" for name, one in value.items()) + " }"
            if value
            else "{}"
        )
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return (
        str(value)
        if isinstance(value, int)
        else '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
    )
