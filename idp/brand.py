"""A brand: how the pages and mails of a deployment, or of one client in it, look and speak. Each is
one TOML file."""

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

JOURNEYS = ("register", "enrol", "recover", "reset", "forgot", "complete", "help")
SHIPPED = Path(__file__).parent / "brands"


@dataclass(frozen=True)
class Terms:
    """One version of the terms of use. It is in force from midnight (UTC) of a day, until the next
    one is."""

    version: str
    in_force: date
    notice: str  # short, above them
    text: tuple[str, ...]  # numbered on the page

    @property
    def since(self) -> float:
        """When they come into force, in seconds since 1970: at midnight UTC."""
        return datetime.combine(self.in_force, time(), UTC).timestamp()


@dataclass(frozen=True)
class Brand:
    """Names and contacts as people read them. `style` and `logo` are files beside its TOML file."""

    id: str
    name: str
    site: str  # the portal's name, in pages and mails
    system: str  # what mails about registering call it in their subject
    style: str
    logo: str
    color: str  # of headings in mails, where no style sheet reaches: #rrggbb, dark enough on white
    sender: str  # the From address of mails
    support: str  # whom to ask, as one line of text
    address: tuple[str, ...]
    employee_title: str
    customer_title: str
    customers: str  # one line: who they are
    employee_domains: tuple[str, ...] = ()  # of a company in [[upstreams]] that names none
    # the box Remember Me stands in both columns of the login options
    remember_employees: bool = False
    time_zone: str = "UTC"  # IANA name: the zone of the times in mails
    journeys: tuple[str, ...] = JOURNEYS  # that the pages offer beside signing in
    terms: tuple[Terms, ...] = ()  # oldest first
    folder: Path = SHIPPED  # of its files; no key of the TOML file

    def mail_logo(self) -> bytes | None:
        """The logo as PNG, which stands beside the drawing that pages show; None where there is
        none."""
        return _picture(self.file(self.logo).with_suffix(".png"))

    def file(self, name: str) -> Path:
        """A file of this brand. One that is named `brands/…`, as brands were before, comes with the
        program."""
        shipped_name = name.removeprefix("brands/")
        beside = self.folder / name
        return beside if name == shipped_name or beside.is_file() else SHIPPED / shipped_name

    def url_of(self, name: str) -> str:
        """Where browsers find a file of this brand."""
        return f"/brands/{self.id}/{name.rpartition('/')[2]}"

    def terms_at(self, now: float) -> Terms | None:
        """The terms that are in force at this time; None where there are none."""
        return next((one for one in reversed(self.terms) if one.since <= now), None)


def load_brand(name: str, folder: Path | None = None) -> Brand:
    """The brand of this id, or of this TOML file (relative to `folder`). Raises OSError,
    ValueError, TypeError."""
    known = sorted(path.stem for path in SHIPPED.glob("*.toml"))
    if not name.endswith(".toml") and name not in known:
        raise ValueError(f"these ship: {', '.join(known)}; or name a TOML file")
    path = (folder or Path()) / name if name.endswith(".toml") else SHIPPED / f"{name}.toml"
    data = tomllib.loads(path.read_text("utf-8-sig"))
    if "colour" in data:  # its name until the next release
        if "color" in data:
            raise ValueError("colour is the old name of color, and both are there; keep color")
        data["color"] = data.pop("colour")
    known_keys = {field.name for field in fields(Brand)} - {"folder"}
    if unknown := sorted(set(data) - known_keys):
        raise ValueError(f"{unknown[0]}: a brand has no such key")
    for one in fields(Brand):
        if one.name not in data and one.default is MISSING:
            raise ValueError(f"{one.name} is missing")
    _check_zone(data.get("time_zone", "UTC"))
    if wrong := set(data.get("journeys", ())) - set(JOURNEYS):
        raise ValueError(f"journeys: {sorted(wrong)[0]} is none of {', '.join(JOURNEYS)}")
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in data.items()
    }
    found = [Terms(**{**one, "text": tuple(one["text"])}) for one in data.get("terms", ())]
    in_order = tuple(sorted(found, key=lambda one: one.in_force))
    brand = Brand(**{**values, "terms": in_order, "folder": path.resolve().parent})
    for key in ("style", "logo"):
        if not brand.file(data[key]).is_file():
            raise ValueError(f"{key}: there is no file {data[key]} beside it")
    return brand


@cache
def _picture(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _check_zone(name: Any) -> None:
    """Raises ValueError."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, TypeError, OSError):
        raise ValueError(
            f"time_zone: {name} is not an IANA time zone, such as America/Denver"
        ) from None


@cache
def shipped() -> Mapping[str, Brand]:
    """The brands that come with the program, by id."""
    return MappingProxyType(
        {path.stem: load_brand(path.stem) for path in sorted(SHIPPED.glob("*.toml"))}
    )
