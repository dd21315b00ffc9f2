"""Reading settings: a TOML file, the environment and secret files, checked."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import Field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from idp.brand import Brand, load_brand, shipped
from idp.secret import Secret
from idp.settings.faults import check
from idp.settings.key import SettingsError, default_of
from idp.settings.keys import Settings
from idp.settings.renamed import by_new_names
from idp.settings.upstreams import UpstreamSettings

OTHER_VARIABLES = ("IDP_SETTINGS", "IDP_SECRET", "IDP_NEW_PASSWORD")


def load(path: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this file and environment. Raises SettingsError, naming the key, for what
    cannot be used."""
    settings = read(path, environ)
    check(settings)
    return settings


def read(path: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings as they are written, fit to start with or not. Raises SettingsError for what
    cannot be read."""
    try:
        data = tomllib.loads(path.read_text("utf-8-sig"))  # some editors begin a file with a mark
    except FileNotFoundError:
        raise SettingsError(
            f"{path} does not exist. `idp init` makes one; --settings or IDP_SETTINGS name another."
        ) from None
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be read: {error.strerror}. --settings or IDP_SETTINGS name "
            "the settings file."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not valid TOML: {error}") from None
    data, environ, old = by_new_names(data, environ)
    tables = (
        _from_text(environ["IDP_UPSTREAMS"], ())
        if environ.get("IDP_UPSTREAMS")
        else data.get("upstreams", [])
    )
    values = _values(
        Settings,
        {name: value for name, value in data.items() if name != "upstreams"},
        environ,
        "IDP",
        "",
    )
    if unknown := sorted(
        name
        for name in environ
        if name.startswith("IDP_") and name not in {*_variables(Settings, "IDP"), *OTHER_VARIABLES}
    ):
        raise SettingsError(f"{unknown[0]}: there is no such setting")
    if environ.get("DATABASE_URL"):
        values["database"] = replace(values["database"], url=environ["DATABASE_URL"])
    folder = path.resolve().parent
    if ca_file := values["outbound"].ca_file:
        values["outbound"] = replace(values["outbound"], ca_file=str(folder / ca_file))
    values["database"] = replace(values["database"], url=_in_folder(values["database"].url, folder))
    root = environ.get("IDP_SECRET") or _read_secret(folder / values["secret_file"], "secret_file")
    look = _brand(values["brand"], folder)
    mail_file, metrics_file = values["mail"].password_file, values["metrics"].token_file
    return Settings(
        **values,
        root=Secret(root),
        metrics_token=Secret(
            _read_secret(folder / metrics_file, "metrics.token_file") if metrics_file else ""
        ),
        mail_password=Secret(
            _read_secret(folder / mail_file, "mail.password_file") if mail_file else ""
        ),
        look=look,
        old_names=old,
        upstreams=_upstreams(tables, folder, look),
        looks={
            **shipped(),
            **{
                brand.id: brand
                for brand in (_brand(name, folder, "brands") for name in values["brands"])
            },
        },
    )


def _upstreams(tables: Any, folder: Path, look: Brand) -> tuple[UpstreamSettings, ...]:
    """The companies' providers. A table without domains has those of the brand."""
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise SettingsError("upstreams: these are tables, write [[upstreams]]")
    found = []
    for number, table in enumerate(tables, 1):
        where = f"upstreams.{table.get('id') or number}."
        upstream = UpstreamSettings(**_values(UpstreamSettings, table, {}, "", where))
        file = upstream.client_secret_file
        given = Secret(_read_secret(folder / file, f"{where}client_secret_file") if file else "")
        found.append(
            replace(
                upstream, client_secret=given, domains=upstream.domains or look.employee_domains
            )
        )
    return tuple(found)


def _in_folder(url: str, folder: Path) -> str:
    """A relative SQLite file lies beside the settings file, wherever the command runs."""
    file = url.removeprefix("sqlite:///")
    return (
        f"sqlite:///{folder / file}" if file != url and file and not file.startswith("/") else url
    )


def _values(
    kind: Any, data: Mapping[str, Any], environ: Mapping[str, str], prefix: str, where: str
) -> dict[str, Any]:
    known = {key.name: key for key in fields(kind) if not key.metadata.get("hidden")}
    if unknown := sorted(set(data) - set(known)):
        raise SettingsError(f"{where}{unknown[0]}: there is no such setting")
    values: dict[str, Any] = {}
    for name, key in known.items():
        default, variable = default_of(key), f"{prefix}_{name.upper()}"
        if is_dataclass(default) and not isinstance(default, type):
            section = data.get(name, {})
            if not isinstance(section, dict):
                raise SettingsError(f"{name}: this is a section, write [{name}]")
            values[name] = replace(
                default, **_values(type(default), section, environ, variable, f"{name}.")
            )
        else:
            raw = (
                _from_text(environ[variable], default)
                if environ.get(variable)
                else data.get(name, default)
            )
            values[name] = _checked(raw, key, default, where + name)
    return values


def _variables(kind: Any, prefix: str) -> set[str]:
    """The environment variables that settings are read from."""
    found: set[str] = set()
    for key in fields(kind):
        default, variable = default_of(key), f"{prefix}_{key.name.upper()}"
        nested = is_dataclass(default) and not key.metadata.get("hidden")
        found |= _variables(type(default), variable) if nested else {variable}
    return found


def _from_text(text: str, default: Any) -> Any:
    """A value of the environment: TOML where the setting is no string."""
    if isinstance(default, str):
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _checked(value: Any, key: "Field[Any]", default: Any, where: str) -> Any:
    if isinstance(default, tuple):
        if not isinstance(value, list | tuple):
            raise SettingsError(f"{where}: this is a list")
        return tuple(tuple(item) if isinstance(item, list) else item for item in value)
    if isinstance(default, dict):
        if not isinstance(value, dict) or not all(
            isinstance(one, str | int | bool) for one in value.values()
        ):
            raise SettingsError(
                f"{where}: this is a table of names and values, such as {{ a = 'b' }}"
            )
        return value
    if type(value) is not type(default):
        raise SettingsError(f"{where}: expected {type(default).__name__}, found {value!r}")
    low, high = key.metadata.get("low"), key.metadata.get("high")
    if low is not None and not low <= value <= high:
        raise SettingsError(f"{where}: {value} is outside {low} to {high}")
    return value


def _read_secret(path: Path, name: str) -> str:
    try:
        return path.read_text("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise SettingsError(f"{name}: {path} is no text file in UTF-8.") from None
    except OSError as error:
        cure = (
            "Put back the copy that was kept; `idp init` makes one for a new deployment."
            if name == "secret_file"
            else "`idp init` makes one."
        )
        cure = "It holds the password of the SMTP server." if name.startswith("mail") else cure
        cure = (
            "It holds the secret that the company gave us for its provider."
            if name.startswith("upstreams")
            else cure
        )
        raise SettingsError(f"{name}: {path} cannot be read ({error.strerror}). {cure}") from None


def _brand(name: str, folder: Path, key: str = "brand") -> Brand:
    try:
        return load_brand(name, folder)
    except KeyError as error:
        raise SettingsError(
            f"{key}: {name} cannot be read: a table has no {error.args[0]}"
        ) from None
    except (OSError, ValueError, TypeError) as error:
        raise SettingsError(f"{key}: {name} cannot be read: {error}") from None
