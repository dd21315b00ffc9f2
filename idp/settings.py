"""Settings: one frozen object from a TOML file, the environment and secret files.

Every key has a default, a meaning and, where it is a number, hard bounds; a half-configured or
weakened deployment does not start. `template()` writes the documented file that `idp init` leaves.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from idp.brand import Brand, load_brand
from idp.flow.methods import METHODS, WAYS
from idp.secret import MINIMUM_ROOT_BYTES, Secret

ISSUER = re.compile(r"(?!http://[^/]*:80$|https://[^/]*:443$)https?://([a-z0-9.-]+|\[[0-9a-f:]+\])(:[1-9][0-9]{0,4})?")
OTHER_VARIABLES = ("IDP_SETTINGS", "IDP_SECRET", "IDP_NEW_PASSWORD")
LOOPBACK = ("localhost", "127.0.0.1", "[::1]", "::1")


class SettingsError(Exception):
    """The deployment's settings cannot be used; the message says which key and what to do."""


def _key(default: Any, says: str, low: int | None = None, high: int | None = None) -> Any:
    return field(default=default, metadata={"says": says, "low": low, "high": high})


@dataclass(frozen=True)
class Server:
    host: str = _key("127.0.0.1", "address to listen on")
    port: int = _key(9000, "port to listen on", 1, 65535)
    workers: int = _key(1, "processes that answer requests", 1, 64)
    threads: int = _key(8, "threads in each of them", 1, 128)
    proxy_hops: int = _key(0, "reverse proxies in front that set X-Forwarded-For and -Proto", 0, 5)
    drain: int = _key(20, "seconds that a stop waits for answers under way", 1, 300)
    hashing: int = _key(2, "password hashes computed at once in a process; more wait, then get 503", 1, 64)


@dataclass(frozen=True)
class Lifetimes:
    sign_in_email_code: int = _key(300, "seconds a sign-in code lives, from the moment its mail was handed over", 30, 600)
    interaction_idle: int = _key(3600, "seconds an unfinished sign-in may lie untouched", 300, 14400)
    interaction: int = _key(86400, "seconds an unfinished sign-in lives in all", 600, 172800)
    proof: int = _key(600, "seconds a proof given in a sign-in counts there, until the sign-in is finished", 300, 3600)
    session_idle: int = _key(900, "seconds a session lives without activity", 60, 3600)
    session: int = _key(14400, "seconds a session lives in all", 300, 86400)
    authorization_code: int = _key(60, "seconds a client has to redeem its code", 10, 60)
    access_token: int = _key(300, "seconds an access token lives", 60, 3600)
    id_token: int = _key(300, "seconds an ID token lives", 60, 3600)
    refresh_token: int = _key(43200, "seconds the refresh tokens of one sign-in live in all", 300, 2592000)
    message: int = _key(300, "seconds a message with a code is tried before it is dropped", 30, 600)
    decision_records: int = _key(2592000, "seconds that `idp explain` can look back", 86400, 31536000)
    signing_key_lead: int = _key(600, "seconds a new signing key is published before it signs", 300, 604800)


@dataclass(frozen=True)
class Limits:
    tries_per_code: int = _key(5, "wrong tries that end a one-time code", 3, 10)
    tries_per_hour: int = _key(10, "tries at an account's codes in an hour", 5, 20)
    tries_in_a_row: int = _key(100, "wrong codes in a row that disable the factor", 10, 100)
    send_pause: int = _key(30, "seconds between two codes to one address", 10, 300)
    sends_per_quarter_hour: int = _key(10, "unused codes to one address in 15 minutes", 3, 20)
    sends_per_day: int = _key(30, "unused codes to one address in a day", 5, 60)
    free_passwords: int = _key(5, "wrong passwords in a row before each further one waits", 3, 10)
    password_wait: int = _key(5, "seconds of the first such wait; each doubles the last", 1, 60)
    longest_password_wait: int = _key(300, "seconds of the longest such wait", 60, 3600)
    body: int = _key(65536, "bytes in the body of a request", 4096, 65536)
    form_fields: int = _key(100, "fields in a form", 20, 100)


@dataclass(frozen=True)
class Database:
    url: str = _key("sqlite:///var/idp.sqlite", "SQLAlchemy URL: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME; DATABASE_URL overrides")
    pool: int = _key(10, "connections kept open by a process", 1, 100)


@dataclass(frozen=True)
class Mail:
    host: str = _key("", "SMTP server; empty: no mail leaves (only with the inbox)")
    port: int = _key(587, "its port", 1, 65535)
    username: str = _key("", "SMTP user")
    password_file: str = _key("", "file with the SMTP password")
    starttls: bool = _key(True, "upgrade the connection by STARTTLS; false only for a server on this host")
    timeout: int = _key(5, "seconds to wait for the server", 1, 30)


