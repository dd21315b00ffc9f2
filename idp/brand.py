"""A brand: how the pages and mails of a deployment look and speak. Each is one TOML file."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SHIPPED = Path(__file__).parent / "brands"


@dataclass(frozen=True)
class Brand:
    """Names and contacts as people read them. `style` and `logo` are files under static/."""

    id: str
    name: str
    site: str  # the portal's name, in pages and mails
    style: str
    logo: str
    sender: str  # the From address of mails
    support: str  # whom to ask, as one line of text
    address: tuple[str, ...]
    employee_title: str
    employee_domains: tuple[str, ...] = ()


def load_brand(name: str, folder: Path | None = None) -> Brand:
    """The brand of this id, or of this TOML file (relative to `folder`). Raises OSError, ValueError, TypeError."""
    shipped = sorted(path.stem for path in SHIPPED.glob("*.toml"))
    if not name.endswith(".toml") and name not in shipped:
        raise ValueError(f"these ship: {', '.join(shipped)}; or name a TOML file")
    path = (folder or Path()) / name if name.endswith(".toml") else SHIPPED / f"{name}.toml"
    data = tomllib.loads(path.read_text("utf-8"))
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in data.items()}
    return Brand(**values)
