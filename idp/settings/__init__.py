"""Settings: one frozen object from a TOML file, the environment and secret files.

A half-configured or weakened deployment does not start: `faults` says why, key by key.
"""

from idp.settings.faults import Fault, check, faults
from idp.settings.key import SettingsError
from idp.settings.keys import Settings, database_url
from idp.settings.lifetimes import Lifetimes, Limits, Retention
from idp.settings.reading import load, read
from idp.settings.sections import (
    QUEUED,
    READERS,
    Database,
    Mail,
    Management,
    Metrics,
    Outbound,
    Phone,
    RateLimits,
    Server,
    SignIn,
)
from idp.settings.template import template
from idp.settings.upstreams import UpstreamSettings

__all__ = [
    "QUEUED",
    "READERS",
    "Database",
    "Fault",
    "Lifetimes",
    "Limits",
    "Mail",
    "Management",
    "Metrics",
    "Outbound",
    "Phone",
    "RateLimits",
    "Retention",
    "Server",
    "Settings",
    "SettingsError",
    "SignIn",
    "UpstreamSettings",
    "check",
    "database_url",
    "faults",
    "load",
    "read",
    "template",
]