@dataclass(frozen=True)
class SignIn:
    ways: tuple[str, ...] = _key(("email",), "the doors that the login options offer")
    accepted: tuple[tuple[str, ...], ...] = _key((("password", "email_code"),), "the sets of proofs that make a sign-in at the base level")


@dataclass(frozen=True)
class Settings:
    issuer: str = _key("http://localhost:9000", "the address that clients and browsers use: https, or http on localhost; no path")
    brand: str = _key("stagedoor", "how the pages look: stagedoor, kepro, or a TOML file like theirs in idp/brands")
    mode: str = _key("production", "production, development or demo; the last two may use the inbox page")
    inbox: bool = _key(False, "messages land on the page /inbox instead of leaving; never with a public issuer")
    secret_file: str = _key("idp.secret", "file with the root secret, from which all other secrets are derived; made by `idp init`")
    nodes: int = _key(1, "machines that serve this issuer; more than one wants PostgreSQL", 1, 100)
    portal_url: str = _key("", "where people go who arrive without a client's request, usually the portal")
    server: Server = field(default_factory=Server, metadata={"says": "how requests are served"})
    database: Database = field(default_factory=Database, metadata={"says": "where everything is kept"})
    mail: Mail = field(default_factory=Mail, metadata={"says": "how mail leaves"})
    sign_in: SignIn = field(default_factory=SignIn, metadata={"says": "what a sign-in takes"})
    lifetimes: Lifetimes = field(default_factory=Lifetimes, metadata={"says": "how long things live"})
    limits: Limits = field(default_factory=Limits, metadata={"says": "how often things may be tried"})
    root: Secret = field(default=Secret(""), repr=False, metadata={"hidden": True})
    mail_password: Secret = field(default=Secret(""), repr=False, metadata={"hidden": True})
    look: Brand = field(default_factory=lambda: load_brand("stagedoor"), metadata={"hidden": True})

    @property
    def public(self) -> bool:
        """Whether the issuer is more than a loopback address of a developer's machine."""
        return urlsplit(self.issuer).hostname not in LOOPBACK

    @property
    def secure(self) -> bool:
        """Whether browsers reach us by https, so that cookies are Secure and __Host-."""
        return self.issuer.startswith("https:")


