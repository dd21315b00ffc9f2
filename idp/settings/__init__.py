"""Settings: one frozen object from a TOML file, the environment and secret files.

A half-configured or weakened deployment does not start: `faults` says why, key by key.
"""

from idp.settings.faults import Fault, check, faults
from idp.settings.keys import (
    LOOPBACK,
    Database,
    Edge,
    Lifetimes,
    Limits,
    Mail,
    Metrics,
    Phone,
    Retention,
    Server,
    Settings,
    SettingsError,
    SignIn,
    database_url,
)
from idp.settings.reading import load, read
from idp.settings.template import template

__all__ = [
    "LOOPBACK",
    "Database",
    "Edge",
    "Fault",
    "Lifetimes",
    "Limits",
    "Mail",
    "Metrics",
    "Phone",
    "Retention",
    "Server",
    "Settings",
    "SettingsError",
    "SignIn",
    "check",
    "database_url",
    "faults",
    "load",
    "read",
    "template",
]
