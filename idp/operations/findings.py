"""What the doctor finds, and how much it matters."""

from dataclasses import dataclass

OK, WARNING, PROBLEM = "ok", "warning", "problem"


@dataclass(frozen=True)
class Finding:
    """`about` is what was looked at, `cure` what to do; empty when all is well."""

    about: str
    state: str
    says: str
    cure: str = ""