def load(path: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this file and environment. Raises SettingsError, naming the key, for what cannot be used."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"{path} does not exist. `idp init` makes one; --settings or IDP_SETTINGS name another.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not valid TOML: {error}") from None
    values = _values(Settings, data, environ, "IDP", "")
    if unknown := sorted(name for name in environ if name.startswith("IDP_") and name not in {*_variables(Settings, "IDP"), *OTHER_VARIABLES}):
        raise SettingsError(f"{unknown[0]}: there is no such setting")
    if environ.get("DATABASE_URL"):
        values["database"] = replace(values["database"], url=environ["DATABASE_URL"])
    folder = path.resolve().parent
    values["database"] = replace(values["database"], url=_in_folder(values["database"].url, folder))
    root = environ.get("IDP_SECRET") or _read_secret(folder / values["secret_file"], "secret_file")
    mail_file = values["mail"].password_file
    settings = Settings(
        **values,
        root=Secret(root),
        mail_password=Secret(_read_secret(folder / mail_file, "mail.password_file") if mail_file else ""),
        look=_brand(values["brand"], folder),
    )
    check(settings)
    return settings


def check(settings: Settings) -> None:
    """Refuse what would be unsafe or half configured. Raises SettingsError."""
    parts = urlsplit(settings.issuer)
    if not ISSUER.fullmatch(settings.issuer):
        raise SettingsError("issuer: give scheme, host and, unless it is the usual one, the port, in small letters: https://login.example.org")
    if parts.scheme == "http" and settings.public:
        raise SettingsError("issuer: http is for localhost only; use https")
    if settings.mode not in ("production", "development", "demo"):
        raise SettingsError("mode: production, development or demo")
    if settings.public and (settings.inbox or settings.mode != "production"):
        raise SettingsError("inbox and mode: a public issuer runs in mode production, without the inbox")
    if settings.inbox and settings.mode == "production":
        raise SettingsError("inbox: only in mode development or demo; production sends real mail")
    if settings.inbox and settings.server.host not in LOOPBACK:
        raise SettingsError("inbox and server.host: with the inbox the server listens on this machine only, 127.0.0.1")
    if settings.mail.host and not settings.mail.starttls and settings.mail.host not in LOOPBACK:
        raise SettingsError("mail.starttls: without it mail may go to a server on this machine only")
    if not settings.inbox and not settings.mail.host:
        raise SettingsError("mail.host: name an SMTP server; codes could not reach anybody")
    if len(settings.root.reveal().encode()) < MINIMUM_ROOT_BYTES or len(set(settings.root.reveal())) < 10:
        raise SettingsError(f"secret_file: the root secret is weak; it needs {MINIMUM_ROOT_BYTES} random bytes, as `idp init` makes them")
    if settings.nodes > 1 and database_url(settings.database.url).startswith("sqlite"):
        raise SettingsError("nodes: several machines cannot share SQLite; set database.url to PostgreSQL")
    if unknown := set(settings.sign_in.ways) - set(WAYS) or not settings.sign_in.ways:
        raise SettingsError(f"sign_in.ways: choose from {', '.join(WAYS)}" + (f", not {unknown}" if isinstance(unknown, set) else ""))
    for accepted in settings.sign_in.accepted:
        if not accepted or set(accepted) - set(METHODS):
            raise SettingsError(f"sign_in.accepted: each set is made of {', '.join(METHODS)}")
    for way in settings.sign_in.ways:
        if not any(set(accepted) <= set(WAYS[way]) for accepted in settings.sign_in.accepted):
            raise SettingsError(f"sign_in: the way {way} ends in no accepted set of proofs, so nobody could sign in by it")


def database_url(url: str) -> str:
    """The URL with the driver we use: postgres:// and postgresql:// are accepted."""
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url


def _in_folder(url: str, folder: Path) -> str:
    """A relative SQLite file lies beside the settings file, wherever the command runs."""
    file = url.removeprefix("sqlite:///")
    return f"sqlite:///{folder / file}" if file != url and file and not file.startswith("/") else url


def template(**chosen: Any) -> str:
    """The settings file with every key, its meaning, its bounds and its default; `chosen` values are set."""
    lines = ["# Settings of Stagedoor. Every key may also come from the environment: IDP_ISSUER, IDP_SERVER_PORT, …"]
    for part in (f for f in fields(Settings) if not is_dataclass(_default(f)) and not f.metadata.get("hidden")):
        lines += _lines(part, chosen)
    for part in (f for f in fields(Settings) if is_dataclass(_default(f)) and not f.metadata.get("hidden")):
        lines += ["", f"[{part.name}]  # {part.metadata['says']}"]
        for key in fields(_default(part)):
            lines += _lines(key, chosen.get(part.name, {}))
    return "\n".join(lines) + "\n"


def _lines(key: "Field[Any]", chosen: Mapping[str, Any]) -> list[str]:
    low, high = key.metadata["low"], key.metadata["high"]
    says = key.metadata["says"] + (f" ({low} to {high})" if low is not None else "")
    value = chosen.get(key.name, key.default)
    return [f"# {says}", f"{'' if key.name in chosen else '# '}{key.name} = {_toml(value)}"]


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return str(value) if isinstance(value, int) else '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _default(key: "Field[Any]") -> Any:
    return key.default_factory() if key.default_factory is not MISSING else key.default


def _values(kind: Any, data: Mapping[str, Any], environ: Mapping[str, str], prefix: str, where: str) -> dict[str, Any]:
    known = {key.name: key for key in fields(kind) if not key.metadata.get("hidden")}
    if unknown := sorted(set(data) - set(known)):
        raise SettingsError(f"{where}{unknown[0]}: there is no such setting")
    values: dict[str, Any] = {}
    for name, key in known.items():
        default, variable = _default(key), f"{prefix}_{name.upper()}"
        if is_dataclass(default) and not isinstance(default, type):
            section = data.get(name, {})
            if not isinstance(section, dict):
                raise SettingsError(f"{name}: this is a section, write [{name}]")
            values[name] = replace(default, **_values(type(default), section, environ, variable, f"{name}."))
        else:
            raw = _from_text(environ[variable], default) if variable in environ else data.get(name, default)
            values[name] = _checked(raw, key, default, where + name)
    return values


def _variables(kind: Any, prefix: str) -> set[str]:
    """The environment variables that settings are read from."""
    found: set[str] = set()
    for key in fields(kind):
        default, variable = _default(key), f"{prefix}_{key.name.upper()}"
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
    if type(value) is not type(default):
        raise SettingsError(f"{where}: expected {type(default).__name__}, found {value!r}")
    low, high = key.metadata.get("low"), key.metadata.get("high")
    if low is not None and not low <= value <= high:
        raise SettingsError(f"{where}: {value} is outside {low} to {high}")
    return value


def _read_secret(path: Path, name: str) -> str:
    try:
        return path.read_text("utf-8").strip()
    except OSError as error:
        raise SettingsError(f"{name}: {path} cannot be read ({error.strerror}). `idp init` makes one.") from None


def _brand(name: str, folder: Path) -> Brand:
    try:
        return load_brand(name, folder)
    except (OSError, ValueError, TypeError) as error:
        raise SettingsError(f"brand: {name} cannot be read: {error}") from None
